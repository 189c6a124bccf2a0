"""The rules of a place in words, each with where it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass

from projects.models import LicenseMode, Rules, VoteMode

TEXTS = {
    "vote_subject": "Subject of the vote mail",
    "vote_body": "Text of the vote mail",
    "result_body": "Text of the result mail",
    "announce_subject": "Subject of the announcement",
    "announce_body": "Text of the announcement",
}
PATTERNS = {
    "source_paths": ("Source artifacts", "Recognised by their names"),
    "binary_paths": ("Binary artifacts", "Recognised by their names"),
    "header_excludes": ("Files without a licence header", "None are excused"),
    "generated_paths": ("May differ from the commit", "None"),
    "rat_excludes": ("Excluded from the licence scan", "What the archive itself excludes"),
}


@dataclass(frozen=True)
class Term:
    """One rule as people read it, and which place says it."""

    name: str
    value: str
    origin: str
    is_long: bool = False


MAILS = {
    "vote_cc": "Copies of votes go to",
    "vote_bcc": "Blind copies of votes go to",
    "announce_cc": "Copies of announcements go to",
    "announce_bcc": "Blind copies of announcements go to",
}
HERE = "set here"


def terms_of(rules: Rules, *, members: bool = False) -> dict[str, list[Term]]:
    """All rules of a place by subject: votes, mails, checks. Blind copies are for `members`."""
    told = _Teller(rules)
    return {
        "Votes": list(told.votes()),
        "Mails": list(told.mails(members=members)),
        "Checks": list(told.checks()),
    }


class _Teller:
    """Tells rules as people read them."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def votes(self) -> Iterator[Term]:
        rules = self.rules
        hours = f"{rules.hours} hours" if rules.hours else "Until the count is enough for a pass"
        yield self.term("min_hours", "A vote runs at least", hours)
        needed = f"{rules.binding_needed} binding +1, and more binding +1 than -1"
        yield self.term("binding_needed", "A release needs", needed)
        yield self.term("vote_mode", "Votes that count", str(VoteMode(rules.vote_mode).label))
        pause = (
            "The release manager confirms that they have read it"
            if rules.pause_on_minus_one
            else "Nobody is asked to look twice"
        )
        yield self.term("pause_on_minus_one", "When anybody votes -1", pause)
        yield self.text("checklist", "How to test a candidate", "No checklist")
        yield self.text("vote_comment", "A voter's comment begins with", "Nothing")

    def mails(self, *, members: bool) -> Iterator[Term]:
        rules = self.rules
        ours = "The development list of its committee"
        to = "\n".join(rules.vote_to) or ours
        yield self.term("vote_recipients", "Votes are called on", to, is_long=True)
        to = "\n".join(rules.announce_to) or ours
        yield self.term("announce_recipients", "Releases are announced to", to, is_long=True)
        for name, label in MAILS.items():
            if members or not name.endswith("_bcc"):
                yield self.text(name, label, "Nobody")
        for name, label in TEXTS.items():
            yield self.text(name, label, "The platform's text")

    def checks(self) -> Iterator[Term]:
        mode = LicenseMode(self.rules.license_mode)
        yield self.term("license_mode", "Licence checks", str(mode.label))
        for name, (label, default) in PATTERNS.items():
            yield self.text(name, label, default)

    def term(self, name: str, label: str, value: str, *, is_long: bool = False) -> Term:
        origin = HERE if self.rules.is_own(name) else str(self.rules.origin(name))
        return Term(label, value, origin, is_long)

    def text(self, name: str, label: str, default: str) -> Term:
        value = getattr(self.rules, name).strip()
        return self.term(name, label, value or default, is_long=bool(value))
