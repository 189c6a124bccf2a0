"""Readings of a vote's thread in the list archive: what came, and what was counted of it."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from releases import tally, thread
from releases.bundle import casts_of
from releases.models.part import PartOfRelease
from releases.models.vote import Vote
from trusted_releases.ledger.facts import clean
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.canonical import canonical

if TYPE_CHECKING:
    from releases.models.release import Release

LONGEST_PROBLEM = 1_000
BATCH = 200  # mails that are written, or read back, at a time

Row = tuple[str, str, str | None]  # of a mail: its digest, where the archive has it, and when


class KeptMail(models.Model):
    """A mail as it was sent, by the digest of its bytes. Never changed, and kept once."""

    digest = models.CharField(max_length=71, unique=True, editable=False)
    packed = models.BinaryField(editable=False)

    def __str__(self) -> str:
        return self.digest

    @property
    def raw(self) -> bytes:
        """The mail; nothing where the row is damaged, and then its digest does not fit."""
        try:
            return zlib.decompress(self.packed)
        except zlib.error:
            return b""


class Reading(PartOfRelease):
    """One reading of a thread: waiting -> done, or waiting -> failed.

    It keeps everything that its count follows from: the mails, who was who, and the terms. The
    same count can be made again from it at any time.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    vote = models.ForeignKey(Vote, models.CASCADE, related_name="readings")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    problem = models.TextField(blank=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    asked_at = models.DateTimeField(default=now, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)
    archive = models.CharField(max_length=300, blank=True, editable=False)
    mails = models.JSONField(default=list, editable=False)  # [digest, link, time] of each
    directory = models.JSONField(default=dict, editable=False)
    terms = models.JSONField(default=dict, editable=False)
    counted = models.JSONField(default=dict, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vote"], condition=Q(state="waiting"), name="releases_one_reading"
            )
        ]

    def __str__(self) -> str:
        return f"Reading of the thread of {self.vote}"

    @property
    def release(self) -> "Release":  # type: ignore[override]
        return self.vote.release

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_in_hand(self) -> bool:
        """Whether a worker has it, or will. One that died for good leaves it waiting."""
        return self.is_waiting and Job.objects.about(self).unsettled().exists()

    @property
    def entries(self) -> list[dict[str, Any]]:
        return list(self.counted.get("entries", ()))

    @property
    def link(self) -> str:
        """Where the archive has the thread: its first mail."""
        known = [(at is None, at or "", link) for _, link, at in self.mails if link]
        return min(known)[2] if known else ""

    def casts(self) -> list[tally.Cast]:
        return casts_of(self.counted)

    def entry_of(self, username: str) -> dict[str, Any] | None:
        """The mail of this account that counts as its vote."""
        ours = (each for each in self.entries if each["account"] == username)
        return next((each for each in ours if each["choice"] and not each["reason"]), None)

    def told(self) -> dict[str, Any]:
        """What the result says of it: nothing that tells an address."""
        digests = sorted(digest for digest, _, _ in self.mails)
        return {
            "archive": self.archive,
            "read_at": self.read_at.isoformat() if self.read_at else None,
            "thread": f"sha256:{hashlib.sha256(canonical(digests)).hexdigest()}",
            **(_without_words(self.counted) if self.vote.is_on_private_list else self.counted),
        }

    # --- for the worker ---

    def record_done(
        self, mails: list[Row], who: thread.Directory, terms: thread.Terms, archive: str
    ) -> bool:
        """Count the kept mails, and keep what the count follows from. False when it was settled
        before, or the vote is closed by now."""
        self.mails, self.directory, self.terms = mails, _directory_json(who), _terms_json(terms)
        counted = self.recount()
        with self.release.held():
            fresh = Reading.objects.select_related("vote").get(pk=self.pk)
            if not fresh.is_waiting or fresh.vote.outcome:
                return False
            self.counted, self.archive = counted, archive
            self.read_at, self.state = terms.fetched_at or now(), self.State.DONE
            self.save()
            # Only what somebody asked for is kept beside the newest: nothing followed from others.
            before = Reading.objects.filter(vote=self.vote, pk__lt=self.pk, asked_by__isnull=True)
            before.exclude(state=self.State.WAITING).delete()
            if self.asked_by is not None:
                self._tell(Tag.THREAD_READ, mails=counted["mails"], votes=len(self.casts()))
        return True

    def record_failed(self, problem: str) -> bool:
        """Nothing came of it. False when it was settled before."""
        with self.release.held():
            self.refresh_from_db()
            if not self.is_waiting:
                return False
            self.state, self.problem = self.State.FAILED, clean(problem, LONGEST_PROBLEM)
            self.save(update_fields=["state", "problem"])
            if self.asked_by is not None:
                self._tell(Tag.THREAD_FAILED, problem=self.problem)
        return True

    def recount(self) -> dict[str, Any]:
        """The same count, made again from what was kept. Raises KeyError for a mail that is gone,
        and ValueError for one that is not what it was."""
        counted = thread.count(self.kept(), _directory(self.directory), _terms(self.terms))
        return counted.as_json()

    def kept(self) -> Iterator[thread.Mail]:
        """The mails that came, as they came."""
        for begin in range(0, len(self.mails), BATCH):
            rows = self.mails[begin : begin + BATCH]
            found = KeptMail.objects.filter(digest__in=[digest for digest, _, _ in rows])
            raws = {each.digest: each.raw for each in found}
            for digest, link, at in rows:
                if digest_of(raws[digest]) != digest:
                    raise ValueError(f"the kept mail {digest} is not what it was")
                yield thread.Mail(raws[digest], link, datetime.fromisoformat(at) if at else None)

    def _tell(self, tag: Tag, **facts: Any) -> None:
        Event.objects.record(
            tag,
            by=None,
            subject=self,
            project=self.project,
            release=self.release,
            vote=self.vote.number,
            **facts,
        )


def _without_words(counted: dict[str, Any]) -> dict[str, Any]:
    """The count without what people have written, and where: a private list stays private."""
    entries = [{**each, "lines": [], "link": ""} for each in counted.get("entries", ())]
    return {**counted, "entries": entries}


def digest_of(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def keep(mails: Iterable[thread.Mail]) -> list[Row]:
    """Keep these mails, each once; what a reading says of them."""
    raws: dict[str, bytes] = {}
    rows: list[Row] = []
    for mail in mails:
        digest = digest_of(mail.raw)
        raws[digest] = mail.raw
        rows.append((digest, mail.link, _iso(mail.at)))
    made = [KeptMail(digest=digest, packed=zlib.compress(raw)) for digest, raw in raws.items()]
    KeptMail.objects.bulk_create(made, ignore_conflicts=True, batch_size=BATCH)
    return rows


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _directory_json(who: thread.Directory) -> dict[str, Any]:
    return {
        "domain": who.domain,
        "accounts": sorted(who.accounts),
        "people": dict(sorted(who.people.items())),
    }


def _directory(kept: dict[str, Any]) -> thread.Directory:
    return thread.Directory(kept["people"], kept["domain"], frozenset(kept["accounts"]))


def _terms_json(terms: thread.Terms) -> dict[str, Any]:
    return {
        "opening": terms.opening,
        "caller": terms.caller,
        "senders": None if terms.senders is None else sorted(terms.senders),
        "ours": sorted(terms.ours),
        "ends_at": _iso(terms.ends_at),
        "fetched_at": _iso(terms.fetched_at),
        "rules": terms.rules,
    }


def _terms(kept: dict[str, Any]) -> thread.Terms:
    # Readings from before they were asked have neither senders nor rules, and are counted as then.
    return thread.Terms(
        opening=kept["opening"],
        caller=kept["caller"],
        senders=kept.get("senders"),
        ours=kept["ours"],
        ends_at=_time(kept["ends_at"]),
        fetched_at=_time(kept["fetched_at"]),
        rules=kept.get("rules", 1),
    )


def _time(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None
