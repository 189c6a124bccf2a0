"""The bodies of answers as bytes. It needs nothing of the framework: errors are told also where
that is not there yet, or is what is wrong."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from trusted_releases.lib import request_ids

BROKEN = "Internal Server Error"


def is_readable() -> bool:
    """Whether answers are laid out for people: with DEBUG, and in test mode."""
    return bool(settings.DEBUG or settings.TEST_MODE)


def text_of(value: Any) -> bytes:
    """JSON with sorted keys; compact, or indented with a line end where people read it."""
    if is_readable():
        return (json.dumps(value, sort_keys=True, indent=2, allow_nan=False) + "\n").encode()
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def body_of(sentence: str) -> dict[str, Any]:
    """What every error says: a sentence, and the id under which the log tells more."""
    return {"error": sentence, "request_id": request_ids.current()}


def refusal(status: int, sentence: str) -> HttpResponse:
    """An error in the API's own form, for what goes wrong outside of an endpoint."""
    return HttpResponse(text_of(body_of(sentence)), "application/json", status=status)
