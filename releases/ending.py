"""What the clock does about votes: it reminds, ends them, and resolves those that asked for it.

Each is one event of one vote, written while the release is held: however often a job runs, and
however clocks jump, nothing happens twice.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.timezone import now

from projects.models import User, VoteMode
from releases.models import Publication, Vote
from releases.phases import Outcome
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Refused

LONGEST_NOTICE = timedelta(hours=24)  # before the end, or a third of a shorter vote


def reminds_at(vote: Vote) -> datetime | None:
    """When those are reminded whose vote binds and is missing; None for a vote without an end."""
    if vote.ends_at is None:
        return None
    return vote.ends_at - min(LONGEST_NOTICE, (vote.ends_at - vote.called_at) / 3)


def missing_voters(vote: Vote) -> list[User]:
    """Whose votes bind today and who have not voted. Where people count, nobody here knows."""
    if vote.is_counted_elsewhere:
        return []
    voted = {cast.voter for cast in vote.casts()}
    return [each for each in vote.binding_voters if each.username not in voted]


def due(at: datetime | None = None) -> Iterator[tuple[str, Vote, str]]:
    """What there is to do about open votes: the job, the vote, and the key that names it once."""
    at = at or now()
    for vote in Vote.objects.open().select_related("release__project__committee"):
        reminds = reminds_at(vote)
        if vote.is_over(at):
            yield "releases.end_vote", vote, f"end-vote-{vote.pk}"
        elif reminds is not None and reminds <= at:
            yield "releases.remind_voters", vote, f"remind-vote-{vote.pk}"
        elif vote.ends_at is None and vote.auto_resolve and vote.tally(at).passes:
            yield "releases.end_vote", vote, f"end-vote-{vote.pk}-{vote.ballots.count()}"


def remind(vote: Vote) -> dict[str, Any]:
    """Have those told who could still vote with a binding vote, once."""
    with vote.release.held():
        vote.refresh_from_db()
        if vote.outcome != Outcome.OPEN or vote.is_over():
            return {"skipped": "The vote has ended."}
        if _happened(vote, Tag.VOTE_ENDING):
            return {"skipped": "They have been reminded."}
        names = sorted(each.username for each in missing_voters(vote))
        _record(vote, Tag.VOTE_ENDING, ends_at=vote.ends_at, waiting_for=len(names))
    return {"reminded": len(names)}


def end(vote: Vote) -> dict[str, Any]:
    """Say that the vote is over, and resolve it if that was asked for and its rule is met.

    A vote without an end is over when it is resolved, and not before: what stands in the way of
    that is looked at again after the next ballot. Run again after a worker has died, it publishes
    what it has resolved.
    """
    done = _end(vote)
    if vote.auto_publish and (done.get("resolved") or _is_left_unpublished(vote)):
        return done | _publish(vote)
    return done


def _end(vote: Vote) -> dict[str, Any]:
    release = vote.release
    with release.held():
        vote.refresh_from_db()
        if vote.outcome != Outcome.OPEN:
            return {"skipped": "already_resolved"}
        if vote.ends_at is not None and not vote.is_over():
            return {"early": True}
        if vote.ends_at is None and not vote.tally().passes:
            return {"skipped": "vote_not_ended"}
        if _happened(vote, Tag.VOTE_ENDED):
            return {"skipped": "already_ended"}
        left = list(_left_to_people(vote)) if vote.auto_resolve else ["not_asked"]
        if vote.ends_at is not None or not left:
            _record(vote, Tag.VOTE_ENDED, automatic=vote.auto_resolve, left=left)
        if left:
            return {"resolved": False, "left": left}
        release.resolve_vote(Outcome.PASSED, by=vote.called_by)
    return {"resolved": True}


def _is_left_unpublished(vote: Vote) -> bool:
    """Whether it was resolved by itself, and nobody has begun to publish: a worker died there."""
    ended = Event.objects.about(vote).filter(tag=Tag.VOTE_ENDED).first()
    return (
        vote.outcome == Outcome.PASSED
        and ended is not None
        and not ended.facts.get("left")
        and not Publication.objects.filter(release_id=vote.release_id).exists()
    )


def _publish(vote: Vote) -> dict[str, Any]:
    """Outside the resolution: what stands in the way of files is nothing against its result."""
    try:
        vote.release.publish(by=vote.called_by, manifest=vote.manifest_digest)
    except (Refused, PermissionDenied) as error:
        return {"not_published": str(error)}
    return {"published": True}


def _left_to_people(vote: Vote) -> Iterator[str]:
    """Why nobody resolves this vote but a person: codes of the contract, and sentences."""
    if vote.mode != VoteMode.TRUSTED:
        yield "not_trusted_mode"
    elif not vote.called_by.has_perm("releases.resolve_vote", vote.release):
        yield f"{vote.called_by} may not resolve votes here any more."
    else:
        yield from (each.text for each in vote.resolve_obstacles(Outcome.PASSED))


def _happened(vote: Vote, tag: Tag) -> bool:
    return Event.objects.about(vote).filter(tag=tag).exists()


def _record(vote: Vote, tag: Tag, **facts: Any) -> None:
    Event.objects.record(
        tag, by=None, subject=vote, release=vote.release, vote=vote.number, **facts
    )
