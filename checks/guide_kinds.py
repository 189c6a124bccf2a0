"""What the words about a rule are made of."""

from enum import StrEnum
from typing import NamedTuple


class Subject(StrEnum):
    """What a rule is about, in the order in which people meet it."""

    FILES = "The files of a release"
    INTEGRITY = "Checksums and signatures"
    ARCHIVES = "Archives"
    LICENCES = "Licences"


class Fix(NamedTuple):
    """A usual problem and its remedy; `command` is what to type, "" where there is nothing."""

    problem: str
    remedy: str
    command: str = ""


class Guide(NamedTuple):
    subject: Subject
    looks_at: str
    fixes: tuple[Fix, ...]
