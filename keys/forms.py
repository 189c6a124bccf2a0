"""What people fill in about keys."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from keys.openpgp import MAX_DOCUMENT


class Unrepeated(forms.Textarea):
    """A text that is not shown again when the form comes back: it may hold a private key."""

    def format_value(self, value: Any) -> str:
        return ""


class ImportKeys(forms.Form):
    """A KEYS file, or keys pasted as text: one of the two."""

    file = forms.FileField(
        required=False,
        label="KEYS file",
        allow_empty_file=True,
        help_text="Public keys, armored or binary, with any text between them; up to 10 MiB.",
    )
    text = forms.CharField(
        required=False,
        label="Or paste keys",
        strip=False,
        max_length=1 << 20,
        help_text="What gpg --armor --export prints.",
        widget=Unrepeated(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is not None and file.size > MAX_DOCUMENT:
            raise ValidationError(f"A KEYS file may have up to {MAX_DOCUMENT >> 20} MiB.")
        return file

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        file, text = found.get("file"), found.get("text") or ""
        if self.errors:
            return found
        if bool(file is not None) == bool(text.strip()):
            raise ValidationError("Choose a file, or paste keys: one of the two.")
        return {"data": file.read() if file is not None else text.encode()}
