"""What people fill in about ignores. Forms shape input; verbs judge it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from checks import globs, rules
from checks.models import Ignore
from checks.models.ignore import IGNORABLE, LONGEST_REASON, PATTERNS, ends_after
from projects.models import Project

ANY = ("", "Any")
TEXT = {"spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}


def _pattern(label: str, help_text: str) -> forms.CharField:
    """A field for text that is looked for, which no browser is to correct."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=globs.LONGEST,
        widget=forms.TextInput(TEXT),
        help_text=help_text,
    )


class SetIgnore(forms.Form):
    """Which findings, why, and for how long."""

    rule = forms.ChoiceField(
        required=False,
        choices=[ANY, *((rule.slug, rule.slug) for rule in rules.ALL)],
        help_text="The rule that says it.",
    )
    path = _pattern(
        "File",
        "A part of its path in the release; * stands for anything. ! alone: what is said "
        "of the release as a whole.",
    )
    member = _pattern(
        "Member of the archive",
        "A part of its path in the archive, such as /third_party/. With $ at its end it "
        "is a regular expression. ! alone: what is said of the file itself.",
    )
    message = _pattern("Sentence", "A part of what is found, with * for what may change.")
    level = forms.ChoiceField(
        required=False,
        choices=[("", "Concerns and suggestions"), *((str(x), f"{x}s only") for x in IGNORABLE)],
        help_text="Blockers are never ignored.",
    )
    releases = forms.CharField(
        required=False,
        max_length=globs.LONGEST,
        widget=forms.TextInput(TEXT),
        help_text="A part of project-version, such as tool-2. for all of 2.x. Empty: all releases, "
        "also those to come.",
    )
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text="Why nobody has to read it. Voters see this, with your name.",
    )
    last_day = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text="After it the findings count again. Empty: until somebody lifts it.",
    )

    def __init__(self, *args: Any, project: Project, previewing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        if previewing:
            self.fields["reason"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in (*PATTERNS, "releases"):
            if problem := globs.problem_with(cleaned.get(name, "")):
                self.add_error(name, problem)
        named = [name for name in PATTERNS if cleaned.get(name) or name in self.errors]
        if not named:
            raise ValidationError(
                "Choose a rule, or name a file, a member or a sentence: an ignore that names "
                "nothing would hide everything."
            )
        return cleaned

    def ignore(self) -> Ignore | None:
        """The ignore as it is filled in, not yet set; None where it cannot be one."""
        if self.is_bound:
            if not self.is_valid() and self.errors.keys() - {"reason", "last_day"}:
                return None
            given = self.cleaned_data
        else:
            given = dict(self.initial)
        told = {name: given.get(name) or "" for name in (*PATTERNS, "level", "releases", "reason")}
        if not any(told[name] for name in PATTERNS):
            return None
        ends_at = ends_after(given.get("last_day"))
        return Ignore(project=self.project, ends_at=ends_at, **told)


class GenerateSbom(forms.Form):
    """The revision that a person looked at when they asked."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
