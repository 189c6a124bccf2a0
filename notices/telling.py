"""Who is told of an event, in which words, and how: as each of them chose."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from keys.models import Certificate
from notices.kinds import KINDS, How, Kind
from notices.models import Notice, count_unread, wishes_of
from projects.models import User
from releases.ending import missing_voters
from releases.models import Publication, Release, Vote
from trusted_releases.ledger.facts import clean
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

RESULTS = {Tag.VOTE_PASSED: "passed", Tag.VOTE_FAILED: "failed", Tag.VOTE_CANCELLED: "cancelled"}


def tell(event: Event) -> int:
    """Make the notices of this event, and have those mailed that are to go at once; how many.

    Who may not see the release, or is out, is told nothing. Telling twice tells once.
    """
    release = Release.objects.select_related("project").filter(pk=event.release or None).first()
    if event.release and release is None:
        return 0  # deleted meanwhile
    people = {each.pk: each for each in _people(event, release) if each.is_active}
    made = [notice for each in people.values() if (notice := _notice(event, release, each))]
    with transaction.atomic():
        Notice.objects.bulk_create(made, ignore_conflicts=True)
        count_unread(*people)
        kept = Notice.objects.filter(event=event.pk).to_mail(How.MAIL)
        for pk in kept.values_list("pk", flat=True):
            enqueue("notices.send", key=f"notice-{pk}", notice=pk)
    return len(made)


def _notice(event: Event, release: Release | None, person: User) -> Notice | None:
    kind = KINDS[event.tag]
    how = _how(event, person, release)
    if how == How.OFF or (release and not _sees(person, release)):
        return None
    text, url = _words(event, release)
    return Notice(
        person=person,
        event=event.pk,
        kind=kind,
        text=clean(text, 300),
        url=url,
        project=release.project if release else None,
        release=release,
        how=how,
    )


def _how(event: Event, person: User, release: Release | None) -> How:
    """As the person chose; whoever asked to be told of the end of a vote gets the mail."""
    wished = wishes_of(person, release.project_id if release else None)[KINDS[event.tag]]
    if event.tag == Tag.VOTE_ENDED and Vote.objects.filter(pk=event.key, tell_end=True).exists():
        return How.MAIL
    if event.tag == Tag.KEY_EXPIRES and wished == How.MAIL:
        return How.SITE  # the mail that says what to do comes from the keys themselves
    return wished


def wants_mail_about_keys(person: User) -> bool:
    """Whether a key that expires is to be told of by mail at once."""
    return wishes_of(person, None)[Kind.KEY] == How.MAIL


def _sees(person: User, release: Release) -> bool:
    return Release.objects.visible_to(person).filter(pk=release.pk).exists()


def _people(event: Event, release: Release | None) -> Iterable[User]:
    """Whom the event concerns. Nobody is told of what they have done themselves."""
    if event.tag == Tag.KEY_EXPIRES:
        return User.objects.filter(username=event.facts["person"])
    if release is None:
        return ()
    return _of_release(event, release)


def _of_release(event: Event, release: Release) -> Iterable[User]:
    rows = User.objects.exclude(username=event.actor)
    if event.tag == Tag.CHECKS_FINISHED:
        return rows.filter(pk__in=release.revisions.filter(pk=event.key).values("made_by"))
    if event.tag == Tag.VOTE_CALLED:
        vote = release.votes.get(number=event.facts["vote"])
        asked = {release.committee.pk, vote.deciding_id or release.committee.pk}
        return rows.filter(memberships__committee__in=asked).distinct()
    if event.tag in (Tag.MAIL_REFUSED, Tag.MAIL_BOUNCED):
        known = release.messages.filter(message_id=event.facts.get("message_id"))
        return rows.filter(username__in=known.values("sender"))
    if event.tag in (Tag.RELEASE_PUBLISHED, Tag.RELEASE_ANNOUNCED):
        concerned = Q(pk=release.created_by_id) | Q(pk__in=release.votes.values("called_by"))
        if event.tag == Tag.RELEASE_PUBLISHED:
            publishers = Publication.objects.filter(pk=event.key).values("requested_by")
            concerned |= Q(pk__in=publishers)
        return rows.filter(concerned).distinct()
    return _of_vote(event, release.votes.get(number=event.facts["vote"]))


def _of_vote(event: Event, vote: Vote) -> Iterable[User]:
    if event.tag == Tag.VOTE_ENDING:
        return missing_voters(vote)
    if event.tag == Tag.VOTE_ENDED:
        return [vote.called_by]
    concerned = Q(pk=vote.called_by_id) | Q(pk__in=vote.ballots.values("voter"))
    return User.objects.filter(concerned).exclude(username=event.actor).distinct()


def _words(event: Event, release: Release | None) -> tuple[str, str]:
    """The sentence, and the page that it leads to."""
    facts = event.facts
    if release is None:
        until = str(facts.get("until", ""))[:10]
        return f"The key {facts['fingerprint'][-16:]} signs until {until}.", _key_page(event)
    if event.tag == Tag.CHECKS_FINISHED:
        said = "no blockers" if facts["verdict"] == "passed" else "there are blockers"
        told = f"The checks of {release}, revision {facts['revision']}, are finished: {said}."
        return told, release.get_absolute_url()
    if event.tag in (Tag.MAIL_REFUSED, Tag.MAIL_BOUNCED):
        outbox = reverse("releases:mails", args=release.url_args)
        subject = facts["subject_line"]
        if event.tag == Tag.MAIL_BOUNCED:
            return f"Your mail “{subject}” came back from {facts['address']}.", outbox
        return f"Your mail “{subject}” was refused by a recipient's server.", outbox
    if event.tag in (Tag.RELEASE_PUBLISHED, Tag.RELEASE_ANNOUNCED):
        live = "is ready, under embargo" if release.embargoed else "can be downloaded"
        done = live if event.tag == Tag.RELEASE_PUBLISHED else "is announced"
        page = "detail" if event.tag == Tag.RELEASE_PUBLISHED else "download"
        return f"{release} {done}.", reverse(f"releases:{page}", args=release.url_args)
    return _words_of_vote(event, release)


def _words_of_vote(event: Event, release: Release) -> tuple[str, str]:
    number = event.facts["vote"]
    vote = release.votes.get(number=number)
    page = vote.get_absolute_url()
    if event.tag == Tag.VOTE_CALLED:
        return f"Vote {number} on {release} has begun.", page
    if event.tag == Tag.VOTE_ENDING:
        ends = f"{vote.ends_at:%Y-%m-%d %H:%M} UTC" if vote.ends_at else "soon"
        return f"Vote {number} on {release} ends {ends}, and your binding vote is missing.", page
    if event.tag == Tag.VOTE_ENDED:
        left = event.facts.get("left")
        todo = "resolve it" if left else "it passes, and is resolved"
        return f"Vote {number} on {release} has ended: {todo}.", page
    return f"Vote {number} on {release} is resolved: {RESULTS[Tag(event.tag)]}.", page


def _key_page(event: Event) -> str:
    known = Certificate.objects.filter(pk=event.key).exists()
    return reverse("keys:detail", args=[event.facts["fingerprint"]]) if known else "/"
