"""What people fill in to have a candidate from elsewhere checked. The verb judges it."""

from django import forms

from checks.models.review import LONGEST_TITLE, LONGEST_VERSION
from projects.models import Committee
from releases.forms_importing import PLAIN


class AskForReview(forms.Form):
    """What both ways in have in common."""

    keys_committee = forms.ModelChoiceField(
        Committee.objects.order_by("name"),
        label="Hold signatures against the keys of",
        required=False,
        empty_label="The file KEYS among the files, if there is one",
        help_text="A committee of this platform. A KEYS file that comes with the candidate proves "
        "little: whoever made the one may have made the other.",
    )
    version = forms.CharField(
        label="Version",
        required=False,
        max_length=LONGEST_VERSION,
        help_text="Such as 1.4.0. If you give it, names and contents are held against it.",
        widget=forms.TextInput(attrs=PLAIN),
    )
    podling = forms.BooleanField(
        label="It is of a podling",
        required=False,
        help_text="Then the rules for podlings hold as well: a disclaimer, and “incubating” in the "
        "names.",
    )
    title = forms.CharField(
        label="Call it",
        required=False,
        max_length=LONGEST_TITLE,
        help_text="For your own list. Empty: by its largest file, or its address.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class UploadForReview(AskForReview):
    """Files come beside it: they are on disk before the form is looked at."""


class FetchForReview(AskForReview):
    """What is at an address."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="Such as https://dist.apache.org/repos/dist/dev/tool/1.0-rc1/. The address of a "
        "folder ends in a slash; so come signatures and checksums with the archives.",
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "url"}),
    )
    keys_url = forms.CharField(
        label="Or against the KEYS file at",
        required=False,
        max_length=500,
        help_text="Such as https://downloads.apache.org/tool/KEYS. Leave the choice above as it is "
        "then.",
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "url"}),
    )

    field_order = ("url", "keys_committee", "keys_url", "version", "podling", "title")
