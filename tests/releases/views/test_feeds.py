"""Atom feeds: well formed, stable, public, and nothing in them that is not."""

from xml.etree import ElementTree

import pytest
from django.urls import reverse

from projects.models import User
from releases.models import Release
from releases.phases import Outcome
from tests import make
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client, name, *args):
    answer = client.get(reverse(f"releases:{name}", args=args))
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert answer["Cache-Control"] == "public, max-age=300"
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")


def texts(found, tag):
    return [each.findtext(f"{ATOM}{tag}") for each in found]


def announced(project, version) -> Release:
    release = make.passed(make.candidate(project, version=version))
    make.publication(release)
    run_pending()
    release.announce(by=make.member(project), subject="S", body="B")
    return release


@pytest.mark.django_db(transaction=True)
class TestReleases:
    def test_what_is_announced_is_there_newest_first_and_nothing_else(self, client):
        project = make.project("tool", name="Tool & more")
        announced(project, "1.0")
        announced(project, "1.1")
        make.passed(make.candidate(project, version="2.0"))
        make.candidate(project, version="3.0")
        found = entries(client, "feed")
        assert texts(found, "title") == ["Tool & more 1.1", "Tool & more 1.0"]
        assert texts(found, "id") == [
            "http://testserver/releases/tool/1.1/download/",
            "http://testserver/releases/tool/1.0/download/",
        ]
        assert all(texts(found, "updated"))

    def test_an_entry_stays_the_same(self, client):
        announced(make.project("tool"), "1.0")
        first = ElementTree.tostring(entries(client, "feed")[0])
        announced(make.project("other"), "1.0")
        assert ElementTree.tostring(entries(client, "feed")[1]) == first

    def test_a_project_has_a_feed_of_its_own(self, client):
        project = make.project("tool")
        announced(project, "1.0")
        announced(make.project("other"), "7.0")
        assert texts(entries(client, "project-feed", "tool"), "title") == ["Tool 1.0"]
        assert client.get(reverse("releases:project-feed", args=["none"])).status_code == 404

    @pytest.mark.parametrize("count", [1, 4])
    def test_it_costs_one_question_however_many_there_are(
        self, client, count, django_assert_num_queries
    ):
        project = make.project("tool")
        for number in range(count):
            announced(project, f"1.{number}")
        with django_assert_num_queries(1):
            client.get(reverse("releases:feed"))


class TestVotes:
    def test_a_vote_is_told_when_it_is_called_and_when_it_is_resolved(self, client):
        vote = make.vote(make.candidate(make.project("tool"), version="1.0"))
        assert texts(entries(client, "votes-feed"), "title") == ["Tool 1.0: vote 1 called"]
        vote.release.resolve_vote(Outcome.CANCELLED, by=make.member(vote.project))
        found = entries(client, "votes-feed")
        assert texts(found, "title") == ["Tool 1.0: vote 1 cancelled", "Tool 1.0: vote 1 called"]
        here = f"http://testserver{vote.get_absolute_url()}"
        assert texts(found, "id") == [f"{here}#resolved", f"{here}#called"]

    def test_a_name_of_an_identity_provider_breaks_no_feed(self, client):
        vote = make.vote()
        User.objects.filter(pk=vote.called_by_id).update(full_name="Eve\x01\x0b </entry>")
        (entry,) = entries(client, "votes-feed")
        assert "Eve </entry> asks for votes" in "".join(entry.itertext())

    def test_a_draft_on_which_nobody_voted_is_not_there(self, client):
        make.candidate()
        assert entries(client, "votes-feed") == []

    @pytest.mark.parametrize("count", [1, 6])
    def test_it_costs_the_same_for_many_votes(self, client, count, django_assert_num_queries):
        for _ in range(count):
            make.vote()
        with django_assert_num_queries(2):
            client.get(reverse("releases:votes-feed"))


def test_pages_say_where_the_feeds_are(client):
    vote = make.vote()
    page = client.get(vote.get_absolute_url()).content.decode()
    assert f'title="Votes" href="{reverse("releases:votes-feed")}"' in page


@pytest.mark.django_db(transaction=True)
class TestPlaces:
    def test_each_place_has_a_feed_of_its_own_with_what_is_its(self, client):
        tool, other = make.project("tool"), make.project("other")
        announced(tool, "1.0")
        make.vote(make.candidate(other, version="2.0"))
        assert len(entries(client, "committee-feed", "tool")) == 1
        assert len(entries(client, "committee-feed", "other")) == 0
        for name in ("project-votes-feed", "committee-votes-feed"):
            assert texts(entries(client, name, "other"), "title") == ["Other 2.0: vote 1 called"]
            assert len(entries(client, name, "tool")) == 2

    def test_no_two_feeds_have_one_id(self, client):
        make.project("tool")
        names = [("feed",), ("votes-feed",), ("project-feed", "tool"), ("committee-feed", "tool")]
        names += [("project-votes-feed", "tool"), ("committee-votes-feed", "tool")]
        found = [
            client.get(reverse(f"releases:{name}", args=args)).content for name, *args in names
        ]
        ids = [ElementTree.fromstring(each).findtext(f"{ATOM}id") for each in found]
        assert len(set(ids)) == len(names)

    def test_a_reader_that_has_it_gets_no_second_copy(self, client):
        make.vote(make.candidate(make.project("tool")))
        url = reverse("releases:votes-feed")
        first = client.get(url)
        assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
        since = {"If-Modified-Since": first["Last-Modified"]}
        assert client.get(url, headers=since).status_code == 304
        make.vote(make.candidate(make.project("other")))
        again = client.get(url, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again["ETag"] != first["ETag"]) == (200, True)

    def test_what_strangers_may_not_see_is_in_no_feed(self, client, monkeypatch):
        make.vote(make.candidate(make.project("tool")))
        rows = type(Release.objects.all())
        monkeypatch.setattr(rows, "visible_to", lambda self, person: self.none())
        assert entries(client, "votes-feed") == []
        assert entries(client, "committee-votes-feed", "tool") == []
