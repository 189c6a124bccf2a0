"""Pages of a podling's two rounds, of checklists, and of votes that people count."""

import pytest
from django.urls import reverse

from notices.models import Notice
from projects.models import Policy, VoteMode
from projects.roles import Role
from releases.models import Ballot, Release, Vote
from releases.phases import Outcome, Phase
from tests import make
from tests.ballots import ballot, page_of, url
from tests.visitors import logged_in
from trusted_releases.ledger.worker import run_pending
from trusted_releases.views.waiting import Waiting, counts_of

pytestmark = pytest.mark.django_db

CHECKLIST = "Look at:\n\n- [ ] the **NOTICE**\n- the build\n"


@pytest.fixture
def first() -> Vote:
    return make.vote(make.candidate(make.podling(), version="1.0"))


def enough(vote: Vote) -> Vote:
    for _ in range(3):
        by = make.member(vote.deciding_committee)
        vote.cast("+1", by=by, manifest_digest=vote.manifest_digest)
    return vote


def resolve(client, vote, **more):
    said = {"outcome": "passed", "seen": vote.number, "typed": "1.0", **more}
    return client.post(url(vote.release, "resolve"), said)


class TestRounds:
    def test_each_says_which_round_it_is_and_who_decides(self, first):
        page = page_of(first, logged_in(make.member(first.project)))
        assert "round 1 of 2" in page
        assert "<b>Formal.</b>" in page
        assert "a pass takes 3 formal +1" in page
        second = make.second(make.candidate(make.podling("other")))
        page = page_of(second)
        assert "round 2 of 2" in page
        assert f'<a href="{second.first_round.get_absolute_url()}">vote 1</a>, and passed' in page
        assert "The first round has passed" in page_of(second.first_round)

    def test_a_carried_vote_is_shown_and_the_voter_may_change_it(self, first):
        mentor = make.member(first.committee.parent, full_name="Mentor Em")
        first.cast("+1", by=mentor, manifest_digest=first.manifest_digest)
        second = self.pass_first(first)
        page = page_of(second, logged_in(mentor))
        assert "carried" in page
        assert "Nobody has voted in this round yet" in page
        assert "counts here as well. Leave it at that, or vote below" in page
        assert "It does not count here until you give it again" not in page
        answer = logged_in(mentor).post(url(second.release, "cast"), ballot(second, "-1"))
        assert answer.status_code == 303
        page = page_of(second, logged_in(mentor))
        assert "counts here as well. Leave it at that" not in page
        assert second.tally().binding.against == 1

    def pass_first(self, first):
        enough(first)
        client = logged_in(make.member(first.project))
        assert resolve(client, first).status_code == 303
        return Release.objects.get(pk=first.release_id).vote

    def test_resolving_the_first_asks_for_the_second_shows_its_mail_and_begins_it(self, first):
        enough(first)
        client = logged_in(make.member(first.project))
        page = client.get(url(first.release, "resolve")).content.decode()
        assert "If it passes: the second round" in page
        assert "The mail that calls the second round" in page
        assert "(second round)" in page
        assert "Nothing is published before that has passed as well." in page
        general = first.committee.parent.general_list
        answer = resolve(client, first, second_to=general, auto_resolve="on")
        assert answer.status_code == 303
        assert "Incubator votes now" in client.get(answer.url, follow=True).content.decode()
        second = Vote.objects.get(number=2)
        assert (second.auto_resolve, second.mail_to.to) == (True, (general,))
        assert Release.objects.get().phase == Phase.VOTE

    def test_a_list_that_is_not_permitted_is_told_beside_its_field(self, first):
        enough(first)
        client = logged_in(make.member(first.project))
        answer = resolve(client, first, second_to="all@example.com")
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["second_to"]
        assert Vote.objects.count() == 1

    def test_the_result_page_has_both_rounds(self, client):
        second = enough(make.second())
        by = make.member(second.project, Role.RELEASE_MANAGER)
        second.release.resolve_vote(Outcome.PASSED, by=by)
        page = client.get(url(second.release, "result", 2)).content.decode()
        assert "2 of 2, decided by Incubator" in page
        assert "Votes of the first round" in page
        page = client.get(url(second.release, "result", 1)).content.decode()
        assert f'<a href="{second.get_absolute_url()}">vote 2</a> is the second' in page

    def test_the_number_of_questions_does_not_grow_with_what_is_carried(
        self, client, django_assert_max_num_queries
    ):
        second = make.second()
        for ballot_of_first in second.first_round.ballots.all():
            second.committee.parent.memberships.create(user=ballot_of_first.voter, role="member")
        assert second.tally().binding.for_it == 3
        with django_assert_max_num_queries(32):
            client.get(second.get_absolute_url())

    def test_counts_of_many_are_those_of_each_and_who_is_carried_is_not_asked_again(self, first):
        mentor = make.member(first.committee.parent)
        first.cast("+1", by=mentor, manifest_digest=first.manifest_digest)
        other = make.member(first.committee.parent)
        second = self.pass_first(first)
        at = second.called_at
        assert counts_of([second], at) == {second.pk: second.tally(at)}
        assert second.tally(at).binding.for_it == 1
        asked = [task.url for task in Waiting(other).tasks()]
        assert second.get_absolute_url() in asked
        assert not [task for task in Waiting(mentor).tasks() if task.act.startswith("Vote on")]

    def test_members_of_the_parent_hear_of_the_second_round(self, first):
        mentor = make.member(first.committee.parent)
        run_pending()
        assert not Notice.objects.filter(person=mentor).exists()
        self.pass_first(first)
        run_pending()
        assert "Vote 2" in Notice.objects.get(person=mentor).text


class TestChecklist:
    @pytest.fixture
    def vote(self):
        Policy.objects.create(
            is_foundation=True,
            checklist=CHECKLIST,
            vote_comment="{{PROJECT_NAME}} {{VERSION}}: built on ",
        )
        return make.vote(make.candidate(make.project("tool", name="Tool"), version="1.0"))

    def test_it_is_ticked_point_by_point_and_shown_to_all(self, client, vote):
        voter = make.member(vote.project, full_name="Ada Lovelace")
        page = page_of(vote, logged_in(voter))
        assert page.count('name="ticked"') == 2
        said = ballot(vote, ticked=["the build"], comment="Fine.")
        assert logged_in(voter).post(url(vote.release, "cast"), said).status_code == 303
        assert Ballot.objects.get().ticked == ["the build"]
        assert "<li>the build</li></ul>\n<blockquote>Fine." in page_of(vote)
        run_pending()
        vote.release.resolve_vote(Outcome.CANCELLED, by=voter)
        page = client.get(url(vote.release, "result", 1)).content.decode()
        assert "<dt>the build</dt><dd>Ada Lovelace</dd>" in page
        assert "<dt>the NOTICE</dt><dd>ticked by nobody</dd>" in page
        assert Vote.objects.get().counted["ballots"][0]["ticked"] == ["the build"]

    def test_it_is_the_one_that_the_vote_was_called_with(self, vote):
        Policy.objects.update(checklist="- another")
        assert Vote.objects.get().items == ["the NOTICE", "the build"]
        page = page_of(vote, logged_in(make.user()))
        assert "another" not in page

    def test_a_point_that_is_none_is_refused(self, vote):
        said = ballot(vote, ticked=["the licence"])
        answer = logged_in(make.user()).post(url(vote.release, "cast"), said)
        assert answer.status_code == 422
        assert "is no point of this vote&#x27;s checklist" in answer.content.decode()
        assert not Ballot.objects.exists()

    def test_a_comment_begins_with_the_policys_words_until_there_is_one(self, vote):
        client = logged_in(make.user())
        assert "Tool 1.0: built on </textarea>" in page_of(vote, client)
        client.post(url(vote.release, "cast"), ballot(vote, comment="Mine."))
        assert "Mine.</textarea>" in page_of(vote, client)

    def test_words_that_cannot_be_filled_in_are_left_out(self, vote):
        Policy.objects.update(vote_comment="{{GONE}}")
        assert "GONE" not in page_of(vote, logged_in(make.user()))

    def test_without_points_nothing_is_to_be_ticked(self):
        assert 'name="ticked"' not in page_of(make.vote(), logged_in(make.user()))


class TestCountedElsewhere:
    def test_no_count_of_ours_is_shown_and_no_mail_of_ours_is_announced(self):
        where = make.project("tool")
        Policy.objects.filter(project=where).update(vote_mode=VoteMode.MANUAL)
        manager = make.member(where)
        draft = make.candidate(where, version="1.0")
        calling = logged_in(manager).get(url(draft, "call-vote")).content.decode()
        assert "The mail, for you to send" in calling
        assert "and tell the list" in calling
        vote = make.vote(draft)
        assert not [task for task in Waiting(manager).tasks() if task.act.startswith("Vote on")]
        page = page_of(vote, logged_in(manager))
        assert "People count this vote on the list" in page
        assert "Nobody has voted" not in page
        assert "needed (0 of 3)" not in page
        resolving = logged_in(manager).get(url(vote.release, "resolve")).content.decode()
        assert "The mail, for you to send" in resolving
        assert "The result goes to" not in resolving
        assert "needed (0 of 3)" not in resolving

    def test_where_we_count_the_count_and_the_mail_are_told(self):
        vote = make.vote(make.candidate(version="1.0"))
        member = make.member(vote.project)
        assert [task for task in Waiting(member).tasks() if task.act.startswith("Vote on")]
        client = logged_in(member)
        assert "needed (0 of 3)" in page_of(vote, client)
        resolving = client.get(url(vote.release, "resolve")).content.decode()
        assert "The mail, as it will go out" in resolving
        assert "The result goes to" in resolving

    def test_an_address_that_is_none_is_told_beside_its_field(self):
        where = make.project("tool")
        Policy.objects.filter(project=where).update(vote_mode=VoteMode.MANUAL)
        vote = make.vote(make.candidate(where, version="1.0"))
        client = logged_in(make.member(where))
        good = "https://lists.example.org/thread/1"
        answer = resolve(client, vote, thread=good, result_thread="http://lists.example.org/x")
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["result_thread"]
        assert resolve(client, vote, thread=good, result_thread=f"{good}2").status_code == 303
        page = client.get(reverse("releases:result", args=["tool", "1.0", 1])).content.decode()
        assert f'href="{good}2"' in page
