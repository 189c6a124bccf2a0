"""A world in which every page has something to show: the same people, names and versions each time,
with real signatures and real checks."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from checks.models import Ignore, Review
from keys.models import AccessToken, Certificate, Login, SshKey, UploadTicket, WorkflowSshKey
from projects.models import Project, User, Workflow
from projects.roles import Role
from releases import texts
from releases.models import Release, Way
from releases.phases import Choice, Outcome
from tests import make, pgp, signed, ssh, workflows
from tests.archives import tar_gz
from tests.checks import reviewed
from tests.checks.sbom import boms
from trusted_releases import demo
from trusted_releases.ledger.worker import run_pending

CHECKLIST = """\
1. Unpack the source archive and compare it with the tag.
2. Run `make test`.
3. Read what has changed in `NOTICE`.
"""


@dataclass(frozen=True)
class World:
    """What there is to look at. Each release stands at another point of its life."""

    people: dict[str, User]
    project: Project
    podling: Project
    released: Release
    published: Release  # and not announced yet
    passed: Release  # and not published yet
    voting: Release
    blocked: Release  # a draft whose checks found blockers
    ready: Release  # a draft that may be voted on, with something to acknowledge
    token: AccessToken  # of alice
    ssh_key: SshKey  # of alice
    run_key: WorkflowSshKey  # of a run that alice has started
    ticket: UploadTicket  # of the same
    own_key: str  # fingerprint of a key that alice has added, and that signs for nobody
    login: Login  # of alice, in another browser
    reviews: dict[str, Review]  # of erin: one that is done, one that failed, one that waits
    embargoed: Release  # a draft that only members of the committee see
    empty: Release  # a draft without files, whose source could not be fetched

    @property
    def fingerprint(self) -> str:
        return self.project.committee.certificates.get().fingerprint


def world() -> World:
    """Build it, with real signatures and real checks. It takes some seconds."""
    people = demo.people()
    project = demo.project("tool", "Apache Tool")
    project.description = "Takes things apart, and puts them together again."
    project.homepage = "https://tool.example.org/"
    project.save()
    project.rules.change(by=people["alice"], checklist=CHECKLIST)
    keys = signed.author().public
    Certificate.objects.import_keys(keys, committee=project.committee, by=people["alice"])
    podling = _podling(people["carol"])
    with TemporaryDirectory() as folder:
        made = _releases(Project.objects.get(pk=project.pk), people, Path(folder))
    token, _ = AccessToken.objects.make(by=people["alice"], label="release script", days=90)
    path = ".github/workflows/release.yml"
    workflow = Workflow(project=project, repository="apache/tool", path=path, phase="vote")
    workflow.grant(by=people["alice"], also=["compose", "finish"])
    key = SshKey.objects.add(ssh.ed25519_key(), by=people["alice"])
    return World(
        people=people,
        project=project,
        podling=podling,
        token=token,
        ssh_key=key,
        run_key=workflows.key(project, people["alice"]),
        ticket=workflows.ticket(project, people["alice"], "1.4")[0],
        own_key=_own_key(people["alice"]),
        login=Login.objects.create(
            owner=people["alice"], session_key="elsewhere", address="192.0.2.7"
        ),
        reviews=_reviews(people["erin"]),
        **made,
    )


def _reviews(person: User) -> dict[str, Review]:
    files = {"tool-2.0-src.tar.gz": tar_gz("tool-2.0/README"), "tool-2.0-src.tar.gz.asc": b"none"}
    made = {"done": reviewed.done(person, files)}
    made["failed"] = reviewed.asked(person, url="https://dist.apache.org/repos/dist/dev/tool/")
    made["failed"].record_failed("There is nothing at that address. Correct the address.")
    return made | {"waits": reviewed.asked(person, files)}


def _own_key(person: User) -> str:
    """A key of hers that signs for no committee."""
    signer = pgp.signer(f"Alice Archer <{person.username}@{settings.MAIL_DOMAIN}>")
    return Certificate.objects.add_own(signer.public, by=person).fingerprint


def _podling(mentor: User) -> Project:
    parent = make.committee("incubator", name="Apache Incubator")
    parent.memberships.create(user=mentor, role=Role.MEMBER)
    young = make.committee("seedling", name="Apache Seedling", is_podling=True, parent=parent)
    return make.project("seedling", name="Apache Seedling", committee=young, hours=None)


def _releases(project: Project, people: dict[str, User], folder: Path) -> dict[str, Release]:
    alice = people["alice"]
    versions = {
        "released": "1.0",
        "published": "1.0.1",
        "passed": "1.1",
        "voting": "1.2",
        "blocked": "1.3",
        "ready": "1.4",
        "empty": "2.0",
    }
    made = {
        name: Release.objects.start(project, version, by=alice)
        for name, version in versions.items()
    }
    for name in ("released", "published", "passed", "voting", "ready"):
        _upload(made[name], alice, folder)
    for place, name in enumerate(("released", "voting")):
        _describe(made[name], alice, place)
    _upload(made["blocked"], alice, folder, spoil=True)
    run_pending()  # the checks
    _generate_sbom(made["blocked"], alice)
    reason = "Our build does not write one yet; it will with 2.0."
    Ignore(project=project, rule="sbom.present", reason=reason).set(by=alice)
    for name in ("released", "published", "passed", "voting"):
        _call_vote(made[name], alice)
    for name in ("released", "published", "passed"):
        _pass(made[name], people)
    _discuss(made["voting"], people)
    for name in ("released", "published"):
        made[name].publish(by=alice)
    run_pending()  # publication, and mails
    subject, body = texts.announcement(made["released"], alice)
    made["released"].announce(by=alice, subject=subject, body=body)
    run_pending()
    made["embargoed"] = Release.objects.start(project, "1.2.1", by=alice, expedited=True)
    _record_source(made["empty"], alice)
    _send_what_is_refused(made["empty"], alice)
    return {name: Release.objects.get(pk=each.pk) for name, each in made.items()}


def _upload(release: Release, by: User, folder: Path, *, spoil: bool = False) -> None:
    """A signed source archive in a first revision; notes beside it in a second.

    Spoilt, the checksum is another file's, and there is something that nobody releases.
    """
    root = f"apache-tool-{release.version}"
    name = f"{root}-source.tar.gz"
    files = signed.files_of(folder, content=signed.archive(root), name=name)
    if spoil:
        files[f"{name}.sha512"] = f"{'0' * 128}  {name}\n".encode()
        files["Thumbs.db"] = b"left behind by a file manager"
    release.add_files({path: make.blob(content) for path, content in files.items()}, by=by)
    release.add_files({"RELEASE-NOTES.md": make.blob(f"# {release}\n\nFaster.\n")}, by=by)


def _generate_sbom(release: Release, by: User) -> None:
    """A bill of materials of the archive, which a worker makes with the next jobs."""
    release.refresh_from_db()
    archive = release.newest.entries.get(path__endswith=".tar.gz")
    release.generate_sbom(archive.path, by=by)


def _record_source(release: Release, by: User) -> None:
    """A tag that the repository does not have, as a worker finds it."""
    source = release.record_source(
        by=by, repository="https://github.com/apache/tool", tag=f"v{release.version}"
    )
    problem = f"The repository has no tag {source.tag}. Push it, or record the one that is meant."
    source.record_failed(source.asked, problem=problem)


def _send_what_is_refused(release: Release, by: User) -> None:
    """An archive that would write outside of where it is unpacked, as a worker finds it."""
    name = f"apache-tool-{release.version}-source.tar.gz"
    files = {name: make.blob(tar_gz("../outside")), "README.md": make.blob("# Tool\n")}
    release.receive(files, by=by, way=Way.RSYNC)
    run_pending()


def _call_vote(release: Release, by: User) -> None:
    release.refresh_from_db()
    subject, body = texts.vote_mail(release, by)
    newest = release.revisions.get(number=release.last_revision)
    release.start_vote(
        by=by, revision=newest.number, subject=subject, body=body, acknowledged=newest.concerns
    )


def _pass(release: Release, people: dict[str, User]) -> None:
    vote = release.votes.get()
    for name in ("alice", "bob", "carol"):
        vote.cast(Choice.FOR, by=people[name], manifest_digest=vote.manifest_digest)
    release.resolve_vote(Outcome.PASSED, by=people["alice"], seen=release.last_vote)


def _discuss(release: Release, people: dict[str, User]) -> None:
    """A vote under way: two binding votes, one that does not bind, and one that objects."""
    vote = release.votes.get()
    for name, choice, comment in (
        ("alice", Choice.FOR, ""),
        ("bob", Choice.FOR, "Signature and checksum are good; builds and tests on Debian 12."),
        ("dave", Choice.AGAINST, "The release notes do not name the changed default."),
        ("erin", Choice.FOR, "Works for us."),
    ):
        vote.cast(choice, by=people[name], comment=comment, manifest_digest=vote.manifest_digest)


def _describe(release: Release, by: User, place: int) -> None:
    """A bill of materials beside the archive, each with something else that is not as it should
    be."""
    parts = [
        boms.licensed("GPL-3.0-only", name="stern", version=f"{place}.0"),
        boms.licensed("LicenseRef-Nobody-Knows", name="unknown", supplier=None, scope="optional"),
        boms.licensed("MIT OR GPL-2.0-only", name=f"free-{place}", type="framework"),
        boms.component("bare", licenses=[], purl=None),
    ]
    flaw = {
        "id": f"CVE-2024-{place}",
        "source": {"name": "NVD", "url": "https://nvd.nist.gov/"},
        "ratings": [{"severity": "high", "score": 7.5}],
        "affects": [{"ref": parts[0]["bom-ref"]}],
    }
    tools = [{"name": "cyclonedx-maven-plugin", "version": "2.7.9"}]
    told = boms.metadata(tools=tools, supplier=None, odd=True)
    data = boms.as_json(*parts, vulnerabilities=[flaw], metadata=told)
    path = f"apache-tool-{release.version}-source.tar.gz.cdx.json"
    release.add_files({path: make.blob(data)}, by=by)
