"""How the API says no: one body for every error, whatever went wrong and wherever.

What rules refuse (`Refused`, `PermissionDenied`) gets its status here, and nowhere else.
"""

import logging
import traceback
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response

from trusted_releases.api.bodies import BROKEN, body_of
from trusted_releases.ledger.limits import TooMany
from trusted_releases.lib.errors import BadInput, NoRoom, Refused, Unchanged
from trusted_releases.lib.room import is_full

log = logging.getLogger(__name__)

NO_TOKEN = (
    "Authentication required. Please provide a valid Bearer token in the Authorization header"  # noqa: S105
)
WRONG = "Authentication failed"
NOT_UNDERSTOOD = "Input validation failed"
CODES = "Refusal-Codes"  # the header in which programs read why a rule refused


class InvalidInput(exceptions.APIException):
    """What was sent is not what the endpoint takes: one detail for each thing that is wrong."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, details: Iterable[dict[str, Any]]) -> None:
        super().__init__(NOT_UNDERSTOOD)
        self.details = list(details)


class BadParameter(exceptions.APIException):
    """A part of the address that cannot be a name of that kind."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, name: str) -> None:
        super().__init__(f"Parameter '{name}' is invalid.")


class Unauthenticated(exceptions.AuthenticationFailed):
    """Who asks is not known, with the sentence that clients know for the reason."""

    def __init__(self, sentence: str = NO_TOKEN) -> None:
        super().__init__(sentence)


class TooLarge(exceptions.APIException):
    """The body is larger than this endpoint reads."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE

    def __init__(self, most: int) -> None:
        super().__init__(f"The body is larger than {most:,} bytes, which is what this takes.")


class Elsewhere(exceptions.APIException):
    """A server that this asks did not answer as it should."""

    status_code = status.HTTP_502_BAD_GATEWAY

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class Missing(exceptions.NotFound):
    """What is not there, or is not for this person to see: the same sentence for both."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to any error of an endpoint. Nothing an endpoint does gets past this."""
    if is_full(error):
        error = NoRoom()
    code, sentence = judged(error)
    if code == status.HTTP_500_INTERNAL_SERVER_ERROR:
        log.error("%s in the API", type(error).__name__, exc_info=error)
        return Response(body_of(sentence) | _innards(error), status=code)
    return Response(body_of(sentence) | _extras(error), status=code, headers=_headers(error))


def judged(error: Exception) -> tuple[int, str]:
    """The status and the sentence of an error."""
    if settings.TEST_MODE and getattr(error, "is_tested_as_broken", False):
        return status.HTTP_500_INTERNAL_SERVER_ERROR, str(error)
    for kind, code in STATUSES:
        if isinstance(error, kind):
            return code, str(error) or SENTENCES.get(code, "")
    if isinstance(error, exceptions.APIException):
        return error.status_code, str(error.detail)
    shown = settings.TEST_MODE and str(error)
    return status.HTTP_500_INTERNAL_SERVER_ERROR, shown or BROKEN


STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (PermissionDenied, status.HTTP_403_FORBIDDEN),
    (Http404, status.HTTP_404_NOT_FOUND),
    (TooMany, status.HTTP_429_TOO_MANY_REQUESTS),
    (Unchanged, status.HTTP_409_CONFLICT),
    (BadInput, status.HTTP_400_BAD_REQUEST),
    (NoRoom, status.HTTP_507_INSUFFICIENT_STORAGE),
    (Refused, status.HTTP_409_CONFLICT),
    (RequestDataTooBig, status.HTTP_413_REQUEST_ENTITY_TOO_LARGE),
    (SuspiciousOperation, status.HTTP_400_BAD_REQUEST),
    (BadRequest, status.HTTP_400_BAD_REQUEST),
)
SENTENCES = {403: "You are not permitted to do this.", 404: "Not Found", 400: "Bad Request"}


def _extras(error: Exception) -> dict[str, Any]:
    if isinstance(error, InvalidInput):
        return {"validation_details": error.details}
    if isinstance(error, TooMany):
        return {"retry_after": error.wait}
    return {}


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.wait)}
    if isinstance(error, exceptions.AuthenticationFailed | exceptions.NotAuthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, Refused):
        codes = [each.code for each in error.obstacles] or [error.code]
        return {CODES: ", ".join(dict.fromkeys(codes))}
    return {}


def _innards(error: Exception) -> dict[str, str]:
    """What only somebody who tests clients against this server may see."""
    if not settings.TEST_MODE:
        return {}
    frames = traceback.format_exception(error)
    return {"exception_type": type(error).__name__, "traceback": "".join(frames)}
