"""The form that ends a vote."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from projects.models import User
from releases.forms import Typed
from releases.forms_calling import ENDINGS, Endings, with_own
from releases.links import checked_links
from releases.models import Vote
from releases.models.rounds import second_lists
from releases.phases import Outcome
from trusted_releases.lib.errors import BadInput


class Resolve(Endings, Typed):
    """The outcome. Only a pass asks for the typed version: the others can be followed by a vote.

    The first round of a podling asks for the second one's list, and how that is to end.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[
            (Outcome.PASSED.value, "Passed: these files go on to publication"),
            (Outcome.FAILED.value, "Failed: back to composing, for other files and another vote"),
            (Outcome.CANCELLED.value, "Cancelled: back to composing, without a result"),
        ],
    )
    confirmed = forms.BooleanField(
        required=False, label="I have read the comments of those who voted -1"
    )

    reading = forms.IntegerField(required=False, widget=forms.HiddenInput)
    looked = forms.BooleanField(
        label="I have looked at the mails that count, and at those that do not"
    )
    thread = forms.URLField(
        required=False,
        assume_scheme="https",
        label="Thread of the vote",
        help_text="Its address in the archive of the list.",
    )
    result_thread = forms.URLField(
        required=False,
        assume_scheme="https",
        label="Thread of the result",
        help_text="Where the result was told. A pass needs both.",
    )

    second_to = forms.ChoiceField(
        required=False, label="To", help_text="Where the parent committee votes."
    )

    field_order = [
        *("seen", "reading", "outcome", "thread", "result_thread", "second_to", *ENDINGS),
        *("looked", "confirmed", "typed"),
    ]

    def __init__(
        self, *args: Any, vote: Vote, person: User, ask_again: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._ask_about_second(vote, person)
        if not vote.is_by_mail:
            del self.fields["looked"], self.fields["reading"]
        if not vote.is_counted_elsewhere:
            del self.fields["thread"], self.fields["result_thread"]
        self.fields["typed"].required = False
        self.fields["typed"].label = f"If it passed: type the version, {self.expected}, to confirm"
        self.fields["typed"].help_text = "A pass cannot be undone."
        if not ask_again:
            del self.fields["confirmed"]

    def _ask_about_second(self, vote: Vote, person: User) -> None:
        member = vote.is_first and person.has_perm("releases.cast_binding_vote", vote.committee)
        self.keep_endings(vote.mode if vote.is_first else "", resolves=True, publishes=member)
        if vote.is_first:
            outcomes = dict(self.fields["outcome"].choices)  # type: ignore[attr-defined]
            outcomes[Outcome.PASSED.value] = "Passed: the second round begins, on the same files"
            self.fields["outcome"].choices = list(outcomes.items())  # type: ignore[attr-defined]
            choices = with_own(
                [*filter(None, [vote.second_to]), *second_lists(vote.committee)], person
            )
            self.fields["second_to"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["second_to"]

    def clean_thread(self) -> str:
        return self._address("thread")

    def clean_result_thread(self) -> str:
        return self._address("result_thread")

    def _address(self, name: str) -> str:
        """An address in the archive, or the sentence that says what one looks like."""
        given: str = self.cleaned_data[name]
        try:
            checked_links([given])
        except BadInput as error:
            raise ValidationError(str(error)) from error
        return given

    def clean(self) -> dict[str, Any]:
        """The addresses as one list, as the verb takes them."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        said.pop("looked", None)
        said["ending"] = self.take_ending()
        links = [said.pop(name, "") for name in ("thread", "result_thread") if name in said]
        return said | ({"links": [each for each in links if each]} if links else {})

    def clean_typed(self) -> str:
        if self.cleaned_data.get("outcome") == Outcome.PASSED:
            return super().clean_typed()
        return ""
