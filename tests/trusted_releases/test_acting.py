"""Acting on behalf: the person's pages and rights, the officer's name in every event."""

import inspect
from contextlib import suppress
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from projects.models import User
from projects.roles import Role
from releases.models import Ballot, Message, Release
from releases.phases import Choice
from tests import make
from tests.verbs import VERBS, as_person
from tests.visitors import logged_in
from trusted_releases import acting
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import Refused

pytestmark = pytest.mark.django_db

REASON = "They are on a train and asked for it"


@pytest.fixture
def officer() -> User:
    return make.staff("security officer", username="officer")


def begin(officer: User, person: User) -> Client:
    """The officer's browser, from now on in the person's name."""
    client = logged_in(officer)
    answer = client.post(reverse("act-on-behalf", args=[person.pk]), {"reason": REASON})
    assert answer.status_code == 303
    return client


def who(client: Client) -> User:
    return client.get("/").context["user"]


class TestBeginningAndEnd:
    def test_the_person_is_the_user_and_every_page_says_who_acts(self, officer: User) -> None:
        person = make.user(full_name="Dora Doe")
        client = begin(officer, person)
        page = client.get(reverse("projects:list"))
        assert page.context["user"] == person
        assert "Stop acting for them" in page.content.decode()
        assert page.context["acting"].operator == officer
        began = Event.objects.get(tag=Tag.ACTING_BEGAN)
        assert (began.actor, began.facts["reason"]) == ("officer", REASON)

    def test_the_button_ends_it(self, officer: User) -> None:
        person = make.user()
        client = begin(officer, person)
        answer = client.post(reverse("end-acting"))
        assert answer.url == reverse("admin:projects_user_change", args=[person.pk])
        assert who(client) == officer
        ended = Event.objects.get(tag=Tag.ACTING_ENDED)
        assert (ended.actor, ended.key, ended.facts["how"]) == (
            *("officer", str(person.pk), "button"),
        )
        assert "on_behalf_of" not in ended.facts

    def test_the_button_of_a_page_left_open_does_no_harm(self, officer: User) -> None:
        answer = logged_in(officer).post(reverse("end-acting"), follow=True)
        assert "on nobody" in answer.content.decode()
        assert not Event.objects.exists()

    def test_a_log_out_ends_both(self, officer: User) -> None:
        client = begin(officer, make.user())
        client.post(reverse("account_logout"))
        assert who(client).is_anonymous
        assert Event.objects.get(tag=Tag.ACTING_ENDED).facts["how"] == "log-out"

    def test_the_time_ends_it(self, officer: User) -> None:
        client = begin(officer, make.user())
        session = client.session
        session[acting.KEY] |= {"until": (now() - timedelta(seconds=1)).isoformat()}
        session.save()
        assert who(client) == officer
        assert Event.objects.get(tag=Tag.ACTING_ENDED).facts["how"] == "time"

    @pytest.mark.parametrize("change", ["right taken", "off", "of the console", "officer off"])
    def test_what_held_at_the_beginning_must_hold_on(self, officer: User, change: str) -> None:
        person = make.user()
        client = begin(officer, person)
        if change == "right taken":
            officer.groups.clear()
        elif change == "officer off":
            User.objects.filter(pk=officer.pk).update(is_active=False)
        else:
            field = {"off": {"is_active": False}, "of the console": {"is_staff": True}}[change]
            User.objects.filter(pk=person.pk).update(**field)
        assert who(client) != person
        assert Event.objects.filter(tag=Tag.ACTING_ENDED).exists() == (change != "officer off")

    def test_an_account_that_is_gone_ends_it(self, officer: User) -> None:
        person = make.user()
        client = begin(officer, person)
        person.delete()
        assert who(client) == officer

    def test_one_is_not_two_people_at_once(self, officer: User) -> None:
        client = begin(officer, make.user())
        other = reverse("act-on-behalf", args=[make.user().pk])
        assert client.post(other, {"reason": REASON}).status_code == 403

    def test_it_takes_a_reason(self, officer: User) -> None:
        client = logged_in(officer)
        address = reverse("act-on-behalf", args=[make.user().pk])
        assert client.get(address).status_code == 200
        assert client.post(address, {"reason": " "}).status_code == 422
        assert who(client) == officer

    @pytest.mark.parametrize("group", ["auditor", "operator"])
    def test_other_groups_do_not(self, group: str) -> None:
        client = logged_in(make.staff(group))
        address = reverse("act-on-behalf", args=[make.user().pk])
        assert client.post(address, {"reason": REASON}).status_code == 403

    def test_nobody_acts_for_operators(self, officer: User) -> None:
        client = logged_in(officer)
        address = reverse("act-on-behalf", args=[make.staff("auditor").pk])
        answer = client.post(address, {"reason": REASON})
        assert answer.status_code == 422
        assert "in the name of operators" in answer.content.decode()
        assert who(client) == officer


class TestWhatIsClosed:
    @pytest.mark.parametrize("name", ["admin:index", "mfa_index", "account_change_password"])
    def test_accounts_and_the_console_are(self, officer: User, name: str) -> None:
        client = begin(officer, make.user())
        answer = client.get(reverse(name))
        assert answer.status_code == 403
        assert "You act on behalf of" in answer.content.decode()

    def test_they_are_under_a_prefix_too(self, officer: User) -> None:
        client = begin(officer, make.user())
        answer = client.get("/admin/", SCRIPT_NAME="/releases-of-us")
        assert answer.status_code == 403
        assert "You act on behalf of" in answer.content.decode()

    def test_a_look_at_the_log_out_page_ends_nothing(self, officer: User) -> None:
        client = begin(officer, make.user())
        assert client.get(reverse("account_logout")).status_code == 403
        assert not Event.objects.filter(tag=Tag.ACTING_ENDED).exists()

    def test_a_binding_vote_is_not_cast(self, officer: User) -> None:
        vote = make.vote()
        member = make.member(vote.project)
        client = begin(officer, member)
        sent = {"choice": "+1", "manifest_digest": vote.manifest_digest}
        client.post(vote.get_absolute_url(), sent)
        with pytest.raises(PermissionDenied, match="in the name of somebody else"):
            vote.cast(Choice.FOR, by=as_person(member, officer), manifest_digest="x")
        assert not Ballot.objects.exists()


def known_verbs() -> set[str]:
    """Every method that `@verb` has made a decision of a person."""
    found = set()
    for model in apps.get_models():
        for _, method in inspect.getmembers(model, inspect.isfunction):
            if method.__code__.co_name == "decided" and hasattr(method, "__wrapped__"):
                found.add(method.__qualname__)
    return found


def test_every_verb_is_in_the_table() -> None:
    assert known_verbs() == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_loses_who_really_did_it(verb: str, officer: User) -> None:
    release = make.release(make.project(), files={"a.txt": "a"})
    member = make.member(release, Role.MEMBER)
    before = Event.objects.order_by("pk").last()
    with suppress(Refused, PermissionDenied):
        VERBS[verb](release, as_person(member, officer))
    events = Event.objects.filter(pk__gt=before.pk, project__in=["", release.project.slug])
    ours = [each for each in events if each.actor in (officer.username, member.username)]
    assert ours
    assert {each.actor for each in ours} == {officer.username}
    assert {each.facts.get("on_behalf_of") for each in ours} == {member.username}


def test_what_follows_from_an_act_is_the_persons_and_the_event_says_who(officer: User) -> None:
    project = make.project()
    member = make.member(project)
    client = begin(officer, member)
    client.post(reverse("releases:start", args=[project.slug]), {"version": "3.0"})
    release = Release.objects.get(version="3.0")
    assert release.created_by == member
    started = Event.objects.get(tag=Tag.RELEASE_STARTED)
    assert (started.actor, started.facts["on_behalf_of"]) == ("officer", member.username)
    page = client.get(reverse("release-events", args=release.url_args)).content.decode()
    assert f"on behalf of {member.username}" in page


def test_it_costs_a_page_two_questions(officer: User) -> None:
    person = make.user()
    plain = logged_in(person)
    client = begin(officer, person)
    counts = []
    for each in (plain, client):
        with CaptureQueriesContext(connection) as queries:
            each.get(reverse("projects:list"))
        counts.append(len(queries))
    assert counts[1] - counts[0] <= 2  # the officer's groups, and the person


def test_the_preview_of_a_mail_names_who_sends_it(officer: User) -> None:
    draft = make.candidate()
    manager = make.member(draft, Role.RELEASE_MANAGER, full_name="Mary Manager")
    officer.full_name = "Olga Officer"
    officer.save()
    page = begin(officer, manager).get(reverse("releases:call-vote", args=draft.url_args))
    assert page.context["email"].from_email.startswith("Olga Officer via")
    draft.start_vote(by=page.context["user"], revision=1, subject="[VOTE]", body="Please.")
    run_pending()
    assert Message.objects.get().sender_name == "Olga Officer"
