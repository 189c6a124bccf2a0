"""How long a release manager waits: from the upload to the first and to the last verdict.

Release after release goes through the same verbs as an upload in the browser, with a real worker;
gpg signs each. Nothing is cached: no two have the same bytes. The median of all is told.
"""

import io
import os
import statistics
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from django.conf import settings

from checks.models import Finding, Result, Run
from keys.models import Certificate
from keys.openpgp_signing import ThrowawaySigner
from projects.models import Project, User
from releases.models import Blob, Release, Revision
from releases.phases import Verdict
from tests import make, processes, signed
from tests.bench.catalogue import Measure
from trusted_releases.lib.digests import digest_of

# name: files in the archive, bytes of each (which do not compress), how often
SIZES = {"small": (20, 10_000, 5), "30MB": (30, 1_000_000, 3)}
PATIENCE = 300  # seconds
BUSY = 150  # blocks of 8 MB in an archive that takes long
QUICK = "BENCH_QUICK" in os.environ  # each once, and nothing that takes a minute


class Times(NamedTuple):
    """Seconds since the upload began."""

    stored: float
    first: float
    last: float


def measures() -> Iterator[Measure]:
    Path(settings.SCRATCH_DIR).mkdir(parents=True, exist_ok=True)
    with ThrowawaySigner() as signer, processes.running(*processes.MANAGE, "worker") as worker:
        project = make.project("bench")
        manager = make.member(project, username="bench-manager")
        key = signer.generate("Bench Manager <bench-manager@example.org>")
        signers = signer.public(key)
        Certificate.objects.import_keys(signers, committee=project.committee, by=manager)
        bench = Bench(project, manager, signer, key)
        bench.once("warm-up", *SIZES["small"][:2])
        for name, (count, size, times) in SIZES.items():
            runs = [
                bench.once(f"{name}-{turn}", count, size) for turn in range(1 if QUICK else times)
            ]
            for what, values in zip(Times._fields, zip(*runs, strict=True), strict=True):
                label = what if what == "stored" else f"{what}_verdict"
                yield Measure(f"{name}.{label}", statistics.median(values), "s")
        if not QUICK:
            yield Measure("small.first_verdict_behind_large", bench.behind_large(), "s")
        assert worker.stop() == 0, worker.output


class Bench:
    """One project, one release manager, one key; a new version for each measurement."""

    def __init__(self, project: Project, by: User, signer: ThrowawaySigner, key: str) -> None:
        self.project, self.by, self.signer, self.key = project, by, signer, key
        self.versions = 0

    def behind_large(self) -> float:
        """Seconds to the first verdict on a small release, with more archives that take long in the
        queue than there are workers to read them."""
        with TemporaryDirectory(dir=settings.SCRATCH_DIR) as folder:
            path = Path(folder) / "large-source.tar.xz"
            signed.slow_archive(path, blocks=BUSY)
            large = []
            for number in range(settings.WORKERS + 1):
                release = Release.objects.start(self.project, f"9.{number}.0", by=self.by)
                large.append(upload(release, [path], self.by))
            self._wait(lambda: Run.objects.filter(bytes_done__gt=1 << 20).exists())
            times = [self.first(*SIZES["small"][:2]) for _ in range(3)]
            done = Run.objects.filter(revision__in=large, state=Run.State.DONE).count()
            if done > 1:
                raise RuntimeError("The queue ran empty: make the large archives larger.")
            self._wait(lambda: not pending(large))
        return statistics.median(times)

    def first(self, count: int, size: int) -> float:
        """Seconds from the upload of one release to its first verdict."""
        self.versions += 1
        release = Release.objects.start(self.project, f"1.{self.versions}.0", by=self.by)
        with TemporaryDirectory(dir=settings.SCRATCH_DIR) as folder:
            files = artifacts(Path(folder), f"bench-{release.version}", count, size)
            files.append(self.signer.sign(files[0], keys=[self.key]))
            begun = time.monotonic()
            revision = upload(release, files, self.by)
            self._wait(lambda: Result.objects.filter(runs__revision=revision, path__gt="").exists())
        return time.monotonic() - begun

    def _wait(self, until: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not until():
            if time.monotonic() > end:
                raise TimeoutError(f"Nothing came in {PATIENCE} seconds.")
            time.sleep(0.005)

    def once(self, label: str, count: int, size: int) -> Times:
        """Make, sign and upload one release, and wait for its verdict, which must be good."""
        self.versions += 1
        version = f"1.{self.versions}.0"
        release = Release.objects.start(self.project, version, by=self.by)
        with TemporaryDirectory(dir=settings.SCRATCH_DIR) as folder:
            files = artifacts(Path(folder), f"bench-{version}", count, size)
            files.append(self.signer.sign(files[0], keys=[self.key]))
            before = Result.objects.count()
            begun = time.monotonic()
            revision = upload(release, files, self.by)
            stored = time.monotonic() - begun
        first = last = 0.0
        while not last:
            if time.monotonic() - begun > PATIENCE:
                raise TimeoutError(f"{label}: no verdict in {PATIENCE} seconds")
            if not first and Result.objects.count() > before:
                first = time.monotonic() - begun
            if Revision.objects.get(pk=revision.pk).verdict in (Verdict.PASSED, Verdict.FAILED):
                last = time.monotonic() - begun
            time.sleep(0.005)
        sound(revision)
        return Times(stored, first or last, last)


def pending(revisions: list[Revision]) -> bool:
    keys = [each.pk for each in revisions]
    return Revision.objects.filter(pk__in=keys, verdict=Verdict.PENDING).exists()


def sound(revision: Revision) -> None:
    """Raise unless the checks passed: a benchmark of refusals would measure nothing."""
    revision.refresh_from_db()
    if revision.verdict != Verdict.PASSED:
        found = Finding.objects.filter(result__runs__revision=revision, level="blocker")
        raise RuntimeError(f"The checks failed: {[each.message for each in found]}")


def artifacts(folder: Path, name: str, count: int, size: int) -> list[Path]:
    """A source archive with its checksum: LICENSE, NOTICE and `count` files of noise."""
    root = Path(settings.BASE_DIR)
    contents = {
        "LICENSE": (root / "LICENSE").read_bytes(),
        "NOTICE": b"Bench\nCopyright 2026 The Bench Project\n",
        "README.md": b"Bench\n=====\n",
    }
    contents |= {f"data/{number}.bin": os.urandom(size) for number in range(count)}
    archive = folder / f"{name}-source.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for path, content in contents.items():
            info = tarfile.TarInfo(f"{name}/{path}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    with archive.open("rb") as stream:
        digest = digest_of(stream)
    checksum = folder / f"{archive.name}.sha512"
    checksum.write_text(f"{digest.sha512}  {archive.name}\n")
    return [archive, checksum]


def upload(release: Release, files: list[Path], by: User) -> Revision:
    """As an upload does: each file is digested, stored, and all become one revision."""
    stored = {}
    for path in files:
        with path.open("rb") as stream:
            digest = digest_of(stream)
        stored[path.name] = Blob.objects.keep(path, digest)
    return release.add_files(stored, by=by)
