"""The findings document as plain text, for people at a terminal."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from textwrap import wrap
from typing import Any

from checks.engine.model import Level

WIDTH = 100
LEVEL_WIDTH = 11

Paint = Callable[[str, str], str]  # level, text -> text as shown


def lines(document: dict[str, Any], *, notes: bool = True, paint: Paint | None = None) -> list[str]:
    """A findings document as lines: by file, the worst first, and the verdict at the end."""
    by_path: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for result in document["results"]:
        by_path[result["path"]] += _shown(result, notes=notes)
    written = []
    for path in sorted(path for path, entries in by_path.items() if entries):
        written += ["", path or "The release as a whole"]
        for entry in sorted(by_path[path], key=lambda each: -each["rank"]):
            written += _entry(entry, paint or _plain)
    return [*written, "", *_summary(document)]


def _shown(result: dict[str, Any], *, notes: bool) -> list[dict[str, Any]]:
    """The findings of a unit as entries; findings about other paths carry these in the text."""
    entries = [
        {**finding, "rank": Level(finding["level"]).rank}
        for finding in result["findings"]
        if notes or finding["level"] != Level.NOTE
    ]
    if result["error"]:
        entries.append(_error(result))
    return entries


def _error(result: dict[str, Any]) -> dict[str, Any]:
    return {
        "rank": len(Level),
        "level": "error",
        "rule": ", ".join(result["rules"]),
        "message": result["error"],
        "member": "",
        "see": "",
    }


def _entry(entry: dict[str, Any], paint: Paint) -> Iterator[str]:
    member = f"{entry['member']}: " if entry["member"] else ""
    text = f"{member}{entry['message']} [{entry['rule']}]"
    first, *rest = wrap(text, WIDTH - LEVEL_WIDTH - 2) or [""]
    yield "  " + paint(entry["level"], entry["level"].ljust(LEVEL_WIDTH)) + first
    for line in rest:
        yield " " * (LEVEL_WIDTH + 2) + line
    if entry["see"]:
        yield " " * (LEVEL_WIDTH + 2) + f"$ {entry['see']}"


def _summary(document: dict[str, Any]) -> Iterator[str]:
    counts = document["counts"]
    found = ", ".join(f"{count} {level}{'s' * (count != 1)}" for level, count in counts.items())
    yield f"{len(document['files'])} files: {found}."
    yield "Passed." if document["verdict"] == "passed" else "Failed."


def _plain(level: str, text: str) -> str:
    return text
