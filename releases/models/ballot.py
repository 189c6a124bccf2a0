"""Ballots: what each voter said, act by act."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from releases.models.part import PartOfRelease
from releases.phases import Choice, Looked
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.text import is_plain

if TYPE_CHECKING:
    from releases.models.release import Release


LONGEST_COMMENT = 10_000  # characters


class Ballot(PartOfRelease):
    """One act of voting. Never changed: who votes again adds a row, and the last one counts."""

    vote = models.ForeignKey("Vote", models.CASCADE, related_name="ballots")
    voter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="ballots"
    )
    choice = models.CharField(max_length=2, choices=Choice, editable=False)
    comment = models.TextField(blank=True, editable=False)
    checked = models.JSONField(default=list, blank=True, editable=False)  # of `Looked`
    ticked = models.JSONField(default=list, blank=True, editable=False)  # of the vote's checklist
    manifest_digest = models.CharField(max_length=71, editable=False)
    binding_when_cast = models.BooleanField(editable=False)
    cast_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["vote", "voter", "cast_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(choice__in=Choice.values), name="releases_ballot_choice"
            )
        ]

    def __str__(self) -> str:
        return f"{self.choice} by {self.voter} in {self.vote}"

    @property
    def release(self) -> "Release":  # type: ignore[override]
        return self.vote.release

    @property
    def says(self) -> dict[str, Any]:
        """What the voter filled in; a second ballot that says the same is the same ballot."""
        return {name: getattr(self, name) for name in ("choice", "comment", "checked", "ticked")}

    def told(self) -> dict[str, Any]:
        """What the result of its vote says of it."""
        return {
            "voter": self.voter.username,
            "choice": self.choice,
            "at": self.cast_at.isoformat(),
            "order": self.pk,
            "did": self.checked,
            **({"ticked": self.ticked} if self.ticked else {}),
        }

    @property
    def looked_at(self) -> list[str]:
        """What the voter says to have done, in words."""
        return [str(Looked(each).label) for each in self.checked]


def filled_in(
    choice: str,
    comment: str,
    checked: Collection[str],
    ticked: Collection[str],
    items: Sequence[str],
) -> dict[str, Any]:
    """What a ballot says, as it is kept. BadInput for what none can say.

    `checked` is of `Looked`, and `ticked` of the `items` of the vote's checklist.
    """
    if choice not in Choice.values:
        raise BadInput(f"{choice[:20]!r} is no vote. Vote +1, 0 or -1.")
    if len(comment) > LONGEST_COMMENT:
        raise BadInput(f"The comment has {len(comment)} characters; {LONGEST_COMMENT} are allowed.")
    if not is_plain(comment):
        raise BadInput("The comment holds control characters. Remove them, and vote again.")
    if unknown := set(checked) - set(Looked.values):
        raise BadInput(f"{min(unknown)[:20]!r} is nothing that a ballot can say was checked.")
    if unknown := set(ticked) - set(items):
        raise BadInput(f"{min(unknown)[:60]!r} is no point of this vote's checklist.")
    return {
        "choice": choice,
        "comment": comment,
        "checked": [each for each in Looked.values if each in checked],
        "ticked": [each for each in items if each in ticked],
    }
