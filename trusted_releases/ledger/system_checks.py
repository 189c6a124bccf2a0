"""What must fit together before anything runs."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from trusted_releases.ledger.reactions_registry import all_reactions
from trusted_releases.ledger.registry import known_jobs, known_schedules
from trusted_releases.ledger.tags import Tag

JOBS = "jobs"  # the tag of these checks, which a worker runs before it starts


def reactions_name_jobs(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Every reaction and schedule names a registered job, and every reaction a tag."""
    jobs = known_jobs()
    found: list[CheckMessage] = []
    for tag, names in all_reactions().items():
        if tag not in Tag.values:
            found.append(Error(f"A reaction names the tag {tag!r}.", "Use Tag.", id="ledger.E002"))
        found += [_unknown(f"The reaction to {tag}", name) for name in names if name not in jobs]
    found += [
        _unknown("A schedule", item.name) for item in known_schedules() if item.name not in jobs
    ]
    return found


def _unknown(what: str, name: str) -> Error:
    hint = "Register it with @job, in a tasks.py that its app's ready() imports."
    return Error(f"{what} names the job {name!r}, which nobody registers.", hint, id="ledger.E001")
