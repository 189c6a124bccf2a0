"""What people fill in about releases. Forms shape input; verbs judge it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from releases.models import Release
from releases.models.vote import LONGEST_COMMENT
from releases.phases import Choice, Outcome
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import check_path

LONGEST_MAIL = 100_000


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


class Mail(forms.Form):
    subject = forms.CharField(max_length=200)
    body = forms.CharField(
        max_length=LONGEST_MAIL,
        strip=False,
        label="Text",
        widget=forms.Textarea(attrs={"rows": 18, "class": "mail"}),
    )


class CallVote(Mail):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    hours = forms.IntegerField(
        min_value=0,
        help_text="How long people can vote. 0, where the policy allows it: until it is resolved.",
    )
    acknowledged = forms.MultipleChoiceField(
        label="Concerns",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The checks ask for a second look. Tick each one that you have read.",
    )

    field_order = ["revision", "hours", "acknowledged", "subject", "body"]

    def __init__(self, *args: Any, concerns: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if concerns:
            self.fields["acknowledged"].choices = [  # type: ignore[attr-defined]
                (rule, f"I have read what “{rule}” found") for rule in concerns
            ]
        else:
            del self.fields["acknowledged"]


class Ballot(forms.Form):
    choice = forms.ChoiceField(label="My vote", choices=Choice, widget=forms.RadioSelect)
    comment = forms.CharField(
        required=False,
        max_length=LONGEST_COMMENT,
        help_text="What you looked at, and what you found. It is public.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    manifest_digest = forms.CharField(widget=forms.HiddenInput)


class Resolve(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[
            (Outcome.PASSED.value, "Passed: the files go on to publication"),
            (Outcome.FAILED.value, "Failed: back to composing, with new files"),
            (Outcome.CANCELLED.value, "Cancelled: back to composing, without a result"),
        ],
    )
    confirmed = forms.BooleanField(
        required=False, label="I have read the comments of those who voted -1"
    )

    def __init__(self, *args: Any, ask_again: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ask_again:
            del self.fields["confirmed"]


class Publish(forms.Form):
    manifest = forms.CharField(widget=forms.HiddenInput)


class Typed(forms.Form):
    """The typed name that an act asks for which nobody can take back."""

    typed = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, release: Release, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = release.version
        self.fields["typed"].label = f"Type the version, {release.version}, to confirm"

    def clean_typed(self) -> str:
        typed = self.cleaned_data["typed"].strip()
        if typed != self.expected:
            raise ValidationError(f"This is not the version. Type {self.expected} to confirm.")
        return typed


class DeleteDraft(Typed, Seen):
    field_order = ["seen", "typed"]


class Announce(Typed, Mail):
    field_order = ["subject", "body", "typed"]
