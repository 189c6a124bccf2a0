"""Embargoed releases: who starts one, who acts on it, where its mails go, how the embargo ends."""

from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.db import IntegrityError, transaction

from notices.models import Notice
from projects.models import Cycle, Recipients, VoteMode
from projects.roles import Role
from releases.models import Embargo, Message, Publication, Release, Vote
from releases.models.hidden import told_to
from releases.models.timed import Ending
from releases.phases import Phase
from releases.ssh import session
from releases.ssh.commands import Command
from tests import make
from tests.api import Api, refused
from tests.embargoed import FILE, call, expedited, passed, work
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db

OUT = {"subject": "[ANNOUNCE] Tool 2.0", "body": "It is out."}


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def alice(project):
    return make.member(project, username="alice")


@pytest.fixture
def release(project, alice) -> Release:
    return expedited(project, alice, "2.0")


def published(release: Release, by) -> Release:
    passed(release, by).publish(by=by)
    work()
    return Release.objects.get(pk=release.pk)


def downloads(*parts: str) -> Path:
    return Path(storages["downloads"].path("")).joinpath(*parts)


def codes(call, *arguments, **named) -> set[str]:
    with pytest.raises(NotReady) as error:
        call(*arguments, **named)
    return {each.code for each in error.value.obstacles}


# --- Starting -------------------------------------------------------------------------------------


def test_a_member_starts_one_and_its_line_of_releases_is_not_made_for_it(project, alice) -> None:
    made = Release.objects.start(project, "9.1", by=alice, expedited=True)
    assert (made.expedited, made.embargoed, made.cycle) == (True, True, None)
    assert not Cycle.objects.filter(project=project).exists()
    assert Embargo.objects.get().release_key == str(made.pk)


@pytest.mark.parametrize("role", [Role.RELEASE_MANAGER, Role.PARTICIPANT])
def test_others_of_the_committee_start_none(project, role) -> None:
    with pytest.raises(PermissionDenied, match="start_expedited"):
        Release.objects.start(project, "9.1", by=make.member(project, role), expedited=True)
    assert not Release.objects.exists()


def test_a_podling_has_none(client) -> None:
    podling = make.committee(is_podling=True, parent=make.committee())
    project = make.project(committee=podling)
    member = make.member(project)
    start = Release.objects.start
    assert codes(start, project, "1.0", by=member, expedited=True) == {"podling"}
    page = logged_in(member).get(f"/projects/{project.slug}/start/")
    assert "expedited" not in page.content.decode()


def test_the_page_offers_it_to_members_alone(project, alice) -> None:
    address = f"/projects/{project.slug}/start/"
    assert 'name="expedited"' in logged_in(alice).get(address).content.decode()
    manager = logged_in(make.member(project, Role.RELEASE_MANAGER))
    assert 'name="expedited"' not in manager.get(address).content.decode()
    manager.post(address, {"version": "3.0", "expedited": "on"})
    logged_in(alice).post(address, {"version": "4.0", "expedited": "on"})
    logged_in(alice).post(address, {"version": "5.0"})
    rows = Release.objects.order_by("version").values_list("version", "expedited", "embargoed")
    assert list(rows) == [("3.0", False, False), ("4.0", True, True), ("5.0", False, False)]


def test_who_starts_the_same_version_learns_that_it_is_taken_and_no_more(release, project) -> None:
    manager = make.member(project, Role.RELEASE_MANAGER)
    page = logged_in(manager).post("/projects/tool/start/", {"version": "2.0"})
    assert page.status_code == 409
    assert "This version is taken. Choose another one." in page.content.decode()
    said = refused(Api(manager).post("/release/create", {"project": "tool", "version": "2.0"}), 409)
    assert said == "This version is taken. Choose another one."
    events = told_to(manager, Event.objects.of_project("tool"))
    assert {each.tag for each in events} == {Tag.REFUSED}
    assert "2.0" not in str([each.facts for each in events])


@pytest.mark.parametrize("gives", [True, False])
def test_rsync_knows_of_none(release, project, gives) -> None:
    other = make.member(project, Role.PARTICIPANT)
    asked = Command(
        project="tool", version="2.0", folder="", arguments=(), gives=gives, deletes=False
    )
    told = "There is no release tool 2.0 that you may see" if gives else "This version is taken"
    with pytest.raises((BadInput, NotReady), match=told):
        session.begin(other, asked)
    opened = session.begin(release.created_by, asked)
    assert opened.release == release
    opened.discard()


# --- Votes and mails ------------------------------------------------------------------------------


def test_mails_go_to_the_private_list_and_notices_to_members(release, project, alice) -> None:
    project.policy.vote_recipients, project.policy.vote_cc = "dev@tool.x", "users@tool.x"
    project.policy.vote_mode, project.policy.min_hours = VoteMode.EMAIL, 72
    project.policy.save()
    bob, carol = make.member(project), make.member(project, Role.PARTICIPANT)
    release = Release.objects.get(pk=release.pk)
    passed(release, alice)
    work()
    vote = Vote.objects.get()
    assert (vote.mode, vote.ends_at) == (VoteMode.TRUSTED, None)
    private = project.committee.private_list
    told = {each for mail in Message.objects.all() for each in mail.everybody.everybody}
    assert Message.objects.count() == 5
    voters = {ballot.voter.email for ballot in vote.ballots.select_related("voter")}
    assert told == {private, *voters}
    assert Notice.objects.filter(person=bob).exists()
    assert not Notice.objects.filter(person=carol).exists()


def test_no_other_recipient_is_taken_and_nothing_happens_by_itself(release, project, alice) -> None:
    private = project.committee.private_list
    for to in (
        Recipients((project.committee.dev_list,)),
        Recipients((private,), (alice.email,)),
        Recipients((alice.email,)),
    ):
        assert codes(call, release, alice, recipients=to) & {"embargoed", "not_permitted"}
    for ending in (Ending(auto_resolve=True), Ending(tell_end=True)):
        assert "embargoed" in codes(call, release, alice, ending=ending)
    assert not Vote.objects.exists()
    assert call(release, alice, recipients=Recipients((private.upper(),)), hours=1).ends_at


def test_the_mail_is_shown_as_it_goes_out_and_policies_say_why(release, project, alice) -> None:
    client = logged_in(alice)
    page = client.get("/releases/tool/2.0/call-vote/").content.decode()
    assert project.committee.private_list in page
    assert project.committee.dev_list not in page
    assert "from the embargo" in client.get("/releases/tool/2.0/policy/").content.decode()


def test_the_api_calls_its_vote_on_the_private_list_alone(release, project, alice) -> None:
    program = Api(alice)
    asked = {"project": "tool", "version": "2.0", "revision": None}
    dev, private = project.committee.dev_list, project.committee.private_list
    answer = program.post("/vote/start", asked | {"email_to": dev})
    assert refused(answer, 403) == "Invalid mailing list choice"
    assert program.post("/vote/start", asked | {"email_to": private}).status_code == 201
    assert program.get("/release/get/tool/2.0").json()["release"]["expedited"] is True


# --- The end --------------------------------------------------------------------------------------


def test_its_files_wait_where_nobody_looks_until_it_is_announced(release, alice, client) -> None:
    release = published(release, alice)
    here = downloads("tool", "tool", "2.0", FILE)
    assert not here.exists()
    assert not downloads("tool", "KEYS").exists()
    assert downloads(".embargoed", "tool", "tool", "2.0", FILE).exists()
    for person in (client, logged_in(alice)):
        for place in ("tool/tool/2.0", ".embargoed/tool/tool/2.0"):
            assert person.get(f"/downloads/{place}/{FILE}").status_code == 404
    release.announce(by=alice, **OUT)
    assert here.exists()
    assert not downloads(".embargoed", "tool", "tool", "2.0").exists()
    assert client.get(f"/downloads/tool/tool/2.0/{FILE}").status_code == 200


def test_an_announced_one_is_as_public_as_any_with_its_vote(release, alice, client) -> None:
    published(release, alice).announce(by=alice, **OUT)
    release = Release.objects.get(pk=release.pk)
    assert (release.expedited, release.embargoed, release.phase) == (True, False, Phase.RELEASED)
    assert str(release.cycle) == "Tool 2.x"
    assert not Embargo.objects.exists()
    for page in ("download/", "votes/1/", "votes/1/result/", "events/"):
        assert client.get(f"/releases/tool/2.0/{page}").status_code == 200
    assert "2.0" in client.get("/releases/feed/").content.decode()
    assert "2.0" in client.get("/votes/feed/").content.decode()
    assert Event.objects.get(tag=Tag.EMBARGO_LIFTED).facts["reason"] == "It is announced."


def test_a_member_lifts_it_with_a_reason_and_the_typed_version(release, alice, client) -> None:
    address = "/releases/tool/2.0/lift-embargo/"
    member = logged_in(alice)
    assert "Committers of the foundation see the draft" in member.get(address).content.decode()
    assert member.post(address, {"reason": "", "typed": "2.0"}).status_code == 422
    assert member.post(address, {"reason": "It leaked", "typed": "2.1"}).status_code == 422
    assert Release.objects.get().embargoed
    assert member.post(address, {"reason": "It leaked", "typed": "2.0"}).status_code == 303
    assert not Release.objects.get().embargoed
    event = Event.objects.get(tag=Tag.EMBARGO_LIFTED)
    assert (event.actor, event.facts["reason"]) == ("alice", "It leaked")
    committer = logged_in(make.user(is_committer=True))
    assert committer.get("/releases/tool/2.0/").status_code == 200
    assert client.get("/releases/tool/2.0/").status_code == 404  # a draft like others
    assert codes(Release.objects.get().lift_embargo, by=alice, reason="x") == {"no_embargo"}


def test_lifting_brings_what_was_published_to_the_public(release, alice, client) -> None:
    release = published(release, alice)
    release.lift_embargo(by=alice, reason="It leaked")
    assert client.get(f"/downloads/tool/tool/2.0/{FILE}").status_code == 200
    assert client.get("/releases/tool/2.0/download/").status_code == 200


def test_nothing_is_lifted_while_files_are_on_their_way(release, alice) -> None:
    passed(release, alice).publish(by=alice)
    assert codes(release.lift_embargo, by=alice, reason="x") == {"being_published"}
    assert codes(release.announce, by=alice, **OUT) == {"being_published"}


def test_files_that_are_not_where_they_were_put_stop_the_announcement(release, alice) -> None:
    release = published(release, alice)
    downloads("tool", "tool").mkdir(parents=True)
    downloads("tool", "tool", "2.0").mkdir()
    downloads("tool", "tool", "2.0", "other").write_text("something else")
    assert codes(release.announce, by=alice, **OUT) == {"not_in_place"}
    kept = Release.objects.get(pk=release.pk)
    assert (kept.phase, kept.embargoed) == (Phase.FINISH, True)
    assert Publication.objects.get().state == Publication.State.DONE


def test_what_happened_to_a_deleted_draft_stays_secret(release, project, alice) -> None:
    release.delete_draft(by=alice)
    manager = make.member(project, Role.RELEASE_MANAGER)
    assert told_to(alice, Event.objects.filter(tag=Tag.RELEASE_DELETED)).count() == 1
    assert told_to(manager, Event.objects.of_project("tool")).count() == 0
    assert Release.objects.start(project, "2.0", by=manager).embargoed is False


def test_the_database_keeps_no_embargo_on_what_is_out_or_was_never_expedited(project) -> None:
    plain = make.release(project)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=plain.pk).update(embargoed=True)
