"""The page of a vote: for strangers in a hurry, and for everybody else; ballots."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from projects.roles import Role
from releases.models import Vote
from releases.phases import Outcome
from tests import embargoed, make
from tests.ballots import ballot, page_of, url
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def vote() -> Vote:
    files = {"tool-1.0.tar.gz": "bytes", "tool-1.0.tar.gz.asc": "signature"}
    return make.vote(make.candidate(make.project("tool"), version="1.0", files=files))


class TestVotePage:
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
        answer = client.post(url(vote.release, "one-cast", 1), ballot(vote, comment="Builds."))
        assert answer.status_code == 303
        page = client.get(answer.url).content.decode()
        assert "You voted" in page
        assert "<blockquote>Builds.</blockquote>" in page
        assert "1 of 3" in page
        client.post(url(vote.release, "one-cast", 1), ballot(vote, "-1", comment="No."))
        assert vote.ballot_of(person).choice == "-1"

    def test_a_visitor_may_vote_and_it_does_not_bind(self, vote):
        client = logged_in(make.user())
        assert client.post(url(vote.release, "one-cast", 1), ballot(vote)).status_code == 303
        page = client.get(vote.get_absolute_url()).content.decode()
        assert "not binding" in page
        assert "0 of 3" in page

    def test_nobody_votes_without_an_account(self, client, vote):
        assert client.post(url(vote.release, "one-cast", 1), ballot(vote)).status_code == 403
        assert not vote.ballots.exists()

    def test_a_ballot_on_other_files_is_a_conflict(self, vote):
        client = logged_in(make.member(vote.project))
        sent = ballot(vote) | {"manifest_digest": "sha256:" + "0" * 64}
        answer = client.post(url(vote.release, "one-cast", 1), sent)
        assert answer.status_code == 409
        assert "not the ones you looked at" in answer.content.decode()

    def test_a_huge_comment_and_an_unknown_choice_are_told_beside_the_field(self, vote):
        client = logged_in(make.member(vote.project))
        answer = client.post(url(vote.release, "one-cast", 1), ballot(vote, comment="x" * 10_001))
        assert answer.status_code == 422
        assert "at most 10000 characters" in answer.content.decode()
        assert client.post(url(vote.release, "one-cast", 1), ballot(vote, "+2")).status_code == 422
        assert not vote.ballots.exists()

    def test_a_comment_is_text_and_never_markup(self, vote):
        client = logged_in(make.member(vote.project))
        client.post(
            url(vote.release, "one-cast", 1), ballot(vote, comment="<script>alert(1)</script>")
        )
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
            answer = client.post(url(vote.release, "one-cast", 1), ballot(vote))
        assert answer.status_code == 409
        assert "This vote ended at" in answer.content.decode()

    def test_a_release_without_a_vote_has_no_vote_page(self):
        draft = make.release()
        client = logged_in(make.member(draft.project))
        assert client.get(url(draft, "vote")).status_code == 404

    def test_what_one_did_is_kept_and_shown_as_a_list(self, vote):
        client = logged_in(make.member(vote.project))
        sent = ballot(vote, checked=["built", "signatures"])
        assert client.post(url(vote.release, "one-cast", 1), sent).status_code == 303
        assert vote.ballots.get().checked == ["signatures", "built"]
        page = page_of(vote, client)
        assert "<li>verified the signatures</li><li>built it from source</li>" in page
        assert re.search(r'value="built"[^>]* checked', page)
        assert not re.search(r'value="tested"[^>]* checked', page)

    def test_what_nobody_asked_about_cannot_be_said(self, vote):
        client = logged_in(make.member(vote.project))
        sent = ballot(vote, checked=["prayed"])
        assert client.post(url(vote.release, "one-cast", 1), sent).status_code == 422
        assert not vote.ballots.exists()

    def test_a_refused_ballot_keeps_what_was_typed(self, vote):
        client = logged_in(make.member(vote.project))
        answer = client.post(url(vote.release, "one-cast", 1), ballot(vote, "", comment="Long."))
        assert answer.status_code == 422
        assert "Long.</textarea>" in answer.content.decode()

    def test_a_comment_under_embargo_is_told_where_it_goes(self, vote):
        assert "It is public, and goes to the list." in page_of(vote, logged_in(make.user()))
        project = make.project()
        member = make.member(project)
        secret = embargoed.call(embargoed.expedited(project, member, "1.0"), member)
        page = page_of(secret, logged_in(member))
        assert "It is public, and goes to the list." not in page
        assert "becomes public when the embargo ends" in page

    def test_a_form_from_elsewhere_votes_nothing(self, vote):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make.member(vote.project))
        assert strict.post(url(vote.release, "one-cast", 1), ballot(vote)).status_code == 403
        assert not vote.ballots.exists()

    def test_the_page_is_small_however_much_is_voted_on(self):
        files = {f"folder/some-file-of-a-release-{n}.txt": str(n) for n in range(300)}
        vote = make.vote(make.candidate(make.project("tool"), version="1.0", files=files))
        for _ in range(70):
            vote.cast("+1", by=make.user(), manifest_digest=vote.manifest_digest, comment="x" * 90)
        page = page_of(vote)
        assert len(page.encode()) < 50_000
        assert "The first 12 of 300 files." in page
        assert url(vote.release, "vote-script", 1) in page


class TestWhoLooks:
    """Each kind of person reads what their vote is worth, and what they can do."""

    @pytest.mark.parametrize(
        ("who", "says"),
        [
            ("visitor", "Not binding."),
            ("committer", "Not binding."),
            (Role.PARTICIPANT, "Not binding."),
            (Role.RELEASE_MANAGER, "Not binding."),
            (Role.MEMBER, "Binding."),
        ],
    )
    def test_what_a_vote_is_worth_is_said_before_it_is_cast(self, vote, who, says):
        if who in ("visitor", "committer"):
            person = make.user(is_committer=who == "committer")
        else:
            person = make.member(vote.project, who)
        page = page_of(vote, logged_in(person))
        assert f"<b>{says}</b>" in page
        assert ("you are a member of Tool" in page) == (who == Role.MEMBER)
        assert "Vote on revision 1</button>" in page

    def test_nobody_without_an_account_gets_a_form_but_the_way_to_one(self, vote):
        page = page_of(vote)
        assert "<textarea" not in page
        assert f"?next={vote.get_absolute_url()}%23ballot" in page
        assert "the votes of the members of Tool decide" in page

    def test_whose_votes_bind_for_a_podling_is_said(self):
        parent = make.committee("incubator", name="Incubator")
        young = make.committee("young", is_podling=True, parent=parent)
        vote = make.vote(make.candidate(make.project("young-tool", committee=young)))
        page = page_of(vote, logged_in(make.member(young)))
        assert "You are a member of Young (Incubating). Incubator votes after you." in page
        page = page_of(vote, logged_in(make.member(parent)))
        assert "the votes of the members of Young (Incubating) decide" in page

    @pytest.mark.parametrize("role", [Role.RELEASE_MANAGER, Role.MEMBER])
    def test_who_may_resolve_finds_the_way(self, vote, role):
        way = url(vote.release, "resolve")
        assert way in page_of(vote, logged_in(make.member(vote.project, role)))
        assert way not in page_of(vote, logged_in(make.user()))
        assert way not in page_of(vote)


class TestStates:
    def test_over_and_not_resolved(self):
        vote = make.vote(make.candidate(make.project(hours=72)), hours=72)
        with time_machine.travel(now() + timedelta(hours=73)):
            page = page_of(vote)
        assert "Time is up" in page
        assert "resolves it." in page
        assert "<textarea" not in page

    def test_passed_leads_on(self):
        release = make.passed()
        page = page_of(release.vote)
        assert "Publication and announcement</a> follow" in page
        assert "This vote is closed: passed." in page
        assert "hx-get" not in page

    @pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.CANCELLED])
    def test_a_vote_that_did_not_pass_stays_public_with_its_result(self, client, vote, outcome):
        vote.cast("-1", by=make.user(), manifest_digest=vote.manifest_digest, comment="Broken.")
        vote.release.resolve_vote(outcome, by=make.member(vote.project))
        assert client.get(vote.release.get_absolute_url()).status_code == 404  # a draft again
        for address in (vote.get_absolute_url(), url(vote.release, "vote")):
            page = client.get(address).content.decode()
            assert outcome.label in page
            assert "<blockquote>Broken.</blockquote>" in page
            assert "tool-1.0.tar.gz" in page
            assert url(vote.release, "file", "tool-1.0.tar.gz") not in page
            assert url(vote.release, "revisions") not in page
        assert client.get(url(vote.release, "vote-script", 1)).status_code == 404

    def test_every_link_of_a_page_that_stays_leads_somewhere(self, client, vote):
        vote.release.resolve_vote(Outcome.FAILED, by=make.member(vote.project))
        page = page_of(vote, client)
        links = {each for each in re.findall(r'href="(/[^"#?]*)', page) if "/static/" not in each}
        dead = {each for each in links if client.get(each).status_code >= 400}
        assert dead == set()
