"""Everything that is written down while seeding: rows, events, their mails and jobs, the log."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils.timezone import now

from checks.models import Finding, Result, Run
from releases.models import (
    Ballot,
    Blob,
    Entry,
    Message,
    Numbers,
    Publication,
    Release,
    Revision,
    Vote,
)
from trusted_releases.ledger.models import Event, Job, LogEntry, LogState
from trusted_releases.ledger.reactions_registry import reactions
from trusted_releases.ledger.registry import spec_of
from trusted_releases.ledger.sealing import frontier_of, make_state, sign_head
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.mail import message_id
from trusted_releases.lib.merkle import leaf_hash
from trusted_releases.seeding.writer import Table, settle

RELEASE = Release._meta.label_lower
MAILED_AFTER = timedelta(seconds=3)
TOOK = timedelta(seconds=20)  # a job, from its first line to its last


class Mail(NamedTuple):
    """What an event's mail says, to whom, and which event's mail it answers."""

    subject: str
    body: str
    sender: str
    to: tuple[str, ...]
    answers: "Act | None" = None


class Act:
    """One event that is to be written, and what follows from it."""

    __slots__ = ("at", "cause", "columns", "key", "mail", "outcome")

    def __init__(self, at: datetime, mail: Mail | None, outcome: str, **columns: Any) -> None:
        self.at, self.mail, self.outcome, self.columns = at, mail, outcome, columns
        self.key = 0
        self.cause: Act | None = None  # of a mail that was sent: what it was about


class Book:
    """The tables of releases and of the ledger, and the events of one portion.

    `flush` writes a portion in the order of time: events with their places in the sealed log, the
    mails and jobs that followed from them.
    """

    def __init__(self) -> None:
        self.releases = Table(
            Release,
            *("last_revision", "last_vote", "candidate_id", "project_id", "version", "cycle_id"),
            *("phase", "created_at", "created_by_id", "released_at"),
        )
        self.numbers = Table(Numbers, "project_id", "version")
        self.revisions = Table(
            Revision,
            *("release_id", "number", "manifest_digest", "file_count", "total_size"),
            *("description", "made_by_id", "made_at", "verdict", "counts", "concerns", "basis"),
        )
        self.blobs = Table(Blob, "sha256", "sha512", "size", "created_at")
        self.entries = Table(
            Entry, "release_id", "path", "blob_id", "since", "until", "uploaded_by_id"
        )
        self.votes = Table(
            Vote,
            *("release_id", "number", "revision_id", "manifest_digest", "called_by_id"),
            *("called_at", "ends_at", "binding_needed", "subject", "body", "acknowledged"),
            *("outcome", "resolved_by_id", "resolved_at", "counted"),
            *("binding_for", "binding_against"),
        )
        self.ballots = Table(
            Ballot,
            *("vote_id", "voter_id", "choice", "comment", "manifest_digest"),
            *("binding_when_cast", "cast_at"),
        )
        self.publications = Table(
            Publication,
            *("release_id", "manifest_digest", "state", "requested_by_id", "requested_at"),
            *("published_at", "location", "bytes_done", "files_done", "error"),
        )
        self.results = Table(Result, "key", "path", "rules", "took_ms", "made_at")
        self.findings = Table(
            Finding,
            *("result_id", "place", "rule", "version", "level", "path", "member", "message"),
            *("see", "data", "mark"),
        )
        self.runs = Table(
            Run,
            *("revision_id", "state", "units_total", "units_done", "units_reused", "bytes_total"),
            *("bytes_done", "attempt", "started_at", "finished_at", "rules"),
        )
        self.run_results = Table(Run.results.through, "run_id", "result_id")
        self.messages = Table(
            Message,
            *("release_id", "event", "message_id", "in_reply_to", "subject", "body"),
            *("sender_name", "recipients", "created_at", "sent_at"),
        )
        self.jobs = Table(
            Job,
            *("name", "args", "queue", "state", "attempts", "max_attempts", "about_kind"),
            *("about_key", "release", "woken_at", "error", "created_at", "due_at", "started_at"),
            "finished_at",
        )
        self.events = Table(
            Event,
            *("at", "tag", "actor", "kind", "key", "committee", "project", "release", "facts"),
            "refused",
        )
        self.log = Table(LogEntry, "position", "event_id", "leaf")
        self.jobs_since: datetime | None = None  # older ones have been cleared away
        self._acts: list[Act] = []

    def tables(self) -> list[Table]:
        return [each for each in vars(self).values() if isinstance(each, Table)]

    def counts(self) -> dict[str, int]:
        """How many rows of what were written."""
        return {str(each.model._meta.verbose_name_plural): each.written for each in self.tables()}

    def tell(
        self,
        at: datetime,
        tag: str,
        subject: tuple[str, int],
        *,
        by: str = "",
        places: tuple[str, str, str] = ("", "", ""),
        mail: Mail | None = None,
        outcome: str = Job.State.DONE,
        **facts: Any,
    ) -> Act:
        """An event about a row, by its label and key; `places` are committee, project, release.

        `outcome` is how the job went that followed from it.
        """
        kind, key = subject
        committee, project, release = places
        act = Act(
            at,
            mail,
            outcome,
            tag=str(tag),
            actor=by,
            kind=kind,
            key=str(key),
            committee=committee,
            project=project,
            release=release,
            facts=facts,
            refused=tag == Tag.REFUSED,
        )
        self._acts.append(act)
        if mail is not None and outcome == Job.State.DONE:
            self._sent(act, mail, release)
        return act

    def _sent(self, cause: Act, mail: Mail, release: str) -> None:
        """The event that says that the mail went out; its Message-ID is known later."""
        sent = self.tell(
            cause.at + MAILED_AFTER,
            Tag.MAIL_SENT,
            (RELEASE, int(release)),
            places=(cause.columns["committee"], cause.columns["project"], release),
            subject_line=mail.subject,
            recipients=len(mail.to),
        )
        sent.cause = cause

    def flush(self) -> None:
        """Write the portion. Call it in a transaction."""
        self._acts.sort(key=lambda act: act.at)
        for act in self._acts:
            act.key = self.events.key()
            if act.cause is not None:
                act.columns["facts"]["message_id"] = message_id(act.cause.key)
            self._follow(act)
        self._seal(self._acts)
        self._acts = []
        for table in self.tables():
            table.flush()
        settle(self.tables())

    def _follow(self, act: Act) -> None:
        """The mail and the jobs that an event has as its consequence."""
        columns = act.columns
        if act.mail is not None:
            self._message(act, act.mail)
        if self.jobs_since is None or act.at < self.jobs_since:
            return
        for name in reactions(columns["tag"]):
            spec = spec_of(name)
            queued = act.outcome == Job.State.QUEUED
            failed = act.outcome == Job.State.FAILED
            self.jobs.add(
                *(name, {"event": act.key}, spec.queue, act.outcome),
                *(0 if queued else spec.max_attempts if failed else 1, spec.max_attempts),
                *(columns["kind"], columns["key"], columns["release"], act.at),
                "The mail server refused the connection.\n" if failed else "",
                *(act.at, act.at),
                None if queued else act.at + timedelta(seconds=1),
                None if queued else act.at + TOOK,
            )

    def _message(self, act: Act, mail: Mail) -> None:
        sent = act.at + MAILED_AFTER if act.outcome == Job.State.DONE else None
        self.messages.add(
            *(int(act.columns["release"]), act.key, message_id(act.key)),
            message_id(mail.answers.key) if mail.answers else "",
            *(mail.subject, mail.body, mail.sender, list(mail.to), act.at, sent),
        )

    def _seal(self, acts: Iterable[Act]) -> None:
        """Write the events, and give them their places under one signed head, as sealing does."""
        make_state()
        state = LogState.objects.select_for_update().get(pk=1)
        frontier = frontier_of(state)
        before = frontier.size
        for act in acts:
            columns = act.columns
            self.events.put(act.key, act.at, *columns.values())
            leaf = leaf_hash(Event(id=act.key, at=act.at, **columns).leaf)
            self.log.add(frontier.size, act.key, leaf.hex())
            frontier.append(leaf)
        if frontier.size > before:
            state.size, state.frontier = frontier.size, [node.hex() for node in frontier.nodes]
            state.save()
            sign_head(frontier, now())
