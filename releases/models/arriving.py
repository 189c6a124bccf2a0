"""The verb that every way in ends at: pages, API and rsync give it what was sent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from projects.lifecycle import authorise, require, verb
from projects.models import User
from projects.roles import Person
from releases.merging import merge
from releases.models.arrival import Arrival, ArrivedFile, Changes, Way
from releases.models.composing import Files
from releases.models.generating import Generating
from releases.models.revision import Revision
from releases.models.usage import quota_obstacles
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.archive_names import is_archive
from trusted_releases.lib.errors import NotReady, Obstacle, Stale
from trusted_releases.lib.paths import check_path

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

TOLD = 3  # conflicts that are told one by one


class Arriving(Generating):
    """The part of `Release` that takes uploads."""

    if TYPE_CHECKING:
        arrivals: RelatedManager[Arrival]

    class Meta:
        abstract = True

    def arrival_obstacles(self) -> Iterator[Obstacle]:
        """Uploads that may become part of the files any moment."""
        waiting = self.arrivals.filter(state=Arrival.State.WAITING).order_by("pk")
        for arrival in [each for each in waiting[:50] if each.is_in_hand][:TOLD]:
            yield Obstacle(
                "archive_waits",
                f"{arrival.title}: received, and being looked at before it becomes part of the "
                "files. Wait until that is done.",
            )

    @verb
    def receive(
        self,
        changes: Changes,
        *,
        by: Person,
        way: Way,
        base: int | None = None,
        seen: int | None = None,
    ) -> Revision | Arrival:
        """Take an upload: files by path, None where one is taken out. It becomes one revision.

        With an archive in it that is new, it becomes one when a worker has found each archive safe
        and whole; until then it is an arrival. `base` is the newest revision when the upload began:
        what somebody else has done since is kept, and a file that both have changed is a refusal.
        `seen`: nobody may have done anything since. Sending the same again, while it waits, leaves
        one; if its worker was lost for good, it is looked into anew.
        """
        by = authorise(by, "releases.change_files", self)
        for path in changes:
            check_path(path)
        with self.held():
            require(self.compose_obstacles(seen))
            base = self.last_revision if base is None else min(base, self.last_revision)
            before = self._files()
            files = self._merged(before, changes, base, by)
            changed = self._changed(before, files)
            if not any(is_archive(path) for path in changed & set(files)):
                return self._revise(before, files, by=by, description=_told(changes, way))
            if same := self._same(changes):
                return same
            coming = self._coming(changed, files)
            arrival = self._await(changes, by, way, base)
            require(quota_obstacles(self, coming))
            return arrival

    def admit(self, arrival: Arrival) -> Revision:
        """Make the revision that somebody has sent this for. Call it inside held()."""
        require(self.compose_obstacles())
        changes, sent = arrival.changes, arrival.sent_by
        later = self.arrivals.filter(files__path__in=changes, pk__gt=arrival.pk, sent_by=sent)
        if again := later.exclude(state=Arrival.State.REFUSED).first():
            raise Stale(f"Sent again since, with {again.title}: the later upload counts.")
        before = self._files()
        files = self._merged(before, changes, arrival.base, sent, arrival)
        told = _told(changes, Way(arrival.way))
        return self._revise(before, files, by=sent, description=told)

    def _merged(
        self,
        before: Files,
        changes: Changes,
        base: int,
        by: User,
        arrival: Arrival | None = None,
    ) -> Files:
        """The files as this upload makes them; NotReady where somebody else was at the same."""
        begun = before if base == self.last_revision else self._files(base)
        ours = {path: blob for path, blob in {**begun, **changes}.items() if blob is not None}
        merged = merge(begun, before, ours)
        if not merged.conflicts:
            return merged.files
        meant = self._meant(merged.conflicts, by, arrival)
        if conflicts := [path for path in merged.conflicts if path not in meant]:
            raise NotReady([self._conflict(path, by) for path in conflicts[:TOLD]])
        files = {**merged.files, **{path: changes[path] for path in meant}}
        return {path: blob for path, blob in files.items() if blob is not None}

    def _meant(self, conflicts: tuple[str, ...], by: User, arrival: Arrival | None) -> set[str]:
        """The paths that this person sent before, and meant to replace by sending them again."""
        sent = self.arrivals.filter(sent_by=by, state=Arrival.State.ADMITTED)
        if arrival is not None:
            sent = sent.filter(pk__lt=arrival.pk)
        numbers = set(sent.values_list("revision", flat=True))
        return {path for path in conflicts if self._touched(path) in numbers}

    def _touched(self, path: str) -> int:
        """The last revision that changed the path."""
        rows = self.entries.filter(path=path).values_list("since", "until")
        return max((until or since for since, until in rows), default=0)

    def _conflict(self, path: str, by: User) -> Obstacle:
        number = self._touched(path)
        revision = self.revisions.select_related("made_by").filter(number=number).first()
        who = revision.made_by if revision and revision.made_by else "somebody else"
        return Obstacle(
            "changed_meanwhile",
            f"{path} was changed by {who} in revision {number} while this upload of {by} was on "
            "its way. Look at what is there now; if yours is the right one, send it again.",
        )

    def _same(self, changes: Changes) -> Arrival | None:
        """The arrival that waits with the very same changes."""
        path = min(changes)
        waiting = self.arrivals.filter(state=Arrival.State.WAITING, files__path=path)
        known = (each for each in waiting if each.is_in_hand and each.changes == dict(changes))
        return next(known, None)

    def _await(self, changes: Changes, by: User, way: Way, base: int) -> Arrival:
        arrival = self.arrivals.create(sent_by=by, way=way, base=base)
        ArrivedFile.objects.bulk_create(
            [
                ArrivedFile(arrival=arrival, path=path, blob=blob)
                for path, blob in sorted(changes.items())
            ],
            batch_size=500,
        )
        arrival.tell(Tag.ARCHIVE_RECEIVED, by=by)
        return arrival


def _told(changes: Changes, way: Way) -> str:
    """What an upload was, as the description of its revision."""
    gone = sorted(path for path, blob in changes.items() if blob is None)
    came = sorted(path for path, blob in changes.items() if blob is not None)
    parts = []
    if came:
        did = "Imported" if way == Way.IMPORT else "Uploaded"
        parts.append(f"{did} {came[0] if len(came) == 1 else f'{len(came)} files'}")
    if gone:
        parts.append(f"deleted {gone[0] if len(gone) == 1 else f'{len(gone)} files'}")
    by = f" {way.label}" if way == Way.RSYNC else ""
    said = ", ".join(parts) + by
    return said[0].upper() + said[1:]
