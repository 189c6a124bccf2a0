"""The first page, for somebody, nobody and an operator."""

import pytest
from django.urls import reverse

from tests import make
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db


def test_nobody_sees_what_this_is_and_what_is_going_on(client):
    vote = make.vote()
    page = client.get("/").content.decode()
    assert vote.release.get_absolute_url() in page
    assert "byte for byte" in page
    assert "/docs/" in page
    assert "What waits for me" not in page


def test_open_votes_say_when_they_end(client):
    ending = make.vote(hours=72)
    page = client.get("/").content.decode()
    assert f'datetime="{ending.ends_at:%Y-%m-%dT%H:%M}' in page
    assert "when it is resolved" not in page
    make.vote()
    assert "when it is resolved" in client.get("/").content.decode()


def test_drafts_are_nobodys_business_but_their_own(client):
    draft = make.release(version="7.7.7", files={"a": "a"})
    assert draft.version not in client.get("/").content.decode()
    assert draft.version not in logged_in(make.user()).get("/").content.decode()


def test_a_member_reads_each_task_as_a_link_with_its_reason():
    project = make.project("tool", name="Tool")
    person = make.member(project)
    draft = make.candidate(project, by=person, version="1.0")
    page = logged_in(person).get("/").content.decode()
    address = reverse("releases:call-vote", args=draft.url_args)
    assert f'<a href="{address}">Call the vote on Tool 1.0</a>' in page
    assert "The checks of revision 1 found no blocker." in page
    assert reverse("releases:start", args=["tool"]) in page


def test_who_has_nothing_to_do_is_told_what_one_can_do():
    page = logged_in(make.user()).get("/").content.decode()
    assert "Nothing waits for you." in page
    assert reverse("projects:committees") in page
    assert "console" not in page.partition("<main")[2]


def test_an_operator_finds_the_console():
    page = logged_in(make.operator()).get("/").content.decode()
    assert reverse("admin:index") in page.partition("<main")[2]


def test_what_happened_is_that_of_ones_own_projects_without_the_mails():
    vote = make.vote(make.candidate(make.project("tool")))
    make.release(make.project("other"), version="9.9.9")
    person = make.member(vote.project)
    events = logged_in(person).get("/").context["events"]
    assert {event.project for event in events} == {"tool"}
    assert "mail.sent" not in {event.tag for event in events}


def test_it_costs_as_many_questions_for_much_as_for_little(django_assert_max_num_queries):
    project = make.project()
    person = make.member(project)
    client = logged_in(person)
    for _ in range(7):
        make.vote(make.candidate(project, by=person), by=person)
        make.release(project, by=person, files={"a": "a"})
        make.passed(make.candidate(project, by=person))
    with django_assert_max_num_queries(18):
        client.get("/")


def test_for_nobody_it_costs_two(client, django_assert_num_queries):
    make.vote()
    with django_assert_num_queries(2):
        client.get("/")
