"""`manage.py demo_releases`: what a demo has to show from its first minutes; `up` calls it."""

import io
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from keys.openpgp_signing import ThrowawaySigner
from projects.models import Project, User
from releases.models import Release
from releases.phases import Phase
from trusted_releases import demo
from trusted_releases.lib.errors import Refused
from trusted_releases.management.commands import demo as steps

RELEASED, VOTED, DRAFT = "1.0.0", "1.1.0", "1.2.0"
NOTES = {
    RELEASED: "the first version",
    VOTED: "reads its input once",
    DRAFT: "is not signed yet, as its checks say",
}


class Command(BaseCommand):
    help = (
        "Make the demo's sample releases: one that is out, one in its vote, and a draft that has "
        "something to mend. A worker has to run. What was broken off goes on; what is done, or was "
        "deleted since, is left as it is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This installation is no demo: set DEMO=1 and DEBUG=1 for one.")
        if demo.samples_made().exists():
            return
        try:
            made()
        except Refused as refusal:  # somebody acts on them at the same time
            raise CommandError(f"{refusal} The samples go on at the next start.") from refusal
        demo.samples_made().touch()


def made() -> None:
    """All of them, each as far as it is meant to come."""
    people = demo.people()
    project = demo.project(demo.SAMPLE, "Sample Library")
    demo.ignore_own_notice(project)
    with TemporaryDirectory() as folder, ThrowawaySigner() as signer:
        key = signer.generate(f"Alice Adler <alice@{settings.MAIL_DOMAIN}>")
        steps.import_keys(project.committee, signer.public(key), people["alice"])
        for version in NOTES:
            archive = packed(Path(folder) / version, version)
            if version != DRAFT:
                signer.sign(archive, keys=[key])
            release = composed(project, version, archive.parent, people["alice"])
            checked(release)
            if version != DRAFT:
                voted(release, people["alice"])
            if version == RELEASED:
                announced(release, people)


def packed(folder: Path, version: str) -> Path:
    """A small source archive, the only file in `folder`."""
    folder.mkdir()
    root = f"{demo.SAMPLE}-{version}"
    archive = folder / f"{root}-source.tar.gz"
    base = Path(settings.BASE_DIR)
    files = {
        "LICENSE": (base / "LICENSE").read_bytes(),
        "NOTICE": (base / "NOTICE").read_bytes(),
        "README.md": f"# Sample Library {version}\n\nThis one {NOTES[version]}.\n".encode(),
        "src/sample.py": f'"""A sample."""\n\nVERSION = "{version}"\n'.encode(),
    }
    with tarfile.open(archive, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"{root}/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return archive


def composed(project: Project, version: str, files: Path, by: User) -> Release:
    """The release with its files, started where it is missing.

    A vote that was not called yet is called on files that are signed now: the key that signed
    the ones before went with the process that made it, perhaps before anybody knew the key."""
    release = project.releases.filter(version=version).first()
    if release is None:
        release = Release.objects.start(project, version, by=by)
    is_open = release.phase == Phase.COMPOSE
    if is_open and (version != DRAFT or not release.last_revision):
        steps.upload(release, files, by)
        release.refresh_from_db()
    return release


def checked(release: Release) -> None:
    """Wait for what the checks say of it."""
    newest = release.revisions.get(number=release.last_revision)
    steps.wait(lambda: steps.verdict(newest), "the checks")


def voted(release: Release, by: User) -> None:
    """Its vote called, with the vote of who called it."""
    if release.phase == Phase.COMPOSE:
        steps.call_vote(release, by)
        release.refresh_from_db()
    if release.phase == Phase.VOTE:
        ballots = release.votes.get(number=release.last_vote).ballots
        if not ballots.filter(voter=by).exists():
            steps.vote(release, [by])


def announced(release: Release, people: dict[str, User]) -> None:
    """From the vote to the announcement."""
    if release.phase == Phase.VOTE:
        steps.vote(release, map(people.__getitem__, steps.VOTERS))
        steps.resolve(release, people["alice"])
        release.refresh_from_db()
    if release.phase == Phase.FINISH:
        steps.publish(release, people["alice"])
        steps.announce(release, people["alice"])
