"""The ledger's own jobs: sealing the log, and forgetting what its schedules leave behind."""

import time
from datetime import timedelta

from django.utils.timezone import now

from trusted_releases.ledger.jobs import RunningJob, job, schedule
from trusted_releases.ledger.models import Job, Pending, Spending, WorkerBeat
from trusted_releases.ledger.sealing import seal_all
from trusted_releases.ledger.verification import Verifier, inspect, own_keys

KEEP = timedelta(days=1)  # how long a scheduled job that went well is kept
BATCH = 5000
TOLD = 20  # problems that the job's log repeats; the inspection keeps more
DAILY = 24 * 3600


@job("ledger.seal")
def seal(running: RunningJob) -> dict[str, int]:
    """Give all committed events their place in the log."""
    return {"sealed": seal_all()}


@job("ledger.tidy")
def tidy(running: RunningJob) -> dict[str, int]:
    """Delete what says nothing any more: scheduled jobs that are done and beats of workers that are
    gone, after a day, and limits of which nothing is used up.

    The keys of such jobs name a period that is over: no tick will ask for it again.
    """
    before = now() - KEEP
    old = Job.objects.filter(state=Job.State.DONE, scheduled=True, finished_at__lt=before)
    jobs = Job.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()[0]
    beats = WorkerBeat.objects.filter(at__lt=before).delete()[0]
    spendings = Spending.objects.over(time.time()).delete()[0]
    return {"jobs": jobs, "beats": beats, "spendings": spendings}


@job("ledger.verify_events", queue="heavy", limit=6 * 3600)
def verify_events(running: RunningJob) -> dict[str, int]:
    """Prove the event log, as `manage.py verify_events` does; the console shows what is wrong.

    What waits is sealed first: where no worker was there for a while, both are due at once, and
    events that nobody could seal are no damage.
    """
    seal_all()
    verifier = Verifier(own_keys())
    problems = 0
    for problem in inspect(verifier):
        problems += 1
        if problems <= TOLD:
            running.log(f"{problem.where}: {problem.text}")
    return {"entries": verifier.entries, "problems": problems}


schedule("ledger.seal", 2, when=Pending.objects.exists)
schedule("ledger.tidy", 3600)
schedule("ledger.verify_events", DAILY)
