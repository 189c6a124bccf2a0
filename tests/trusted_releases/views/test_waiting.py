"""What waits for whom, in which order, and why."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.timezone import now

from projects.roles import Role
from releases.models import Publication, Vote
from releases.phases import Verdict
from tests import make
from trusted_releases.ledger.models import Job
from trusted_releases.views.waiting import Urgency, Waiting, counts_of, first_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make.project("tool", name="Tool")


def told(person):
    return [(task.urgency.name, task.act) for task in Waiting(person).tasks()]


def only(person):
    (task,) = Waiting(person).tasks()
    return task


class TestDrafts:
    @pytest.fixture
    def person(self, project):
        return make.member(project, Role.RELEASE_MANAGER)

    def judged(self, project, person, verdict, counts, concerns=()):
        draft = make.release(project, by=person, version="1.0", files={"a": "a"})
        basis = draft.check_basis()
        draft.newest.record_verdict(verdict, counts=counts, concerns=concerns, basis=basis)
        return only(person)

    def test_without_files_it_wants_files(self, project, person):
        make.release(project, by=person, version="1.0")
        assert only(person).act == "Upload files of Tool 1.0"

    def test_while_it_is_checked_one_can_only_follow(self, project, person):
        make.release(project, by=person, version="1.0", files={"a": "a"})
        assert only(person).urgency == Urgency.RUNNING

    def test_with_blockers_it_wants_to_be_mended(self, project, person):
        task = self.judged(project, person, Verdict.FAILED, {"blocker": 2})
        assert (task.act, task.why) == ("Mend Tool 1.0", "Revision 1 has 2 blockers.")
        assert task.url.endswith("/findings/?level=blocker")

    def test_with_concerns_they_want_to_be_read(self, project, person):
        task = self.judged(project, person, Verdict.PASSED, {"concern": 1}, ["license.files"])
        assert task.act == "Read the concerns of Tool 1.0"
        assert "1 concern to read" in task.why

    def test_when_nothing_is_in_the_way_the_vote_is_called(self, project, person):
        task = self.judged(project, person, Verdict.PASSED, {})
        assert task.url == reverse("releases:call-vote", args=["tool", "1.0"])

    def test_who_may_not_call_it_is_told_whom_to_ask(self, project, person):
        make.candidate(project, by=person, version="1.0")
        task = only(make.member(project, Role.PARTICIPANT))
        assert task.act == "Hand on Tool 1.0"
        assert "Ask a release manager" in task.why


class TestVotes:
    @pytest.fixture
    def vote(self, project):
        return make.vote(make.candidate(project, version="1.0"), hours=72)

    def end(self, vote):
        Vote.objects.filter(pk=vote.pk).update(ends_at=now() - timedelta(hours=1))

    def test_a_member_is_asked_for_their_binding_vote_until_they_have_cast_it(self, vote):
        person = make.member(vote.project)
        assert told(person) == [
            ("VOTE", "Vote on Tool 1.0"),
            ("RUNNING", "Follow vote 1 on Tool 1.0"),
        ]
        assert "binding" in Waiting(person).tasks()[0].why
        vote.cast("+1", by=person, manifest_digest=vote.manifest_digest)
        assert told(person) == [("RUNNING", "Follow vote 1 on Tool 1.0")]
        assert only(person).why == "1 of 3 binding +1 so far."

    def test_members_of_the_parent_are_asked_about_a_podlings_vote(self):
        parent = make.committee("incubator")
        podling = make.committee("young", is_podling=True, parent=parent)
        make.vote(make.candidate(make.project("young-tool", committee=podling), version="1.0"))
        task = only(make.member(parent))
        told = "Your vote is counted beside the binding."  # in the first round
        assert (task.urgency, task.why) == (Urgency.VOTE, told)
        inside = Waiting(make.member(podling)).tasks()[0]
        assert inside.why == "Your vote is binding."

    def test_when_its_time_is_over_nobody_is_asked_to_vote_and_it_wants_to_be_resolved(self, vote):
        vote.cast(
            "-1", by=make.member(vote.project), manifest_digest=vote.manifest_digest, comment="No"
        )
        self.end(vote)
        task = only(make.member(vote.project))
        assert task.act == "Resolve the vote on Tool 1.0"
        assert task.url == reverse("releases:resolve", args=["tool", "1.0"])
        assert task.over
        assert task.why.startswith("It has 0 of 3 binding +1, 1 binding -1: 3 more binding +1")

    def test_one_that_passes_says_so(self, vote):
        for _ in range(3):
            voter = make.member(vote.project)
            vote.cast("+1", by=voter, manifest_digest=vote.manifest_digest)
        self.end(vote)
        assert only(voter).why == "It has 3 of 3 binding +1: it passes."

    def test_counts_of_many_votes_are_those_of_each(self, project, django_assert_num_queries):
        votes = [make.vote(make.candidate(project)) for _ in range(3)]
        voter, other = make.member(project), make.user()
        votes[0].cast("+1", by=voter, manifest_digest=votes[0].manifest_digest)
        votes[0].cast("-1", by=voter, manifest_digest=votes[0].manifest_digest)
        votes[1].cast("+1", by=other, manifest_digest=votes[1].manifest_digest)
        at = now()
        expected = {vote.pk: vote.tally(at) for vote in votes}
        for vote in votes:
            assert vote.release.project.committee.binding_committee
        with django_assert_num_queries(2):
            assert counts_of(votes, at) == expected


class TestFinishing:
    def test_passed_then_published_then_announced(self, project):
        person = make.member(project)
        release = make.passed(make.candidate(project, by=person, version="1.0"))
        assert told(person) == [("PUBLISH", "Publish Tool 1.0")]
        publication = make.publication(release)
        assert told(person) == []
        publication.record_published("tool/tool/1.0")
        assert told(person) == [("ANNOUNCE", "Announce Tool 1.0")]

    def test_nobody_is_sent_on_where_the_project_is_held(self, project):
        person = make.member(project)
        make.passed(make.candidate(project, by=person, version="1.0"))
        project.hold(by=make.operator(), reason="A key was stolen.")
        task = only(person)
        assert (task.urgency, task.act) == (Urgency.RUNNING, "Read why Tool 1.0 waits")
        assert task.why == "Tool is held: A key was stolen."

    def test_a_publication_that_failed_comes_before_everything(self, project):
        person = make.member(project)
        make.candidate(project, by=person, version="2.0")
        release = make.passed(make.candidate(project, by=person, version="1.0"))
        make.publication(release).record_failed("The disk is full.\nAt /x")
        assert told(person)[0] == ("BROKEN", "Mend the publication of Tool 1.0")
        assert Waiting(person).tasks()[0].why == "It failed: The disk is full."
        assert Publication.objects.get().state == "failed"


def test_a_job_that_was_given_up_is_told_to_the_people_of_its_release(project):
    person = make.member(project, Role.PARTICIPANT)
    draft = make.release(project, by=person, version="1.0", files={"a": "a"})
    Job.objects.filter(release=str(draft.pk)).update(state="failed", finished_at=now())
    assert told(person)[0] == ("BROKEN", "Look at a failed job of Tool 1.0")
    assert told(make.member(make.committee())) == []


@pytest.mark.parametrize("who", [AnonymousUser, make.user, make.operator])
def test_nothing_waits_for_those_who_are_in_no_committee(project, who):
    make.release(project, files={"a": "a"})
    make.vote(make.candidate(project))
    make.passed(make.candidate(project))
    assert told(who()) == []


def test_an_account_that_is_switched_off_has_nothing_to_do(project):
    person = make.member(project)
    make.release(project, by=person)
    person.is_active = False
    assert told(person) == []


@pytest.mark.parametrize(
    ("text", "told"), [("", "no reason was given"), ("a\nb", "a"), ("x" * 200, "x" * 120 + "…")]
)
def test_the_first_line_of_an_error_is_enough(text, told):
    assert first_line(text) == told
