"""Which lines of a mail are votes, and why the others that look like one are not."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from releases.letter_text import RULES, Line
from releases.older_mail import begins_older, goes_on, names_author

LONGEST_QUOTE = 200  # characters of a line that are kept
MOST_LOOKALIKES = 20  # of one mail that are kept; votes are kept all

QUOTED = "It is quoted from another mail."
OFFERED = "It offers the choices, or speaks of votes in general."
AMBIGUOUS = "Two kinds of vote stand on one line."
NO_VOTE = "It is not written as +1, 0 or -1."
TIME_ZONE = "It is a time zone."
PHONE = "It is a telephone number."
IN_CALL = "In the mail that calls the vote only a line that begins with a vote counts."
AFTER_END = "It stands below the signature, or below the beginning of an older mail."
AFTER_QUOTE = "Below a quoted mail only a line of its own that begins with the vote counts."

# A sign of a vote, as a word: "+1", and not "+10", "+1.5", "C++1" or "-1st".
_SIGN = r"[+-][01](?![\w%]|[.,]\d)"
_ANY = re.compile(rf"(?<![\w+.-])({_SIGN})")
_AT_START = re.compile(r"[+-]1(?![\w%]|[.,]\d)")
_INSIDE = re.compile(r"(?<=\s)[+-]1(?![\w%]|[.,]\d)")
_ZERO = re.compile(r"[+-]?0(?:\s|\Z)")
_EMPHASIS = re.compile(r"(?<![^\s])[*_]{1,3}([+-]?[01])(?![\w.,]*\d)[*_]{0,3}")
_OFFER = re.compile(
    r"[\[(]\s*[\])]\s*[+-]?[01](?!\d)|[+-]1\s+(?:\([\w-]+\)\s+)?votes?\b"
    r"|\b(?:\d+|two|three|four|five|enough|more)\s+(?:more\s+)?(?:(?:non-?)?binding\s+)?[+-]1(?!\d)",
    re.IGNORECASE,
)
_LOOKS_LIKE = re.compile(r"(?<![\w.,:/=+-])[+-]\s?[01](?!\d)")
_PHONE = re.compile(r"\+1[\s./-]{0,2}\(?[2-9]\d\d\)?[\s./-]{0,2}\d{3}[\s./-]{0,2}\d{4}(?!\d)")
_ZONE = re.compile(r"\b(?:UTC|GMT)\s+[+-]1\b")
_ATTRIBUTION = re.compile(r"On .{3,4}, |On .{1,200} wrote:\Z")
_SEPARATOR = ("-- ", "--")
_OLDER = ("From: ", "________", "-----BEGIN PGP SIGNATURE", "-----Original Message-----")
_SIGNED = "-----BEGIN PGP SIGNED MESSAGE"
_DASHED = "- "


@dataclass(frozen=True, slots=True)
class Said:
    """A line that is a vote, or looks like one. `reason` says why it does not count, if so."""

    text: str
    choice: str
    reason: str = ""

    @property
    def counts(self) -> bool:
        return not self.reason


def votes_in(lines: Iterable[Line], *, calls: bool = False, rules: int = RULES) -> list[Said]:
    """The votes in the text of a mail and what looks like one, in its order.

    `calls`: it is the mail that calls the vote, which speaks of votes in many words.
    """
    found: list[Said] = []
    lookalikes = 0
    for said in _scan(lines, rules):
        if calls and said.counts and not _begins(said.text):
            said = Said(said.text, "", IN_CALL)
        if not said.counts:
            lookalikes += 1
            if lookalikes > MOST_LOOKALIKES:
                continue
        found.append(said)
    return found


def _scan(lines: Iterable[Line], rules: int) -> Iterator[Said]:
    reader = _Reader(rules)
    for line in lines:
        if (said := reader.read(line)) is not None:
            yield said


class _Reader:
    """Walks through a mail: knows whether its own text is over, and whether it is cleartext."""

    def __init__(self, rules: int) -> None:
        self._first_rules = rules == 1  # a count from before mails of all languages were known
        self._over = ""  # why nothing counts any more
        self._below = False  # a quoted mail that this one answers below
        self._attributed = False  # the last line named the author of what follows
        self._signed = False  # OpenPGP's clear text, where a dash at the beginning is escaped
        self._blank = True  # whether the line before this one was empty
        self._voted = False

    def read(self, line: Line) -> Said | None:
        text = self._plain(line.text)
        if line.quoted:
            self._attributed, self._blank = False, False
            return _lookalike(text, QUOTED)
        if self._over:
            return _lookalike(text, self._over)
        said = self._own(line.text if line.text in _SEPARATOR else text)
        self._blank = not text.strip()
        return said

    def _plain(self, text: str) -> str:
        if text.startswith(_SIGNED):
            self._signed = True
        if self._signed and text.startswith(_DASHED):
            text = text[len(_DASHED) :]
        return _EMPHASIS.sub(r"\1", text.lstrip())

    def _own(self, text: str) -> Said | None:
        if self._attributed and goes_on(text) and not self._first_rules:
            return None
        if self._attributed and text.strip():
            # After the words "… wrote:", and not marked as quoted: nobody can tell whose it is.
            self._over = AFTER_END
            return _lookalike(text, AFTER_END)
        if self._ends(text):
            self._over = AFTER_END
            return None
        if self._names_author(text):
            if self._voted:
                self._over = AFTER_END
            self._attributed = self._below = True
            return None
        said = self._judge(text)
        self._voted = self._voted or (said is not None and said.counts)
        return said

    def _ends(self, text: str) -> bool:
        if text in _SEPARATOR or text.startswith(_OLDER):
            return True
        return not self._first_rules and begins_older(text)

    def _names_author(self, text: str) -> bool:
        if _ATTRIBUTION.match(text):
            return True
        return not self._first_rules and not _begins(text) and names_author(text)

    def _judge(self, text: str) -> Said | None:
        said = judge(text, phones=not self._first_rules)
        if said is None or not said.counts or not self._below:
            return said
        if self._blank and _begins(text):
            return said
        return Said(said.text, said.choice, AFTER_QUOTE)


def judge(text: str, *, phones: bool = True) -> Said | None:
    """What a line of somebody's own text says; None when it looks like no vote at all.

    `phones`: a telephone number of North America is no vote for anything.
    """
    whole = text.strip()
    if phones and (text := _PHONE.sub("", whole)) != whole:
        said = judge(text, phones=False)
        if said is None or not said.counts:
            return _lookalike(whole, PHONE)
        return replace(said, text=whole[:LONGEST_QUOTE])
    text = whole
    if _OFFER.search(text):
        return Said(text[:LONGEST_QUOTE], "", OFFERED)
    kinds = {_kind(match) for match in _ANY.findall(text)}
    if _ZERO.match(text):
        kinds.add("0")
    if len(kinds) > 1:
        return Said(text[:LONGEST_QUOTE], "", AMBIGUOUS)
    if _ZONE.search(text):
        return Said(text[:LONGEST_QUOTE], "", TIME_ZONE)
    if _AT_START.match(text) or _INSIDE.search(text) or _ZERO.match(text):
        return Said(text[:LONGEST_QUOTE], kinds.pop())
    return _lookalike(text, NO_VOTE)


def _begins(text: str) -> bool:
    return bool(_AT_START.match(text) or _ZERO.match(text))


def _kind(sign: str) -> str:
    return "0" if sign[1] == "0" else sign


def _lookalike(text: str, reason: str) -> Said | None:
    if _LOOKS_LIKE.search(text) is None:
        return None
    return Said(text.strip()[:LONGEST_QUOTE], "", reason)
