"""Counting the votes of a mail thread: a pure function of its raw mails and of who is who.

The same mails in whatever order give the same count. Every line that counts, and every line that
looks like a vote and does not, is kept with the reason.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from releases.letter import Letter, read
from releases.letter_text import RULES, Line
from releases.tally import CHOICES, Cast
from releases.vote_lines import Said, votes_in

MOST_MAILS = 10_000
RESULT = re.compile(r"\[[^]\[]*\bresults?\b[^]\[]*\]", re.IGNORECASE)
FIRST_RESULT = "[result]"  # of the first rules
UNCLEAR = "?"

NO_DATE = "The mail has no date."
NO_SENDER = "Nobody can tell who sent it."
OURS = "This site sent it for a ballot, which counts by itself."
AFTER_RESULT = "It came after the result was told."
AFTER_END = "It came after the end of the vote."
IN_SUBJECT = "A vote in the subject does not count."
CHANGED = "The same voter voted again later."
COPY = "It is a copy of a mail that counts."
SEVERAL = "Several lines vote differently."
CHOICES_OFFERED = "The mail that calls the vote offers the choices."
CALLED_BEFORE = "An earlier mail with its Message-ID called the vote."


class TooMany(ValueError):
    """The thread has more mails than anybody counts."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A raw mail as the archive has it: `link` names it there, `at` is when it came."""

    raw: bytes
    link: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is who when a thread is counted: accounts by their addresses, all in lower case.

    Under the foundation's own `domain` the local part is the account, if there is one.
    """

    people: Mapping[str, str] = field(default_factory=dict)
    domain: str = ""
    accounts: Set[str] = frozenset()

    def account_of(self, address: str) -> str:
        local, _, host = address.partition("@")
        if host == self.domain and local in self.accounts:
            return local
        return self.people.get(address, "")


@dataclass(frozen=True, slots=True)
class Terms:
    """What bounds the count. `opening` is the Message-ID of the mail that called the vote,
    `caller` who did, and `senders` the addresses that such a mail comes from, in lower case: None
    in counts from before that was asked. `ours` are the Message-IDs of receipts for ballots.
    `rules` is how mails were read then: what was counted once comes out the same for ever."""

    opening: str = ""
    caller: str = ""
    senders: Collection[str] | None = None
    ours: Collection[str] = ()
    ends_at: datetime | None = None
    fetched_at: datetime | None = None
    rules: int = RULES


@dataclass(slots=True)
class Entry:
    """One mail in the count. `choice` is what it says, "?" when that cannot be told; `reason` is
    why it does not count, if it does not."""

    digest: str
    message_id: str
    link: str
    at: datetime | None
    voter: str
    account: str
    name: str
    found_by: str
    choice: str = ""
    reason: str = ""
    changed: bool = False
    lines: list[Said] = field(default_factory=list)
    calls: bool = False  # it says that it is the mail that called the vote

    @property
    def counts(self) -> bool:
        return self.choice in CHOICES and not self.reason

    @property
    def quotation(self) -> str:
        return " // ".join(each.text for each in self.lines if each.counts)


@dataclass(frozen=True)
class Counted:
    """A thread that has been counted: what its mails say, in the order in which they came."""

    entries: tuple[Entry, ...]
    mails: int

    @property
    def casts(self) -> list[Cast]:
        """The votes that count, as ballots: one of each voter."""
        return [
            Cast(entry.voter, entry.choice, entry.at)
            for entry in self.entries
            if entry.counts and entry.at is not None
        ]

    def as_json(self) -> dict[str, Any]:
        return {"mails": self.mails, "entries": [_told(entry) for entry in self.entries]}


def count(mails: Iterable[Mail], who: Directory, terms: Terms | None = None) -> Counted:
    """Count a thread. Raises TooMany.

    Mails are read one after another, and of each only what looks like a vote is kept.
    """
    terms = terms or Terms()
    found: list[tuple[bool, Entry]] = []
    total = 0
    for mail in mails:
        total += 1
        if total > MOST_MAILS:
            raise TooMany(f"The thread has more than {MOST_MAILS:,} mails.")
        letter = read(mail.raw, terms.rules)
        found.append((_tells_result(letter.subject, terms), _entry(mail, letter, who, terms)))
    found.sort(key=lambda pair: _place(pair[1]))
    if terms.senders is not None:
        _judge_calls([entry for _, entry in found if entry.calls], terms.caller)
    _judge_places(found, terms)
    _judge_voters(entry for _, entry in found)
    entries = tuple(entry for _, entry in found if entry.lines)
    return Counted(entries, total)


def _tells_result(subject: str, terms: Terms) -> bool:
    if terms.rules == 1:
        return FIRST_RESULT in subject.lower()
    return bool(RESULT.search(subject))


def _entry(mail: Mail, letter: Letter, who: Directory, terms: Terms) -> Entry:
    at = mail.at or letter.date
    if at is not None and terms.fetched_at is not None:
        at = min(at, terms.fetched_at)  # a clock that is ahead makes no vote the last one
    calls = _calls(letter, terms)
    account, address, found_by = _identity(letter, who)
    if calls and terms.caller and terms.senders is None:
        account, found_by = terms.caller, "call"
    entry = Entry(
        digest=letter.digest,
        message_id=letter.message_id,
        link=mail.link,
        at=at,
        voter=account or _stranger(address),
        account=account,
        name=letter.name or address.partition("@")[0],
        found_by=found_by,
        lines=votes_in(letter.lines, calls=calls, rules=terms.rules),
        calls=calls,
    )
    _sum_up(entry, calls)
    if not entry.lines and (seen := votes_in_subject(letter.subject, terms.rules)):
        entry.lines = seen
    return entry


def _calls(letter: Letter, terms: Terms) -> bool:
    """Whether it may be the mail that called the vote: anybody can copy that one's Message-ID."""
    if not terms.opening or letter.message_id != terms.opening:
        return False
    if terms.senders is None:
        return True
    known = (letter.came_from, *letter.senders) if letter.rewritten else letter.senders
    return not frozenset(terms.senders).isdisjoint(known)


def votes_in_subject(subject: str, rules: int = RULES) -> list[Said]:
    """A vote in the subject is no vote, and is told."""
    said = [Line(subject, False)]
    return [Said(each.text, "", IN_SUBJECT) for each in votes_in(said, rules=rules)]


def _identity(letter: Letter, who: Directory) -> tuple[str, str, str]:
    """The account, the address and how it was found: the first sender whom the directory knows."""
    found_by = "rewritten" if letter.rewritten else "from"
    for address in letter.senders:
        if account := who.account_of(address):
            return account, address, found_by
    return "", letter.senders[0] if letter.senders else "", found_by


def _stranger(address: str) -> str:
    """A voter without an account, by a digest of the address: it is told apart, and not told."""
    return f"mail:{sha256(address.encode()).hexdigest()[:16]}" if address else ""


def _sum_up(entry: Entry, calls: bool) -> None:
    said = list(dict.fromkeys(each.choice for each in entry.lines if each.counts))
    if len(said) == 1:
        entry.choice = said[0]
    elif said and calls:
        entry.reason = CHOICES_OFFERED
    elif said:
        entry.choice, entry.reason = UNCLEAR, SEVERAL


def _place(entry: Entry) -> tuple[bool, float, str]:
    """By time; what has none comes last, and the digest settles the rest."""
    return entry.at is None, entry.at.timestamp() if entry.at else 0.0, entry.digest


def _judge_calls(calls: list[Entry], caller: str) -> None:
    """The earliest calls the vote; a later one votes for nobody, whatever it says of its sender."""
    for entry in calls[1:]:
        entry.reason = CALLED_BEFORE
    if calls and caller:
        calls[0].voter = calls[0].account = caller
        calls[0].found_by = "call"


def _judge_places(found: list[tuple[bool, Entry]], terms: Terms) -> None:
    over = False
    ours = frozenset(terms.ours)
    for tells_result, entry in found:
        over = over or tells_result
        late = terms.ends_at is not None and entry.at is not None and entry.at > terms.ends_at
        for applies, reason in (
            (entry.message_id in ours, OURS),
            (entry.at is None, NO_DATE),
            (not entry.voter, NO_SENDER),
            (over, AFTER_RESULT),
            (late, AFTER_END),
        ):
            if applies:
                entry.reason = reason
                break


def _judge_voters(entries: Iterable[Entry]) -> None:
    """Of each voter the last vote counts. An unclear one takes its place: nobody guesses."""
    last: dict[str, Entry] = {}
    for entry in entries:
        if not entry.choice or entry.reason not in ("", SEVERAL):
            continue
        before = last.get(entry.voter)
        if before is not None and (before.message_id, before.choice) == (
            entry.message_id,
            entry.choice,
        ):
            entry.reason = COPY
            continue
        if before is not None:
            before.reason, entry.changed = CHANGED, True
        last[entry.voter] = entry


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "digest": entry.digest,
        "message_id": entry.message_id,
        "link": entry.link,
        "at": entry.at.isoformat() if entry.at else None,
        "voter": entry.voter,
        "account": entry.account,
        "name": entry.name,
        "found_by": entry.found_by,
        "choice": entry.choice,
        "reason": entry.reason,
        "changed": entry.changed,
        "lines": [
            {"text": each.text, "choice": each.choice, "reason": each.reason}
            for each in entry.lines
        ],
    }
