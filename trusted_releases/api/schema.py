"""What the API's schema says, from what the endpoints declare."""

from functools import cache
from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_parameter_type
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from trusted_releases.api.answers import Always, example_of
from trusted_releases.api.asking import GUIDE
from trusted_releases.api.bodies import text_of
from trusted_releases.api.endpoint import Access, endpoint_of
from trusted_releases.api.leads import Lead
from trusted_releases.lib.grammar import GRAMMAR

PARAMETERS = {
    "project": "The key of a project, such as `tool`.",
    "committee": "The key of a committee.",
    "version": "A version of the project, such as `1.2.0`.",
    "revision": "The number of a revision, with or without zeros before it.",
    "person": "The name of an account.",
    "fingerprint": "A fingerprint in hexadecimal digits, in any case.",
    "number": "A number.",
}
REFUSALS = {
    400: "What was sent is not what this takes: `validation_details` names each thing.",
    401: "No token, or one that is not valid (any more).",
    403: "The account, or the token, may not do this.",
    404: "There is no such thing, or it is not for this account to see.",
    409: "A rule stands in the way. `Refusal-Codes` names it for programs.",
    413: "The body is too large.",
    415: "The body is no JSON.",
    424: "Something that this depends on is not there yet.",
    429: "Too often. `retry_after` says how many seconds to wait.",
    500: "An error of ours. Quote the `request_id`.",
    502: "A server that this asks did not answer.",
    507: "The disk of the site is full. Nothing was taken.",
}


class Detail(serializers.Serializer[Any]):
    """One thing that is wrong with what was sent."""

    type = serializers.CharField(help_text="What is wrong, for programs.")
    loc = serializers.ListField(
        child=serializers.JSONField(), help_text="Where: names of keys, places in lists."
    )
    msg = serializers.CharField(help_text="What is wrong, for people.")
    input = serializers.JSONField(help_text="What was sent there, if it is short and no secret.")
    url = serializers.CharField(help_text="Where errors are explained.")


class Error(serializers.Serializer[Any]):
    """The body of every error."""

    error = serializers.CharField(help_text="A sentence for people.")
    request_id = serializers.CharField(help_text="The id under which the log tells more.")


class InputError(Error):
    """What was sent cannot be used. The details are there where the form was wrong."""

    validation_details = Detail(many=True, required=False)


class LimitError(Error):
    """This was done too often."""

    retry_after = serializers.IntegerField(help_text="Seconds.")


class InternalError(Error):
    """An error of ours. In test mode it tells which."""

    exception_type = serializers.CharField(required=False)
    traceback = serializers.CharField(required=False)


BODIES: dict[int, type[Error]] = {400: InputError, 429: LimitError, 500: InternalError}


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "keys.bearer.Bearer"
    name = "BearerAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "What `POST /api/jwt/create` gives for an access token. Runs of "
            "workflows send files with what `POST /api/publisher/upload/ticket` gives them, once.",
        }


class TicketScheme(OpenApiAuthenticationExtension):
    """Said with the other: programs that are written from the schema bring one kind of token."""

    target_class = "keys.bearer.Ticket"
    name: list[str] = []

    def get_security_requirement(self, auto_schema: Any) -> list[Any]:
        return []

    def get_security_definition(self, auto_schema: Any) -> list[Any]:
        return []


class AlwaysInSchema(OpenApiSerializerFieldExtension):
    target_class = Always

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return dict(self.target.schema)


class EndpointSchema(AutoSchema):
    """Reads an `Endpoint`; nothing is to be said twice."""

    view: Any  # an `Endpoint`

    def get_operation_id(self) -> str:
        name = endpoint_of(self.path).strip("/").replace("/", "_").replace("-", "_")
        return f"{name}_at" if "{revision}" in self.path else name

    def get_tags(self) -> list[str]:
        """One heading for one kind of thing, whether one is asked for or many."""
        return [endpoint_of(self.path).strip("/").partition("/")[0].removesuffix("s")]

    def get_summary(self) -> str:
        return self._said().partition("\n")[0]

    def get_description(self) -> str:  # type: ignore[override]
        limit = f"\n\nLimit: `{self.view.action}`." if self.view.action else ""
        return self._said() + limit

    def _said(self) -> str:
        lines = (type(self.view).__doc__ or "").strip().splitlines()
        return "\n".join(line.strip() for line in lines)

    def get_auth(self) -> list[dict[str, list[str]]]:
        if self.view.access.is_in_body:
            return []
        known = super().get_auth()
        return [*known, {}] if self.view.access is Access.PUBLIC else known

    def get_request_serializer(self) -> Any:
        return OpenApiTypes.BINARY if self.view.takes_raw else self.view.Ask

    def get_override_parameters(self) -> list[Any]:
        return [self.view.Query] if self.view.Query().fields else []

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        return [
            build_parameter_type(
                name=name,
                location=OpenApiParameter.PATH,
                description=PARAMETERS[name],
                schema={"type": "string", "pattern": f"^{GRAMMAR[name]}$"},
            )
            for name in variables
        ]

    def get_response_serializers(self) -> Any:
        good = OpenApiResponse(self.view.Answer, self._said().partition("\n")[0])
        bad = {
            code: OpenApiResponse(BODIES.get(code, Error), REFUSALS[code])
            for code in sorted(self._refusals())
        }
        others = {
            code: OpenApiResponse(kind, (kind.__doc__ or "").partition("\n")[0])
            for code, kind in self.view.others.items()
        }
        return {self.view.status: good, **others, **bad}

    def _refusals(self) -> set[int]:
        view, found = self.view, {400, 401, 429, 500, *self.view.refuses}
        if view.access in (Access.BEARER, Access.SYSTEM, Access.OIDC):
            found |= {403}
        if view.access is Access.OIDC:
            found |= {404, 409, 502}
        if view.Ask is not None:
            found |= {413, 415}
        return found | ({404} if "{" in self.path else set())

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            for code, kind in {self.view.status: self.view.Answer, **self.view.others}.items():
                if leads := [*self._asked_leads(), *kind.leads]:
                    links = {lead.operation: lead.as_link() for lead in leads}
                    operation["responses"][str(code)]["links"] = links
        return operation

    def _asked_leads(self) -> tuple[Lead, ...]:
        return (self.view.Ask.leads if self.view.Ask else ()) + self.view.Query.leads

    def get_examples(self) -> list[OpenApiExample]:
        good = {self.view.status: self.view.Answer, **self.view.others}
        made = [
            OpenApiExample(
                f"A good answer of status {code}" if self.view.others else "A good answer",
                value={"endpoint": endpoint_of(self.path), **example_of(kind())},
                response_only=True,
                status_codes=[str(code)],
            )
            for code, kind in good.items()
        ]
        if self.view.Ask is not None:
            sent = self.view.Ask.sample
            made.append(OpenApiExample("What is sent", value=sent, request_only=True))
        return made

    def _get_serializer_name(
        self, serializer: Any, direction: Any, bypass_extensions: bool = False
    ) -> str:
        """`GetReleaseAnswer` for `GetRelease.Answer`; a class at the top is known by its name."""
        return type(serializer).__qualname__.replace(".", "")


def exactly_these_keys(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Objects have the keys that the schema names and no others; answers have the discriminator."""
    components = result["components"]["schemas"]
    for path, operations in result["paths"].items():
        for operation in operations.values():
            _discriminate(components, operation, endpoint_of(path))
    for name, component in components.items():
        if "properties" in component:
            component["additionalProperties"] = False
        if name.endswith("Ask"):
            _without_nul(component)
    result["info"]["description"] += f" The guide: {GUIDE.partition('#')[0]}"
    return result


def _without_nul(component: dict[str, Any]) -> None:
    """What no database stores is in no text that is taken."""
    for each in component["properties"].values():
        if each.get("type") in ("string", ["string", "null"]) and "pattern" not in each:
            each["pattern"] = r"^[^\u0000]*$"


def _discriminate(components: dict[str, Any], operation: dict[str, Any], endpoint: str) -> None:
    for code, response in operation["responses"].items():
        if code.startswith("2"):
            ref = response["content"]["application/json"]["schema"]["$ref"]
            answer = components[ref.rpartition("/")[2]]
            answer["properties"]["endpoint"] = {"type": "string", "const": endpoint}
            answer["required"] = sorted({*answer.get("required", []), "endpoint"})


def schema() -> dict[str, Any]:
    """The whole schema, of all that anybody may know: who may do what is said, not hidden."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


@cache
def document(readable: bool) -> bytes:
    """The schema as it is served. Making it takes a while, and it changes with the code only."""
    return text_of(schema())
