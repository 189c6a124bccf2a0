"""What people fill in about an import. The verb judges what is allowed."""

from django import forms

from releases.forms import Seen
from releases.models import Import

PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class ImportFiles(Seen):
    kind = forms.ChoiceField(label="From", choices=Import.Kind.choices)
    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="Such as https://dist.apache.org/repos/dist/dev/tool/1.0-rc1/. The address of a "
        "folder on a web server ends in a slash.",
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "url"}),
    )
    at = forms.CharField(
        label="Revision of Subversion",
        required=False,
        max_length=10,
        help_text="A number. Empty for the newest; which that was is kept.",
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "numeric"}),
    )
    folder = forms.CharField(
        label="Into the folder",
        required=False,
        max_length=1024,
        help_text="Of the release, such as binaries. Empty for the top.",
        widget=forms.TextInput(attrs=PLAIN),
    )
    commit = forms.CharField(
        label="Built from the commit",
        required=False,
        max_length=64,
        help_text="Its full id, if you know it. It is kept beside the revision.",
        widget=forms.TextInput(attrs=PLAIN),
    )
    source_tag = forms.CharField(
        label="Built from the tag",
        required=False,
        max_length=200,
        help_text="Such as v1.0-rc1. It is kept beside the revision.",
        widget=forms.TextInput(attrs=PLAIN),
    )
