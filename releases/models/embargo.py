"""Embargoed releases: what holds for them, and how an embargo ends."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from projects.lifecycle import authorise, require, verb
from projects.models import Rules, User, VoteMode
from projects.models.rules import Origin
from projects.roles import Person
from releases import sealed
from releases.models.finishing import Finishing, Publication
from releases.models.hidden import Embargo
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Obstacle
from trusted_releases.lib.text import given_reason


class _OfEmbargo(Origin):
    def __str__(self) -> str:
        return "from the embargo"


class SecretRules(Rules):
    """What holds while a release is embargoed, whatever any policy says of votes."""

    @property
    def _fixed(self) -> dict[str, Any]:
        here = self.committee.private_list if self.committee else ""
        return {
            "vote_mode": VoteMode.TRUSTED,
            "min_hours": 0,
            "vote_recipients": here,
            "vote_cc": "",
            "vote_bcc": "",
        }

    def origin(self, name: str) -> Origin:
        return _OfEmbargo(None) if name in self._fixed else super().origin(name)

    def value_of(self, name: str) -> Any:
        fixed = self._fixed
        return fixed[name] if name in fixed else super().value_of(name)

    @property
    def vote_lists(self) -> tuple[str, ...]:
        return self.vote_mail.to


class Embargoing(Finishing):
    """The part of `Release` that keeps it from others, until it is announced or somebody lifts it.

    Who is told of it is `releases.querysets.unless_embargoed`; who may act on it, `roles.may`.
    """

    if TYPE_CHECKING:
        version: str

    class Meta:
        abstract = True

    def expedited_obstacles(self) -> Iterator[Obstacle]:
        """What stands between a new release and an embargo on it."""
        if self.expedited and self.project.committee.is_podling:
            yield Obstacle(
                "podling",
                "A podling has no expedited releases: their votes are public. Ask the committee "
                "that it acts under.",
            )

    def _begin_embargo(self) -> None:
        """Write down that what happens to it is nobody else's business, for as long as it is."""
        if self.embargoed:
            Embargo.objects.create(project=self.project, release_key=str(self.pk))

    def lift_obstacles(self) -> Iterator[Obstacle]:
        """What stands between this release and the end of its embargo."""
        if not self.embargoed:
            yield Obstacle("no_embargo", f"{self} is under no embargo.")
        elif Publication.objects.filter(release=self.pk, state=Publication.State.RUNNING).exists():
            yield Obstacle(
                "being_published",
                f"{self} is being published under its embargo: lift it when that is done.",
            )

    @verb
    def lift_embargo(self, *, by: Person, reason: str) -> None:
        """Let everybody know of the release before it is announced. There is no way back.

        Its ballots and events are told with it; a vote under way goes on as it was called.
        """
        by = authorise(by, "releases.lift_embargo", self)
        reason = given_reason(reason)
        with self.held():
            require(self.lift_obstacles())
            changes = self._end_of_embargo()
            for name, value in changes.items():
                setattr(self, name, value)
            self.save(update_fields=list(changes))
            self._open_up(by, reason)

    def _end_of_embargo(self) -> dict[str, Any]:
        """The columns that change when the embargo ends; nothing where there is none."""
        if not self.embargoed:
            return {}
        Embargo.objects.filter(release_key=str(self.pk)).delete()
        self.__dict__.pop("rules", None)
        return {"embargoed": False, "cycle": self.project.cycle_for(self.version)}

    def _open_up(self, by: User, reason: str) -> None:
        """Write down that the embargo is over, and bring what was published under it to the
        public. The last step of its transaction: files cannot be rolled back."""
        Event.objects.record(
            Tag.EMBARGO_LIFTED,
            by=by,
            subject=self,
            project=self.project,
            release=self,
            reason=reason,
        )
        done = Publication.objects.filter(release=self.pk, state=Publication.State.DONE).first()
        if done is not None:
            sealed.open_up(done.location)
