"""Every verb, done in the name of somebody: what the tests of acting on behalf walk through."""

from collections.abc import Callable
from typing import Any

from checks.models import Comparison, Review, Scan
from keys.models import Certificate, KeyLink, KeysFile, Login, SshKey, WorkflowSshKey
from projects.models import Committee, Project, User, Workflow
from releases.models import Arrival, Message, Release, Way
from releases.phases import Outcome
from tests import make, pgp, workflows
from tests.api import token


def as_person(person: User, officer: User) -> User:
    """The account as a request of somebody who acts for the person has it."""
    found = User.objects.get(pk=person.pk)
    found.acted_by = officer
    return found


def a_link(release: Release, by: User) -> KeyLink:
    Certificate.objects.import_keys(pgp.signer().public, committee=release.committee, by=by)
    return KeyLink.objects.get()


def a_key(release: Release) -> Certificate:
    """One that another committee has."""
    other = make.project().committee
    by = make.member(other)
    Certificate.objects.import_keys(pgp.signer().public, committee=other, by=by)
    return Certificate.objects.get()


def external(committee: Committee) -> KeysFile:
    file = KeysFile.objects.of(committee)
    file.set_mode("external", address="https://example.org/KEYS", by=make.member(committee))
    return file


def with_vote(release: Release) -> Release:
    make.checked(release.newest)
    make.vote(release)
    return Release.objects.get(pk=release.pk)


def failed(release: Release) -> Release:
    publication = make.publication(make.passed(make.candidate(release.project)))
    publication.record_failed("The disk is full.")
    return Release.objects.get(pk=publication.release_id)


def ready(release: Release) -> dict[str, Any]:
    make.checked(release.newest)
    return {"revision": release.newest.number, "subject": "[VOTE]", "body": "Please vote."}


def a_mail(release: Release) -> Message:
    message = Message.objects.create(release=release, event=4711, message_id="<4711@x>")
    message.deliveries.create(address="a@example.org", state="refused")
    return message


def received(release: Release, by: User, path: str = "b.txt") -> Any:
    return release.receive({path: make.blob("b")}, by=by, way=Way.API)


def refused(release: Release) -> Arrival:
    arrival: Arrival = received(release, make.member(release), "b.tar")
    arrival.record_refused({"b.tar": "It is none."})
    return arrival


def granted(project: Project) -> Workflow:
    return make.workflow(project).grant(by=make.member(project))


def a_run_key(release: Release) -> WorkflowSshKey:
    return workflows.key(release.project, make.member(release.project))


def expedited(release: Release) -> Release:
    by = make.member(release)
    return Release.objects.start(release.project, "9.8", by=by, expedited=True)


Case = Callable[[Release, User], Any]
WHY, MAIL = {"reason": "Because"}, {"subject": "Out now", "body": "Here it is."}
REPOSITORY = "https://github.com/apache/tool"
# Each verb, done (or refused) in the name of `by`, a member of the release's committee.
VERBS: dict[str, Case] = {
    "Release.start": lambda r, by: Release.objects.start(r.project, "9.9", by=by),
    "Composing.add_files": lambda r, by: r.add_files({"b.txt": make.blob("b")}, by=by),
    "Composing.delete_files": lambda r, by: r.delete_files(["a.txt"], by=by),
    "Tidying.rename_file": lambda r, by: r.rename_file("a.txt", "c.txt", by=by),
    "Tidying.move_files": lambda r, by: r.move_files(["a.txt"], "docs", by=by),
    "Tidying.strip_candidate_tags": lambda r, by: r.strip_candidate_tags(by=by),
    "Tidying.generate_checksums": lambda r, by: r.generate_checksums(["a.txt"], by=by),
    "Tidying.tag_revision": lambda r, by: r.tag_revision(1, "rc1", by=by),
    "Composing.restore_revision": lambda r, by: r.restore_revision(9, by=by),
    "Sourcing.record_source": lambda r, by: r.record_source(by=by, repository=REPOSITORY, tag="v1"),
    "Sourcing.fetch_source_again": lambda r, by: r.fetch_source_again(by=by),
    "Sourcing.forget_source": lambda r, by: r.forget_source(by=by),
    "Embargoing.lift_embargo": lambda r, by: expedited(r).lift_embargo(by=by, **WHY),
    "Release.delete_draft": lambda r, by: r.delete_draft(by=by),
    "Voting.start_vote": lambda r, by: r.start_vote(by=by, **ready(r)),
    "Resolving.resolve_vote": lambda r, by: with_vote(r).resolve_vote(Outcome.CANCELLED, by=by),
    "Vote.read_thread": lambda r, by: with_vote(r).vote.read_thread(by=by),
    "Vote.cast": lambda r, by: with_vote(r).vote.cast("+1", by=by, manifest_digest="x"),
    "Repair.cancel_vote": lambda r, by: with_vote(r).cancel_vote(by=by, **WHY),
    "Repair.recheck": lambda r, by: r.recheck(by=by, **WHY),
    "Repair.retry_publication": lambda r, by: failed(r).retry_publication(by=by, **WHY),
    "Finishing.publish": lambda r, by: failed(r).publish(by=by),
    "Message.resend": lambda r, by: a_mail(r).resend(by=by),
    "Finishing.announce": lambda r, by: failed(r).announce(by=by, **MAIL),
    "Generating.generate_sbom": lambda r, by: r.generate_sbom("a.txt", by=by),
    "Arriving.receive": lambda r, by: received(r, by),
    "Arrival.dismiss": lambda r, by: refused(r).dismiss(by=by),
    "Comparison.ask": lambda r, by: Comparison.objects.of(
        make.blob("a"), make.blob("b"), "a.zip"
    ).ask(r, "a.zip", by=by),
    "Importing.import_files": lambda r, by: r.import_files(
        "web", "https://dist.apache.org/x/", by=by
    ),
    "Scan.ask": lambda r, by: Scan(release=r, path="a.txt", blob=make.blob("a")).ask(by=by),
    "Review.ask": lambda r, by: Review(url="https://dist.apache.org/x/").ask(by=by),
    "Review.discard": lambda r, by: Review(owner=by, pk=1).discard(by=by),
    "Workflow.grant": lambda r, by: make.workflow(r.project).grant(by=by),
    "Workflow.revoke": lambda r, by: granted(r.project).revoke(by=by),
    "AccessToken.revoke": lambda r, by: token(make.user()).revoke(by=by),
    "WorkflowPass.revoke": lambda r, by: a_run_key(r).revoke(by=by, **WHY),
    "Login.end": lambda r, by: Login(owner=by, pk=1).end(by=by),
    "SshKey.remove": lambda r, by: SshKey(owner=by, pk=1).remove(by=by),
    "KeyLink.unlink": lambda r, by: a_link(r, by).unlink(by=by),
    "Certificate.link": lambda r, by: a_key(r).link(r.committee, by=by),
    "KeysFile.set_mode": lambda r, by: KeysFile.objects.of(r.committee).set_mode("manual", by=by),
    "KeysFile.publish": lambda r, by: KeysFile.objects.of(r.committee).publish(by=by),
    "KeysFile.ask": lambda r, by: external(r.committee).ask(by=by),
    "Ignore.set": lambda r, by: make.ignore(r.project).set(by=by),
    "Ignore.lift": lambda r, by: make.ignore(r.project).set(by=make.member(r.project)).lift(by=by),
    "Policy.change": lambda r, by: r.project.policy.change(by=by, min_hours=96),
    "Committee.add_member": lambda r, by: r.committee.add_member(make.user(), "member", by=by),
    "Committee.remove_member": lambda r, by: r.committee.remove_member(by, "member", by=by),
    "Holding.hold": lambda r, by: r.project.hold(by=by, **WHY),
    "Holding.unhold": lambda r, by: r.project.unhold(by=by, **WHY),
    "Account.switch_off": lambda r, by: make.user().switch_off(by=by, **WHY),
    "Account.switch_on": lambda r, by: make.user().switch_on(by=by, **WHY),
    "Account.revoke_credentials": lambda r, by: make.user().revoke_credentials(by=by, **WHY),
    "Account.begin_acting": lambda r, by: make.user().begin_acting(by=by, **WHY),
}
