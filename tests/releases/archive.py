"""A vote whose list has an archive: mails are answered into a folder that is served."""

from contextlib import contextmanager

from django.conf import settings

from projects.models import VoteMode
from releases import mail as outgoing
from releases.archive_server import running
from releases.models import Reading
from releases.threads import read_thread
from tests import make
from tests.releases import mails


@contextmanager
def served(folder, changed):
    """The archive of this folder, as the one that this site asks."""
    with running(folder) as address:
        changed.ARCHIVE_URL = address
        yield address


def vote_by_mail(*, hours: int = 0, mode: str = VoteMode.EMAIL, where=None):
    """An open vote in a project whose policy says so."""
    project = where or make.project()
    project.policy.vote_mode, project.policy.min_hours = mode, hours
    project.policy.save()
    return make.vote(make.candidate(project))


def put(folder, vote, *answers: bytes) -> None:
    """The mail that called the vote, and answers to it, as the list has archived them."""
    opening = outgoing.call_of(vote)
    folder.mkdir(exist_ok=True)
    ours = f"Ann via Trusted Releases <{settings.DEFAULT_FROM_EMAIL}>"
    call = mails.mail(ours, mails.CALL, hour=0, ident=opening, subject=vote.subject)
    for number, raw in enumerate((call, *answers)):
        (folder / f"{len(list(folder.iterdir())):05}-{number}.eml").write_bytes(raw)


def answer(vote, sender: str, body: str = "+1\n", **more) -> bytes:
    return mails.mail(sender, body, In_Reply_To=outgoing.call_of(vote), **more)


def read(vote, by=None) -> Reading:
    """Have the thread read now, as a worker would."""
    reading = vote.begin_reading(by)
    read_thread(reading)
    return Reading.objects.get(pk=reading.pk)
