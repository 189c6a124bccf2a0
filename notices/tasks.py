"""Jobs about notices. Each may run twice, and then does nothing more."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from notices import mail, telling
from notices.kinds import How
from notices.models import Notice, count_unread
from projects.models import User
from trusted_releases.ledger.jobs import RunningJob, enqueue, job, schedule
from trusted_releases.ledger.models import Event

DAY = 24 * 3600
KEPT = timedelta(days=180)
BACK_OFF = (10, 60, 300, 900, 3600)


@job("notices.tell")
def tell(running: RunningJob, event: int) -> dict[str, int]:
    """Make the notices of an event."""
    return {"told": telling.tell(Event.objects.get(pk=event))}


@job("notices.send", queue="mail", max_attempts=12, back_off=BACK_OFF)
def send(running: RunningJob, notice: int) -> dict[str, Any]:
    """Mail one notice at once."""
    return mail.send_one(notice, running)


@job("notices.digests")
def digests(running: RunningJob) -> dict[str, int]:
    """Have each person's digest sent, where there is anything to tell."""
    waiting = Notice.objects.to_mail(How.DIGEST).order_by()
    people = list(waiting.values_list("person", flat=True).distinct())
    for person in people:
        enqueue("notices.send_digest", key=f"digest-{person}-{now():%Y-%m-%d}", person=person)
    return {"people": len(people)}


@job("notices.send_digest", queue="mail", max_attempts=12, back_off=BACK_OFF)
def send_digest(running: RunningJob, person: int) -> dict[str, Any]:
    """Mail what has come together for one person."""
    return mail.send_digest(User.objects.get(pk=person), running)


@job("notices.tidy")
def tidy(running: RunningJob) -> dict[str, int]:
    """Forget notices of half a year ago, read or not: what happened stands in the event log."""
    old = Notice.objects.filter(created_at__lt=now() - KEPT)
    with transaction.atomic():
        people = list(old.unread().order_by().values_list("person", flat=True).distinct())
        gone, _ = old.delete()
        count_unread(*people)
    return {"gone": gone}


schedule("notices.digests", DAY)
schedule("notices.tidy", DAY)
