"""Verbs about what the platform makes of a draft's files: bills of materials."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from projects.lifecycle import authorise, require, verb
from projects.roles import Person
from releases.models.blob import Blob
from releases.models.composing import Files
from releases.models.generated import Generated
from releases.models.tidying import Tidying
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Obstacle, Refused

# The endings of what checks read as an archive; a test there holds the two lists together.
ARCHIVES = (
    *(".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst"),
    *(".zip", ".jar", ".war", ".whl", ".nar", ".nbm", ".vsix", ".apk"),
)


class Generating(Tidying):
    """The part of `Release` that has bills of materials made of its archives."""

    class Meta:
        abstract = True

    def sbom_obstacles(self, path: str, seen: int | None = None) -> Iterator[Obstacle]:
        """What stands between an archive and a bill of materials that we make of it."""
        yield from self.compose_obstacles(seen)
        if not path.lower().endswith(ARCHIVES):
            yield Obstacle(
                "no_archive",
                f"{path} is no archive. A bill of materials is generated from what is in one.",
            )
        target = Generated(path=path).target
        if self.entries.at(self.last_revision).filter(path=target).exists():
            yield Obstacle(
                "sbom_exists",
                f"{target} is there already, and files of people are never changed. Delete it "
                "first to have another one generated.",
            )
        known = Generated.objects.filter(release_id=self.pk, path=path).waiting().first()
        if known is not None and known.is_in_hand:
            yield Obstacle("sbom_pending", f"{target} is being generated already.")

    @verb
    def generate_sbom(self, path: str, *, by: Person, seen: int | None = None) -> Generated:
        """Have a bill of materials made of an archive. It becomes a file beside it, `.cdx.json`,
        in a revision of its own, when a worker has read the archive."""
        by = authorise(by, "releases.change_files", self)
        with self.held():
            archive = self._files().get(path)
            if archive is None:
                raise BadInput(f"There is no file {path} in this revision.")
            require(self.sbom_obstacles(path, seen))
            for lost in Generated.objects.filter(release_id=self.pk, path=path).waiting():
                lost.release = self  # type: ignore[assignment]
                lost.settle_lost()
            row = Generated.objects.create(
                release_id=self.pk, path=path, input=archive, asked_by=by
            )
            Event.objects.record(
                Tag.SBOM_ASKED,
                by=by,
                subject=row,
                project=self.project,
                release=self,
                path=path,
                target=row.target,
                input=f"sha256:{archive.sha256}",
            )
            return row

    def record_generated(self, row: Generated, output: Blob, told: dict[str, Any]) -> bool:
        """A worker has made it: put it into the draft as it is now, as a revision of its own.

        False, with the reason written down, where the draft has changed so that it would not fit.
        Doing it twice changes nothing more.
        """
        with self.held():
            row.release = self  # type: ignore[assignment]
            row.refresh_from_db(fields=["state", "problem", "revision", "output"])
            if not row.is_waiting:
                return row.state == Generated.State.MADE
            files = self._files()
            if problem := self._misfit(row, files):
                row.record_failed(problem)
                return False
            row.settle(
                Generated.State.MADE, output=output, told=told, revision=self.last_revision + 1
            )
            try:
                with transaction.atomic():
                    self._revise(
                        files,
                        {**files, row.target: output},
                        by=None,
                        description=f"Generated {row.target}",
                    )
            except Refused as error:
                return self._undone(row, str(error))
            row.tell(Tag.SBOM_MADE, output=f"sha256:{output.sha256}", revision=self.last_revision)
        return True

    def _misfit(self, row: Generated, files: Files) -> str:
        """Why what was made does not belong into the draft as it is now; "" where it does."""
        if found := list(self.compose_obstacles()):
            return found[0].text
        if row.path not in files:
            return f"{row.path} was deleted or renamed meanwhile. Generate it from what is there."
        if files[row.path].pk != row.input_id:
            return f"{row.path} was replaced meanwhile. Generate it again, from the new file."
        if row.target in files:
            return f"{row.target} was uploaded meanwhile, and is left as it is."
        return ""

    def _undone(self, row: Generated, problem: str) -> bool:
        changes = {"output": None, "revision": None, "problem": problem}
        row.settle(Generated.State.FAILED, **changes)
        row.tell(Tag.SBOM_FAILED, problem=problem)
        self.refresh_from_db(fields=["last_revision"])
        return False
