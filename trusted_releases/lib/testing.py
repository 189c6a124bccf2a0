"""What is otherwise in test mode: every exception to a rule of ours, asked for here and only here.

Test mode is what existing clients expect of a server that they are tested against. It needs DEBUG
as well as TEST_MODE, whatever else has gone wrong; without both, every answer below is that of a
real site. The exceptions are for one committee, whose projects nobody relies on.
"""

from collections.abc import Iterable

from django.conf import settings

COMMITTEE = "test"
KEYS_COMMITTEE = "tooling"  # to whose KEYS clients upload the key that they are tested with
PROJECTS = {"test": "Test", "test-client": "Test Client"}
KEY_OWNER = "Apache Tooling (For test use only) <apache-tooling@example.invalid>"
SLOW_FILE = "deliberately_slow_ATR_task_filename.txt"
SLOW_SECONDS = 20.0


def is_on() -> bool:
    return bool(settings.TEST_MODE and settings.DEBUG)


def everybody_is_in(committee: str) -> bool:
    """Whether every account is a member of this committee."""
    return is_on() and committee == COMMITTEE


def votes_end_at_will(committee: str) -> bool:
    """Whether votes are resolved at any time, with any outcome, whatever was voted."""
    return is_on() and committee == COMMITTEE


def concerns_are_read(committee: str, noted: Iterable[str]) -> bool:
    """Whether somebody who says of any concern that they have read it has read them all: clients
    are tested with names of rules that other servers have."""
    return is_on() and committee == COMMITTEE and any(noted)


def releases_go_without_a_trace(committee: str) -> bool:
    """Whether a release is deleted in any phase, and what comes after counts from one again."""
    return is_on() and committee == COMMITTEE


def is_anybodys_key(user_ids: Iterable[str]) -> bool:
    """Whether a signing key is the one that clients are tested with, and so whoever's adds it."""
    return is_on() and KEY_OWNER in user_ids


def delay_of(paths: Iterable[str]) -> float:
    """Seconds that the checks of these files wait first, so that clients see them running.

    The paths are not looked at where there is no test mode.
    """
    slow = is_on() and any(path.rpartition("/")[2] == SLOW_FILE for path in paths)
    return SLOW_SECONDS if slow else 0.0
