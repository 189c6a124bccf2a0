"""What a policy is called by clients, and what each of it is here."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers

from projects.models import LicenseMode, Policy, Rules, VoteMode
from projects.models.recipients import check_address
from trusted_releases.api import asking
from trusted_releases.lib.errors import BadInput

MODES = {
    LicenseMode.BOTH: "Both",
    LicenseMode.LIGHTWEIGHT: "Lightweight",
    LicenseMode.RAT: "RAT",
    LicenseMode.FILES: "Files",
}
MODE_NAMES = list(MODES.values())
VOTE_MODES = VoteMode.values
MOST_LINES = 1_000
ADDRESSES = ("to", "cc", "bcc")
SAMPLE_DEFAULTS: dict[str, Any] = {
    "vote": {"to": "dev@tool.apache.org", "cc": [], "bcc": []},
    "announce": {"to": "dev@tool.apache.org", "cc": ["announce@apache.org"], "bcc": []},
}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def text(values: list[str]) -> str:
    """A list as the column has it: one a line, so that a line end in one would make two of it."""
    if any(len(value.splitlines()) > 1 for value in values):
        raise BadInput("Each of a list is one line.")
    return "\n".join(values)


def _same(value: Any) -> Any:
    return value


def _mode(value: str) -> str:
    return next(str(ours) for ours, theirs in MODES.items() if theirs == value)


# By the name that clients know: the column, how it is told, and how it is read.
COLUMNS: dict[str, tuple[str, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "min_hours": ("min_hours", _same, _same),
    "release_checklist": ("checklist", _same, _same),
    "vote_comment_template": ("vote_comment", _same, _same),
    "start_vote_subject": ("vote_subject", _same, _same),
    "start_vote_template": ("vote_body", _same, _same),
    "finish_vote_template": ("result_body", _same, _same),
    "announce_release_subject": ("announce_subject", _same, _same),
    "announce_release_template": ("announce_body", _same, _same),
    "source_artifact_paths": ("source_paths", lines, text),
    "binary_artifact_paths": ("binary_paths", lines, text),
    "license_check_mode": ("license_mode", MODES.__getitem__, _mode),
    "source_excludes_lightweight": ("header_excludes", lines, text),
    "source_excludes_rat": ("rat_excludes", lines, text),
    "generated_paths": ("generated_paths", lines, text),
    "binding_needed": ("binding_needed", _same, _same),
    "pause_on_minus_one": ("pause_on_minus_one", _same, _same),
    "vote_mode": ("vote_mode", str, _same),
}
MAILS = {
    "vote": ("vote_recipients", "vote_cc", "vote_bcc"),
    "announce": ("announce_recipients", "announce_cc", "announce_bcc"),
}


def _words(most: int, about: str) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=most, help_text=about)


def _lines(about: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=1_000),
        required=False,
        max_length=MOST_LINES,
        help_text=about,
    )


PHASES = {"compose": "upload files", "vote": "resolve votes", "finish": "announce"}
WORKFLOWS = {f"github_{phase}_workflow_path": phase for phase in PHASES}
REPOSITORY = "github_repository_name"


class PolicyWords(asking.Ask):
    """What can be said about a policy. What is left out stays as it is."""

    min_hours = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=Policy.LONGEST_HOURS,
        help_text="A vote runs at least so long; null for 72, 0 until it is decided.",
    )
    release_checklist = _words(20_000, "Markdown: how to test a candidate.")
    vote_comment_template = _words(4_000, "What a voter's comment begins with.")
    start_vote_subject = _words(200, "Empty: the platform's text.")
    start_vote_template = _words(20_000, "Empty: the platform's text.")
    finish_vote_template = _words(20_000, "Empty: the platform's text.")
    announce_release_subject = _words(200, "Empty: the platform's text.")
    announce_release_template = _words(20_000, "Empty: the platform's text.")
    source_artifact_paths = _lines("Patterns of source artifacts.")
    binary_artifact_paths = _lines("Patterns of binary artifacts.")
    license_check_mode = serializers.ChoiceField(choices=MODE_NAMES, required=False)
    source_excludes_lightweight = _lines("Patterns of files that need no licence header.")
    source_excludes_rat = _lines("Lines of a .rat-excludes file.")
    generated_paths = _lines("Patterns of files that may differ from the recorded commit.")
    binding_needed = serializers.IntegerField(required=False, min_value=3, max_value=1_000)
    pause_on_minus_one = serializers.BooleanField(required=False)
    vote_mode = serializers.ChoiceField(
        choices=VoteMode.values, required=False, help_text="Where the votes are that count."
    )
    manual_vote = serializers.BooleanField(
        required=False, help_text="True for the mode `manual`, false for the platform's own."
    )
    recipient_defaults = serializers.DictField(
        child=serializers.JSONField(),
        required=False,
        help_text="`vote` and `announce`, each with `to`, `cc` and `bcc`. One that is given "
        "replaces the whole of what was there; one that is empty is inherited again.",
    )


def values_of(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a policy that were asked for, as its verb takes them."""
    if "vote_mode" in asked and "manual_vote" in asked:
        raise BadInput("Say vote_mode or manual_vote, and not both.")
    values = {
        column: read(asked[name]) for name, (column, _, read) in COLUMNS.items() if name in asked
    }
    if "manual_vote" in asked:
        mode = VoteMode.MANUAL if asked["manual_vote"] else VoteMode.TRUSTED
        values["vote_mode"] = mode.value
    defaults = asked.get("recipient_defaults", {})
    if strangers := sorted(set(defaults) - set(MAILS)):
        raise BadInput(f"recipient_defaults has `vote` and `announce`, and no {strangers[0][:40]}.")
    for name, said in defaults.items():
        values |= dict(zip(MAILS[name], map(text, _addresses(name, said)), strict=True))
    return values


def told(rules: Rules, *, members: bool) -> dict[str, Any]:
    """What holds, under the names that clients know, without their prefix.

    Blind copies are for `members`: who may change the rules.
    """
    values = {name: tell(getattr(rules, column)) for name, (column, tell, _) in COLUMNS.items()}
    named = {
        name: [lines(getattr(rules, column)) for column in columns]
        for name, columns in MAILS.items()
    }
    return values | {
        "min_hours": rules.hours,
        "manual_vote": rules.vote_mode == VoteMode.MANUAL,
        "recipient_defaults": {
            name: {"to": "".join(to[:1]), "cc": [*to[1:], *cc], "bcc": bcc if members else []}
            for name, (to, cc, bcc) in named.items()
            if to or cc or (bcc and members)
        },
    }


def _addresses(name: str, said: Any) -> list[list[str]]:
    """The addresses of one mail: to whom it is, who gets a copy, and who gets one unseen."""
    if not isinstance(said, dict) or set(said) - set(ADDRESSES):
        raise BadInput(f"recipient_defaults.{name} is an object with to, cc and bcc.")
    found = [_listed(said.get(each)) for each in ADDRESSES]
    for address in (each for group in found for each in group):
        try:
            check_address(address)
        except ValidationError:
            told = str(address)[:100]
            raise BadInput(f"{told!r} is no mail address that is written to.") from None
    return found


def _listed(said: Any) -> list[Any]:
    if not said:
        return []
    return said if isinstance(said, list) else [said]
