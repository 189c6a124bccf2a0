"""Reads LICENSE and NOTICE texts as a lawyer would: for what they say, not how they are wrapped."""

import difflib
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from checks.engine.model import Level

MAX_TEXT = 1 << 20  # bytes read of a LICENSE or NOTICE; what follows is ignored
DIFF_LINES = 120
LICENSE_TEXT = Path(__file__).resolve().parents[1] / "rules" / "data" / "apache-2.0.txt"
PLACEHOLDER = "Copyright [yyyy] [name of copyright owner]"
MAX_OWNER = 60  # words that may stand where the appendix says "[yyyy] [name of copyright owner]"

WINDOW = 160  # characters in which a copyright line or an attribution must be complete

_BETWEEN_YEARS = frozenset(("c", "copy", "present", "now", "to", "and", "by", "the"))
_BOM = "\ufeff"
_LINK_LINES = ("https://www.apache.org/licenses/", "https://www.apache.org/licenses/LICENSE-2.0")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a text came to: a level, a sentence, and facts for programs."""

    level: Level
    message: str
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        return self.level in (Level.NOTE, Level.SUGGESTION)


def judge_license(content: bytes) -> Judgement:
    """Whether a LICENSE starts with, or at least holds, the whole Apache License 2.0.

    Word for word it must be there: spacing, line breaks and the filled-in copyright line of the
    appendix do not matter. What follows it, licences of parts for instance, is not looked at.
    """
    text = content[:MAX_TEXT].decode("utf-8", "replace")
    if _lines(text)[: len(_canon().lines)] == _canon().lines:
        return Judgement(Level.NOTE, "It is the Apache License 2.0, word for word.")
    words = f" {_words(text)} "
    start = words.find(_canon().body)
    if start < 0:
        return _altered(text)
    if not _has_appendix(words[start + len(_canon().body) - 1 :]):
        return Judgement(
            Level.BLOCKER,
            "It is the Apache License 2.0 without the end of it, the appendix on how to apply it. "
            "Use the whole text.",
            {"diff": _diff(text)},
        )
    return _complete(text, before=words[:start].strip())


def judge_notice(content: bytes, foundation: str) -> Judgement:
    """Whether a NOTICE has the copyright line and the attribution to the foundation."""
    try:
        text = content[:MAX_TEXT].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < MAX_TEXT - 4:
            return Judgement(
                Level.CONCERN,
                "It is not valid UTF-8. Save it as UTF-8.",
                {"issues": ["the NOTICE file is not valid UTF-8"]},
            )
        text = content[: error.start].decode("utf-8")
    flat = re.sub(r"\s+", " ", text.removeprefix(_BOM))
    issues = [*_copyright_issues(flat, foundation), *_attribution_issues(flat, foundation)]
    if not issues:
        return Judgement(Level.NOTE, "It has the copyright line and the attribution.")
    facts = {"issues": issues, "preamble": [line[:200] for line in text.splitlines()[:3]]}
    return Judgement(
        Level.CONCERN,
        f"It has no {' and no '.join(issues)}. It should say: 'Copyright YEAR {foundation}' and "
        f"'This product includes software developed at {foundation}'.",
        facts,
    )


def _copyright_issues(flat: str, foundation: str) -> list[str]:
    """A copyright line with some year, however years, (c) and commas are written.

    Only a window after each "copyright" is looked at, so that a long text costs little.
    """
    owner = re.compile(_owner(foundation), re.IGNORECASE)
    for match in re.finditer("copyright", flat, re.IGNORECASE):
        window = flat[match.end() : match.end() + WINDOW]
        if (found := owner.search(window)) and _only_years(window[: found.start()]):
            around = window[: found.start()] + window[found.end() : found.end() + 12]
            if re.search(r"\d{4}", around):
                return []
    return [f"copyright line of {foundation} with a year"]


def _only_years(text: str) -> bool:
    """Whether nothing but years and what joins them stands between copyright and its owner."""
    return set(re.findall(r"[^\W\d]+", text.lower())) <= _BETWEEN_YEARS


def _attribution_issues(flat: str, foundation: str) -> list[str]:
    """A sentence that the product includes what the foundation developed, in any wording."""
    lower = flat.lower()
    for match in re.finditer(_owner(foundation).lower(), lower):
        before = lower[max(0, match.start() - 2 * WINDOW) : match.start()]
        start, developed, _ = before.rpartition("developed")
        if developed and ("includ" in start or "contain" in start):
            return []
    return [f"attribution to {foundation}"]


def _owner(foundation: str) -> str:
    """A pattern for the foundation's name; the article in front may be missing."""
    name = foundation.strip()
    if name.lower().startswith("the "):
        return r"(?:the )?" + re.escape(name[4:])
    return re.escape(name)


@dataclass(frozen=True, slots=True)
class _Canon:
    """The licence in the forms it is compared in."""

    lines: list[str]
    body: str
    appendix: str
    ending: str


@cache
def _canon() -> _Canon:
    text = LICENSE_TEXT.read_text(encoding="utf-8")
    body, _, after = text.partition("END OF TERMS AND CONDITIONS")
    appendix, _, ending = after.partition(PLACEHOLDER)
    return _Canon(_lines(text), f" {_words(body)} ", _words(appendix), _words(ending))


def _lines(text: str) -> list[str]:
    """Lines without outer space and empty ones; both spellings of the licence's address alike."""
    stripped = filter(None, map(str.strip, text.splitlines()))
    return [each.replace("https", "http", 1) if each in _LINK_LINES else each for each in stripped]


def _words(text: str) -> str:
    """The words of a text, in lower case with one space between: all that wrapping leaves."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower().replace("https:", "http:")))


def _has_appendix(words: str) -> bool:
    """Whether the appendix follows, with any copyright owner in the place for one."""
    canon = _canon()
    start = words.find(canon.appendix)
    end = words.find(canon.ending, start)
    if start < 0 or end < 0 or start > len(" end of terms and conditions "):
        return False
    return len(words[start + len(canon.appendix) : end].split()) <= MAX_OWNER


def _complete(text: str, before: str) -> Judgement:
    """A licence with every word in place, that is not laid out like the original."""
    if before:
        return Judgement(
            Level.SUGGESTION,
            f"It is the Apache License 2.0 with text in front of it ('{before[:60]}…'). Start with "
            "the licence, and put everything else after it.",
        )
    if text.startswith(_BOM):
        return Judgement(
            Level.SUGGESTION,
            "It is the Apache License 2.0 with a byte order mark in front. Save it without.",
        )
    if _only_owner_differs(text):
        return Judgement(Level.NOTE, "It is the Apache License 2.0, with the appendix filled in.")
    return Judgement(
        Level.SUGGESTION,
        "It is the Apache License 2.0 with other spacing or line breaks. Use the published text.",
    )


def _only_owner_differs(text: str) -> bool:
    """Whether the copyright line of the appendix is all that differs from the original."""
    lines, canon = _lines(text), _canon().lines
    place = canon.index(PLACEHOLDER)
    rest = canon[place + 1 :]
    if lines[:place] != canon[:place] or rest[0] not in lines[place : place + 10]:
        return False
    after = lines.index(rest[0], place)
    return lines[after : after + len(rest)] == rest


def _altered(text: str) -> Judgement:
    message = (
        "The words of the Apache License 2.0 have been altered, or some are missing. Use the "
        "published text."
        if "Apache License" in text
        else "It does not hold the Apache License 2.0. Put the licence into it."
    )
    return Judgement(Level.BLOCKER, message, {"diff": _diff(text)})


def _diff(text: str) -> str:
    """Where the text leaves the licence: a bounded part of a unified diff."""
    canon = _canon().lines
    ours = [line[:200] for line in _lines(text)[: len(canon) + 40]]
    lines = difflib.unified_diff(canon, ours, "Apache-2.0", "LICENSE", lineterm="", n=1)
    return "\n".join(line for _, line in zip(range(DIFF_LINES), lines, strict=False))
