"""The findings document as plain text, for people at a terminal."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from textwrap import wrap
from typing import Any

from checks.engine.model import Level
from checks.engine.names import shown

WIDTH = 100
WHOLE = "The release as a whole"
LEVEL_WIDTH = 11
MAX_TEXT = 4_000  # characters of one message or command

Paint = Callable[[str, str], str]  # level, text -> text as shown


def lines(
    document: dict[str, Any],
    *,
    notes: bool = True,
    paint: Paint | None = None,
    table: bool = False,
) -> list[str]:
    """A findings document as lines: by file, the worst first, and the verdict at the end.

    With `table`, how many findings of each level each file has stands before that.
    """
    paint = paint or _plain
    by_path: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for result in document["results"]:
        for entry in _shown(result, notes=notes):
            by_path[entry["path"]].append(entry)
    written = []
    for path, entries in sorted(by_path.items()):
        written += ["", paint("path", _name(path))]
        for entry in sorted(entries, key=lambda each: -each["rank"]):
            written += _entry(entry, paint)
    counted = ["", *_table(document, paint)] if table else []
    return [*written, *counted, "", *_summary(document)]


def _name(path: str) -> str:
    return shown(path, MAX_TEXT) or WHOLE


def _table(document: dict[str, Any], paint: Paint) -> Iterator[str]:
    """A line for each file: how many findings of each level it has."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for result in document["results"]:
        for entry in _shown(result, notes=True):
            counts[entry["path"]][entry["level"]] += 1
    levels = ["error", *(str(level) for level in reversed(Level))]
    wide = min(max(map(len, map(_name, counts)), default=0), WIDTH - 60)
    yield " " * wide + "".join(f"{level + 's':>12}" for level in levels)
    for path, of in sorted(counts.items()):
        name = shown(path, wide) or WHOLE
        yield name.ljust(wide) + "".join(_cell(level, of[level], paint) for level in levels)


def _cell(level: str, count: int, paint: Paint) -> str:
    return paint(level, f"{count:>12}") if count else f"{'-':>12}"


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
