"""The life of one release, told from its start to where it stands now."""

from datetime import datetime
from hashlib import sha256, sha512
from typing import Any, NamedTuple

from django.core.files.base import ContentFile

from projects.models import Project
from releases import manifest
from releases.models import Blob, Publication, Release, Revision
from releases.models.blob import store
from releases.phases import Outcome, Phase, Verdict
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import NotReady
from trusted_releases.seeding.book import Book
from trusted_releases.seeding.findings import Checker, Judgement
from trusted_releases.seeding.people import Home
from trusted_releases.seeding.plan import Planned
from trusted_releases.seeding.scales import Large
from trusted_releases.seeding.story import Cycles, Story
from trusted_releases.seeding.votes import Ballots
from trusted_releases.seeding.writer import settle

REVISION = Revision._meta.label_lower
PUBLICATION = Publication._meta.label_lower
FORMATS = ("-src.tar.gz", "-bin.tar.gz", "-src.zip", "-bin.zip")
FAILED_BEFORE = 0.06  # of releases had a vote that failed or was cancelled


class Content(NamedTuple):
    """A file of a release: the key of its blob, and its line in the manifest."""

    blob: int
    line: manifest.Line


class Pen:
    """Writes lives into a book, one after the other."""

    def __init__(self, book: Book, findings: int, at: datetime) -> None:
        self.book, self.at = book, at
        self.cycles = Cycles()
        self.checker = Checker(book, findings)
        self.ballots = Ballots()
        self._bases: dict[int, str] = {}

    def flush(self) -> None:
        self.cycles.table.flush()
        settle([self.cycles.table])
        self.book.flush()

    def write(self, planned: Planned, seed: int) -> None:
        self.checker.forget()
        Life(self, planned, seed).tell()

    def basis(self, home: Home) -> str:
        """What checks of this project judge by today."""
        if home.pk not in self._bases:
            project = Project.objects.select_related("committee", "policy").get(pk=home.pk)
            self._bases[home.pk] = Release(project=project).check_basis()
        return self._bases[home.pk]


class Life(Story):
    """A release from its files to where it stands."""

    def __init__(self, pen: Pen, planned: Planned, seed: int) -> None:
        super().__init__(pen.book, planned, seed, pen.at)
        self.pen = pen
        self.again = self.dice.random() < FAILED_BEFORE
        self.files: dict[str, Content] = {}
        self.entries: dict[str, tuple[int, int]] = {}  # path: blob, and the revision it came with

    def tell(self) -> None:
        """All of it, up to the phase that was planned."""
        phase = self.planned.phase
        cycle = self.pen.cycles.of(self.home, self.planned.version, self.begun)
        self.note(Tag.RELEASE_STARTED, version=self.planned.version)
        if phase != Phase.COMPOSE or self.dice.random() < 0.9:
            self._compose(phase)
        candidate = None
        if phase != Phase.COMPOSE:
            candidate = self._vote(open_=phase == Phase.VOTE)
        released = None
        if phase in (Phase.FINISH, Phase.RELEASED):
            released = self._finish(announced=phase == Phase.RELEASED)
        for path, (blob, since) in self.entries.items():
            self._entry(path, blob, since, None)
        self.book.releases.put(
            self.key,
            *(self.number, self.votes, candidate, self.home.pk, self.planned.version),
            *(cycle, phase, self.begun, self.manager.pk, released),
        )
        self.book.numbers.add(self.home.pk, self.planned.version)

    def _compose(self, phase: Phase) -> None:
        """Files come, are checked and sometimes replaced, until they are good enough to vote on."""
        artifacts = FORMATS[: self.dice.choices((1, 2, 3, 4), (5, 6, 2, 2))[0]]
        draft = phase == Phase.COMPOSE
        if self.planned.large:
            self._compose_large(self.planned.large if draft else None, artifacts)
            return
        replaced = 1 if self.dice.random() < 0.25 else 0
        for turn in range(1 + replaced):
            last = turn == replaced
            self.wait(self.dice.uniform(1, 12))
            blocked = not last or (draft and self.dice.random() < 0.2)
            pending = draft and last and self.dice.random() < 0.06
            self._revise(artifacts if turn == 0 else artifacts[:1], blocked, pending)
            if blocked and self.dice.random() < 0.5:
                self._refused()
        if self.again and self.judged is not None:
            self._vote_in_vain()
            self.wait(self.dice.uniform(1, 12))
            self._revise(artifacts[:1], blocked=False, pending=False)

    def _compose_large(self, large: Large | None, artifacts: tuple[str, ...]) -> None:
        """A draft of very many files, half of which were replaced; else one archive in which very
        much was found."""
        if large is not None:
            artifacts = tuple(f"-part-{number}.jar" for number in range(large.files // 3))
            self._revise(artifacts, blocked=False, pending=False)
            self.wait(5)
            artifacts = artifacts[::2]
        self._revise(artifacts, blocked=False, pending=False)

    def _refused(self) -> None:
        """Somebody tried to call the vote all the same."""
        self.wait(0.2)
        self.note(
            Tag.REFUSED,
            verb="start_vote",
            code=NotReady.code,
            sentence=f"Revision {self.number} has blockers. Each finding says what to do.",
            obstacles=["blockers"],
        )

    def _revise(self, artifacts: tuple[str, ...], blocked: bool, pending: bool) -> None:
        """Upload these artifacts, each with its signature and checksum, and have them checked."""
        self.number += 1
        base = f"{self.home.slug}-{self.planned.version}"
        for end in artifacts:
            self._upload(f"{base}{end}")
        lines = [content.line for content in self.files.values()]
        self.manifest = manifest.digest(lines)
        key = self.book.revisions.key()
        many = len(artifacts) * 3
        about = f"Uploaded {many} files"
        self.note(
            Tag.REVISION_MADE,
            (REVISION, key),
            outcome=Job.State.QUEUED if pending else Job.State.DONE,
            revision=self.number,
            manifest=self.manifest,
            description=about,
            changed=many,
        )
        made = self.clock
        self.judged = None if pending else self._check(key, blocked)
        verdict, counts, concerns = self.judged or (Verdict.PENDING, {}, [])
        size = sum(line.size for line in lines)
        self.book.revisions.put(
            key,
            *(self.key, self.number, self.manifest, len(lines), size, about),
            *(self.manager.pk, made, verdict, counts, concerns, self._basis(pending)),
        )
        self.revision = key

    def _basis(self, pending: bool) -> str:
        """Keys and policy of the past are not known any more, but they had a digest."""
        if pending:
            return ""
        if self.planned.phase == Phase.COMPOSE:
            return self.pen.basis(self.home)
        return sha256(f"{self.home.slug}:{self.begun}".encode()).hexdigest()

    def _check(self, revision: int, blocked: bool) -> Judgement:
        digests = {path: content.line.sha256 for path, content in self.files.items()}
        self.wait(0.02)
        judged = self.pen.checker.judge(
            revision,
            digests,
            self.clock,
            self.dice,
            version=self.planned.version,
            signer=self._signer(),
            blocked=blocked,
            exactly=self.planned.large.findings if self.planned.large else 0,
        )
        self.wait(0.05)
        self.note(
            Tag.CHECKS_FINISHED,
            (REVISION, revision),
            by="",
            revision=self.number,
            verdict=str(judged.verdict),
            counts=judged.counts,
        )
        return judged

    def _signer(self) -> dict[str, Any]:
        """What the check of a signature says of its key: the manager's, else another of theirs."""
        keys = self.team.keys
        key = keys.get(self.manager.pk) or next(iter(keys.values()))
        return {"state": "good", "certificate_fingerprint": key}

    def _upload(self, path: str) -> None:
        text = f"{path} as {self.manager.name} made it for revision {self.number}\n"
        artifact = text.encode()
        signature = f"-----BEGIN PGP SIGNATURE-----\n\n{sha256(artifact).hexdigest()}\n"
        sums = f"{sha512(artifact).hexdigest()}  {path}\n"
        size = int(self.dice.lognormvariate(16, 1.2))
        self._file(path, artifact, size)
        self._file(f"{path}.asc", signature.encode(), 833)
        self._file(f"{path}.sha512", sums.encode(), len(sums))

    def _file(self, path: str, content: bytes, size: int) -> None:
        """A file comes in; what had its name belongs to earlier revisions from now on."""
        name = sha256(content).hexdigest()
        if self.planned.phase != Phase.RELEASED:
            size = len(content)
            if not store().exists(Blob.name_for(name)):
                store().save(Blob.name_for(name), ContentFile(content))
        if path in self.entries:
            self._entry(path, *self.entries[path], self.number)
        digest = sha512(content).hexdigest()
        blob = self.book.blobs.add(name, digest, size, self.clock)
        self.files[path] = Content(blob, manifest.Line(path, name, digest, size))
        self.entries[path] = (blob, self.number)

    def _entry(self, path: str, blob: int, since: int, until: int | None) -> None:
        self.book.entries.add(self.key, path, blob, since, until, self.manager.pk)

    def _vote(self, *, open_: bool) -> int:
        """Call the vote that counts: it is running, or it has passed. Returns its revision."""
        self.wait(self.dice.uniform(1, 20))
        outcome = Outcome.OPEN if open_ else Outcome.PASSED
        self.pen.ballots.hold(self, outcome)
        return self.revision

    def _vote_in_vain(self) -> None:
        self.wait(1)
        self.pen.ballots.hold(self, self.dice.choice((Outcome.FAILED, Outcome.CANCELLED)))

    def _finish(self, *, announced: bool) -> datetime | None:
        """Publish and announce; one that is not announced yet may wait for either."""
        publish = announced or self.dice.random() < 0.7
        if publish:
            self.wait(self.dice.uniform(0.1, 5))
            self._publish(failed=not announced and self.dice.random() < 0.1)
        if not announced:
            return None
        self.wait(self.dice.uniform(1, 24))
        title = f"{self.home.name} {self.planned.version}"
        subject, body = f"[ANNOUNCE] {title} released", f"The {title} release is available.\n"
        mail = self.mail(subject, body)
        facts = {"manifest": self.manifest, "mail_subject": subject, "mail_body": body}
        self.move(Tag.RELEASE_ANNOUNCED, (Phase.FINISH, Phase.RELEASED), mail=mail, **facts)
        return self.clock

    def _publish(self, *, failed: bool) -> None:
        key = self.book.publications.key()
        subject, asked = (PUBLICATION, key), self.clock
        outcome = Job.State.FAILED if failed else Job.State.DONE
        self.note(Tag.PUBLICATION_STARTED, subject, outcome=outcome, manifest=self.manifest)
        self.wait(0.01)
        place = f"{self.team.slug}/{self.home.slug}/{self.planned.version}"
        size = sum(content.line.size for content in self.files.values())
        state = Publication.State.FAILED if failed else Publication.State.DONE
        error = "The disk of the download area is full. Nothing was published." if failed else ""
        if failed:
            self.note(Tag.PUBLICATION_FAILED, subject, by="", error=error)
        else:
            self.note(Tag.RELEASE_PUBLISHED, subject, by="", manifest=self.manifest, location=place)
        self.book.publications.put(
            key,
            *(self.key, self.manifest, state, self.manager.pk, asked),
            *(
                (None, "", 0, 0, error)
                if failed
                else (self.clock, place, size, len(self.files), "")
            ),
        )
