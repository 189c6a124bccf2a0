"""The pages about the commit that a release was made from."""

import pytest
from django.test import Client
from django.urls import reverse

from projects.roles import Role
from releases.models import Release
from tests import make

pytestmark = pytest.mark.django_db

URL = "https://github.com/apache/tool"
NAMES = ("source", "fetch-source", "forget-source")


@pytest.fixture
def release() -> Release:
    project = make.project("tool", repository=URL)
    return make.candidate(project, version="1.0")


@pytest.fixture
def manager(release) -> Client:
    client = Client()
    client.force_login(make.member(release.project, Role.PARTICIPANT))
    return client


def url(release, name):
    return reverse(f"releases:{name}", args=release.url_args)


def recorded(release, **more):
    given = {"repository": URL, "tag": "v1.0"} | more
    return release.record_source(by=make.member(release.project), **given)


def page_of(client, release):
    return client.get(release.get_absolute_url()).content.decode()


def test_the_draft_says_that_nothing_is_compared_and_offers_to_record_it(manager, release):
    page = page_of(manager, release)
    assert "nothing is compared with it" in page
    assert url(release, "source") in page


def test_the_form_begins_with_the_projects_repository(manager, release):
    page = manager.get(url(release, "source")).content.decode()
    assert f'value="{URL}"' in page


def test_it_is_recorded_and_the_page_follows_how_far_it_is(manager, release):
    answer = manager.post(url(release, "source"), {"repository": URL, "tag": "v1.0"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [(f"{release.get_absolute_url()}#source", 303)]
    assert "It is recorded." in page
    assert "Being fetched" in page
    assert "every 3s" in page
    assert "is being fetched, to be compared with the archives" in page


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"repository": URL}, "Name the commit, the tag, or both."),
        ({"repository": "http://10.0.0.1/a", "tag": "v1"}, "begins with https://"),
        ({"repository": "https://10.0.0.1/a", "tag": "v1"}, "are not looked at here"),
        ({"repository": URL, "commit": "abc"}, "full id of 40"),
        ({}, "This field is required"),
    ],
)
def test_what_cannot_be_used_comes_back_with_a_sentence(manager, release, sent, told):
    answer = manager.post(url(release, "source"), sent)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert Release.objects.get(pk=release.pk).source is None


def test_why_it_could_not_be_fetched_stands_on_the_page_with_the_way_out(manager, release):
    recorded(release).record_failed(1, problem="There is no repository at this address.")
    for address in (release.get_absolute_url(), url(release, "source")):
        page = manager.get(address).content.decode()
        assert "There is no repository at this address." in page
    assert url(release, "fetch-source") in page
    assert url(release, "forget-source") in page


def test_it_is_fetched_again(manager, release):
    recorded(release).record_failed(1, problem="down")
    assert "is fetched once more" in manager.get(url(release, "fetch-source")).content.decode()
    assert manager.post(url(release, "fetch-source")).status_code == 303
    assert Release.objects.get(pk=release.pk).source.is_waiting


def test_it_is_taken_away(manager, release):
    recorded(release)
    assert "is taken away" in manager.get(url(release, "forget-source")).content.decode()
    assert manager.post(url(release, "forget-source")).status_code == 303
    assert Release.objects.get(pk=release.pk).source is None


@pytest.mark.parametrize("name", ["fetch-source", "forget-source"])
def test_where_nothing_is_recorded_there_is_nothing_to_do(manager, release, name):
    assert manager.get(url(release, name)).status_code == 404
    assert manager.post(url(release, name)).status_code == 422


@pytest.mark.parametrize("name", NAMES)
def test_at_the_vote_the_page_says_that_it_is_frozen(manager, release, name):
    source = recorded(release)
    source.record_fetched(1, commit="ab" * 20, inventory=make.blob("inventory"))
    make.checked(Release.objects.get(pk=release.pk).newest)
    make.vote(Release.objects.get(pk=release.pk))
    assert "cannot be changed now" in manager.get(url(release, name)).content.decode()
    sent = {"repository": URL, "tag": "v2.0"}
    assert manager.post(url(release, name), sent).status_code == 409


@pytest.mark.parametrize("name", NAMES)
def test_only_those_who_change_files_may(release, name):
    recorded(release)
    sent = {"repository": URL, "tag": "v2.0"}
    expected = {"committer": 403, "stranger": 404, "nobody": 404}
    people = {"committer": make.user(is_committer=True), "stranger": make.user(), "nobody": None}
    for who, person in people.items():
        client = Client()
        if person:
            client.force_login(person)
        assert client.post(url(release, name), sent).status_code == expected[who], who
        assert client.get(url(release, name)).status_code == expected[who], who
    assert Release.objects.get(pk=release.pk).source.tag == "v1.0"


def test_another_repository_than_the_projects_is_told(manager, release):
    recorded(release, repository="https://github.com/mallory/tool")
    assert "names another repository as its own" in page_of(manager, release)


def test_voters_see_the_source_of_what_they_vote_on(manager, release):
    source = recorded(release)
    source.record_fetched(1, commit="ab" * 20, inventory=make.blob("inventory"))
    make.checked(Release.objects.get(pk=release.pk).newest)
    vote = make.vote(Release.objects.get(pk=release.pk))
    page = manager.get(vote.get_absolute_url()).content.decode()
    assert "Commit abababababab (tag v1.0)" in page
