"""What the API takes: a JSON object of bounded size, with exactly the keys and types it names."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.parsers import BaseParser
from rest_framework.settings import api_settings

from trusted_releases.api.chunks import reader_of
from trusted_releases.api.errors import InvalidInput, TooLarge
from trusted_releases.api.leads import Lead
from trusted_releases.lib.errors import BadInput

GUIDE = "/docs/api/#when-something-is-wrong"  # what `url` of a detail leads to
SHOWN = 200  # characters of an input that an error repeats
MOST_DETAILS = 50
LARGEST = 1 << 63  # an integer that an error repeats is smaller
CUT = "The body was cut short: not all of it arrived. Send it again."
_INTEGER = re.compile(r"-?[0-9]{1,20}")  # of a query
SECRET = {"input_type": "password"}  # the `style` of a field whose content is never repeated

# What a field takes as JSON has it: nothing is turned from one type into another.
TYPES: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], type | tuple[type, ...], str], ...]
TYPES = (
    (serializers.BooleanField, bool, "bool_type"),
    (serializers.IntegerField, int, "int_type"),
    (serializers.ListField, list, "list_type"),
    (serializers.DictField, dict, "dict_type"),
    (serializers.ChoiceField, str, "enum"),
    (serializers.CharField, str, "string_type"),
    (serializers.DateTimeField, str, "datetime_type"),
    (serializers.DateField, str, "date_type"),
)
NAMES = {
    "bool_type": "a boolean",
    "int_type": "an integer",
    "list_type": "a list",
    "dict_type": "an object",
    "enum": "a string",
    "string_type": "a string",
    "datetime_type": "a string with a time",
    "date_type": "a string with a date",
}
# DRF's codes under the names that programs of this field know them by.
KINDS = {
    "required": "missing",
    "null": "none_not_allowed",
    "blank": "string_too_short",
    "min_length": "string_too_short",
    "max_length": "string_too_long",
    "min_value": "greater_than_equal",
    "max_value": "less_than_equal",
    "invalid_choice": "enum",
    "empty": "too_short",
    "not_a_list": "list_type",
    **{kind: kind for kind in (*NAMES, "extra_forbidden")},  # of an object inside
}


class JsonObject(BaseParser):
    """A JSON object of at most `view.most_bytes`. More than that is not read."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        most = (parser_context or {})["view"].most_bytes
        said = stream.META.get("CONTENT_LENGTH") or "0"
        if said.isdecimal() and int(said) > most:
            raise TooLarge(most)
        try:
            content = reader_of(stream)(most + 1)
        except OSError as error:
            raise BadInput(CUT) from error
        if len(content) > most:
            raise TooLarge(most)
        return object_of(content)


class Ask(serializers.Serializer[Any]):
    """What an endpoint takes. Unknown keys and other types are refused, one detail for each.

    `sample` is a body that is taken, for the schema; `leads` are where one can go when it was.
    """

    sample: ClassVar[dict[str, Any]] = {}
    leads: ClassVar[tuple[Lead, ...]] = ()

    def get_fields(self) -> dict[str, Any]:
        """As they were declared, but that texts are taken as they are sent, with their spaces."""
        fields = super().get_fields()
        for field in fields.values():
            if isinstance(field, serializers.CharField):
                field.trim_whitespace = False
        return fields

    def checked(self) -> dict[str, Any]:
        """The values, or InvalidInput with all that is wrong."""
        sent: Any = self.initial_data
        fields = self.fields
        found = [*self._unknown(sent), *_of_other_types(fields, sent)]
        told = {detail["loc"][0] for detail in found}
        if not self.is_valid():
            rest = {name: each for name, each in self.errors.items() if name not in told}
            found += _details(rest, (), sent, fields)
        if found:
            raise InvalidInput(found[:MOST_DETAILS])
        return dict(self.validated_data)

    def to_internal_value(self, data: Any) -> Any:
        """As an object inside another one, it is as strict."""
        if self.parent is not None and isinstance(data, Mapping):
            found = [*self._unknown(data), *_of_other_types(self.fields, data)]
            errors = {str(e["loc"][0]): [ErrorDetail(e["msg"], e["type"])] for e in found}
            if errors:
                raise serializers.ValidationError(errors)
        return super().to_internal_value(data)

    def _unknown(self, sent: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for name in sent:
            if name not in self.fields:
                yield detail(
                    "extra_forbidden", [name], "Extra inputs are not permitted", sent[name]
                )


class Asked(Ask):
    """What stands in the query of an address: the same strictness, but all of it is text."""

    def checked(self) -> dict[str, Any]:
        found = [*self._unknown(self.initial_data), *self._no_integers()]
        told = {detail["loc"][0] for detail in found}
        if not self.is_valid():
            rest = {name: each for name, each in self.errors.items() if name not in told}
            found += _details(rest, (), self.initial_data, self.fields)
        if found:
            raise InvalidInput(found[:MOST_DETAILS])
        return dict(self.validated_data)

    def _no_integers(self) -> Iterator[dict[str, Any]]:
        """DRF takes `1.0`, `1_0` and the digits of every script for integers."""
        for name, sent in self.initial_data.items():
            field = self.fields.get(name)
            if isinstance(field, serializers.IntegerField) and not _INTEGER.fullmatch(sent):
                yield detail("int_type", [name], f"Input should be {NAMES['int_type']}", sent)


class Page(Asked):
    """Which part of a list: the contract's bounds, and its defaults."""

    offset = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=20)


def detail(kind: str, loc: list[str | int], said: str, sent: Any) -> dict[str, Any]:
    """One thing that is wrong, in the shape that clients know."""
    url = settings.SITE_URL + GUIDE
    return {
        "type": kind,
        "loc": [_shown(each) for each in loc],
        "msg": said,
        "input": _shown(sent),
        "url": url,
    }


def object_of(content: bytes) -> dict[str, Any]:
    """The JSON object in these bytes, or InvalidInput: no constants, no name twice."""
    try:
        # In UTF-8 and nothing else, which `loads` would guess.
        found = json.loads(
            content.decode("utf-8-sig"), parse_constant=_no_constant, object_pairs_hook=_once
        )
    except (ValueError, RecursionError) as error:
        said = "Invalid JSON" if isinstance(error, RecursionError) else f"Invalid JSON: {error}"
        raise InvalidInput([detail("json_invalid", [], said[:SHOWN], None)]) from error
    if not isinstance(found, dict):
        raise InvalidInput([detail("dict_type", [], "Input should be an object", found)])
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two of one name: two programs would read different objects."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _of_other_types(fields: Any, sent: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, field in fields.items():
        if (value := sent.get(name)) is None:
            continue
        if kind := _other_type(field, value):
            shown = None if field.style == SECRET else value
            yield detail(kind, [name], f"Input should be {NAMES[kind]}", shown)
        elif isinstance(field, serializers.ListField):
            yield from _of_items(name, field, value)


def _of_items(
    name: str, field: serializers.ListField, values: list[Any]
) -> Iterator[dict[str, Any]]:
    for place, value in enumerate(values):
        if kind := _other_type(field.child, value):
            yield detail(kind, [name, place], f"Input should be {NAMES[kind]}", value)


def _other_type(field: Any, value: Any) -> str | None:
    for kind, wanted, name in TYPES:
        if isinstance(field, kind):
            right = isinstance(value, wanted)
            return None if right and not (wanted is int and isinstance(value, bool)) else name
    return None


def _details(errors: Any, loc: tuple[str | int, ...], sent: Any, fields: Any) -> list[Any]:
    """DRF's errors, which are nested as the input is, as a list."""
    if isinstance(errors, Mapping):
        return [
            each
            for name, below in errors.items()
            for each in _of_key(name, below, loc, sent, fields)
        ]
    if not all(isinstance(each, ErrorDetail) for each in errors):  # of one object of a list each
        return [
            each
            for place, below in enumerate(errors)
            for each in _details(below, (*loc, place), _below(sent, place), fields)
        ]
    secret = loc and getattr(fields.get(loc[0]), "style", None) == SECRET
    return [_of(error, loc, None if secret else sent) for error in errors]


def _of_key(
    name: str, errors: Any, loc: tuple[str | int, ...], sent: Any, fields: Any
) -> list[Any]:
    """The errors below one key; those of a whole object in a list are told at its place."""
    if loc and name == api_settings.NON_FIELD_ERRORS_KEY:
        return _details(errors, loc, sent, fields)
    return _details(errors, (*loc, name), _below(sent, name), fields)


def _of(error: ErrorDetail, loc: tuple[str | int, ...], sent: Any) -> dict[str, Any]:
    if error.code == "required":
        return detail("missing", list(loc), "Field required", sent)
    return detail(KINDS.get(str(error.code), "value_error"), list(loc), str(error), sent)


def _below(sent: Any, name: Any) -> Any:
    if isinstance(sent, Mapping):
        return sent.get(name)
    if isinstance(sent, list) and isinstance(name, int) and name < len(sent):
        return sent[name]
    return None


def _shown(value: Any) -> Any:
    """What was sent, as far as an error repeats it: nothing long, nothing deep."""
    if isinstance(value, str):
        shown = value if len(value) <= SHOWN else value[:SHOWN] + "…"
        return shown.encode("utf-8", "replace").decode()  # half characters are in no JSON
    if isinstance(value, int) and not -LARGEST < value < LARGEST:
        return _shown(str(value))
    return value if isinstance(value, bool | int) else None
