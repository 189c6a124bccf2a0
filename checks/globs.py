"""Patterns by which an ignore names findings, as existing clients of the platform write them.

- Text is looked for anywhere; `*` stands for anything. `lib/*.py` also fits `lib/x.pyc`: nothing is
  tied to an end.
- What begins with `^` or ends with `$` is a regular expression, looked for anywhere. It is RE2's:
  without look-around and back-references, and in time proportional to the text, whatever it says.
- `!` in front turns a pattern round. `!` alone fits what is not there, such as the member of a
  finding about a file as a whole; no other pattern does, turned round or not.
- An empty pattern fits everything.
"""

import re
from functools import lru_cache

import re2

LONGEST = 128  # characters
MEMORY = 1 << 20  # bytes for one compiled expression
_SPECIAL = re.compile(r"([\\.^$*+?()\[\]{}|])")


def problem_with(pattern: str) -> str:
    """Why this is no pattern, as a sentence; "" if it is one."""
    if len(pattern) > LONGEST:
        return f"A pattern has at most {LONGEST} characters; this has {len(pattern)}."
    body = pattern.removeprefix("!")
    if _is_expression(body):
        try:
            _compiled(body)
        except re2.error as error:
            said = error.args[0] if error.args else b""
            reason = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
            return f"It begins with ^ or ends with $, but is no regular expression: {reason}."
    return ""


def fits(pattern: str, value: str) -> bool:
    """Whether the pattern fits the value; "" for a value that is not there."""
    if pattern in ("", "!"):
        return not (pattern and value)
    if not value:
        return False
    negated, body = pattern.startswith("!"), pattern.removeprefix("!")
    found = _is_in(body, value)
    return found is not None and found != negated


def literally(text: str) -> str:
    """The part of a regular expression that stands for this very text."""
    return _SPECIAL.sub(r"\\\1", text)


def _is_in(body: str, value: str) -> bool | None:
    """None for an expression that was never valid: it hides nothing, turned round or not."""
    if _is_expression(body):
        try:
            return _compiled(body).search(value) is not None
        except re2.error:
            return None
    at = 0
    for part in body.split("*"):
        found = value.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _is_expression(body: str) -> bool:
    return body.startswith("^") or body.endswith("$")


@lru_cache(maxsize=500)
def _compiled(expression: str) -> "re2._Regexp":
    options = re2.Options()
    options.max_mem, options.log_errors = MEMORY, False
    return re2.compile(expression, options)
