"""The id of the request that is being answered: the same in errors, answers and log lines."""

import logging
from contextvars import ContextVar
from uuid import uuid4

HEADER = "X-Request-Id"
NONE = "-"

_current: ContextVar[str] = ContextVar("request_id", default=NONE)


def begin() -> str:
    """A new id, for what this thread does from now on. What a client sends as one is not taken."""
    _current.set(known := uuid4().hex)
    return known


def current() -> str:
    """The id of this thread's request; a hyphen where there is none, as in a worker."""
    return _current.get()


class OfRequest(logging.Filter):
    """Puts the id into every log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current()
        return True
