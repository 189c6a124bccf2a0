"""The page of a vote over time: other candidates, new ballots, many ballots."""

import re

import pytest

from releases.models import Release, Vote
from releases.phases import Outcome
from tests import make
from tests.ballots import ballot, page_of, url
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db

PAGE, PAGE_OF_MEMBER, FRAGMENT = 13, 17, 8  # queries


@pytest.fixture
def vote() -> Vote:
    files = {"tool-1.0.tar.gz": "bytes", "tool-1.0.tar.gz.asc": "signature"}
    return make.vote(make.candidate(make.project("tool"), version="1.0", files=files))


def second_vote(vote, outcome=Outcome.FAILED) -> Vote:
    """The vote after this one, on one file more."""
    by = make.member(vote.project)
    vote.release.resolve_vote(outcome, by=by)
    release = Release.objects.get(pk=vote.release.pk)
    release.add_files({"b.txt": make.blob("b")}, by=by)
    make.checked(release.newest)
    return make.vote(release, by=by)


class TestTwoCandidates:
    """A voter never votes on the wrong one."""

    def test_number_revision_and_digest_stand_in_title_heading_and_ballot(self, vote):
        short = vote.manifest_digest.removeprefix("sha256:")[:12]
        page = page_of(vote, logged_in(make.user()))
        title = re.search("<title>(.*?)</title>", page)[1]
        assert title.startswith(f"Vote 1 · revision 1 · {short} · Tool 1.0")
        heading = re.search("<h2.*?</h2>", page)[0]
        ballot_form = re.search(r'id="ballot".*?</section>', page, re.DOTALL)[0]
        for place in (heading, ballot_form):
            assert short in place
            assert "revision 1" in place
            assert re.search("vote 1", place, re.IGNORECASE)

    def test_each_vote_keeps_its_address_and_the_short_one_shows_the_last(self, client, vote):
        second = second_vote(vote)
        assert vote.get_absolute_url() != second.get_absolute_url()
        assert "This is not the current vote" in page_of(vote)
        last = client.get(url(vote.release, "vote")).content.decode()
        assert "<title>Vote 2 · revision 2" in last
        assert f'rel="canonical" href="http://testserver{second.get_absolute_url()}"' in last
        assert client.get(url(vote.release, "one-vote", 3)).status_code == 404

    def test_what_changed_since_the_vote_before_is_told(self, vote):
        assert "Since <a" not in page_of(vote)
        page = page_of(second_vote(vote))
        assert "1 added" in page
        assert "<code>b.txt</code>" in page

    def test_a_ballot_for_the_old_vote_is_never_counted_in_the_new_one(self, vote):
        by = make.member(vote.project)
        vote.release.resolve_vote(Outcome.CANCELLED, by=by)
        again = make.vote(Release.objects.get(pk=vote.release.pk), by=by)
        assert again.manifest_digest == vote.manifest_digest  # nothing but the number differs
        answer = logged_in(by).post(url(vote.release, "one-cast", 1), ballot(vote))
        assert answer.status_code == 409
        assert "This vote is closed: cancelled." in answer.content.decode()
        assert not again.ballots.exists()


class TestBallots:
    """What renews itself while the vote runs."""

    def ask(self, client, vote, **asked):
        return client.get(url(vote.release, "one-ballots", vote.number), asked)

    def test_while_the_vote_is_open_it_asks_again(self, client, vote):
        fragment = self.ask(client, vote).content.decode()
        assert 'hx-trigger="every 10s"' in fragment
        assert "<html" not in fragment
        assert "<textarea" not in fragment  # what somebody types is never taken away

    def test_without_news_nothing_is_swapped(self, client, vote):
        seen = self.ask(client, vote).context["seen"]
        assert self.ask(client, vote, seen=seen).status_code == 204
        vote.cast("+1", by=make.user(), manifest_digest=vote.manifest_digest)
        assert self.ask(client, vote, seen=seen).status_code == 200

    def test_when_it_is_resolved_it_says_so_and_asks_no_more(self, client, vote):
        vote.release.resolve_vote(Outcome.CANCELLED, by=make.member(vote.project))
        answer = self.ask(client, vote, seen="old")
        assert answer.status_code == 286
        assert "The vote is closed." in answer.content.decode()

    def test_without_scripts_one_is_told_to_reload(self, vote):
        assert "<noscript>" in page_of(vote)

    def test_a_ballot_has_a_link_that_holds_when_there_are_pages_of_them(self, client, vote):
        cast = [
            vote.cast("+1", by=make.user(), manifest_digest=vote.manifest_digest) for _ in range(25)
        ]
        assert f'id="ballot-{cast[24].pk}"' not in page_of(vote)
        page = client.get(vote.get_absolute_url(), {"ballot": cast[24].pk}).content.decode()
        assert f'id="ballot-{cast[24].pk}"' in page

    @pytest.mark.parametrize("asked", ["x", "-1", "9" * 40, "\x00"])
    def test_nonsense_in_the_address_is_the_first_page(self, client, vote, asked):
        assert self.ask(client, vote, page=asked, ballot=asked).status_code == 200

    def test_a_changed_vote_shows_what_it_was(self, client, vote):
        person = make.user()
        first = vote.cast("-1", by=person, manifest_digest=vote.manifest_digest, comment="Wait.")
        vote.cast("+1", by=person, manifest_digest=vote.manifest_digest)
        page = page_of(vote)
        assert "Voted before: -1" in page
        assert f'id="ballot-{first.pk}"' in page
        assert "1 ballot</h3>" in page


class TestCost:
    """As many questions for 500 ballots as for 5."""

    @pytest.fixture(params=[5, 500])
    def many(self, vote, request) -> Vote:
        made = [
            make.User(username=f"v{n}", email=f"v{n}@example.org") for n in range(request.param)
        ]
        people = make.User.objects.bulk_create(made)
        vote.ballots.bulk_create(
            vote.ballots.model(
                vote=vote,
                voter=person,
                choice="+1",
                comment="Fine.",
                manifest_digest=vote.manifest_digest,
                binding_when_cast=False,
            )
            for person in people
        )
        return vote

    def test_the_page(self, client, many, django_assert_num_queries):
        with django_assert_num_queries(PAGE):
            client.get(many.get_absolute_url())

    def test_the_page_of_a_member(self, many, django_assert_num_queries):
        client = logged_in(make.member(many.project))
        with django_assert_num_queries(PAGE_OF_MEMBER):
            client.get(many.get_absolute_url())

    def test_the_count(self, client, many, django_assert_num_queries):
        with django_assert_num_queries(FRAGMENT):
            client.get(url(many.release, "one-ballots", 1))


class TestScript:
    def test_it_is_text_to_read_with_all_files_in_it(self, client, vote):
        answer = client.get(url(vote.release, "vote-script", 1))
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert "get tool-1.0.tar.gz.asc" in answer.content.decode()
        assert client.get(url(vote.release, "vote-script", 2)).status_code == 404
