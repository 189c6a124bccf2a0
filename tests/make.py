"""Ready-made objects for tests. Say only what the test is about; the rest is filled in."""

from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils.timezone import now

from checks.engine.model import Level
from checks.models import Ignore
from keys.models import Certificate
from projects.models import Committee, Membership, Policy, Project, User, Workflow
from projects.roles import Role
from releases.models import Blob, Publication, Release, Revision, Vote
from releases.phases import Choice, Outcome, Verdict
from releases.second import second_of
from trusted_releases.lib.digests import digest_of

_numbers = count(1)


def user(username: str = "", **fields: Any) -> User:
    name = username or f"person{next(_numbers)}"
    fields.setdefault("email", f"{name}@example.org")
    return User.objects.create_user(name, **fields)


def operator() -> User:
    return user(is_superuser=True, is_staff=True)


def staff(*groups: str, **fields: Any) -> User:
    """Somebody who works in the console, in these of its groups."""
    person = user(is_staff=True, **fields)
    person.groups.set(Group.objects.filter(name__in=groups))
    return person


def committee(slug: str = "", **fields: Any) -> Committee:
    slug = slug or f"committee{next(_numbers)}"
    return Committee.objects.create(slug=slug, name=fields.pop("name", slug.title()), **fields)


def project(slug: str = "", *, hours: int | None = 0, **fields: Any) -> Project:
    """A project with a policy: votes end when the rule is met, unless `hours` says otherwise."""
    slug = slug or f"project{next(_numbers)}"
    fields.setdefault("committee", None)
    fields["committee"] = fields["committee"] or committee(slug)
    made = Project.objects.create(slug=slug, name=fields.pop("name", slug.title()), **fields)
    Policy.objects.create(project=made, min_hours=hours)
    return made


def podling(slug: str = "young", *, hours: int | None = 0) -> Project:
    """A project of a committee in the making, below a parent that votes after it."""
    parent = committee(f"{slug}-parent", name="Incubator")
    young = committee(f"{slug}-committee", name=slug.title(), is_podling=True, parent=parent)
    return project(slug, committee=young, hours=hours)


def second(on: Release | None = None) -> Vote:
    """The open second round of a podling's vote, whose first has passed with three formal +1."""
    opened = vote(on or candidate(podling()))
    for _ in range(3):
        opened.cast(Choice.FOR, by=member(opened.project), manifest_digest=opened.manifest_digest)
    by = member(opened.project)
    resolved = opened.release.resolve_vote(
        Outcome.PASSED, by=by, second=second_of(opened.release, by)
    )
    following = resolved.second_round
    assert following is not None
    return following


def member(where: Project | Committee, role: str = Role.MEMBER, **fields: Any) -> User:
    """A new person with a role in the committee of `where`."""
    person = user(**fields)
    Membership.objects.create(committee=where.committee, user=person, role=role)
    return person


def blob(content: bytes | str = "content\n") -> Blob:
    """Real bytes in the real store."""
    data = content.encode() if isinstance(content, str) else content
    scratch = Path(settings.SCRATCH_DIR)
    scratch.mkdir(parents=True, exist_ok=True)
    file = scratch / f"make-{next(_numbers)}-{id(data)}"
    file.write_bytes(data)
    with file.open("rb") as stream:
        digest = digest_of(stream)
    try:
        return Blob.objects.keep(file, digest)
    finally:
        file.unlink(missing_ok=True)


def release(
    where: Project | None = None,
    *,
    by: User | None = None,
    version: str = "",
    files: dict[str, bytes | str] | None = None,
) -> Release:
    """A draft; with `files`, it has one revision that nobody has checked yet."""
    where = where or project()
    by = by or member(where)
    version = version or f"1.{next(_numbers)}"
    made = Release.objects.start(where, version, by=by)
    if files:
        made.add_files({path: blob(content) for path, content in files.items()}, by=by)
    return made


def checked(
    revision: Revision, verdict: Verdict = Verdict.PASSED, concerns: tuple[str, ...] = ()
) -> Revision:
    """As if the checks had run, under today's keys and policy."""
    revision.record_verdict(
        verdict,
        counts={str(level): 0 for level in Level} | {"error": 0},
        concerns=concerns,
        basis=revision.release.check_basis(),
    )
    return revision


def candidate(where: Project | None = None, **fields: Any) -> Release:
    """A draft with a file and passed checks: ready for a vote."""
    fields.setdefault("files", {"apache-x-1.0.tar.gz": "bytes"})
    made = release(where, **fields)
    checked(made.newest)
    return made


def vote(on: Release | None = None, *, by: User | None = None, hours: int | None = None) -> Vote:
    """An open vote."""
    on = on or candidate()
    return on.start_vote(
        by=by or member(on.project),
        revision=on.newest.number,
        subject=f"[VOTE] Release {on}",
        body="Please vote.",
        hours=hours,
    )


def passed(on: Release | None = None) -> Release:
    """A release whose vote has passed with three binding +1."""
    opened = vote(on)
    for _ in range(3):
        opened.cast(Choice.FOR, by=member(opened.project), manifest_digest=opened.manifest_digest)
    opened.release.resolve_vote(Outcome.PASSED, by=member(opened.project))
    return opened.release


def publication(on: Release | None = None) -> Publication:
    """A publication that a worker has yet to carry out."""
    on = on or passed()
    return on.publish(by=member(on.project))


def workflow(where: Project) -> Workflow:
    """Not granted yet: `.grant(by=)` does that."""
    path = ".github/workflows/release.yml"
    return Workflow(project=where, repository="apache/tool", path=path, phase="vote")


def robot(where: Project | Committee, **fields: Any) -> Certificate:
    """A key in the committee's KEYS that its workflows sign with."""
    of = where.committee if isinstance(where, Project) else where
    address = f"private@{of.slug}.{settings.MAIL_DOMAIN}"
    made = Certificate.objects.create(
        **{
            "fingerprint": f"{next(_numbers):040x}",
            "key_id": f"{next(_numbers):016x}",
            "algorithm": "ed25519",
            "length": 256,
            "created_at": now(),
            "user_ids": [f"{of.name} Automated Release Signing <{address}>"],
            "armored": "a key",
        }
        | fields
    )
    made.links.create(committee=of)
    return made


def ignore(where: Project) -> Ignore:
    """Not set yet: `.set(by=)` does that."""
    return Ignore(project=where, rule="paths", reason="Agreed upon.")
