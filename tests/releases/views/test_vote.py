"""The pages of a vote: calling it, the page for voters, ballots, resolving it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from projects.roles import Role
from releases.models import Release, Vote
from releases.phases import Outcome, Phase
from tests import make
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(release, name, *more):
    return reverse(f"releases:{name}", args=[*release.url_args, *more])


def ballot(vote, choice="+1", **more):
    return {"choice": choice, "manifest_digest": vote.manifest_digest, **more}


class TestCallVote:
    @pytest.fixture
    def release(self) -> Release:
        return make.candidate(make.project("tool", name="Tool"), version="1.0")

    @pytest.fixture
    def manager(self, release):
        return logged_in(make.member(release.project, Role.RELEASE_MANAGER))

    def sent(self, release, **more):
        mail = {"subject": "[VOTE] Tool", "body": "Please vote."}
        return {"revision": release.last_revision, "hours": 0, **mail, **more}

    def test_the_page_says_what_will_happen_and_has_the_mail_ready(self, manager, release):
        page = manager.get(url(release, "call-vote"))
        text = page.content.decode()
        assert "are frozen" in text
        assert release.newest.manifest_digest in text
        assert page.context["form"]["subject"].value() == "[VOTE] Release Tool 1.0"
        assert release.project.rules.vote_to[0] in text

    def test_calling_it_leads_to_the_vote(self, manager, release):
        answer = manager.post(url(release, "call-vote"), self.sent(release))
        assert answer.status_code == 303
        assert answer.url == url(release, "vote")
        release.refresh_from_db()
        assert release.phase == Phase.VOTE

    def test_a_participant_sees_the_draft_but_calls_no_vote(self, release):
        client = logged_in(make.member(release.project, Role.PARTICIPANT))
        assert client.get(url(release, "call-vote")).status_code == 403
        assert client.post(url(release, "call-vote"), self.sent(release)).status_code == 403
        assert Event.objects.get(refused=True).facts["verb"] == "start_vote"

    def test_the_operator_calls_no_vote(self, release):
        client = logged_in(make.operator())
        assert client.get(url(release, "call-vote")).status_code == 403

    def test_nobody_votes_on_files_they_have_not_seen(self, manager, release):
        sent = self.sent(release)
        release.add_files({"b.txt": make.blob("b")}, by=make.member(release.project))
        answer = manager.post(url(release, "call-vote"), sent)
        assert answer.status_code == 409
        assert "Revision 2 has appeared" in answer.content.decode()
        assert not Vote.objects.exists()

    def test_concerns_are_confirmed_one_by_one(self, manager, release):
        make.checked(release.newest, concerns=("license.files", "signature"))
        page = manager.get(url(release, "call-vote")).content.decode()
        assert "I have read what “license.files” found" in page
        sent = self.sent(release, acknowledged=["signature"])
        answer = manager.post(url(release, "call-vote"), sent)
        assert answer.status_code == 409
        assert "Read the concerns" in answer.content.decode()
        sent["acknowledged"].append("license.files")
        assert manager.post(url(release, "call-vote"), sent).status_code == 303
        assert Vote.objects.get().acknowledged == ["license.files", "signature"]

    def test_while_the_checks_run_there_is_no_form(self, manager, release):
        release.add_files({"b.txt": make.blob("b")}, by=make.member(release.project))
        page = manager.get(url(release, "call-vote")).content.decode()
        assert "are still running" in page
        assert "<textarea" not in page


class TestVotePage:
    @pytest.fixture
    def vote(self) -> Vote:
        files = {"tool-1.0.tar.gz": "bytes", "tool-1.0.tar.gz.asc": "signature"}
        return make.vote(make.candidate(make.project("tool"), version="1.0", files=files))

    def test_a_stranger_reads_all_of_it_without_an_account(self, client, vote):
        page = client.get(vote.get_absolute_url()).content.decode()
        assert vote.manifest_digest in page
        assert "Log in to vote" in page
        assert "gpg --verify tool-1.0.tar.gz.asc tool-1.0.tar.gz" in page
        assert "sha512sum -c" in page
        assert reverse("keys:document", args=["tool"]) in page
        assert "3 more binding +1 needed (0 of 3)." in page
        assert "Nobody has voted yet." in page

    def test_a_ballot_is_counted_shown_and_changeable(self, vote):
        person = make.member(vote.project)
        client = logged_in(person)
        answer = client.post(url(vote.release, "cast"), ballot(vote, comment="Builds."))
        assert answer.status_code == 303
        page = client.get(answer.url).content.decode()
        assert "You voted" in page
        assert "<blockquote>Builds.</blockquote>" in page
        assert "1 of 3" in page
        client.post(url(vote.release, "cast"), ballot(vote, "-1", comment="No."))
        assert vote.ballot_of(person).choice == "-1"

    def test_a_visitor_may_vote_and_it_does_not_bind(self, vote):
        client = logged_in(make.user())
        assert client.post(url(vote.release, "cast"), ballot(vote)).status_code == 303
        page = client.get(vote.get_absolute_url()).content.decode()
        assert "not binding" in page
        assert "0 of 3" in page

    def test_nobody_votes_without_an_account(self, client, vote):
        assert client.post(url(vote.release, "cast"), ballot(vote)).status_code == 403
        assert not vote.ballots.exists()

    def test_a_ballot_on_other_files_is_a_conflict(self, vote):
        client = logged_in(make.member(vote.project))
        sent = ballot(vote) | {"manifest_digest": "sha256:" + "0" * 64}
        answer = client.post(url(vote.release, "cast"), sent)
        assert answer.status_code == 409
        assert "not the ones you looked at" in answer.content.decode()

    def test_a_huge_comment_and_an_unknown_choice_are_told_beside_the_field(self, vote):
        client = logged_in(make.member(vote.project))
        answer = client.post(url(vote.release, "cast"), ballot(vote, comment="x" * 10_001))
        assert answer.status_code == 422
        assert "at most 10000 characters" in answer.content.decode()
        assert client.post(url(vote.release, "cast"), ballot(vote, "+2")).status_code == 422
        assert not vote.ballots.exists()

    def test_a_comment_is_text_and_never_markup(self, vote):
        client = logged_in(make.member(vote.project))
        client.post(url(vote.release, "cast"), ballot(vote, comment="<script>alert(1)</script>"))
        page = client.get(vote.get_absolute_url()).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page

    def test_when_the_time_is_over_the_page_says_so_and_refuses(self):
        vote = make.vote(make.candidate(make.project(hours=72)), hours=72)
        client = logged_in(make.member(vote.project))
        with time_machine.travel(now() + timedelta(hours=73)):
            client.force_login(make.member(vote.project))
            page = client.get(vote.get_absolute_url()).content.decode()
            assert "This vote ended at" in page
            answer = client.post(url(vote.release, "cast"), ballot(vote))
        assert answer.status_code == 409
        assert "This vote ended at" in answer.content.decode()

    def test_a_release_without_a_vote_has_no_vote_page(self):
        draft = make.release()
        client = logged_in(make.member(draft.project))
        assert client.get(url(draft, "vote")).status_code == 404

    def test_it_costs_as_many_questions_for_many_ballots_as_for_none(
        self, client, vote, django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(22):
            client.get(vote.get_absolute_url())
        for _ in range(20):
            vote.cast("+1", by=make.user(), manifest_digest=vote.manifest_digest)
        with django_assert_max_num_queries(22):
            client.get(vote.get_absolute_url())

    def test_the_count_is_asked_for_again_while_the_vote_is_open(self, client, vote):
        fragment = client.get(url(vote.release, "ballots")).content.decode()
        assert 'hx-trigger="every 10s"' in fragment
        assert "<html" not in fragment


class TestResolve:
    @pytest.fixture
    def vote(self) -> Vote:
        return make.vote()

    @pytest.fixture
    def manager(self, vote):
        return logged_in(make.member(vote.project, Role.RELEASE_MANAGER))

    def cast(self, vote, *choices):
        for choice in choices:
            person = make.member(vote.project)
            vote.cast(choice, by=person, manifest_digest=vote.manifest_digest)

    def resolve(self, client, vote, outcome, **more):
        sent = {"outcome": outcome, "seen": vote.number, **more}
        return client.post(url(vote.release, "resolve"), sent)

    def test_a_vote_with_three_binding_goes_on_to_finish(self, vote, manager):
        self.cast(vote, "+1", "+1", "+1")
        page = manager.get(url(vote.release, "resolve")).content.decode()
        assert "It has what it takes to pass." in page
        assert self.resolve(manager, vote, Outcome.PASSED).status_code == 303
        vote.release.refresh_from_db()
        assert vote.release.phase == Phase.FINISH

    def test_a_vote_that_lacks_votes_does_not_pass_and_says_what_is_missing(self, vote, manager):
        self.cast(vote, "+1")
        answer = self.resolve(manager, vote, Outcome.PASSED)
        assert answer.status_code == 409
        assert "2 more binding +1 needed (1 of 3)." in answer.content.decode()

    def test_a_minus_one_asks_for_a_second_look(self, vote, manager):
        self.cast(vote, "+1", "+1", "+1", "-1")
        page = manager.get(url(vote.release, "resolve")).content.decode()
        assert "I have read the comments of those who voted -1" in page
        assert self.resolve(manager, vote, Outcome.PASSED).status_code == 409
        assert self.resolve(manager, vote, Outcome.PASSED, confirmed="on").status_code == 303

    def test_a_cancelled_vote_leads_back_to_the_draft(self, vote, manager):
        answer = self.resolve(manager, vote, Outcome.CANCELLED)
        assert answer.status_code == 303
        page = manager.get(vote.release.get_absolute_url()).content.decode()
        assert "Vote 1 was cancelled" in page

    def test_voters_do_not_resolve(self, vote):
        client = logged_in(make.member(vote.project, Role.PARTICIPANT))
        assert client.get(url(vote.release, "resolve")).status_code == 403
        assert self.resolve(client, vote, Outcome.CANCELLED).status_code == 403

    def test_sent_twice_the_second_finds_nothing_to_resolve(self, vote, manager):
        self.cast(vote, "+1", "+1", "+1")
        self.resolve(manager, vote, Outcome.PASSED)
        answer = self.resolve(manager, vote, Outcome.PASSED)
        assert answer.status_code == 409
        assert "There is no open vote" in answer.content.decode()
