"""What people fill in about the source of a release. The verb judges what is allowed."""

from typing import Any

from django import forms


class RecordSource(forms.Form):
    """From which commit the source archives were made: its id, its tag, or both."""

    repository = forms.CharField(
        max_length=500,
        help_text="The address under which anybody can clone it, such as "
        "https://github.com/apache/tool.",
        widget=forms.TextInput(attrs={"spellcheck": "false", "inputmode": "url"}),
    )
    commit = forms.CharField(
        required=False,
        max_length=64,
        help_text="Its full id. For a tag, git rev-parse v1.0^{commit} prints it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    tag = forms.CharField(
        required=False,
        max_length=200,
        help_text="As git tag lists it. With a commit, both must be the same; without one, the "
        "commit that the tag leads to when it is fetched counts.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("commit") or cleaned.get("tag")):
            self.add_error("commit", "Name the commit, the tag, or both.")
        return cleaned
