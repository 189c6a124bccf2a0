"""`manage.py demo`: one release from files to announcement, by a real worker and web server."""

import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.urls import reverse

from checks.models import Finding
from keys.models import Certificate
from keys.persons import address_in
from projects.models import Committee, Project, User
from releases import texts
from releases.models import Blob, Message, Publication, Release, Revision
from releases.phases import Choice, Outcome, Verdict
from trusted_releases import demo
from trusted_releases.ledger.models import Job
from trusted_releases.lib.digests import digest_of
from trusted_releases.lib.errors import BadInput, Refused
from trusted_releases.management.commands.up import children, free_port

PATIENCE = 900  # seconds for one step of a worker
VOTERS = ("alice", "bob", "carol")
NAME = re.compile(r"(?P<name>.+?)[-_](?P<version>\d[A-Za-z0-9.+]*?)(?:[-_.][a-z].*)?\.[a-z]")


class Command(BaseCommand):
    help = (
        "Take files with their signatures through start, upload, checks, vote, resolution, "
        "publication and announcement; download what was published and compare it with what was "
        "voted. Exits 1 if anything differs, or if checks find blockers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--files", type=Path, help="folder of artifacts with signatures")
        parser.add_argument("--keys", type=Path, help="the KEYS file that they are signed with")

    def handle(self, *args: Any, files: Path | None, keys: Path | None, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This installation is no demo: set DEMO=1 and DEBUG=1 for one.")
        if (files is None) != (keys is None):
            raise CommandError("Give both FILES and KEYS, or neither.")
        call_command("migrate", verbosity=0)
        port = free_port("127.0.0.1", 8100 + os.getpid() % 800)  # demos side by side
        with TemporaryDirectory() as folder, served(port) as address:
            try:
                self.walk(address, files or Path(folder), keys)
            except Refused as refusal:
                raise CommandError(str(refusal)) from refusal

    def walk(self, address: str, files: Path, keys: Path | None) -> None:
        """The whole way, one printed line a step."""
        self.step("processes", lambda: wait(lambda: running(address), "its start"))
        begun = time.monotonic()
        people = demo.people()
        release, signers = self.step("start", lambda: start(files, keys))
        self.say(f"    {release}, by {release.created_by.get_full_name()}")
        self.step("keys", lambda: import_keys(release.committee, signers, people["alice"]))
        revision = self.step("upload", lambda: upload(release, files, people["alice"]))
        self.say(f"    {revision.file_count} files, {revision.total_size:,} bytes")
        self.say(f"    {revision.manifest_digest}")
        self.step("checks", lambda: wait(lambda: verdict(revision), "the checks"))
        self.report(revision)
        self.step("call vote", lambda: call_vote(release, people["alice"]))
        self.step("ballots", lambda: vote(release, map(people.__getitem__, VOTERS)))
        self.step("resolve", lambda: resolve(release, people["alice"]))
        self.step("publish", lambda: publish(release, people["alice"]))
        self.step("announce", lambda: announce(release, people["alice"]))
        self.step("mails", lambda: wait(lambda: mails_sent(release), "the mails"))
        wrong = self.step("download and compare", lambda: compare(release, address))
        if wrong:
            raise CommandError("\n".join(wrong))
        self.say(
            f"{release} is released: {revision.file_count} files, byte for byte what was voted. "
            f"{time.monotonic() - begun:.1f} s in all."
        )

    def step(self, name: str, act: Callable[[], Any]) -> Any:
        began = time.monotonic()
        done = act()
        self.say(f"{name:<22}{time.monotonic() - began:8.2f} s")
        return done

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def report(self, revision: Revision) -> None:
        """What the checks found; blockers stop the demo, as they stop a release."""
        revision.refresh_from_db()
        shown = ", ".join(f"{number} {level}" for level, number in revision.counts.items())
        self.say(f"    {shown}")
        found = Finding.objects.filter(result__runs__revision=revision).worst_first()
        hidden = set(found.filter(revision.run.hidden).values_list("pk", flat=True))
        for each in found.exclude(level="note").exclude(pk__in=hidden):
            where = each.path + (f" ({each.member})" if each.member else "")
            self.say(f"    {each.level}: {where}: {each.message} [{each.rule}]")
        if revision.verdict != Verdict.PASSED:
            self.say("The checks found blockers, so there is no vote.")
            sys.exit(1)


@contextmanager
def served(port: int) -> Iterator[str]:
    """A web server and a worker, real processes both, for as long as the block runs."""
    address = f"http://localhost:{port}"
    with children(settings.SITE_URL, f"127.0.0.1:{port}") as running:
        yield address
        for child in running.values():
            child.terminate()
        for child in running.values():
            child.wait()


def running(address: str) -> bool:
    """Whether the web server answers, and it sees a worker alive."""
    with suppress(OSError), urlopen(f"{address}{reverse('readyz')}", timeout=2):  # noqa: S310
        return True
    return False


def start(files: Path, keys: Path | None) -> tuple[Release, bytes]:
    """Start a release under the name and version that the files have."""
    if keys is None:
        project = demo.project(demo.OWN, "Trusted Releases")
        version = free_version(project, settings.VERSION)
        demo.ignore_own_notice(project)
        signers = demo.own_release(files, version)
    else:
        name, version = named(files)
        project = demo.project(name)
        version = free_version(project, version)
        signers = keys.read_bytes()
    by = demo.people()["alice"]
    return Release.objects.start(project, version, by=by), signers


def named(files: Path) -> tuple[str, str]:
    """Project and version as the names of the artifacts say."""
    found = [NAME.match(path.name) for path in artifacts(files)]
    match = next((each for each in found if each), None)
    if match is None:
        raise CommandError(f"{files} holds no file that is called like name-1.2.3.tar.gz.")
    slug = re.sub(r"[^a-z0-9]+", "-", match["name"].lower()).strip("-")
    return slug[:60], match["version"]


def free_version(project: Project, wanted: str) -> str:
    """The version, or with a number behind it when an earlier demo has taken it."""
    taken = set(project.releases.values_list("version", flat=True))
    tries = (wanted if n == 1 else f"{wanted}-demo.{n}" for n in range(1, 10_000))
    return next(version for version in tries if version not in taken)


def artifacts(files: Path) -> list[Path]:
    """What is uploaded: everything in the folder but KEYS, which is the committee's business."""
    return sorted(p for p in files.rglob("*") if p.is_file() and p.name != "KEYS")


def import_keys(committee: Committee, signers: bytes, by: User) -> None:
    Certificate.objects.import_keys(signers, committee=committee, by=by)
    held = Certificate.objects.filter(links__committee=committee)
    said = held.values_list("user_ids", flat=True)
    demo.signers(address_in(each) for user_ids in said for each in user_ids)


def upload(release: Release, files: Path, by: User) -> Revision:
    scratch = Path(settings.SCRATCH_DIR)
    scratch.mkdir(parents=True, exist_ok=True)
    stored = {}
    for path in artifacts(files):
        copy = scratch / f"demo-{time.monotonic_ns()}"
        shutil.copyfile(path, copy)
        with copy.open("rb") as stream:
            digest = digest_of(stream)
        stored[str(path.relative_to(files))] = Blob.objects.keep(copy, digest)
        copy.unlink()
    return release.add_files(_with_checksums(stored, scratch), by=by)


def _with_checksums(stored: dict[str, Blob], scratch: Path) -> dict[str, Blob]:
    """What upstream keeps on its server beside the files at hand: a `.sha512` for each artifact."""
    made = dict(stored)
    for path, blob in stored.items():
        signed = f"{path}.asc" in stored
        if not signed or {f"{path}.sha512", f"{path}.sha256"} & set(stored):
            continue
        copy = scratch / f"demo-{time.monotonic_ns()}"
        copy.write_text(f"{blob.sha512}  {Path(path).name}\n")
        with copy.open("rb") as stream:
            made[f"{path}.sha512"] = Blob.objects.keep(copy, digest_of(stream))
        copy.unlink()
    return made


def wait(look: Callable[[], Any], what: str) -> Any:
    """Look until there is something to see; a failed job is told at once."""
    newest = Job.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        failed = Job.objects.filter(state=Job.State.FAILED, pk__gt=newest - 50).first()
        if failed is not None:
            raise CommandError(f"{failed.name} failed: {failed.error}")
        time.sleep(0.05)
    raise CommandError(f"No worker finished {what} in {PATIENCE} seconds.")


def verdict(revision: Revision) -> bool:
    revision.refresh_from_db()
    return revision.verdict != Verdict.PENDING


def call_vote(release: Release, by: User) -> None:
    """As a release manager would: with every concern looked at, which the demo has printed."""
    release.refresh_from_db()
    subject, body = texts.vote_mail(release, by)
    newest = release.revisions.get(number=release.last_revision)
    release.start_vote(
        by=by,
        revision=newest.number,
        subject=subject,
        body=body,
        acknowledged=newest.concerns,
    )


def vote(release: Release, voters: Iterable[User]) -> None:
    ballot_paper = release.votes.get(number=release.last_vote)
    for each in voters:
        ballot_paper.cast(Choice.FOR, by=each, manifest_digest=release.voted.manifest_digest)


def resolve(release: Release, by: User) -> None:
    release.resolve_vote(Outcome.PASSED, by=by, seen=release.last_vote)


def publish(release: Release, by: User) -> None:
    """Have it published, unless that is in hand already, and wait for it."""
    known = Publication.objects.filter(release=release).first()
    if known is not None and known.is_in_hand():
        publication = known
    else:
        publication = release.publish(by=by, manifest=release.voted.manifest_digest)

    def over() -> bool:
        publication.refresh_from_db()
        return publication.state != Publication.State.RUNNING

    wait(over, "the publication")
    if publication.state == Publication.State.FAILED:
        raise BadInput(publication.error)


def announce(release: Release, by: User) -> None:
    release.refresh_from_db()
    subject, body = texts.announcement(release, by)
    release.announce(by=by, subject=subject, body=body)


def mails_sent(release: Release) -> bool:
    """Call, three ballots, result, announcement."""
    return Message.objects.filter(release=release, sent_at__isnull=False).count() >= 6


def compare(release: Release, address: str) -> list[str]:
    """Fetch every published file over HTTP; what differs from the voted manifest, as sentences."""
    wrong = []
    for line in release.voted.lines():
        place = f"{release.publication.location}/{line.path}"
        url = address + reverse("releases:published-file", args=[place])
        with urlopen(quote(url, safe=":/~()+")) as answer:  # noqa: S310 - our own server
            found = digest_of(answer)
        if (found.sha256, found.sha512, found.size) != (line.sha256, line.sha512, line.size):
            wrong.append(f"{line.path}: downloaded {found.sha256}, voted {line.sha256}.")
    return wrong
