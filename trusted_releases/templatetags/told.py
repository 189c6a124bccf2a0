"""How facts are told on pages: times, digests, events as sentences."""

from datetime import datetime
from string import Formatter
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now

from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

register = template.Library()

SHORT = 12  # hexadecimal digits of a digest that people compare at a glance

SENTENCES: dict[str, str] = {
    Tag.COMMITTEE_CREATED: "created the committee",
    Tag.COMMITTEE_CHANGED: "changed the committee",
    Tag.MEMBER_ADDED: "made {person} {role}",
    Tag.MEMBER_REMOVED: "took the role {role} from {person}",
    Tag.PROJECT_CREATED: "created the project",
    Tag.PROJECT_CHANGED: "changed the project",
    Tag.POLICY_CHANGED: "changed the release policy",
    Tag.ACCOUNT_CHANGED: "changed an account",
    Tag.PROJECT_HELD: "held the project: {reason}",
    Tag.PROJECT_UNHELD: "let the project go on: {reason}",
    Tag.ACCOUNT_SWITCHED_OFF: "switched off the account {person}",
    Tag.ACCOUNT_SWITCHED_ON: "switched on the account {person}",
    Tag.CREDENTIALS_REVOKED: "revoked the credentials of {person}",
    Tag.ACTING_BEGAN: "began to act on behalf of {person}",
    Tag.ACTING_ENDED: "no longer acts on behalf of {person}",
    Tag.BANNER_CHANGED: "changed the banner",
    Tag.WORKFLOW_KEY_ADDED: "gave run {run} of {path} in {repository} an SSH key for 20 minutes",
    Tag.WORKFLOW_KEY_REVOKED: "revoked the SSH key of run {run} of {path} in {repository}",
    Tag.TICKET_MADE: "gave run {run} of {path} in {repository} an upload ticket for 20 minutes",
    Tag.TICKET_REVOKED: "revoked the upload ticket of run {run} of {path} in {repository}",
    Tag.WORKFLOW_GRANTED: "let {path} of {repository} act in phase {phase}",
    Tag.WORKFLOW_REVOKED: "no longer lets {path} of {repository} act in phase {phase}",
    Tag.KEYS_IMPORTED: "imported keys",
    Tag.KEY_OWNED: "added their key {fingerprint}",
    Tag.KEY_DISOWNED: "took back their key {fingerprint}",
    Tag.SSH_KEY_ADDED: "added the SSH key {fingerprint} of {person}",
    Tag.SSH_KEY_REMOVED: "removed the SSH key {fingerprint} of {person}",
    Tag.KEYS_MODE_CHANGED: "changed where the KEYS file comes from: {mode}",
    Tag.KEYS_PUBLISHED: "generated the KEYS file anew",
    Tag.KEYS_ASKED: "had the KEYS file elsewhere imported",
    Tag.KEYS_SYNCED: "imported the KEYS file from elsewhere",
    Tag.KEYS_SYNC_FAILED: "could not import the KEYS file from elsewhere: {problem}",
    Tag.KEY_LINKED: "gave the key {fingerprint} to the committee",
    Tag.KEY_UPDATED: "brought the key {fingerprint} up to date",
    Tag.KEY_RETIRED: "retired the key {fingerprint}, which stays for older releases",
    Tag.KEY_UNLINKED: "took a key from the committee",
    Tag.LOGIN_ENDED: "logged out of {browser}",
    Tag.KEY_EXPIRES: "reminded {person}: the key {fingerprint} signs for {days} days more",
    Tag.TOKEN_MADE: "made the access token “{label}” for {person}",
    Tag.TOKEN_USED: "came in by the access token “{label}” from {address}",
    Tag.TOKEN_REVOKED: "revoked the access token “{label}” of {person}",
    Tag.SIGNING_KEY_ROTATED: "changed the signing key of the API: {reason}",
    Tag.RELEASE_STARTED: "started {version}",
    Tag.RELEASE_DELETED: "deleted the draft of {version}",
    Tag.EMBARGO_LIFTED: "lifted the embargo: {reason}",
    Tag.SOURCE_RECORDED: "recorded the source: {what} of {repository}",
    Tag.SOURCE_FORGOTTEN: "took the recorded source away: {what} of {repository}",
    Tag.SOURCE_FETCHED: "fetched the source: {what}",
    Tag.SOURCE_FAILED: "could not fetch the source: {problem}",
    Tag.ARCHIVE_RECEIVED: "sent {path}, which is looked at first",
    Tag.ARCHIVE_REFUSED: "refused {path}, and kept nothing of it: {problem}",
    Tag.ARRIVAL_DISMISSED: "dismissed the refusal of {path}",
    Tag.IMPORT_ASKED: "had files imported from {url}",
    Tag.IMPORT_DONE: "imported {files} files from {what}",
    Tag.IMPORT_FAILED: "could not import {url}: {problem}",
    Tag.REVISION_MADE: "made revision {revision}: {description}",
    Tag.REVISION_TAGGED: "tagged revision {revision} as {label}",
    Tag.SBOM_ASKED: "asked for a bill of materials of {path}",
    Tag.SBOM_MADE: "generated {target}, for {asked_by}",
    Tag.SBOM_FAILED: "could not generate {target}: {problem}",
    Tag.COMPARISON_ASKED: "had {path} compared with its earlier version, member by member",
    Tag.SCAN_ASKED: "had {path} scanned for known vulnerabilities",
    Tag.SCAN_DONE: "scanned {path}: {found} known vulnerabilities",
    Tag.SCAN_FAILED: "could not scan {path}: {problem}",
    Tag.CHECKS_ASKED: "had revision {revision} checked again: {reason}",
    Tag.CHECKS_FINISHED: "finished the checks of revision {revision}: {verdict}",
    Tag.REVIEW_ASKED: "had a candidate from elsewhere checked, for themself",
    Tag.REVIEW_DONE: "checked a candidate from elsewhere, for {asked_by}",
    Tag.REVIEW_FAILED: "could not check a candidate from elsewhere, for {asked_by}",
    Tag.REVIEW_DELETED: "deleted a report of {asked_by}: {why}",
    Tag.IGNORE_SET: "ignored {hides} findings: {reason}",
    Tag.IGNORE_LIFTED: "lifted an ignore",
    Tag.VOTE_CALLED: "called vote {vote} on revision {revision}",
    Tag.BALLOT_CAST: "voted {choice} in vote {vote}",
    Tag.THREAD_ASKED: "had the thread of vote {vote} read",
    Tag.THREAD_READ: "read the thread of vote {vote}: {votes} votes in {mails} mails",
    Tag.THREAD_FAILED: "could not read the thread of vote {vote}: {problem}",
    Tag.VOTE_ENDING: "reminded {waiting_for} people of vote {vote}",
    Tag.VOTE_ENDED: "ended vote {vote}",
    Tag.VOTE_PASSED: "resolved vote {vote}: passed",
    Tag.ROUNDS_PASSED: "had the thread of the first round told of vote {vote}",
    Tag.VOTE_FAILED: "resolved vote {vote}: failed",
    Tag.VOTE_CANCELLED: "cancelled vote {vote}",
    Tag.PUBLICATION_STARTED: "asked for publication",
    Tag.RELEASE_PUBLISHED: "published the voted files at {location}",
    Tag.PUBLICATION_FAILED: "could not publish: {error}",
    Tag.RELEASE_ANNOUNCED: "announced the release",
    Tag.MAIL_SENT: "sent the mail “{subject_line}”",
    Tag.MAIL_REFUSED: "could not send the mail “{subject_line}” to {recipients} that refused it",
    Tag.MAIL_BOUNCED: "got the mail “{subject_line}” back from a recipient",
    Tag.MAIL_RESENT: "sent the mail “{subject_line}” again, to {recipients}",
    Tag.JOB_FAILED: "gave up the job {job}",
    Tag.JOB_RETRIED: "queued the job {job} again",
    Tag.JOB_GIVEN_UP: "gave up the job {job}: {reason}",
    Tag.REFUSED: "was refused “{verb}”: {sentence}",
}


class _Forgiving(Formatter):
    """A fact that an old event lacks is shown as a dash; the event is still told."""

    def get_value(self, key: Any, args: Any, kwargs: Any) -> Any:
        return kwargs.get(key, "-") if isinstance(key, str) else "-"


@register.filter
def sentence(event: Event) -> str:
    """What the event's actor did, as the rest of a sentence that begins with their name."""
    told = SENTENCES.get(event.tag, event.get_tag_display().lower())
    facts = event.facts
    if "role" in facts:
        facts = facts | {"role": str(facts["role"]).replace("_", " ")}
    return _Forgiving().vformat(told, (), facts) + _circumstances(told, facts)


def _circumstances(told: str, facts: dict[str, Any]) -> str:
    """In whose name it was done, and the reason that was given, where the sentence lacks them."""
    name, reason = facts.get("on_behalf_of"), facts.get("reason")
    also = f" on behalf of {name}" if name else ""
    return f"{also}: {reason}" if reason and "{reason}" not in told else also


@register.filter
def short(digest: str) -> str:
    """The first digits of a digest, after what names its algorithm."""
    return digest.rpartition(":")[2][:SHORT]


@register.simple_tag
def when(at: datetime | None) -> SafeString:
    """A moment in UTC, with its distance from now; scripts show it in the reader's zone."""
    if at is None:
        return SafeString("-")
    return format_html(
        '<time datetime="{}" title="{} UTC">{} UTC</time>',
        at.isoformat(timespec="seconds"),
        f"{at:%Y-%m-%d %H:%M:%S}",
        f"{at:%Y-%m-%d %H:%M}",
    )


@register.filter
def distance(at: datetime | None) -> str:
    """How far a moment is from now, in the largest unit that says enough: `in 3 days`."""
    if at is None:
        return ""
    seconds = (at - now()).total_seconds()
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if (count := int(abs(seconds) // size)) >= (2 if unit != "minute" else 1):
            text = f"{count} {unit}{'s' if count > 1 else ''}"
            return f"in {text}" if seconds > 0 else f"{text} ago"
    return "in less than a minute" if seconds > 0 else "just now"


@register.inclusion_tag("part/digest.html")
def digest(value: str, name: str = "SHA-512") -> dict[str, str]:
    """A digest, short to look at and whole to copy."""
    return {"value": value, "short": short(value), "name": name}


@register.inclusion_tag("part/command.html")
def command(text: str) -> dict[str, str]:
    """A command to run on one's own machine, with a button that copies it."""
    return {"text": text}
