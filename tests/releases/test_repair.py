"""What operators repair on releases, and that they decide nothing."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from releases.models import Publication, Release
from releases.phases import Choice, Outcome, Phase
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import NotReady, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return make.staff("operator")


def settle_jobs() -> None:
    Job.objects.update(state="done")


class TestRecheck:
    def test_the_newest_revision_is_queued_with_the_reason(self, operator) -> None:
        release = make.candidate()
        settle_jobs()
        revision = release.recheck(by=operator, reason="gpg fell over")
        job = Job.objects.unsettled().about(revision).get()
        assert job.name == "checks.run"
        event = Event.objects.get(tag=Tag.CHECKS_ASKED)
        assert (event.actor, event.facts) == (
            *(operator.username, {"revision": 1, "reason": "gpg fell over"}),
        )

    def test_not_while_they_wait_already(self, operator) -> None:
        release = make.candidate()
        with pytest.raises(NotReady, match="wait or run already"):
            release.recheck(by=operator, reason="Again")

    def test_not_without_files_nor_once_they_are_frozen(self, operator) -> None:
        with pytest.raises(NotReady, match="nothing to check"):
            make.release().recheck(by=operator, reason="Again")
        with pytest.raises(NotReady, match="frozen"):
            make.vote().release.recheck(by=operator, reason="Again")


class TestCancel:
    def test_the_vote_ends_without_a_result(self, operator) -> None:
        vote = make.vote()
        voter = make.member(vote.project)
        vote.cast(Choice.FOR, by=voter, manifest_digest=vote.manifest_digest)
        vote.release.cancel_vote(by=operator, reason="Wrong list", seen=vote.number)
        vote.refresh_from_db()
        release = Release.objects.get(pk=vote.release_id)
        assert (vote.outcome, vote.resolved_by) == (Outcome.CANCELLED, operator)
        assert (release.phase, release.candidate) == (Phase.COMPOSE, None)
        assert vote.ballots.count() == 1
        event = Event.objects.get(tag=Tag.VOTE_CANCELLED)
        assert event.facts["reason"] == "Wrong list"
        assert Job.objects.filter(name="releases.send_mail", args__event=event.pk).exists()

    def test_a_second_one_is_told(self, operator) -> None:
        vote = make.vote()
        vote.release.cancel_vote(by=operator, reason="Wrong list")
        with pytest.raises(NotReady, match="no open vote"):
            vote.release.cancel_vote(by=make.staff("operator"), reason="Wrong list")

    def test_not_another_vote_than_the_one_they_saw(self, operator) -> None:
        vote = make.vote()
        with pytest.raises(Stale):
            vote.release.cancel_vote(by=operator, reason="Wrong list", seen=9)

    @pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.FAILED, Outcome.CANCELLED])
    def test_resolving_is_the_committee_s(self, operator, outcome: Outcome) -> None:
        release = make.vote().release
        for who in (operator, make.operator()):
            with pytest.raises(PermissionDenied):
                release.resolve_vote(outcome, by=who)

    @pytest.mark.parametrize("group", ["auditor", "security officer"])
    def test_other_groups_do_not(self, group: str) -> None:
        with pytest.raises(PermissionDenied):
            make.vote().release.cancel_vote(by=make.staff(group), reason="Because")

    def test_an_operator_s_vote_never_binds_and_they_call_none(self, operator) -> None:
        vote = make.vote()
        cast = vote.cast(Choice.FOR, by=operator, manifest_digest=vote.manifest_digest)
        assert not cast.binding_when_cast
        with pytest.raises(PermissionDenied):
            make.vote(make.candidate(), by=operator)

    def test_the_console_asks_for_the_word(self) -> None:
        client: Client = logged_in(make.staff("operator"))
        release = make.vote().release
        address = reverse("admin:releases_release_act", args=[release.pk, "cancel-vote"])
        assert client.post(address, {"reason": "Wrong list"}).status_code == 422
        sent = {"reason": "Wrong list", "typed": "CANCEL"}
        assert client.post(address, sent).status_code == 302
        assert Release.objects.get(pk=release.pk).phase == Phase.COMPOSE


class TestPublishAgain:
    def test_a_failed_publication_is_begun_again(self, operator) -> None:
        publication = make.publication()
        publication.record_failed("The disk is full.")
        release = Release.objects.get(pk=publication.release_id)
        again = release.retry_publication(by=operator, reason="There is room again")
        assert (again.pk, again.state, again.error) == (publication.pk, "running", "")
        event = Event.objects.filter(tag=Tag.PUBLICATION_STARTED).latest("pk")
        assert event.facts["reason"] == "There is room again"

    def test_one_whose_worker_is_gone_for_good_as_well(self, operator) -> None:
        publication = make.publication()
        job = Job.objects.about(publication).get()
        job.give_up(by=operator, reason="The host is gone")
        again = publication.release.retry_publication(by=operator, reason="On another host")
        assert again.state == Publication.State.RUNNING

    def test_one_in_hand_is_left_alone(self, operator) -> None:
        publication = make.publication()
        with pytest.raises(NotReady, match="being published already"):
            publication.release.retry_publication(by=operator, reason="Faster")

    def test_nobody_publishes_for_the_committee_what_it_has_not_asked_for(self, operator) -> None:
        release = make.passed()
        with pytest.raises(NotReady, match="Nobody has asked"):
            release.retry_publication(by=operator, reason="For them")
        with pytest.raises(PermissionDenied):
            release.publish(by=operator)
