"""What people fill in about keys and tokens."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from keys.models.keys_file import LONGEST_ADDRESS, KeysFile
from keys.models.token import LONGEST_LABEL
from keys.openpgp import MAX_DOCUMENT
from keys.ssh_text import LONGEST
from projects.models import Committee
from projects.roles import Reach
from trusted_releases.lib.addresses import network
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.text import LONGEST_REASON

LIFETIMES = {7: "A week", 30: "30 days", 90: "90 days", 180: "180 days"}


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


class AddOwnKey(forms.Form):
    """One's own OpenPGP key, and the committees it is to sign for."""

    text = forms.CharField(
        label="Public key",
        strip=False,
        max_length=1 << 20,
        help_text="What gpg --armor --export prints.",
        widget=Unrepeated(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    committees = forms.ModelMultipleChoiceField(
        queryset=Committee.objects.none(),
        required=False,
        label="It signs for",
        widget=forms.CheckboxSelectMultiple,
        help_text="Its releases may be signed with the key, and it stands in the KEYS file.",
    )

    def __init__(self, *args: Any, committees: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["committees"]
        field.queryset = committees
        if not committees:
            field.help_text = "You have no role in any committee: the key is kept as yours only."


class DayForm(forms.Form):
    """Which day, in UTC."""

    on = forms.DateField(
        label="On the day",
        help_text="At its end, in UTC; such as 2026-06-30.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "This is no day. Write it like 2026-06-30."},
    )


class ChangeMode(forms.Form):
    """Where a KEYS file comes from."""

    mode = forms.ChoiceField(
        label="The KEYS file is",
        choices=KeysFile.Mode,
        widget=forms.RadioSelect,
        help_text="It stands at the same address in each case.",
    )
    address = forms.CharField(
        label="Address of the file elsewhere",
        required=False,
        max_length=LONGEST_ADDRESS,
        help_text="Only for a file that is kept elsewhere. It begins with https://.",
        widget=forms.URLInput(attrs={"placeholder": "https://downloads.apache.org/tool/KEYS"}),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("mode") == KeysFile.Mode.EXTERNAL and not found.get("address"):
            self.add_error("address", "Say where the file is.")
        return found


class TokenForm(forms.Form):
    """What every new token needs: what it is for, for how long, and from where it may be used."""

    label = forms.CharField(
        max_length=LONGEST_LABEL,
        help_text="What it is for, such as “release script on my laptop”. You see it in the list.",
    )
    days = forms.TypedChoiceField(
        label="Good for",
        choices=list(LIFETIMES.items()),
        coerce=int,
        initial=30,
        help_text="Then it opens nothing any more, and you make a new one.",
    )
    network = forms.CharField(
        label="Only from",
        required=False,
        max_length=50,
        help_text="An IP address, or a network such as 192.0.2.0/24. Empty: from anywhere.",
    )

    def clean_network(self) -> str:
        text: str = self.cleaned_data["network"]
        try:
            return network(text) if text.strip() else ""
        except BadInput as error:
            raise ValidationError(str(error)) from error


class MakeTokenForm(TokenForm):
    """A token of one's own, and how far it goes."""

    reach = forms.ChoiceField(
        label="What it may do",
        choices=Reach,
        initial=Reach.ALL,
        widget=forms.RadioSelect,
        help_text="Never more than you may yourself. Choose the least that the program needs.",
    )
    field_order = ["label", "reach"]


class SystemTokenForm(TokenForm):
    """A token for a machine, and why."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Why there is to be one. It is kept in the log with your name, for ever.",
    )


class AddSshKeyForm(forms.Form):
    """A public key of SSH."""

    text = forms.CharField(
        label="Public key",
        max_length=LONGEST,
        help_text="One line that begins with ssh-ed25519, ecdsa-sha2-… or ssh-rsa.",
        widget=Unrepeated(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )


class RevokePass(forms.Form):
    """Why a run of a workflow is to upload no more."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What made you do it. It is kept in the log with your name.",
    )
