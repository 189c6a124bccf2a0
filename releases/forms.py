"""What people fill in about releases. Forms shape input; verbs judge it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from projects.models import User
from projects.models.mail_templates import VARIABLES
from releases import texts
from releases.mail_text import check_mail
from releases.models import Release
from releases.models.ballot import LONGEST_COMMENT
from releases.phases import Choice, Looked
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import check_path

LONGEST_MAIL = 100_000
HELD_BACK = (
    "What you found. With a -1: what is wrong, and what would change your mind. It goes to the "
    "private list, and becomes public when the embargo ends."
)


class StartRelease(forms.Form):
    version = forms.CharField(
        max_length=64,
        help_text="Letters and digits with single dots, hyphens or plus signs between them, "
        "such as 1.2.0 or 2.0.0-alpha.1. It cannot be changed later.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class Seen(forms.Form):
    """The revision a person looked at when they decided."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class DeleteFiles(Seen):
    paths = forms.MultipleChoiceField(
        label="Files",
        error_messages={
            "required": "Choose at least one file.",
            "invalid_choice": "%(value)s is not in the draft any more. Go back and choose again.",
        },
    )

    def __init__(self, *args: Any, files: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paths"].choices = [(path, path) for path in files]  # type: ignore[attr-defined]


class RenameFile(Seen):
    path = forms.CharField(widget=forms.HiddenInput)
    to = forms.CharField(
        label="New path",
        max_length=1024,
        help_text="Its signatures and checksums go with it.",
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )

    def clean_to(self) -> str:
        try:
            return check_path(self.cleaned_data["to"])
        except BadInput as error:
            raise ValidationError(str(error)) from error


class RestoreRevision(Seen):
    number = forms.IntegerField(widget=forms.HiddenInput)


class OfRelease(forms.Form):
    """A form that knows which release it is about."""

    def __init__(self, *args: Any, release: Release, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.release = release


class Mail(OfRelease):
    """A mail as a person writes it: with variables, which are filled in when it is cleaned.

    After that `mail` is subject and body as they go out, or None when they cannot.
    """

    subject = forms.CharField(max_length=200)
    body = forms.CharField(
        max_length=LONGEST_MAIL,
        strip=False,
        label="Text",
        widget=forms.Textarea(attrs={"rows": 18, "class": "mail", "spellcheck": "true"}),
    )

    mail: texts.Pair | None = None

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def templates(self) -> texts.Pair:
        """What the person finds in the form at first."""
        raise NotImplementedError

    def values(self) -> texts.Values:
        """What the variables become."""
        raise NotImplementedError

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        if field_name in ("subject", "body"):
            return self.templates()[field_name == "body"]
        return super().get_initial_for_field(field, field_name)

    def clean_body(self) -> str:
        """Browsers end lines as HTTP does; mails and previews end them as text does."""
        return self.cleaned_data["body"].replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors.keys() - {"typed"}:  # what confirms the act is no part of the mail
            try:
                subject, body = texts.filled((cleaned["subject"], cleaned["body"]), self.values())
                check_mail(subject, body)
            except BadInput as error:
                self.add_error("body", str(error))
            else:
                self.mail = cleaned["subject"], cleaned["body"] = subject, body
        return cleaned

    def shown(self) -> texts.Pair | None:
        """The mail as it would go out: of what was sent, else of what the form begins with."""
        if self.is_bound:
            self.errors  # noqa: B018 - asking for them cleans the form, once
            return self.mail
        try:
            return texts.filled(self.templates(), self.values())
        except BadInput:  # the policy's words hold a variable that is not known any more
            return None

    def variables(self) -> list[tuple[str, str, str]]:
        """Each variable that may be used: its name, its meaning, what it becomes here."""
        return [(name, VARIABLES[name], value) for name, value in self.values().items()]


class Ballot(forms.Form):
    choice = forms.ChoiceField(
        label="My vote",
        widget=forms.RadioSelect,
        choices=[
            (Choice.FOR.value, "+1 release these files"),
            (Choice.ABSTAIN.value, "0 no opinion; I abstain"),
            (Choice.AGAINST.value, "-1 do not release them; I say why below"),
        ],
    )
    ticked = forms.MultipleChoiceField(
        label="The project's checklist",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick each point that you have looked at. Your ballot tells which.",
        error_messages={
            "invalid_choice": "“%(value)s” is no point of this vote's checklist. Reload the page."
        },
    )
    checked = forms.MultipleChoiceField(
        label="What I did on my own machine",
        required=False,
        choices=[(each.value, f"I {each.label}") for each in Looked],
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick what you did; others then know what is left to look at.",
    )
    comment = forms.CharField(
        required=False,
        max_length=LONGEST_COMMENT,
        help_text="What you found. With a -1: what is wrong, and what would change your mind. "
        "It is public, and goes to the list.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    manifest_digest = forms.CharField(widget=forms.HiddenInput)

    field_order = ["choice", "ticked", "checked", "comment", "manifest_digest"]

    def __init__(
        self, *args: Any, items: Sequence[str] = (), embargoed: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if embargoed:
            self.fields["comment"].help_text = HELD_BACK
        if items:
            self.fields["ticked"].choices = [(each, each) for each in items]  # type: ignore[attr-defined]
        else:
            del self.fields["ticked"]


class Typed(OfRelease):
    """The typed name that an act asks for which nobody can take back."""

    typed = forms.CharField(
        help_text="This cannot be undone.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = self.release.version
        self.fields["typed"].label = f"Type the version, {self.expected}, to confirm"

    def clean_typed(self) -> str:
        typed = self.cleaned_data["typed"].strip()
        if typed != self.expected:
            raise ValidationError(f"This is not the version. Type {self.expected} to confirm.")
        return typed


class Publish(Typed):
    manifest = forms.CharField(widget=forms.HiddenInput)

    field_order = ["manifest", "typed"]


class DeleteDraft(Typed, Seen):
    field_order = ["seen", "typed"]


class Announce(Typed, Mail):
    field_order = ["subject", "body", "typed"]

    def templates(self) -> texts.Pair:
        return texts.announcement_templates(self.release)

    def values(self) -> texts.Values:
        return texts.announcement_values(self.release, self.person)
