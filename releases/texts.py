"""Texts of mails: templates that people edit, filled with literal values."""

import re

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse

from projects.models import User
from releases.models import Ballot, Release, Vote
from releases.phases import Outcome
from trusted_releases.lib.errors import BadInput

_VARIABLE = re.compile(r"\{\{\s*([A-Z_]+)\s*\}\}")


def fill(template: str, values: dict[str, str]) -> str:
    """Replace each `{{NAME}}` by its value, literally: a value is never read as a template."""
    unknown = [name for name in _VARIABLE.findall(template) if name not in values]
    if unknown:
        raise BadInput(
            f"The template uses {{{{{unknown[0]}}}}}, which is not known here. "
            f"Known are: {', '.join(sorted(values))}."
        )
    return _VARIABLE.sub(lambda match: values[match[1]], template)


def vote_mail(release: Release, person: User, hours: int | None = None) -> tuple[str, str]:
    """Subject and body of the mail that calls a vote on the newest revision."""
    rules = release.project.rules
    hours = rules.hours if hours is None else hours
    revision = release.newest
    values = {
        **_common(release, person),
        "REVISION": str(revision.number) if revision else "",
        "MANIFEST": revision.manifest_digest if revision else "",
        "DURATION": f"{hours} hours" if hours else "until three binding +1 are in",
        "VOTE_ENDS_UTC": f"{hours} hours from now" if hours else "when the rule is met",
    }
    return (
        fill(rules.vote_subject or default("vote_subject"), values).strip(),
        fill(rules.vote_body or default("vote_body"), values),
    )


def announcement(release: Release, person: User) -> tuple[str, str]:
    """Subject and body of the announcement."""
    rules = release.project.rules
    values = {**_common(release, person), "MANIFEST": release.voted.manifest_digest}
    return (
        fill(rules.announce_subject or default("announce_subject"), values).strip(),
        fill(rules.announce_body or default("announce_body"), values),
    )


def result_mail(vote: Vote) -> tuple[str, str]:
    """Subject and body of the mail that tells how a vote ended."""
    release = vote.release
    person = vote.resolved_by or vote.called_by
    values = {
        **_common(release, person),
        "REVISION": str(vote.revision.number),
        "MANIFEST": vote.manifest_digest,
        "OUTCOME": vote.get_outcome_display().lower(),
        "TALLY": tally_text(vote),
    }
    subject = f"[RESULT] {vote.subject} {Outcome(vote.outcome).label.upper()}"
    return subject, fill(release.project.rules.result_body or default("result_body"), values)


def ballot_mail(ballot: Ballot) -> tuple[str, str]:
    """Subject and body of the receipt for a ballot."""
    vote, voter = ballot.vote, ballot.voter
    kind = "binding" if ballot.binding_when_cast else "non-binding"
    text = f"{ballot.choice} ({kind}) {voter.get_full_name()} ({voter.username})\n"
    if ballot.comment:
        text += f"\n{ballot.comment}\n"
    text += f"\nFiles voted on: {vote.manifest_digest}\n{absolute(vote.get_absolute_url())}\n"
    return f"Re: {vote.subject}", text


def tally_text(vote: Vote) -> str:
    """The counted votes as lines: who, what, binding or not, and the sums."""
    counted = vote.counted
    binding = set(counted["binding_voters"])
    ballots = vote.latest_ballots()
    lines = []
    for title, ours in (("Binding votes", True), ("Other votes", False)):
        rows = [each for each in ballots if (each.voter.username in binding) == ours]
        lines.append(f"{title}:")
        lines += [f"  {row.choice:>2} {row.voter.get_full_name()}" for row in rows] or ["  none"]
    sums = counted["tally"]["binding"]
    lines.append(
        f"Binding: {sums['for_it']} +1, {sums['abstain']} 0, {sums['against']} -1. "
        f"Needed: {vote.binding_needed} +1, and more +1 than -1."
    )
    return "\n".join(lines)


def default(name: str) -> str:
    """The built-in template, from `templates/mail/`."""
    return get_template(f"mail/{name}.txt").template.source  # type: ignore[attr-defined]


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _common(release: Release, person: User) -> dict[str, str]:
    return {
        "PROJECT_NAME": release.project.name,
        "VERSION": release.version,
        "COMMITTEE": str(release.committee),
        "KEYS_FILE": absolute(reverse("keys:document", args=[release.committee.slug])),
        "REVIEW_URL": absolute(reverse("releases:vote", args=release.url_args)),
        "DOWNLOAD_URL": absolute(reverse("releases:download", args=release.url_args)),
        "YOUR_FULL_NAME": person.get_full_name(),
    }
