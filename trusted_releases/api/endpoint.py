"""One endpoint of the API: who may, how often, what it takes, what it answers."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trusted_releases.api.answers import Envelope
from trusted_releases.api.asking import Ask, Asked, detail
from trusted_releases.api.chunks import is_chunked
from trusted_releases.api.errors import BadParameter, InvalidInput, Unauthenticated
from trusted_releases.ledger.limits import actor_of, spend
from trusted_releases.lib.addresses import address_of
from trusted_releases.lib.grammar import GRAMMAR, fits

MOST_ROWS = 10_000  # of one answer; `limit` and `offset` lead to the rest
PREFIX = "api"

Row = TypeVar("Row", covariant=True)


class Sliced(Protocol[Row]):
    """Rows of which a part can be had: of a database, or of a list."""

    def __getitem__(self, part: slice, /) -> Iterable[Row]: ...


class Access(StrEnum):
    """Who gets past the door, before anything else is looked at."""

    PUBLIC = "public"  # anybody; with a token one sees what its owner may see
    BEARER = "bearer"
    SYSTEM = "system"  # a token that an operator has made for a machine
    PAT = "pat"  # the credential stands in the body
    OIDC = "oidc"  # so does the token of a workflow

    @property
    def is_in_body(self) -> bool:
        """Whether the door lets everybody in, and the body is what says who asks."""
        return self in (Access.PAT, Access.OIDC)


class Part(Asked):
    """Which part of a list whose answer has no count. Without it, all of it."""

    offset = serializers.IntegerField(
        min_value=0, max_value=1_000_000, default=0, help_text="Rows to leave out at the start."
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=MOST_ROWS, default=MOST_ROWS, help_text="Rows to answer at most."
    )


class Endpoint(APIView):
    """The base of all. A subclass declares, and its `get` or `post` translates.

    `policy` is the right that its verb takes, or "public"; `access` says who gets in at all.
    `Ask` is the body, `Query` what may stand behind a question mark, `Answer` the keys of a good
    answer. `action` names a limit in the table (`ledger.limits`) beside that of the whole API.
    `refuses` are statuses beside those that follow from the rest, for the schema; `others` are good
    answers of another status; `takes_raw` says that the body is a file. The order is:
    who asks, how often, parts of the address, and only then the body.
    """

    policy: ClassVar[str]
    access: ClassVar[Access] = Access.PUBLIC
    Ask: ClassVar[type[Ask] | None] = None
    Query: ClassVar[type[Asked]] = Asked
    Answer: ClassVar[type[Envelope]]
    status: ClassVar[int] = 200
    action: ClassVar[str] = ""
    others: ClassVar[Mapping[int, type[Envelope]]] = {}
    refuses: ClassVar[tuple[int, ...]] = ()
    takes_raw: ClassVar[bool] = False
    most_bytes: ClassVar[int] = 2 << 20

    http_method_names = ["get", "head", "post"]
    request: Request

    # --- The door ---

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """DRF takes a body that comes in pieces, without a length, for none at all."""
        asked = super().initialize_request(request, *args, **kwargs)
        if is_chunked(request):
            stream: Any = request
            asked._stream = stream
        return asked

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        for name, value in kwargs.items():
            if name in GRAMMAR and not fits(name, value):
                raise BadParameter(name)
        self.query = self.Query(data=_once(request.query_params)).checked()

    def check_permissions(self, request: Request) -> None:
        if self.access in (Access.BEARER, Access.SYSTEM) and not request.user.is_authenticated:
            raise Unauthenticated
        if self.access is Access.SYSTEM and not getattr(request.auth, "is_system", False):
            raise PermissionDenied("System privileges required")

    def check_throttles(self, request: Request) -> None:
        actor = actor_of(request.user, self.address)
        spend(actor, "api")
        if self.action and not self.access.is_in_body:
            spend(actor, self.action)

    def get_authenticate_header(self, request: Request) -> str:
        """DRF turns a 401 without this header into a 403."""
        return "Bearer"

    # --- For subclasses ---

    @property
    def is_open(self) -> bool:
        """Whether it tells anybody what it tells."""
        return self.access is Access.PUBLIC

    @property
    def address(self) -> str:
        """Where the request comes from."""
        plain: HttpRequest = self.request._request
        return address_of(plain)

    @property
    def person(self) -> Any:
        """The account that asks. Only for endpoints that let nobody else in."""
        return self.request.user

    @property
    def endpoint(self) -> str:
        match = self.request.resolver_match
        return endpoint_of(match.route) if match else ""

    def asked(self) -> dict[str, Any]:
        """What the body says, or 400 with all that is wrong with it."""
        if self.Ask is None:
            raise TypeError(f"{type(self).__name__} takes no body.")
        return self.Ask(data=self.request.data).checked()

    def answer(self, **values: Any) -> Response:
        """The answer with exactly the keys that `Answer` names, and the discriminator."""
        return self._told(self.Answer, self.status, values)

    def answer_otherwise(self, status: int, **values: Any) -> Response:
        """The other good answer, that of this status."""
        return self._told(self.others[status], status, values)

    def _told(self, kind: type[Envelope], status: int, values: dict[str, Any]) -> Response:
        told = kind(values)
        if strangers := set(values) - set(told.fields):
            raise TypeError(f"{type(self).__name__}.{kind.__name__} has no {sorted(strangers)}.")
        return Response({"endpoint": self.endpoint, **told.data}, status=status)

    def part(self, rows: Sliced[Row]) -> list[Row]:
        """The rows that were asked for. A header leads to the next ones, if there are any."""
        offset, limit = self.query["offset"], self.query["limit"]
        found = list(rows[offset : offset + limit + 1])
        if len(found) > limit:
            query = self.request.query_params.copy()
            query["offset"], query["limit"] = str(offset + limit), str(limit)
            self.next = f"{self.request.path}?{query.urlencode()}"
        return found[:limit]

    next = ""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self.next:
            response.headers["Link"] = f'<{self.next}>; rel="next"'
        return super().finalize_response(request, response, *args, **kwargs)


def _once(query: QueryDict) -> dict[str, Any]:
    """What stands behind the question mark. A name twice would be read otherwise by others."""
    twice = [name for name, values in query.lists() if len(values) > 1]
    if twice:
        said = "Input should stand once"
        raise InvalidInput(detail("extra_forbidden", [name], said, query[name]) for name in twice)
    return query.dict()


def endpoint_of(route: str) -> str:
    """The discriminator: the path without /api and without arguments."""
    parts = route.strip("/").removeprefix(PREFIX).strip("/").split("/")
    return "/" + "/".join(part for part in parts if part[:1] not in ("<", "{"))
