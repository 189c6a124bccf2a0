"""Embargoed releases at every point of their life, beside one that is public, for tests."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from projects.models import Project, User
from releases.models import Release, Vote
from releases.phases import Choice, Outcome
from tests import make
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run

FILE = "hush-hush.tar.gz"  # a name that stands nowhere else
WORDS = "the flaw in the parser"  # of a ballot


@dataclass(frozen=True)
class Secrets:
    """What nobody but `member` may know of."""

    project: Project
    member: User
    draft: Release
    voting: Release
    finished: Release
    deleted: str  # the version of a draft that was thrown away

    @property
    def releases(self) -> list[Release]:
        return [self.draft, self.voting, self.finished]

    @property
    def words(self) -> list[str]:
        """What no page of somebody else may hold."""
        versions = [each.version for each in self.releases]
        digests = [each.newest.manifest_digest for each in self.releases]
        return [*versions, self.deleted, FILE, WORDS, *digests]


def secrets(slug: str = "tool") -> Secrets:
    project = make.project(slug)
    member = make.member(project)
    draft, voting, finished, gone = (
        expedited(project, member, version)
        for version in ("7.171.1", "7.272.2", "7.373.3", "7.474.4")
    )
    vote = call(voting, member)
    vote.cast(Choice.FOR, by=member, comment=WORDS, manifest_digest=vote.manifest_digest)
    passed(finished, member)
    finished.publish(by=member)
    work()
    gone.delete_draft(by=member)
    releases = [Release.objects.get(pk=each.pk) for each in (draft, voting, finished)]
    return Secrets(project, member, *releases, gone.version)


def expedited(project: Project, by: User, version: str) -> Release:
    """One with a file and passed checks: ready for a vote."""
    made = Release.objects.start(project, version, by=by, expedited=True)
    made.add_files({FILE: make.blob(f"of {version}")}, by=by)
    make.checked(made.newest)
    return made


def call(release: Release, by: User, **more: Any) -> Vote:
    subject, body = f"[VOTE] Release {release}", "Please vote."
    return release.start_vote(
        by=by, revision=release.newest.number, subject=subject, body=body, **more
    )


def passed(release: Release, by: User) -> Release:
    """As it is when three members have voted for it."""
    vote = call(release, by)
    for each in (by, make.member(release), make.member(release)):
        vote.cast(Choice.FOR, by=each, comment=WORDS, manifest_digest=vote.manifest_digest)
    release.resolve_vote(Outcome.PASSED, by=by)
    return release


def jobs() -> "QuerySet[Job]":
    names = ("releases.send_mail", "notices.tell", "releases.publish", "releases.write_keys")
    return Job.objects.filter(name__in=names, state=Job.State.QUEUED).order_by("pk")


def work() -> None:
    """Have done what workers do about mails, notices and files."""
    while waiting := list(jobs()):
        for job in waiting:
            run(job.pk)
