"""Verbs of those who run the site: repair, never a decision on what is released."""

from collections.abc import Iterator

from projects.lifecycle import authorise, require, verb
from projects.roles import Person
from releases.models.embargo import Embargoing
from releases.models.finishing import Publication
from releases.models.revision import Revision
from releases.models.vote import Vote
from releases.phases import Outcome
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Obstacle
from trusted_releases.lib.text import given_reason


class Repair(Embargoing):
    """The part of `Release` that operators mend from the console."""

    class Meta:
        abstract = True

    def recheck_obstacles(self) -> Iterator[Obstacle]:
        """What stands between the newest revision and another run of its checks."""
        yield from self.compose_obstacles()
        revision = self.newest
        if revision is None:
            yield Obstacle("no_files", f"{self} has no revision yet, so there is nothing to check.")
        elif Job.objects.about(revision).unsettled().exists():
            yield Obstacle(
                "checks_running",
                f"The checks of revision {revision.number} wait or run already.",
            )

    @verb
    def recheck(self, *, by: Person, reason: str) -> Revision:
        """Check the newest revision again. What failed is tried again; results that said
        something about the files hold, as they follow from the files alone."""
        by = authorise(by, "releases.recheck", self)
        reason = given_reason(reason)
        with self.held():
            require(self.recheck_obstacles())
            revision = self.revisions.get(number=self.last_revision)
            Event.objects.record(
                Tag.CHECKS_ASKED,
                by=by,
                subject=revision,
                project=self.project,
                release=self,
                revision=revision.number,
                reason=reason,
            )
            return revision

    @verb
    def cancel_vote(self, *, by: Person, reason: str, seen: int | None = None) -> Vote:
        """End the open vote without a result: back to composing. Its ballots stay on record.

        This is all that operators may do to a vote; passing and failing are the committee's.
        """
        by = authorise(by, "releases.cancel_vote", self)
        reason = given_reason(reason)
        return self._resolve(Outcome.CANCELLED, by, seen, reason=reason)

    def retry_obstacles(self) -> Iterator[Obstacle]:
        """What stands between a publication that has come to nothing and another attempt."""
        if not Publication.objects.filter(release_id=self.pk).exists():
            yield Obstacle("not_begun", f"Nobody has asked for the publication of {self} yet.")
            return
        yield from self.publish_obstacles()

    @verb
    def retry_publication(self, *, by: Person, reason: str) -> Publication:
        """Begin a publication again that failed, or whose worker is gone for good."""
        by = authorise(by, "releases.retry_publication", self)
        reason = given_reason(reason)
        with self.held():
            require(self.retry_obstacles())
            return self._publish(by, reason=reason)
