"""The findings document as plain text, for people at a terminal."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from textwrap import wrap
from typing import Any

from checks.engine.model import Level
from checks.engine.names import shown

WIDTH = 100
LEVEL_WIDTH = 11
MAX_TEXT = 4_000  # characters of one message or command

Paint = Callable[[str, str], str]  # level, text -> text as shown


def lines(document: dict[str, Any], *, notes: bool = True, paint: Paint | None = None) -> list[str]:
    """A findings document as lines: by file, the worst first, and the verdict at the end."""
    by_path: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for result in document["results"]:
        for entry in _shown(result, notes=notes):
            by_path[entry["path"]].append(entry)
    written = []
    for path, entries in sorted(by_path.items()):
        written += ["", shown(path, MAX_TEXT) or "The release as a whole"]
        for entry in sorted(entries, key=lambda each: -each["rank"]):
            written += _entry(entry, paint or _plain)
    return [*written, "", *_summary(document)]


def _shown(result: dict[str, Any], *, notes: bool) -> Iterator[dict[str, Any]]:
    """The findings of a unit as entries, and its error as one more."""
    for finding in result["findings"]:
        if notes or finding["level"] != Level.NOTE:
            yield {**finding, "rank": Level(finding["level"]).rank}
    if result["error"]:
        yield {
            "path": result["path"],
            "rank": len(Level),
            "level": "error",
            "rule": ", ".join(result["rules"]),
            "message": result["error"],
            "member": "",
            "see": "",
        }


def _entry(entry: dict[str, Any], paint: Paint) -> Iterator[str]:
    member = f"{entry['member']}: " if entry["member"] else ""
    text = shown(f"{member}{entry['message']} [{entry['rule']}]", MAX_TEXT)
    first, *rest = wrap(text, WIDTH - LEVEL_WIDTH - 2) or [""]
    yield "  " + paint(entry["level"], entry["level"].ljust(LEVEL_WIDTH)) + first
    for line in rest:
        yield " " * (LEVEL_WIDTH + 2) + line
    if entry["see"]:
        yield " " * (LEVEL_WIDTH + 2) + f"$ {shown(entry['see'], MAX_TEXT)}"


def _summary(document: dict[str, Any]) -> Iterator[str]:
    counts = document["counts"]
    found = ", ".join(f"{count} {level}{'s' * (count != 1)}" for level, count in counts.items())
    files = len(document["files"])
    yield f"{files} file{'s' * (files != 1)}: {found}."
    yield "Passed." if document["verdict"] == "passed" else "Failed: mend the blockers and errors."


def _plain(level: str, text: str) -> str:
    return text
