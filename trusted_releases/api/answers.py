"""What the API answers: the JSON form, the envelope, and the objects inside."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from trusted_releases.api.bodies import text_of
from trusted_releases.api.leads import Lead


class Json(BaseRenderer):
    """The one form of every answer and every error."""

    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8, and a parameter would make another content type of it

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else text_of(data)


class OnlyJson(BaseContentNegotiation):
    """Whatever a client says it would rather have, it gets JSON; what it sends is JSON as well."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        said = str(request.content_type or "").partition(";")[0].strip().lower()
        return next((each for each in parsers if each.media_type == said), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        return renderers[0], renderers[0].media_type


class Told(serializers.Serializer[Any]):
    """What is answered. `sample` has a value for each key that the schema's example shows."""

    sample: ClassVar[dict[str, Any]] = {}


class Envelope(Told):
    """The whole of a good answer. Its fields are its keys, beside `endpoint`: no more, no less.

    `leads` are where one can go from it.
    """

    leads: ClassVar[tuple[Lead, ...]] = ()


class Item(Told):
    """An object inside an answer. It names columns, and never other objects."""


class Always(serializers.Field[Any, Any, Any, Any]):
    """A key that existing clients expect, for which this platform has one answer."""

    def __init__(self, value: Any, schema: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)
        self.value, self.schema = value, schema

    def to_representation(self, value: Any) -> Any:
        return self.value


def example_of(told: Told) -> dict[str, Any]:
    """An answer as it might be: constants as they are, null where nothing is said of a key."""
    return {name: _example(told, name, field) for name, field in told.fields.items()}


def _example(told: Told, name: str, field: Any) -> Any:
    if isinstance(field, serializers.ListSerializer) and isinstance(field.child, Told):
        return [example_of(field.child)]
    if isinstance(field, Told):
        return example_of(field)
    return field.value if isinstance(field, Always) else told.sample.get(name)


def nothing(kind: str = "string") -> Always:
    """Null, where the contract has an optional value that this platform does not keep."""
    return Always(None, {"type": [kind, "null"]})


def no_list(kind: str = "string") -> Always:
    """An empty list of what the contract has and this platform does not."""
    return Always([], {"type": "array", "items": {"type": kind}})


def never() -> Always:
    return Always(False, {"type": "boolean"})


def true() -> Always:
    """What was asked for is done; anything else would be an error."""
    return Always(True, {"type": "boolean", "const": True})


class Time(serializers.DateTimeField):
    """A moment in UTC with microseconds, as `2026-01-01T00:00:00.123456Z`."""

    def to_representation(self, value: Any) -> str:
        return f"{value:%Y-%m-%dT%H:%M:%S.%f}Z"


class OrNull(serializers.CharField):
    """A text that is null where it is empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, read_only=True, **kwargs)

    def to_representation(self, value: Any) -> Any:
        return str(value) or None
