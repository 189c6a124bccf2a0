"""Brings a vote's thread from the archive of the list into a reading that is counted."""

from collections.abc import Callable, Iterable, Iterator
from email.utils import parseaddr
from itertools import islice
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.timezone import now

from projects.models import User
from releases import mail, thread
from releases.archive import POOL, TOTAL, NoThread, mails_of, thread_of
from releases.letter import read
from releases.models import Message, Reading, Vote
from releases.models.reading import BATCH, Row, keep
from releases.models.rounds import FIRST
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.mail import message_id
from trusted_releases.lib.outbound import Bounds, Denied, Service, Unreachable, Unusable

HERE = frozenset({"localhost", "127.0.0.1", "::1"})

Progress = Callable[[int, int], None]  # mails that have come, and all


class Problem(Exception):
    """The thread could not be read. The message is a sentence that says what to do."""


def read_thread(reading: Reading, on_progress: Progress | None = None) -> bool:
    """Fetch, keep and count. False when the reading was settled meanwhile. Raises Problem.

    Call it outside transactions: it takes as long as the archive takes.
    """
    if not settings.ARCHIVE_URL:
        raise Problem("This site knows no archive of the lists. Operators can set ARCHIVE_URL.")
    opening = mail.call_of(reading.vote)
    fetched_at = now()
    try:
        with _service(reading.vote) as service:
            rows, senders = _fetch(service, opening, on_progress)
    except NoThread as error:
        raise Problem(
            "The archive does not have the mail that called the vote"
            f"{', or does not show it to this site' if reading.vote.is_on_private_list else ''}. "
            "It may need some minutes; then read it again."
        ) from error
    except Denied as error:
        raise Problem(_denied(error)) from error
    except Unreachable as error:
        raise Problem(f"The archive could not be reached ({error}). Try again later.") from error
    except Unusable as error:
        raise Problem(f"The archive cannot be used: {error}.") from error
    except thread.TooMany as error:
        raise Problem(f"{error} Cancel this vote, and call one on this site.") from error
    terms = thread.Terms(
        opening=opening,
        caller=reading.vote.called_by.username,
        senders=tuple(_callers(reading.vote)),
        ours=tuple(_receipts(reading.vote)),
        ends_at=reading.vote.ends_at,
        fetched_at=fetched_at,
    )
    return reading.record_done(rows, directory(senders), terms, settings.ARCHIVE_URL)


def _denied(error: Denied) -> str:
    if settings.ARCHIVE_SECRET_COOKIE:
        said = "its log-in has ended, or does not reach this list. Operators can renew"
    else:
        said = "it is for members of the list. Operators can set"
    return f"The archive does not let this site read the thread ({error}): {said} its log-in."


def _service(vote: Vote) -> Service:
    return Service(
        settings.ARCHIVE_URL,
        agent=f"trusted-releases/{settings.VERSION}",
        private=settings.ARCHIVE_PRIVATE or urlsplit(settings.ARCHIVE_URL).hostname in HERE,
        bounds=Bounds(seconds=settings.ARCHIVE_SECONDS, total_bytes=TOTAL, connections=POOL),
        # What everybody may read is asked for as everybody.
        cookie=settings.ARCHIVE_SECRET_COOKIE if vote.is_on_private_list else "",
    )


def _fetch(
    service: Service, opening: str, on_progress: Progress | None
) -> tuple[list[Row], set[str]]:
    """Keep the mails as they come; what is said of them, and the addresses they are from."""
    listed = thread_of(service, opening)
    rows: list[Row] = []
    senders: set[str] = set()
    for batch in _portions(mails_of(service, listed, f"{settings.ARCHIVE_URL}/thread/")):
        rows += keep(batch)
        senders.update(address for each in batch for address in read(each.raw).senders)
        if on_progress is not None:
            on_progress(len(rows), len(listed))
    return rows, senders


def _portions(mails: Iterable[thread.Mail]) -> Iterator[list[thread.Mail]]:
    coming = iter(mails)
    while batch := list(islice(coming, BATCH)):
        yield batch


def directory(senders: Iterable[str]) -> thread.Directory:
    """Who these addresses are: by an account's own address, or its name under our domain."""
    addresses = set(senders)
    domain = settings.MAIL_DOMAIN.lower()
    ours = (each.partition("@") for each in addresses)
    names = {local for local, _, host in ours if host == domain}
    known = User.objects.filter(is_active=True).annotate(address=Lower("email"))
    rows = known.filter(Q(address__in=addresses) | Q(username__in=names))
    people, accounts = {}, set()
    for username, address in rows.values_list("username", "address"):
        if address in addresses:
            people[address] = username
        if username in names:
            accounts.add(username)
    return thread.Directory(people, domain, frozenset(accounts))


def _callers(vote: Vote) -> Iterator[str]:
    """The addresses that the mail that called the vote may come from: ours, and its caller's."""
    for address in (parseaddr(settings.DEFAULT_FROM_EMAIL)[1], vote.called_by.email):
        if address:
            yield address.lower()


def _receipts(vote: Vote) -> Iterator[str]:
    """The Message-IDs of what this site sent to the list about ballots of this release."""
    cast = Event.objects.filter(tag=Tag.BALLOT_CAST, release=str(vote.release_id))
    keys = list(cast.values_list("pk", flat=True))
    yield from (message_id(key) for key in keys)
    sent = Message.objects.filter(release=vote.release_id, event__in=keys)
    yield from sent.values_list("message_id", flat=True)


def begin_due_readings() -> list[Reading]:
    """Readings of the open votes by mail, for a worker: what people see of them is not stale."""
    if not settings.ARCHIVE_URL:
        return []
    begun = []
    ours = Q(mode="email") | Q(round=FIRST)  # the second round points to the first one's thread
    for vote in Vote.objects.open().filter(ours).select_related("release__project"):
        with vote.release.held():
            if not any(vote.reading_obstacles()):
                begun.append(vote.begin_reading())
    return begun
