"""Jobs about releases. Each may run twice, and then does nothing more."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings

from releases import mail, publishing
from releases.models import Publication
from trusted_releases.ledger.jobs import GiveUp, RunningJob, job, schedule
from trusted_releases.ledger.models import Event

SCRATCH_AGE = 24 * 3600  # seconds; no upload takes longer


@job("releases.publish", queue="heavy")
def publish(running: RunningJob, event: int) -> dict[str, Any]:
    """Materialise the voted manifest; what cannot be mended by trying again fails for good."""
    publication = Publication.objects.select_related(
        "release__project__committee", "release__candidate"
    ).get(pk=Event.objects.get(pk=event).key)
    if publication.state == Publication.State.FAILED:
        raise GiveUp("This publication has failed. Its page says why; publish again from there.")
    if publication.state != Publication.State.RUNNING:
        return {"already": publication.state}
    try:
        location = publishing.materialise(publication, publication.record_progress)
    except publishing.Impossible as error:
        with running.holding():  # another worker may be about to succeed
            publication.record_failed(str(error))
        raise GiveUp(str(error)) from error
    publication.record_published(location)
    return {"location": location}


@job("releases.send_mail", queue="mail", max_attempts=8)
def send_mail(running: RunningJob, event: int) -> dict[str, Any]:
    """Send the mail that follows from an event, with a Message-ID that follows from it too."""
    return mail.send_for(Event.objects.get(pk=event), running)


@job("releases.clean_scratch")
def clean_scratch(running: RunningJob) -> dict[str, Any]:
    """Remove what uploads that were cut off have left behind."""
    oldest = time.time() - SCRATCH_AGE
    gone = 0
    for path in Path(settings.SCRATCH_DIR).glob("*"):
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            gone += 1
    return {"removed": gone}


schedule("releases.clean_scratch", 6 * 3600)
