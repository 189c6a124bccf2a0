"""What people fill in about an embargo: that there is one, and why it ends."""

from django import forms

from releases.forms import StartRelease, Typed
from trusted_releases.lib.text import LONGEST_REASON


class StartExpedited(StartRelease):
    """For members of the committee, who alone see what they start with it."""

    expedited = forms.BooleanField(
        required=False,
        label="Under embargo, for a security release",
        help_text="Until it is announced only members of the committee know of it. Votes run on "
        "the private list, for as long as you say. It cannot be set later.",
    )


class LiftEmbargo(Typed):
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Why it may be known now. Everybody can read it, for good.",
    )

    field_order = ["reason", "typed"]
