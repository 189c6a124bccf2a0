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
    Tag.KEYS_IMPORTED: "imported keys",
    Tag.KEY_UNLINKED: "took a key from the committee",
    Tag.RELEASE_STARTED: "started {version}",
    Tag.RELEASE_DELETED: "deleted the draft of {version}",
    Tag.REVISION_MADE: "made revision {revision}: {description}",
    Tag.CHECKS_FINISHED: "finished the checks of revision {revision}: {verdict}",
    Tag.VOTE_CALLED: "called vote {vote} on revision {revision}",
    Tag.BALLOT_CAST: "voted {choice} in vote {vote}",
    Tag.VOTE_PASSED: "resolved vote {vote}: passed",
    Tag.VOTE_FAILED: "resolved vote {vote}: failed",
    Tag.VOTE_CANCELLED: "cancelled vote {vote}",
    Tag.PUBLICATION_STARTED: "asked for publication",
    Tag.RELEASE_PUBLISHED: "published the voted files at {location}",
    Tag.PUBLICATION_FAILED: "could not publish: {error}",
    Tag.RELEASE_ANNOUNCED: "announced the release",
    Tag.MAIL_SENT: "sent the mail “{subject_line}”",
    Tag.JOB_FAILED: "gave up the job {job}",
    Tag.JOB_RETRIED: "queued the job {job} again",
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
    return _Forgiving().vformat(told, (), facts)


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
