"""Who comes by what a run was given: the least that it needs, and no longer than all of it holds.

What ends it: the matrix of `test_ends.py` has each end, here is what it may while it stands.
"""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils.timezone import now

from keys import passes, tasks
from keys.models import Certificate, UploadTicket, WorkflowSshKey
from projects.models import Project, User
from projects.roles import Role, may
from releases.models import Release
from tests import make, workflows
from tests.issuer import REPOSITORY, WORKFLOW
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make.project("tool")


@pytest.fixture
def alice(project: Project) -> User:
    return make.member(project, username="alice")


@pytest.fixture
def key(project: Project, alice: User) -> WorkflowSshKey:
    return workflows.key(project, alice)


def test_who_comes_may_upload_into_that_project_and_nothing_else(project, alice, key) -> None:
    person = passes.person_by(key)
    assert person.pk == alice.pk
    assert person.comes_by == f"SSH key {key.fingerprint} of run 99 of {WORKFLOW} in {REPOSITORY}"
    assert may(person, "releases.change_files", project)
    assert may(person, "releases.start_release", Release(project=project, version="1.0"))
    for perm in ("releases.start_vote", "projects.change_policy", "releases.delete_draft"):
        assert may(alice, perm, project)
        assert not may(person, perm, project)
    same = make.project("other", committee=project.committee)
    assert may(alice, "releases.change_files", same)
    assert not may(person, "releases.change_files", same)
    assert not may(person, "keys.own_ssh_keys", person)


def test_a_key_opens_for_twenty_minutes_and_what_has_begun_may_end(key) -> None:
    assert (key.expires_at - key.made_at) == timedelta(minutes=20)
    with time_machine.travel(now() + timedelta(minutes=19)):
        assert passes.key_of(key.fingerprint) == key
    with time_machine.travel(now() + timedelta(minutes=20, seconds=1)):
        assert passes.key_of(key.fingerprint) is None
        assert passes.key_of(key.fingerprint, begun=True) == key
    key.revoke(by=make.member(key.project), reason="Stolen.")
    assert passes.key_of(key.fingerprint, begun=True) is None


def no_key_of_committee(key: WorkflowSshKey) -> None:
    Certificate.objects.get().links.all().delete()


def project_held(key: WorkflowSshKey) -> None:
    key.project.hold(by=make.user(is_superuser=True), reason="Looks odd.")


def project_retired(key: WorkflowSshKey) -> None:
    Project.objects.update(status=Project.Status.RETIRED)


def link_gone(key: WorkflowSshKey) -> None:
    User.objects.filter(pk=key.owner_id).update(github_id=None)


def linked_with_another(key: WorkflowSshKey) -> None:
    User.objects.filter(pk=key.owner_id).update(github_id=1)


def role_lowered(key: WorkflowSshKey) -> None:
    key.owner.memberships.all().delete()


def grant_given_anew(key: WorkflowSshKey) -> None:
    """Whoever looks at the list of grants must not find that one that was taken back lives on."""
    key.grant.revoke(by=make.member(key.project))
    workflows.let(key.project, key.owner)


@pytest.mark.parametrize(
    "end",
    [
        *(no_key_of_committee, project_held, project_retired, link_gone, linked_with_another),
        *(role_lowered, grant_given_anew),
    ],
    ids=lambda end: end.__name__,
)
def test_what_it_was_given_for_must_hold_each_time(project, alice, key, end) -> None:
    _, secret = workflows.ticket(project, alice)
    assert passes.key_of(key.fingerprint) is not None
    end(key)
    assert passes.key_of(key.fingerprint) is None
    assert passes.key_of(key.fingerprint, begun=True) is None
    with pytest.raises(PermissionDenied):
        passes.redeem(secret)


def test_a_ticket_is_good_once(project, alice) -> None:
    ticket, secret = workflows.ticket(project, alice)
    person, found = passes.redeem(secret)
    assert (person.pk, found.pk, found.version) == (alice.pk, ticket.pk, "1.0")
    assert person.comes_by.startswith(f"Upload ticket {ticket.pk} for 1.0 of run 99")
    with pytest.raises(PermissionDenied, match="it was used"):
        passes.redeem(secret)
    ticket.refresh_from_db()
    assert (ticket.is_good, ticket.ended_how) == (False, "it was used")


def test_of_two_who_bring_a_ticket_at_once_one_is_turned_away(project, alice) -> None:
    _, secret = workflows.ticket(project, alice)
    first, second = (UploadTicket.objects.of_secret(secret) for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.use(), second.use()) == (True, False)


def test_of_a_ticket_only_a_digest_is_kept(project, alice) -> None:
    ticket, secret = workflows.ticket(project, alice)
    assert secret.startswith("tru_")
    row = UploadTicket.objects.filter(pk=ticket.pk).values().get()
    assert secret not in str(row)
    assert secret not in str(list(Event.objects.values()))


def test_a_ticket_that_is_none_revoked_or_over_says_so(project, alice) -> None:
    with pytest.raises(PermissionDenied, match="no upload ticket"):
        passes.redeem("tru_nonsense")
    ticket, secret = workflows.ticket(project, alice)
    later, over = time_machine.travel(now() + timedelta(minutes=21)), "its time is over"
    with later, pytest.raises(PermissionDenied, match=over):
        passes.redeem(secret)
    ticket.revoke(by=alice, reason="Not wanted.")
    with pytest.raises(PermissionDenied, match="revoked by alice"):
        passes.redeem(secret)


def test_a_ticket_is_for_its_version_and_project_and_others_for_all(project, alice) -> None:
    ticket, _ = workflows.ticket(project, alice)
    passes.require_for(ticket, "tool", "1.0")
    passes.require_for(None, "other", "2.0")
    for place in (("tool", "2.0"), ("other", "1.0")):
        with pytest.raises(PermissionDenied, match=r"for tool 1\.0 only"):
            passes.require_for(ticket, *place)


def test_people_of_the_committee_and_officers_revoke_and_nobody_else(project, alice, key) -> None:
    for stranger in (make.user(is_committer=True), make.member(make.project())):
        with pytest.raises(PermissionDenied):
            key.revoke(by=stranger, reason="Mine is better.")
    with pytest.raises(BadInput, match="Say why"):
        key.revoke(by=alice, reason=" ")
    assert passes.key_of(key.fingerprint) == key
    helper = make.member(project, Role.PARTICIPANT, username="bob")
    key.revoke(by=helper, reason="Not ours.")
    event = Event.objects.get(tag=Tag.WORKFLOW_KEY_REVOKED)
    assert (event.actor, event.facts["reason"], event.project) == ("bob", "Not ours.", "tool")
    assert event.facts["fingerprint"] == key.fingerprint
    with pytest.raises(Stale):
        key.revoke(by=alice, reason="Again.")
    workflows.ticket(project, alice)[0].revoke(by=make.operator(), reason="Leaked.")
    facts = Event.objects.get(tag=Tag.TICKET_REVOKED).facts
    assert (facts["reason"], facts["run"]) == ("Leaked.", "99")


def test_what_everybody_may_read_does_not_name_the_version_of_a_draft(project, alice) -> None:
    ticket, _ = workflows.ticket(project, alice, "9.8.7")
    ticket.revoke(by=alice, reason="Not wanted.")
    told = Event.objects.filter(tag__in=[Tag.TICKET_MADE, Tag.TICKET_REVOKED])
    assert told.count() == 2
    assert not any("9.8.7" in str(each.facts) for each in told)


def test_what_a_person_loses_with_all_credentials(project, alice, key) -> None:
    _, secret = workflows.ticket(project, alice)
    alice.revoke_credentials(by=make.operator(), reason="Stolen laptop.", switch_off=False)
    User.objects.filter(pk=alice.pk).update(github_id=key.actor_id)  # linked again, later
    assert passes.key_of(key.fingerprint) is None
    with pytest.raises(PermissionDenied, match="revoked"):
        passes.redeem(secret)
    tags = set(Event.objects.values_list("tag", flat=True))
    assert {Tag.WORKFLOW_KEY_REVOKED, Tag.TICKET_REVOKED} <= tags


def test_what_ended_a_month_ago_is_forgotten_and_the_log_is_not(project, alice, key) -> None:
    workflows.ticket(project, alice)
    with time_machine.travel(now() + timedelta(days=29)):
        assert tasks.forget_passes(None) == {"forgotten": 0}
    with time_machine.travel(now() + timedelta(days=31)):
        assert tasks.forget_passes(None) == {"forgotten": 2}
    assert Event.objects.filter(tag=Tag.WORKFLOW_KEY_ADDED).exists()
