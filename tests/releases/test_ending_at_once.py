"""Two workers, one clock: what a vote's end asks for happens once."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils.timezone import now

from notices.models import Notice
from releases import ending
from releases.models import Vote
from releases.models.timed import Ending
from releases.phases import Choice, Outcome
from tests import make
from tests.smtp import Received
from tests.test_races import at_once
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.ticking import Ticker
from trusted_releases.ledger.worker import run, run_pending

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vote() -> Vote:
    release = make.candidate(make.project(hours=0))
    made = release.start_vote(
        by=make.member(release),
        revision=1,
        subject="[VOTE]",
        body="Please vote.",
        hours=72,
        ending=Ending(auto_resolve=True, tell_end=True),
    )
    for _ in range(3):
        made.cast(Choice.FOR, by=make.member(made), manifest_digest=made.manifest_digest)
    return made


def count(tag: Tag) -> int:
    return Event.objects.filter(tag=tag).count()


def test_two_supervisors_that_tick_and_run_the_same_jobs_do_it_once(vote, smtp: Received) -> None:
    for hours in (49, 73):
        with time_machine.travel(now() + timedelta(hours=hours), tick=False):
            for supervisor in (Ticker(), Ticker()):
                supervisor.tick()
            run_pending()
            for pk in list(Job.objects.values_list("pk", flat=True)):
                run(pk)
    assert count(Tag.VOTE_ENDING) == count(Tag.VOTE_ENDED) == count(Tag.VOTE_PASSED) == 1
    ended = Notice.objects.filter(person=vote.called_by, kind="ended")
    assert ended.filter(text__contains="has ended").count() == 1
    ids = [each["Message-ID"] for each in smtp.messages]
    assert len(ids) == len(set(ids)) == 8


@pytest.mark.postgres
def test_two_workers_at_the_same_moment_resolve_once(vote) -> None:
    with time_machine.travel(now() + timedelta(hours=73)):
        fresh = [Vote.objects.select_related("release__project").get(pk=vote.pk) for _ in range(2)]
        done, refused, _ = at_once([partial(ending.end, each) for each in fresh])
    assert refused == []
    assert sorted(bool(each.get("resolved")) for each in done) == [False, True]
    assert count(Tag.VOTE_ENDED) == count(Tag.VOTE_PASSED) == 1
    assert Vote.objects.get().outcome == Outcome.PASSED


@pytest.mark.postgres
def test_two_workers_at_the_same_moment_remind_once(vote) -> None:
    with time_machine.travel(now() + timedelta(hours=49)):
        fresh = [Vote.objects.select_related("release__project").get(pk=vote.pk) for _ in range(2)]
        at_once([partial(ending.remind, each) for each in fresh])
    assert count(Tag.VOTE_ENDING) == 1


@pytest.mark.postgres
def test_two_workers_that_send_one_mail_send_it_once(vote, smtp: Received) -> None:
    jobs = list(Job.objects.filter(name="releases.send_mail").values_list("pk", flat=True))
    at_once([partial(run, pk) for pk in jobs for _ in range(2)])
    ids = [each["Message-ID"] for each in smtp.messages]
    assert len(ids) == len(set(ids)) == len(jobs)
