"""The form of a policy: what one place says, beside what would hold if it said nothing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from projects.models import Policy, Rules
from projects.models.mail_templates import SAMPLES, TEMPLATES, check_template, default, fill
from projects.models.recipients import ADDRESSES

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Votes": (
        "How long people look, and how many must agree. A vote keeps the rules it began with.",
        (
            *("min_hours", "binding_needed", "vote_mode", "pause_on_minus_one"),
            *("checklist", "vote_comment"),
        ),
    ),
    "Where mails go": (
        "The lists that follow the project's releases.",
        (
            *("vote_recipients", "vote_cc", "vote_bcc"),
            *("announce_recipients", "announce_cc", "announce_bcc"),
        ),
    ),
    "Texts of mails": (
        "What the forms are filled in with. Whoever sends a mail sees it first, and may change it.",
        ("vote_subject", "vote_body", "result_body", "announce_subject", "announce_body"),
    ),
    "Checks": (
        "What the checks look for. A change runs the checks of drafts again.",
        (
            *("source_paths", "binary_paths", "generated_paths"),
            *("license_mode", "header_excludes", "rat_excludes"),
        ),
    ),
}
POLICY_FIELDS = [name for _, names in GROUPS.values() for name in names]
AREAS = {
    **dict.fromkeys(ADDRESSES, 2),
    **dict.fromkeys(("source_paths", "binary_paths", "generated_paths"), 3),
    **dict.fromkeys(("header_excludes", "rat_excludes"), 3),
    "checklist": 5,
    "vote_comment": 4,
}


class ChangePolicy(forms.ModelForm):
    """The release policy of a project. It is not saved here: `Policy.change` does that."""

    class Meta:
        model = Policy
        fields = POLICY_FIELDS
        labels = {
            "min_hours": "Hours of a vote",
            "binding_needed": "Binding +1 needed",
            "vote_mode": "Votes that count",
            "pause_on_minus_one": "Pause on -1",
            "checklist": "How to test a candidate",
            "vote_recipients": "Mail votes to",
            "vote_cc": "Copies of votes",
            "vote_bcc": "Blind copies of votes",
            "vote_comment": "What a voter's comment begins with",
            "announce_recipients": "Announce to",
            "announce_cc": "Copies of announcements",
            "announce_bcc": "Blind copies of announcements",
            "result_body": "Text of the result mail",
            "vote_body": "Text of the vote mail",
            "vote_subject": "Subject of the vote mail",
            "announce_subject": "Subject of the announcement",
            "announce_body": "Text of the announcement",
            "source_paths": "Source artifacts",
            "binary_paths": "Binary artifacts",
            "generated_paths": "Files that may differ from the commit",
            "license_mode": "Licence checks",
            "header_excludes": "Files without a licence header",
            "rat_excludes": "Excluded from the licence scan",
        }
        help_texts = {
            "min_hours": "Nobody can end a vote as passed before that. 72 gives people in every "
            "time zone three days. 0: until there are as many binding +1 as are needed, and more "
            "binding +1 than binding -1.",
            "binding_needed": "Votes of committee members bind. The foundation asks for 3; a "
            "project may ask for more.",
            "vote_mode": "Ballots on this site are exact. Mails are fetched from the archive, "
            "read by rules, and shown line by line before a vote is resolved.",
            "pause_on_minus_one": "A -1 is no veto. With this the release manager confirms that "
            "they have read why somebody is against it.",
            "checklist": "Markdown, shown on the vote page: what to build, run and look at.",
            "vote_recipients": "One address a line. The results of votes go there as well.",
            "vote_cc": "One address a line, such as lists of projects that depend on this one.",
            "vote_bcc": "One address a line. They get the mail, and nobody else is told so.",
            "vote_comment": "A text that voters find in their comment and complete, such as a list "
            "of what they checked.",
            "announce_recipients": "One address a line, such as the users' list.",
            "announce_cc": "One address a line.",
            "announce_bcc": "One address a line. They get the mail, and nobody else is told so.",
            "vote_subject": "One line; variables are filled in. Empty: the platform's text.",
            "vote_body": "Empty: the platform's text, which says what is voted on, where it is, "
            "how to verify it and when the vote ends.",
            "result_body": "Empty: the platform's text, which gives the outcome and the count.",
            "announce_subject": "One line; variables are filled in. Empty: the platform's text.",
            "announce_body": "Empty: the platform's text, which says what it is and where to "
            "download and verify it.",
            "source_paths": "Patterns, one a line, such as *-src.tar.gz. What matches is checked "
            "as source: licence, notice, structure. Empty: recognised by common names.",
            "binary_paths": "Patterns, one a line, such as *-bin.zip. Empty: recognised by "
            "common names.",
            "generated_paths": "Patterns of files in source archives that the build makes or fills "
            "in, one a line, such as /configure or /docs/man/*. They are matched against the path "
            "in the source, and are no concern when they differ from the recorded commit.",
            "license_mode": "Each step looks at more files, and may need more exclusions below.",
            "header_excludes": "Patterns of files in source archives that need no licence "
            "header, one a line, such as /*/third_party/**. They are matched against "
            "/archive name/path in it.",
            "rat_excludes": "Lines of a .rat-excludes file, for archives that have none.",
        }
        widgets = {
            **{name: forms.Textarea(attrs={"rows": rows}) for name, rows in AREAS.items()},
            **{
                name: forms.Textarea(attrs={"rows": 6, "class": "mail"})
                for name in ("vote_body", "result_body", "announce_body")
            },
        }

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, rules: Rules, whole: bool = True, **kwargs: Any) -> None:
        """`rules` are of the place whose policy it is. A release has no checks of its own: what
        they look for is said by its project, so that `whole` is False there."""
        super().__init__(*args, **kwargs)
        self.rules = rules
        self.initial["seen"] = rules.own.version
        if not whole:
            for name in GROUPS["Checks"][1]:
                del self.fields[name]
        for name in self.fields.keys() - {"seen"}:
            self._show_inherited(name)

    def _show_inherited(self, name: str) -> None:
        """An empty field shows, in grey or in its first choice, what holds then."""
        field, value = self.fields[name], self.rules.inherited(name)
        if isinstance(field, forms.NullBooleanField):
            told = f"As elsewhere: {'yes' if value else 'no'}"
            field.widget = forms.Select(choices=[("", told), ("True", "Yes"), ("False", "No")])
            field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"
        elif isinstance(field, forms.TypedChoiceField):
            choices: list[tuple[str, str]] = list(field.choices)[1:]  # type: ignore[arg-type]
            field.choices = [("", f"As elsewhere: {dict(choices).get(value, value)}"), *choices]
        elif name == "min_hours":
            field.widget.attrs["placeholder"] = str(
                Policy.DEFAULT_HOURS if value is None else value
            )
        elif name in ("vote_recipients", "announce_recipients"):
            field.widget.attrs["placeholder"] = value or "\n".join(self.rules.default_list)
        elif value not in (None, "") and name not in TEMPLATES:
            field.widget.attrs["placeholder"] = str(value)

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The fields under their headings, each heading with what it is about."""
        return [
            (title, about, [self[name] for name in names])
            for title, (about, names) in GROUPS.items()
            if names[0] in self.fields
        ]

    def previews(self) -> list[dict[str, Any]]:
        """Each mail text as it would read: what is typed, else what holds without it."""
        return [self._preview(name) for name in TEMPLATES]

    def _preview(self, name: str) -> dict[str, Any]:
        typed = str(self[name].value() or "").replace("\r\n", "\n")
        text = typed if typed.strip() else self.rules.inherited(name) or default(name)
        told = {"label": self.fields[name].label, "is_typed": bool(typed.strip())}
        try:
            check_template(name, text)
        except ValidationError as error:
            return told | {"wrong": " ".join(error.messages)}
        return told | {"text": fill(text, SAMPLES).strip()}
