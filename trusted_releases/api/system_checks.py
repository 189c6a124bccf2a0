"""What must not be so where others can reach the site."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from trusted_releases.ledger.limits import LIMITS

MOST = 1_000_000  # times in an hour
TAG = "trusted_releases"  # asked by every command, and at every start of the web server


def only_while_testing(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """E030, E031: test mode shows strangers our errors; without limits nothing limits them."""
    if settings.DEBUG:
        return []
    found: list[CheckMessage] = []
    if settings.TEST_MODE:
        said = "TEST_MODE is on without DEBUG: errors of the API would show our source."
        found.append(Error(said, hint="Set TEST_MODE=0.", id="tr.E030"))
    if not settings.RATE_LIMITS:
        said = "RATE_LIMITS is off without DEBUG: anybody may call the API without end."
        found.append(Error(said, hint="Set RATE_LIMITS=1.", id="tr.E031"))
    return found


def limits_are_known(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E033: a number for an action that does not exist limits nothing, and nobody would notice."""
    found: list[CheckMessage] = []
    for action, times in settings.LIMITS.items():
        if action not in LIMITS:
            said = f"LIMITS names the action {action!r}, which does not exist."
            found.append(Error(said, hint=f"One of: {', '.join(LIMITS)}.", id="tr.E033"))
        elif not (times.isascii() and times.isdecimal() and 0 < int(times) <= MOST):
            said = f"LIMITS says {times!r} for {action}, which is no number of times in an hour."
            found.append(Error(said, hint=f"A whole number from 1 to {MOST:,}.", id="tr.E033"))
    return found
