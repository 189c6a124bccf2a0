"""Collects what is wrong with one archive, without letting the archive decide how much that is."""

from dataclasses import replace
from typing import Any, NoReturn

from checks.engine.archive.model import Problem
from checks.engine.model import Level

LISTED = 20  # problems of one kind that are listed one by one; the rest is counted
SHOWN = 300  # characters of a member's name that are shown


class Stop(Exception):
    """Reading cannot go on. Why has been written down as a problem."""


class Problems:
    """The problems of one archive, in the order they were met."""

    def __init__(self) -> None:
        self._listed: list[Problem] = []
        self._counts: dict[str, int] = {}
        self._summed: dict[str, Problem] = {}

    def add(
        self, code: str, level: Level, message: str, member: str = "", see: str = "", **data: Any
    ) -> None:
        """Note a problem; from the twenty-first of its code on, only count it."""
        count = self._counts[code] = self._counts.get(code, 0) + 1
        if count <= LISTED:
            self._listed.append(Problem(code, level, message, shown(member), see, data))

    def blocker(
        self, code: str, message: str, member: str = "", see: str = "", **data: Any
    ) -> None:
        self.add(code, Level.BLOCKER, message, member, see, **data)

    def concern(
        self, code: str, message: str, member: str = "", see: str = "", **data: Any
    ) -> None:
        self.add(code, Level.CONCERN, message, member, see, **data)

    def suggestion(
        self, code: str, message: str, member: str = "", see: str = "", **data: Any
    ) -> None:
        self.add(code, Level.SUGGESTION, message, member, see, **data)

    def stop(
        self, code: str, message: str, member: str = "", see: str = "", **data: Any
    ) -> NoReturn:
        """Note a blocker after which nothing that follows could be trusted, and end the reading."""
        self.blocker(code, message, member, see, **data)
        raise Stop

    def once(self, code: str, level: Level, message: str, member: str, see: str = "") -> None:
        """Note something harmless that many members share: one problem for them all."""
        known = self._summed.get(code)
        if known is None:
            known = Problem(code, level, message, shown(member), see, {"count": 0, "examples": []})
            self._summed[code] = known
        known.data["count"] += 1
        if len(known.data["examples"]) < LISTED:
            known.data["examples"].append(shown(member))

    def result(self) -> tuple[Problem, ...]:
        """All of them, those beyond the first twenty of a code as one that says how many."""
        last = {problem.code: problem for problem in self._listed}
        more = [
            replace(
                problem,
                message=f"There are {self._counts[code] - LISTED} more of this kind.",
                member="",
                data={"more": self._counts[code] - LISTED},
            )
            for code, problem in last.items()
            if self._counts[code] > LISTED
        ]
        return (*self._listed, *more, *self._summed.values())


def shown(name: str) -> str:
    """A member's name so that it can be printed and stored: odd characters escaped, cut."""
    name = readable(name[: SHOWN + 1])
    if not name.isprintable():
        name = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name)
    return name if len(name) <= SHOWN else name[:SHOWN] + "…"


def readable(name: str) -> str:
    """The name with bytes that are not UTF-8 written as `\\xNN`: text that can be stored."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def amount(count: int) -> str:
    """A number of bytes as a person reads it: "512 bytes", "2 GiB"."""
    for shift, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if count >> shift:
            return f"{count / (1 << shift):.4g} {unit}"
    return f"{count} bytes"
