"""Texts of mails: templates that people edit, filled with literal values."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import now

from projects.models import User
from projects.models.mail_templates import default, fill
from releases.models import Ballot, Release, Vote
from releases.phases import Outcome
from releases.voices import Voice, voices
from trusted_releases.lib.errors import BadInput

Values = dict[str, str]
Pair = tuple[str, str]  # subject and body


def filled(templates: Pair, values: Values) -> Pair:
    """Subject and body as they go out."""
    return fill(templates[0], values).strip(), fill(templates[1], values)


def vote_templates(release: Release) -> Pair:
    """The project's words for the mail that calls a vote, with their variables."""
    rules = release.rules
    return (
        rules.vote_subject or default("vote_subject").strip(),
        rules.vote_body or default("vote_body"),
    )


def vote_values(release: Release, person: User, hours: int | None = None) -> Values:
    """What the variables become in the mail that calls the next vote on the newest revision.

    The address is that of the vote to come, so that no mail ever leads to another vote.
    """
    rules = release.rules
    hours = rules.hours if hours is None else hours
    revision = release.newest
    review = reverse("releases:one-vote", args=[*release.url_args, release.last_vote + 1])
    return {
        **_common(release, person, review),
        "REVISION": str(revision.number) if revision else "",
        "MANIFEST": revision.manifest_digest if revision else "",
        "DURATION": f"{hours} hours"
        if hours
        else f"until {rules.binding_needed} binding +1 are in",
        "VOTE_ENDS_UTC": f"{now() + timedelta(hours=hours):%Y-%m-%d %H:%M} UTC"
        if hours
        else "when the rule is met",
        "BINDING_NEEDED": str(rules.binding_needed),
    }


def vote_mail(release: Release, person: User, hours: int | None = None) -> Pair:
    """Subject and body of the mail that calls a vote on the newest revision."""
    return filled(vote_templates(release), vote_values(release, person, hours))


def announcement_templates(release: Release) -> Pair:
    """The project's words for the announcement, with their variables."""
    rules = release.rules
    return (
        rules.announce_subject or default("announce_subject").strip(),
        rules.announce_body or default("announce_body"),
    )


def announcement_values(release: Release, person: User) -> Values:
    """What the variables become in the announcement."""
    review = release.vote.get_absolute_url() if release.vote else release.get_absolute_url()
    return {**_common(release, person, review), "MANIFEST": release.voted.manifest_digest}


def announcement(release: Release, person: User) -> Pair:
    """Subject and body of the announcement."""
    return filled(announcement_templates(release), announcement_values(release, person))


def result_mail(vote: Vote) -> Pair:
    """Subject and body of the mail that tells how a vote ended."""
    release = vote.release
    person = vote.resolved_by or vote.called_by
    values = {
        **_common(release, person, vote.get_absolute_url()),
        "COMMITTEE": str(vote.deciding_committee),
        "REVISION": str(vote.revision.number),
        "MANIFEST": vote.manifest_digest,
        "OUTCOME": Outcome(vote.outcome).label.lower(),
        "TALLY": tally_text(vote),
    }
    subject = f"[RESULT] {vote.subject} {Outcome(vote.outcome).label.upper()}"
    return subject, fill(release.rules.result_body or default("result_body"), values)


def ballot_mail(ballot: Ballot) -> Pair:
    """Subject and body of the receipt for a ballot."""
    vote, voter = ballot.vote, ballot.voter
    kind = vote.kinds[not ballot.binding_when_cast]
    text = f"{ballot.choice} ({kind}) {voter.get_full_name()} ({voter.username})\n"
    if ballot.checked:
        text += "\nWhat I did:\n" + "".join(f"  - {each}\n" for each in ballot.looked_at)
    if ballot.ticked:
        text += "\nOf the checklist:\n" + "".join(f"  - {each}\n" for each in ballot.ticked)
    if ballot.comment:
        text += f"\n{ballot.comment}\n"
    text += f"\nFiles voted on: {vote.manifest_digest}\n{absolute(vote.get_absolute_url())}\n"
    return f"Re: {vote.subject}", text


def comment_of(vote: Vote) -> str:
    """What a voter's comment begins with, in the words of the policy; empty where it has none."""
    release = vote.release
    values = {
        "PROJECT_NAME": release.project.name,
        "VERSION": release.version,
        "REVISION": str(vote.revision.number),
        "MANIFEST": vote.manifest_digest,
    }
    try:
        return fill(release.rules.vote_comment, values)
    except BadInput:  # the policy's words hold a variable that is not known any more
        return ""


def tally_text(vote: Vote) -> str:
    """The counted votes as lines: who, what, binding or not, and the sums."""
    if vote.is_counted_elsewhere:
        return "\n".join(["Counted by people, in these threads:", *vote.links])
    lines = []
    all_voices = voices(vote)
    kind = vote.kinds[0].capitalize()
    for title, ours in ((f"{kind} votes", True), ("Other votes", False)):
        rows = [each for each in all_voices if each.binds == ours]
        lines.append(f"{title}:")
        lines += [f"  {each.choice:>2} {each.name}{_carried(each)}" for each in rows] or ["  none"]
    sums = vote.counted["tally"]["binding"]
    lines.append(
        f"{kind}: {sums['for_it']} +1, {sums['abstain']} 0, {sums['against']} -1. "
        f"Needed: {vote.binding_needed} +1, and more +1 than -1."
    )
    lines += _rounds_text(vote)
    # A preview is counted at another moment than the result will be.
    digest = vote.bundle_digest if vote.is_closed_for_good else "(its digest stands here)"
    lines += ["", "The result, with all that it was counted from, to count it again:"]
    return "\n".join([*lines, absolute(result_page(vote)), digest])


def _carried(voice: Voice) -> str:
    """That a vote was given in the first round, beside a name."""
    return f" (in vote {voice.carried_from.number})" if voice.carried_from else ""


def _rounds_text(vote: Vote) -> list[str]:
    """What a podling's vote leads to, or comes from: its other round, as lines."""
    if vote.is_first and vote.outcome == Outcome.PASSED:
        number = vote.number + 1
        page = reverse("releases:one-vote", args=[*vote.release.url_args, number])
        above = vote.committee.parent
        return ["", f"The second round follows, by {above}, as vote {number}:", absolute(page)]
    if first := vote.first_round:
        told = f"The first round, by {first.deciding_committee}, was vote {first.number}:"
        return ["", told, *first.links, absolute(result_page(first))]
    return []


def result_page(vote: Vote) -> str:
    """The address of its result, which it has for good once it is closed."""
    return reverse("releases:result", args=[*vote.release.url_args, vote.number])


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _common(release: Release, person: User, review: str) -> Values:
    return {
        "PROJECT_NAME": release.project.name,
        "VERSION": release.version,
        "COMMITTEE": str(release.committee),
        "KEYS_FILE": absolute(reverse("keys:document", args=[release.committee.slug])),
        "REVIEW_URL": absolute(review),
        "DOWNLOAD_URL": absolute(reverse("releases:download", args=release.url_args)),
        "YOUR_FULL_NAME": person.get_full_name(),
    }
