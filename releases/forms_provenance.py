"""What somebody drops to learn who signed it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from keys.openpgp_signatures import MAX_FILE


class ProvenanceForm(forms.Form):
    """A signature, as a file or as text, and the file that it is about, if they have it."""

    signature = forms.FileField(
        required=False,
        label="Signature file",
        allow_empty_file=True,
        help_text="The small file that ends in .asc, or .sig.",
    )
    text = forms.CharField(
        required=False,
        label="Or paste the signature",
        strip=False,
        max_length=MAX_FILE,
        help_text="From BEGIN PGP SIGNATURE to END PGP SIGNATURE.",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )
    artifact = forms.FileField(
        required=False,
        label="The file that was signed",
        allow_empty_file=True,
        help_text="With it the signature is verified. It is deleted once you have the answer.",
    )

    def clean_signature(self) -> Any:
        file = self.cleaned_data["signature"]
        if file is not None and file.size > MAX_FILE:
            raise ValidationError(
                f"A signature file has up to {MAX_FILE >> 10} KiB. Is this the "
                "file that was signed?"
            )
        return file

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if self.errors:
            return found
        file, text = found.get("signature"), found.get("text") or ""
        if bool(file is not None) == bool(text.strip()):
            raise ValidationError("Choose a signature file, or paste a signature: one of the two.")
        return found | {"content": file.read() if file is not None else _as_saved(text)}


def _as_saved(text: str) -> bytes:
    """The bytes of a file with this text: what a browser sends ends its lines as no file does."""
    return text.replace("\r\n", "\n").encode()
