"""A row of the tables of tests: an archive with one thing wrong, and its harmless neighbour."""

from dataclasses import dataclass

import pytest

from checks.engine.model import Level, Limits
from tests.checks.engine.archive.build import DEFAULT

BLOCKER, CONCERN, SUGGESTION = Level.BLOCKER, Level.CONCERN, Level.SUGGESTION


@dataclass(frozen=True)
class Case:
    """`bad` has the problem `code` at `level`, `good` does not; both are named `name`."""

    says: str
    code: str
    level: Level
    bad: bytes
    good: bytes
    name: str = "t-1.tar"
    limits: Limits = DEFAULT


def cases(rows: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", rows, ids=[row.says.replace(" ", "_") for row in rows])
