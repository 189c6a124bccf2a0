"""The ledger's own jobs: sealing the log, and forgetting what its schedules leave behind."""

from datetime import timedelta

from django.utils.timezone import now

from trusted_releases.ledger.jobs import RunningJob, job, schedule
from trusted_releases.ledger.models import Job, Pending, WorkerBeat
from trusted_releases.ledger.sealing import seal_all

KEEP = timedelta(days=1)  # how long a scheduled job that went well is kept
BATCH = 5000


@job("ledger.seal")
def seal(running: RunningJob) -> dict[str, int]:
    """Give all committed events their place in the log."""
    return {"sealed": seal_all()}


@job("ledger.tidy")
def tidy(running: RunningJob) -> dict[str, int]:
    """Delete scheduled jobs that are done, and beats of workers that are gone, after a day.

    Their keys name a period that is over: no tick will ask for it again.
    """
    before = now() - KEEP
    old = Job.objects.filter(state=Job.State.DONE, scheduled=True, finished_at__lt=before)
    jobs = Job.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()[0]
    beats = WorkerBeat.objects.filter(at__lt=before).delete()[0]
    return {"jobs": jobs, "beats": beats}


schedule("ledger.seal", 2, when=Pending.objects.exists)
schedule("ledger.tidy", 3600)
