"""Fields of bodies and queries that hold names: the same grammar as in addresses."""

import re
from typing import Any

from drf_spectacular.drainage import set_override
from rest_framework import serializers

from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.grammar import GRAMMAR, fits
from trusted_releases.lib.paths import MAX_PATH, RESERVED, check_path
from trusted_releases.lib.text import is_plain

LONGEST_ADDRESS = 254
HELP = {
    "project": "The key of a project.",
    "version": "A version of the project.",
    "revision": "The number of a revision, with or without zeros before it; null for the newest.",
}


# The rules of `lib.paths` and `lib.text`, as the schema can say them.
_LETTER = "[A-Za-z0-9._+~()-]"
_SEGMENT = rf"(?!{RESERVED}(?:/|$))(?:[A-Za-z0-9_+~()-]|\.atr|\.gitkeep){_LETTER}*"
PATH = rf"^{_SEGMENT}(?:/{_SEGMENT})*$"
PLAIN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]*$"
ADDRESS = r"^[!-?A-~]+@[!-?A-~]+$"
_FOUR = "[A-Za-z0-9+/]"
BASE64 = f"^(?:{_FOUR}{{4}})*(?:{_FOUR}{{3}}=|{_FOUR}{{2}}==)?$"


class Name(serializers.CharField):
    """A name of one of the kinds that `lib.grammar` knows."""

    def __init__(self, kind: str, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", HELP.get(kind, ""))
        super().__init__(trim_whitespace=False, **kwargs)
        self.kind = kind
        set_override(self, "field", {"type": "string", "pattern": f"^{GRAMMAR[kind]}$"})

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not fits(self.kind, text):
            raise serializers.ValidationError(f"This can be no {self.kind}.", "string_pattern")
        return text


class RelPath(serializers.CharField):
    """The path of a file in a release, by the rules that hold for every way in."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "The path of the file in the release.")
        super().__init__(trim_whitespace=False, max_length=MAX_PATH, **kwargs)
        set_override(self, "field", {"type": "string", "pattern": PATH, "maxLength": MAX_PATH})

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return check_path(text)
        except BadInput as error:
            raise serializers.ValidationError(str(error), "value_error") from error


class Text(serializers.CharField):
    """Words of a person, as they are."""

    def __init__(self, max_length: int, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=max_length, **kwargs)
        # Where nothing will do as well, the schema says so beside this: one of the two, never both.
        told = {"type": "string", "pattern": PLAIN, "minLength": 1, "maxLength": max_length}
        set_override(self, "field", told)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not is_plain(text):
            raise serializers.ValidationError("Control characters are not allowed.", "value_error")
        return text


class Address(serializers.CharField):
    """An address of mail, as far as its form goes. Whether it may be written to is another rule."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=LONGEST_ADDRESS, **kwargs)
        told = {"type": "string", "pattern": ADDRESS, "maxLength": LONGEST_ADDRESS}
        set_override(self, "field", told)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not re.fullmatch(ADDRESS.strip("^$"), text):
            raise serializers.ValidationError("This can be no address of mail.", "value_error")
        return text


class Base64Text(serializers.CharField):
    """Bytes in base64. Who takes them decodes them as they come."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, **kwargs)
        set_override(self, "field", {"type": "string", "pattern": BASE64})
