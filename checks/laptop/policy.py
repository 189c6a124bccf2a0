"""A project's policy from a JSON file that a person wrote: what is wrong is said with its line."""

import json
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from checks.engine.model import BadPolicy, Policy
from trusted_releases.lib.errors import BadInput

MAX_POLICY = 1 << 20  # bytes


def read_policy(path: Path) -> Policy:
    """The policy in a file. Raises BadInput with a sentence that names file, line and field."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_POLICY + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    return policy_of(content, str(path))


def policy_of(content: bytes, name: str) -> Policy:
    """The policy that these bytes are; `name` is what people know them by."""
    if len(content) > MAX_POLICY:
        raise BadInput(f"{name} is larger than {MAX_POLICY >> 20} MB, and no policy is.")
    try:
        text = content.decode("utf-8-sig")
        return Policy.from_json(json.loads(text, object_pairs_hook=_once))
    except BadPolicy as error:
        place = f"{name}{_line_of(error.field, text)}"
        raise BadInput(f"{place} is no policy: {error}.{_hint(error)}") from error
    except json.JSONDecodeError as error:
        place = f"{name}, line {error.lineno}, column {error.colno},"
        raise BadInput(f"{place} is no policy: {error.msg}.") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name} is no policy: {error}.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON in which no name stands twice: readers differ in which of them holds."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadPolicy(f"'{name}' stands in it twice", name)
        found[name] = value
    return found


def _line_of(field: str, text: str) -> str:
    """Where the field stands, as far as it stands there in plain letters; the last of its name."""
    found = list(re.finditer(re.escape(json.dumps(field, ensure_ascii=False)) + r"\s*:", text))
    if not field or not found:
        return ""
    return f", line {text.count(chr(10), 0, found[-1].start()) + 1},"


def _hint(error: BadPolicy) -> str:
    """Which field may have been meant, and which there are."""
    if not error.known:
        return ""
    near = get_close_matches(error.field, error.known, n=1)
    meant = f" Did you mean '{near[0]}'?" if near else ""
    return f"{meant} Known are: {', '.join(error.known)}."
