"""What people fill in to put the files of a draft in order."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from releases.forms import DeleteFiles, Seen
from releases.models.tidying import LONGEST_TAG, check_tag
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import check_path


class MoveFiles(DeleteFiles):
    """`files` are the files of the draft, and its folders with a slash at their end."""

    folder = forms.CharField(
        label="Into the folder",
        max_length=1024,
        required=False,
        help_text="Such as binaries or docs/api. It need not exist. Leave it empty for the top.",
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
    )

    def clean_folder(self) -> str:
        folder: str = self.cleaned_data["folder"].strip("/")
        try:
            return check_path(folder) if folder else ""
        except BadInput as error:
            raise ValidationError(str(error)) from error


class StripTags(Seen):
    pass


class GenerateChecksums(Seen):
    paths = forms.MultipleChoiceField(
        label="Files",
        widget=forms.CheckboxSelectMultiple,
        help_text="Those that are downloads are chosen.",
        error_messages={
            "required": "Choose at least one file.",
            "invalid_choice": "%(value)s has a checksum now, or is gone. Choose again.",
        },
    )

    def __init__(self, *args: Any, files: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paths"].choices = [(path, path) for path in files]  # type: ignore[attr-defined]


class TagRevision(forms.Form):
    number = forms.IntegerField(widget=forms.HiddenInput)
    tag = forms.CharField(
        max_length=LONGEST_TAG,
        help_text="Letters, digits and + _ . - such as rc1. It cannot be changed later.",
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
    )

    def clean_tag(self) -> str:
        try:
            return check_tag(self.cleaned_data["tag"])
        except BadInput as error:
            raise ValidationError(str(error)) from error
