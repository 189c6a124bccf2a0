"""Jobs about releases. Each may run twice, and then does nothing more."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from projects.models import Committee
from releases import ending, inspecting, mail, publishing, resuming, threads
from releases.leftovers import remove_folder
from releases.models import Publication, Reading, Vote
from releases.models.open_upload import PREFIX as OPEN
from trusted_releases.ledger.jobs import GiveUp, Later, RunningJob, enqueue, job, schedule
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


# Servers of lists are down for a day, and mail waits for them: 20 attempts take 57 hours.
BACK_OFF = (10, 60, 300, 900, 3600, 4 * 3600)


@job("releases.send_mail", queue="mail", max_attempts=20, back_off=BACK_OFF)
def send_mail(running: RunningJob, event: int) -> dict[str, Any]:
    """Send the mail that follows from an event, with a Message-ID that follows from it too."""
    return mail.send_for(Event.objects.get(pk=event), running)


@job("releases.write_keys")
def write_keys(running: RunningJob, event: int) -> dict[str, Any]:
    """Keys of a committee have changed, or how its KEYS file is made: the public file follows."""
    committee = Committee.objects.filter(slug=Event.objects.get(pk=event).committee).first()
    return {"written": committee is not None and publishing.write_keys(committee)}


@job("releases.read_thread", queue="source", max_attempts=1, limit=1800)
def read_thread(
    running: RunningJob, event: int | None = None, reading: int | None = None
) -> dict[str, Any]:
    """Fetch the thread of a vote from the archive of the list, and count its mails."""
    key = str(reading) if event is None else Event.objects.get(pk=event).key
    found = Reading.objects.select_related(
        "vote__release__project__committee__parent", "vote__called_by", "asked_by"
    )
    row = found.filter(pk=key).first()
    if row is None or not row.is_waiting:
        return {"already": "gone" if row is None else str(row.state)}
    try:
        done = threads.read_thread(row, lambda come, of: running.log(f"{come} of {of} mails"))
    except threads.Problem as problem:
        with running.holding():
            row.record_failed(str(problem))
        if row.asked_by is None:
            return {"problem": str(problem)}  # the next hour tries again, and nobody waits
        raise GiveUp(str(problem)) from problem
    return {"mails": len(row.mails)} if done else {"already": "settled"}


@job("releases.read_threads")
def read_threads(running: RunningJob) -> dict[str, Any]:
    """Have the threads of all open votes by mail read, so that voters see how they are counted."""
    begun = threads.begin_due_readings()
    for each in begun:
        enqueue("releases.read_thread", release=each.release.pk, subject=each, reading=each.pk)
    return {"begun": len(begun)}


@job("releases.mind_votes")
def mind_votes(running: RunningJob) -> dict[str, int]:
    """Have done what the clock asks of open votes, each thing once."""
    asked = [
        enqueue(name, key=key, release=vote.release_id, subject=vote, vote=vote.pk)
        for name, vote, key in ending.due()
    ]
    return {"asked": len(asked)}


@job("releases.remind_voters")
def remind_voters(running: RunningJob, vote: int) -> dict[str, Any]:
    """Tell those that a vote ends soon whose votes bind and are missing."""
    found = Vote.objects.select_related("release__project__committee").filter(pk=vote).first()
    return ending.remind(found) if found else {"gone": "The draft was deleted."}


@job("releases.end_vote")
def end_vote(running: RunningJob, vote: int) -> dict[str, Any]:
    """Tell that a vote has ended, and resolve it where that was asked for."""
    found = Vote.objects.select_related("release__project__committee").filter(pk=vote).first()
    done = ending.end(found) if found else {"gone": "The draft was deleted."}
    if done.get("early"):
        raise Later(30, "The clock of this host is behind: by it the vote has not ended.")
    return done


@job("releases.clean_scratch")
def clean_scratch(running: RunningJob) -> dict[str, Any]:
    """Remove what uploads that were cut off have left behind."""
    oldest = time.time() - SCRATCH_AGE
    gone = 0
    for path in Path(settings.SCRATCH_DIR).glob("*"):
        if path.name.startswith(OPEN):
            continue  # uploads in parts wait for as long as they may
        with suppress(FileNotFoundError):  # whoever made it has just removed it
            if path.lstat().st_mtime < oldest:
                remove_folder(path) if path.is_dir() else path.unlink()
                gone += 1
    return {"removed": gone}


@job("releases.clean_uploads")
def clean_uploads(running: RunningJob) -> dict[str, int]:
    """Remove the parts of uploads that nobody has gone on with."""
    return {"removed": resuming.sweep()}


@job("releases.verify_blobs", queue="heavy", limit=8 * 3600)
def verify_blobs(running: RunningJob) -> dict[str, int]:
    """Read back a day's portion of the stored files, those of longest ago first."""
    done = inspecting.verify_blobs(
        running.log, budget=settings.VERIFY_BYTES, go_on=running.still_mine
    )
    return {"files": done.looked_at, "bytes": done.size, "problems": done.problems}


@job("releases.verify_published", queue="heavy", limit=8 * 3600)
def verify_published(running: RunningJob) -> dict[str, int]:
    """Hold the download area against what was voted on."""
    done = inspecting.verify_published(running.log)
    return {"releases": done.looked_at, "problems": done.problems}


@job("releases.measure")
def measure(running: RunningJob) -> dict[str, int]:
    """Count what is stored, for the console."""
    done = inspecting.measure()
    return {"files": done.looked_at, "bytes": done.size}


schedule("releases.read_threads", 3600)
schedule("releases.mind_votes", 60, when=Vote.objects.open().exists)
schedule("releases.clean_scratch", 6 * 3600)
schedule("releases.clean_uploads", 3600)
schedule("releases.verify_blobs", 24 * 3600)
schedule("releases.verify_published", 7 * 24 * 3600)
schedule("releases.measure", 3600)
