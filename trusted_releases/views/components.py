"""The page that shows every component, with example data of its own and nothing else."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Example
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.utils.timezone import now
from django.views.generic import TemplateView

from releases.phases import Choice, Phase
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Obstacle

DIGEST = "9e7e269616417d45e37da86618a1ed29" * 4
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)

COLOURS = (
    *(
        "ground",
        "surface",
        "sunken",
        "ink",
        "quiet",
        "line",
        "line-strong",
        "accent",
        "accent-soft",
    ),
    *("blocker", "blocker-soft", "concern", "concern-soft", "suggestion", "suggestion-soft"),
    *("good", "good-soft", "finish", "finish-soft"),
)
SUBJECTS = (
    *("colours", "phase-line", "releases", "levels", "findings", "files", "votes", "events"),
    *("digest", "command", "person", "time", "progress", "facts", "notices", "obstacles", "empty"),
    *("jobs", "messages", "buttons", "fields", "confirm", "chips", "frame", "refused"),
    "account-tabs",
)
COMMAND = "gpg --verify apache-tool-1.0-src.tar.gz.asc apache-tool-1.0-src.tar.gz"
ALICE = Example(username="alice", get_full_name="Alice Archer")
BOB = Example(username="bob", get_full_name="Bob Bowman", get_absolute_url="#person")
OBSTACLES = (
    Obstacle("checks_running", "The checks of revision 3 are still running."),
    Obstacle("no_key", "The committee has no keys, so no signature can be verified."),
)


class Named(Example):
    """An example that templates print by its name."""

    def __str__(self) -> str:
        return str(self.name)


class Fields(forms.Form):
    """Each kind of field, with its help."""

    version = forms.CharField(help_text="As in the file names: digits, letters, dots and hyphens.")
    homepage = forms.URLField(
        required=False, assume_scheme="https", help_text="Shown on the page of the project."
    )
    comment = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="Everybody can read it."
    )
    choice = forms.ChoiceField(
        label="My vote", choices=Choice.choices, widget=forms.RadioSelect, initial=Choice.FOR
    )
    confirmed = forms.BooleanField(
        label="I have verified the signature on my own machine", help_text="Not on a server."
    )


class Typed(forms.Form):
    """The name, typed, before something that cannot be taken back."""

    typed = forms.CharField(label="Type 1.0 to announce it", help_text="The version, as above.")


def steps_at(place: int, note: str) -> list[dict[str, str]]:
    """The line of phases with this one reached."""
    states = ["done"] * place + ["now"] + ["later"] * (len(Phase) - place - 1)
    return [
        {
            "label": phase.label,
            "state": state,
            "url": "#phase-line" if state == "done" else "",
            "note": note if state == "now" else "",
        }
        for phase, state in zip(Phase, states, strict=True)
    ]


def release(version: str, phase: Phase, released_at: datetime | None = None) -> Example:
    return Example(
        version=version,
        phase=phase.value,
        get_phase_display=lambda: phase.label,
        get_absolute_url="#releases",
        project=Example(name="Apache Tool", committee="Apache Tool"),
        created_at=AT,
        released_at=released_at,
    )


def row(path: str, signature: str = "", **counts: int) -> Example:
    """A file as a list shows it; the worst level comes first in `counts`."""
    return Example(
        entry=Example(path=path, blob=Example(size=730_600, sha512=DIGEST)),
        signature=signature,
        counts=counts,
        worst=next(iter(counts), ""),
        is_side_file=path.endswith((".asc", ".sha512")),
    )


def event(tag: Tag, actor: Any, **facts: Any) -> Example:
    return Example(
        tag=tag, actor=actor, facts=facts, at=AT, refused=False, get_tag_display=lambda: tag.label
    )


def examples() -> dict[str, Any]:
    """What the parts are shown with."""
    count = Example(for_it=2, abstain=1, against=0)
    return {
        "colours": COLOURS,
        "lines": [
            steps_at(0, "3 things to do"),
            steps_at(1, "ends in 2 days"),
            steps_at(2, "published, to be announced"),
            steps_at(3, "1 June 2026"),
        ],
        "releases": [
            release("1.1", Phase.COMPOSE),
            release("1.0.1", Phase.VOTE),
            release("1.0", Phase.FINISH),
            release("0.9", Phase.RELEASED, AT),
        ],
        "levels": [("blocker", 2), ("concern", 1), ("suggestion", 4), ("note", 9), ("good", None)],
        "counts": {"blocker": 1, "concern": 2, "suggestion": 0, "note": 9, "error": 1},
        "findings": [
            Example(
                level="blocker",
                pk=1,
                rule="signature",
                rule_title="The signature is good",
                message="The signature is by a key that the committee's KEYS do not have.",
                see=COMMAND,
            ),
            Example(
                level="concern",
                rule="license.files",
                message="NOTICE has no copyright line with a year.",
                member="apache-tool-1.0/NOTICE",
            ),
            Example(level="note", rule="archive.integrity", message="12 files, all can be read."),
        ],
        "rows": [
            row("apache-tool-1.0-src.tar.gz", "good", concern=1, note=9),
            row("apache-tool-1.0-src.tar.gz.asc"),
            row("apache-tool-1.0-bin.zip", "refused", blocker=2),
            row("apache-tool-1.0.jar", "unknown"),
            row("README.txt", "none"),
        ],
        "obstacles": OBSTACLES,
        "digest": DIGEST,
        "command": COMMAND,
        "alice": ALICE,
        "bob": BOB,
        "at": AT,
        "soon": now() + timedelta(hours=50),
        "facts": [("Called by", "Alice Archer"), ("Files", "3, 730.6 KB"), ("Ends", "in 2 days")],
        "happens": ["The mail goes to announce@example.org, once.", "Nothing changes afterwards."],
        "typed": Typed(label_suffix=""),
        "fields": Fields(label_suffix=""),
        "wrong": Fields(
            {"version": "", "homepage": "no address"}, auto_id="wrong_%s", label_suffix=""
        ),
        "tally": Example(binding=count, other=count, missing=["One more binding +1."]),
        "enough": Example(binding=Example(for_it=3, abstain=0, against=0), other=count, missing=[]),
        "vote": Example(binding_needed=3),
        "choices": Choice.values,
        "chips": [
            {"label": "All", "url": "#chips", "count": 16, "current": True},
            {"label": "Blockers", "url": "#chips", "count": 2},
            {"label": "Concerns", "url": "#chips", "count": 0},
        ],
        "page": Paginator(range(500), 50).page(3),
        "events": [
            event(Tag.VOTE_CALLED, "Alice Archer", vote=1, revision=3),
            event(Tag.CHECKS_FINISHED, None, revision=3, verdict="passed"),
        ],
        "jobs": [
            Named(
                pk=1,
                name="Publish the files of Apache Tool 1.0",
                attempts=3,
                finished_at=AT,
                error="OSError: the download area is full.",
            )
        ],
        "said": [
            Message(messages.SUCCESS, "The vote has begun."),
            Message(messages.INFO, "The checks run again."),
            Message(messages.WARNING, "The vote ends in less than an hour."),
            Message(messages.ERROR, "The mail could not be sent."),
        ],
        "held": Named(
            name="Apache Tool", is_held=True, held_at=AT, held_reason="A key has leaked."
        ),
        "notices": [
            Example(level=level, text=f"Level {level}: the site closes at noon.")
            for level in ("info", "warning", "error", "success")
        ],
        "stand_in": Example(operator=BOB, person=ALICE, until=AT, reason="She is on a plane."),
    }


class Components(TemplateView):
    """What pages are made of: each part in all its states, when to use it, and what to write."""

    policy = "public"
    template_name = "site/components.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        subjects = [{"label": name.replace("-", " "), "url": f"#{name}"} for name in SUBJECTS]
        return super().get_context_data(**kwargs) | {"example": examples(), "subjects": subjects}
