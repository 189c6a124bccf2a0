"""Kill -9 at every step: run again, and the end is the same."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.utils.timezone import now

from releases import publishing
from releases.models import Message, Publication
from releases.phases import Phase
from tests import make, processes
from tests.smtp import Received
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run, run_pending

pytestmark = pytest.mark.django_db(transaction=True)

FILES = {"a-1.0.zip": b"\x00\xff" * 1_500_000, "docs/b.txt": b"read me\n"}

# Every checkpoint of releases.publishing, in its order, for these files.
CHECKPOINTS = [
    "stage a-1.0.zip",
    "stage docs/b.txt",
    "stage _proof/manifest.json",
    "stage _proof/SHA512SUMS",
    "stage _proof/KEYS",
    "stage _proof/vote.json",
    "verify staging",
    "switch",
    "switched",
    "verify home",
    "keys",
    "keys written",
    "done",
]
# And between them: while a file is half written, before and after the record is committed.
BETWEEN = ["in the middle of a file", "record written, not committed", "record committed"]
BEFORE_THE_SWITCH = {*CHECKPOINTS[:8], BETWEEN[0]}

# A worker of ours that dies at one step: `python -c CHILD <job> <step>`.
CHILD = """
import os, signal, sys
import django
django.setup()
from releases import publishing, sending
from releases.models import Blob, Publication
from trusted_releases.ledger.models.event import EventManager
from trusted_releases.ledger.worker import run

job, wanted = int(sys.argv[1]), sys.argv[2]
verified = []

def die_at(step):
    if step.startswith("verify"):
        verified.append(step)
        step = "verify staging" if len(verified) == 1 else "verify home"
    if step == wanted:
        os.kill(os.getpid(), signal.SIGKILL)

def die_after(function, step):
    def wrapped(*args, **named):
        result = function(*args, **named)
        die_at(step)
        return result
    return wrapped

def die_before(function, step):
    def wrapped(*args, **named):
        die_at(step)
        return function(*args, **named)
    return wrapped

def torn(self, stream=Blob.stream):
    for block in stream(self):
        yield block
        die_at("in the middle of a file")

publishing.checkpoint = die_at
Blob.stream = torn
EventManager.record = die_after(EventManager.record, "record written, not committed")
Publication.record_published = die_after(Publication.record_published, "record committed")
sending.record = die_before(sending.record, "mail accepted")
run(job)
"""


def run_in_a_process(job: Job, step: str, **env: str) -> int:
    """Run the job in a real process that is killed at this step; its exit code."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(job.pk), step],
        cwd=processes.ROOT,
        env=processes.environment(**env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in (0, -9), done.stderr
    return done.returncode


def expire(job: Job) -> None:
    """As if the time had passed after which a silent worker is taken for dead."""
    Job.objects.filter(pk=job.pk).update(lease_until=now() - timedelta(seconds=1))


@pytest.fixture(autouse=True)
def area():
    root = Path(storages["downloads"].location)
    shutil.rmtree(root, ignore_errors=True)
    yield root
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def publication() -> Publication:
    made = make.publication(make.passed(make.candidate(files=FILES)))
    Job.objects.exclude(name="releases.publish").delete()
    return made


def public(area: Path) -> dict[str, bytes]:
    """All that a web server would serve: every file outside the staging directory."""
    paths = (path for path in area.rglob("*") if path.is_file())
    found = {str(path.relative_to(area)): path.read_bytes() for path in paths}
    return {name: held for name, held in found.items() if not name.startswith(".staging/")}


def voted(publication: Publication, area: Path) -> dict[str, bytes]:
    """The public files of this release that were voted on, under the names they had in the vote."""
    top = publishing.location_of(publication.release) + "/"
    found = {name.removeprefix(top): held for name, held in public(area).items() if top in name}
    return {name: held for name, held in found.items() if not name.startswith("_proof/")}


@pytest.mark.slow
@pytest.mark.parametrize("step", CHECKPOINTS + BETWEEN)
def test_publication_ends_the_same_wherever_its_worker_is_killed(
    publication, area, smtp: Received, step: str
) -> None:
    job = Job.objects.get(name="releases.publish")
    assert run_in_a_process(job, step) == -9, "the step was never reached"

    assert voted(publication, area) == ({} if step in BEFORE_THE_SWITCH else FILES)
    recorded = Event.objects.filter(tag=Tag.RELEASE_PUBLISHED).count()
    assert recorded == (step == "record committed")

    expire(job)
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2)
    assert "died or was stopped" in job.log
    publication.refresh_from_db()
    assert publication.state == Publication.State.DONE
    assert voted(publication, area) == FILES
    assert Event.objects.filter(tag=Tag.RELEASE_PUBLISHED).count() == 1
    if step != "record committed":
        assert not list((area / ".staging").iterdir())

    release = publication.release
    release.announce(by=make.member(release), subject="[ANNOUNCE] it", body="Here it is.")
    run_pending()
    run_pending()
    assert [mail["Subject"] for mail in smtp.messages] == ["[ANNOUNCE] it"]
    assert release.phase == Phase.RELEASED


def test_no_checkpoint_is_missing_in_the_list_above(publication, monkeypatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(publishing, "checkpoint", seen.append)
    publishing.materialise(publication)
    names = iter(("verify staging", "verify home"))
    assert [next(names) if step.startswith("verify") else step for step in seen] == CHECKPOINTS


def test_a_worker_that_dies_over_and_over_leaves_a_job_that_failed(publication, area) -> None:
    job = Job.objects.get(name="releases.publish")
    for _ in range(job.max_attempts):
        assert run_in_a_process(job, "switch") == -9
        expire(job)
    run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert voted(publication, area) == {}
    job.retry(by=make.operator())
    run(job.pk)
    assert voted(publication, area) == FILES


def test_a_worker_killed_after_the_mail_was_accepted_sends_it_again_as_the_same(
    smtp: Received,
) -> None:
    vote = make.vote()
    job = Job.objects.get(name="releases.send_mail")
    env = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": smtp.host,
        "EMAIL_PORT": str(smtp.port),
    }
    assert run_in_a_process(job, "mail accepted", **env) == -9
    assert len(smtp.messages) == 1
    message = Message.objects.get()
    assert message.sent_at is None

    expire(job)
    run(job.pk)
    run(job.pk)
    message.refresh_from_db()
    assert message.sent_at is not None
    assert [mail["Message-ID"] for mail in smtp.messages] == [message.message_id] * 2
    assert [mail["Subject"] for mail in smtp.messages] == [vote.subject] * 2
    assert Event.objects.filter(tag=Tag.MAIL_SENT).count() == 1
