"""The form that calls a vote: for how long, to whom, with which words, and how it ends."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.timezone import now

from projects.models import Policy, Recipients, User, VoteMode
from releases import texts
from releases.forms import Mail
from releases.models.rounds import second_lists
from releases.models.timed import Ending

GROUPS = ("to", "cc", "bcc")
ENDINGS = ("tell_end", "auto_resolve", "auto_publish")


def with_own(lists: Iterable[str], person: User) -> list[tuple[str, str]]:
    """Choices: these lists, and the person's own address."""
    known = [(each, each) for each in dict.fromkeys(lists)]
    own = getattr(person, "email", "")  # a visitor, who is refused later, has none
    if own and own.lower() not in {each.lower() for each, _ in known}:
        known.append((own, f"{own}, your own address"))
    return known


class Endings(forms.Form):
    """What is to happen by itself when a vote ends; only what this person may ask for here."""

    tell_end = forms.BooleanField(
        required=False,
        label="Send me a mail when it ends",
        help_text="Whatever you have chosen for other notices.",
    )
    auto_resolve = forms.BooleanField(
        required=False,
        label="Resolve it by itself when it ends, if it passes",
        help_text="In your name, and the list is told. A vote that does not pass, or in which "
        "somebody voted -1 where the policy asks for a second look, is left to people.",
    )
    auto_publish = forms.BooleanField(
        required=False,
        label="Then publish the files by themselves",
        help_text="Into the download area, in your name. The announcement is left to people.",
    )

    def keep_endings(self, mode: str, *, resolves: bool, publishes: bool) -> None:
        """Take away what cannot be asked for."""
        counted_here = mode == VoteMode.TRUSTED
        offered = (counted_here, counted_here and resolves, counted_here and resolves and publishes)
        for name, offer in zip(ENDINGS, offered, strict=True):
            if not offer:
                del self.fields[name]

    def take_ending(self) -> Ending:
        """What was asked for. What is published by itself has to be resolved by itself."""
        said = {name: bool(self.cleaned_data.pop(name, False)) for name in ENDINGS}
        if said["auto_publish"] and not said["auto_resolve"]:
            self.add_error(
                "auto_publish", "Only what is resolved by itself is published by itself: tick both."
            )
        return Ending(**said)


class CallVote(Endings, Mail):
    """All that a vote is called with. Whom it may be sent to the policy of the release says."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    hours = forms.IntegerField(
        label="How long people can vote, in hours",
        min_value=0,
        max_value=Policy.LONGEST_HOURS,
        help_text="0: until somebody resolves it. The project's policy sets no least time.",
    )
    acknowledged = forms.MultipleChoiceField(
        label="Concerns",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The checks ask for a second look. Read each, then tick it.",
    )

    to = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        help_text="Votes are answered to the first of them.",
        error_messages={"required": "Choose at least one: the mail has to go somewhere."},
    )
    cc = forms.MultipleChoiceField(
        required=False,
        label="Copies to (Cc)",
        widget=forms.CheckboxSelectMultiple,
        help_text="Everybody sees that they got it.",
    )
    bcc = forms.MultipleChoiceField(
        required=False,
        label="Blind copies to (Bcc)",
        widget=forms.CheckboxSelectMultiple,
        help_text="Nobody else sees that they got it.",
    )
    second_to = forms.ChoiceField(
        required=False,
        label="Where the second round is called",
        help_text="When this vote passes, the parent committee votes. It can be changed then.",
    )

    field_order = [
        *("revision", "number", "hours", "acknowledged", *GROUPS, "second_to"),
        *("subject", "body", *ENDINGS),
    ]

    def __init__(self, *args: Any, concerns: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if least := self.release.rules.hours:
            told = f"At least {least} hours, as the project's policy says."
            self.fields["hours"].help_text = told
        if concerns:
            self.fields["acknowledged"].choices = [  # type: ignore[attr-defined]
                (rule, f"I have read what “{rule}” found") for rule in concerns
            ]
        else:
            del self.fields["acknowledged"]
        self._offer_recipients()
        committee = self.release.committee
        self.keep_endings(
            self.release.rules.vote_mode,
            resolves=not committee.is_podling,
            publishes=self.person.has_perm("releases.cast_binding_vote", committee),
        )

    def _offer_recipients(self) -> None:
        rules, committee = self.release.rules, self.release.committee
        if rules.vote_mode == VoteMode.MANUAL:  # then people send the mail themselves
            for name in GROUPS:
                del self.fields[name]
        else:
            choices = with_own(rules.vote_lists, self.person)
            for name in GROUPS:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
                self.fields[name].initial = getattr(rules.vote_mail, name)
        if committee.is_podling:
            choices = with_own(second_lists(committee), self.person)
            self.fields["second_to"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["second_to"]

    def clean(self) -> dict[str, Any]:
        """Recipients and ending as the verb takes them."""
        cleaned = super().clean()
        cleaned["ending"] = self.take_ending()
        chosen = [cleaned.pop(name, None) or () for name in GROUPS]
        if chosen[0]:
            self._refuse_twice(chosen)
            cleaned["recipients"] = Recipients(*(tuple(each) for each in chosen))
        return cleaned

    def _refuse_twice(self, chosen: list[Any]) -> None:
        """An address that was chosen twice is told beside the later field."""
        known: set[str] = set()
        for name, addresses in zip(GROUPS, chosen, strict=True):
            for address in addresses:
                if address.lower() in known:
                    self.add_error(name, f"{address} gets the mail already: choose it once.")
            known |= {each.lower() for each in addresses}

    def recipients(self) -> Recipients:
        """To whom the mail goes as the form stands."""
        asked = self.cleaned_data.get("recipients") if self.is_bound else None
        return asked or self.release.rules.vote_mail

    def templates(self) -> texts.Pair:
        return texts.vote_templates(self.release)

    def values(self) -> texts.Values:
        return texts.vote_values(self.release, self.person, self.asked_hours())

    def asked_hours(self) -> int | None:
        """The hours that were sent and can be used; None takes the policy's."""
        return self.cleaned_data.get("hours") if self.is_bound else None

    def ends_at(self) -> datetime | None:
        """When the vote would end if it were called now; None for one without a term."""
        asked = self.asked_hours()
        hours = self.release.rules.hours if asked is None else asked
        return now() + timedelta(hours=hours) if hours else None
