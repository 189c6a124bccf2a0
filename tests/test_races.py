"""Many at once, on a database with real locks: nobody loses, nobody wins twice, nobody waits."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections

from projects.roles import Role
from releases.models import Release, Vote
from releases.phases import Outcome, Phase
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.models.event import EventManager
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Refused

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

MANY = 20


def at_once(acts: Sequence[Callable[[], Any]]) -> tuple[list[Any], list[Refused], float]:
    """Do all of it at the same time; what was returned, what was refused, and the seconds.

    Anything else than a refusal fails the test: a race must not end in an error of ours.
    """
    start = threading.Barrier(len(acts) + 1)
    done: list[Any] = []
    refused: list[Refused] = []
    broken: list[BaseException] = []

    def work(act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(30)
            done.append(act())
        except Refused as refusal:
            refused.append(refusal)
        except BaseException as error:
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    start.wait(30)
    began = time.monotonic()
    for thread in threads:
        thread.join(60)
    took = time.monotonic() - began
    assert broken == []
    assert len(done) + len(refused) == len(acts)
    return done, refused, took


def fresh(release: Release) -> Release:
    """As another request would read it."""
    return Release.objects.select_related("project__committee").get(pk=release.pk)


def paths(release: Release) -> set[str]:
    return {line.path for line in fresh(release).newest.lines()}


def codes(refused: Sequence[Refused]) -> set[str]:
    return {each.code for refusal in refused for each in refusal.obstacles}


def test_everybody_who_uploads_at_once_gets_their_files_in() -> None:
    release = make.release()
    uploads = [
        (fresh(release), {f"{n}/{each}": make.blob(f"{n} {each}") for each in "abc"}, person)
        for n, person in enumerate(make.member(release) for _ in range(MANY))
    ]
    done, refused, _ = at_once([partial(r.add_files, f, by=p) for r, f, p in uploads])
    assert refused == []
    assert sorted(revision.number for revision in done) == list(range(1, MANY + 1))
    assert paths(release) == {path for _, files, _ in uploads for path in files}
    assert Event.objects.filter(tag=Tag.REVISION_MADE).count() == MANY
    sizes = release.revisions.order_by("number").values_list("file_count", flat=True)
    assert list(sizes) == [3 * n for n in range(1, MANY + 1)]


def test_of_many_who_send_the_same_file_one_makes_the_revision() -> None:
    release, blob = make.release(), make.blob("same")
    people = [make.member(release) for _ in range(5)]
    done, refused, _ = at_once(
        [partial(fresh(release).add_files, {"a": blob}, by=p) for p in people]
    )
    assert (len(done), len(refused)) == (1, 4)
    assert release.revisions.count() == 1


def test_of_many_who_call_a_vote_one_does() -> None:
    release = make.candidate()
    people = [make.member(release) for _ in range(MANY)]
    done, refused, _ = at_once([partial(make.vote, fresh(release), by=p) for p in people])
    assert len(done) == 1
    assert codes(refused) == {"not_composing"}
    assert Vote.objects.count() == Event.objects.filter(tag=Tag.VOTE_CALLED).count() == 1
    assert Event.objects.filter(refused=True).count() == MANY - 1


@pytest.mark.parametrize("attempt", range(5))
def test_an_upload_that_races_a_vote_never_slips_into_it(attempt: int) -> None:
    release = make.candidate()
    uploader, caller = make.member(release, Role.PARTICIPANT), make.member(release)
    new, seen = make.blob(f"late {attempt}"), release.newest.number
    mail = {"subject": "[VOTE]", "body": "Please vote."}
    acts = [
        partial(fresh(release).add_files, {"late": new}, by=uploader),
        partial(fresh(release).start_vote, by=caller, revision=seen, **mail),
    ]
    done, refused, _ = at_once(acts if attempt % 2 else acts[::-1])
    assert (len(done), len(refused)) == (1, 1)
    now = fresh(release)
    if now.phase == Phase.VOTE:
        assert codes(refused) == {"files_frozen"}
        assert now.vote.manifest_digest == release.newest.manifest_digest
        assert "late" not in paths(release)
    else:
        assert codes(refused) == {"newer_revision", "checks_running"}
        assert "late" in paths(release)


def test_of_many_who_start_a_version_one_does() -> None:
    project = make.project()
    people = [make.member(project) for _ in range(8)]
    done, refused, _ = at_once(
        [partial(Release.objects.start, project, "1.0", by=p) for p in people]
    )
    assert len(done) == 1
    assert codes(refused) == {"version_exists"}


def test_all_ballots_cast_at_once_count() -> None:
    vote = make.vote()
    voters = [make.member(vote) for _ in range(MANY)]
    bytes_seen = vote.manifest_digest

    done, refused, _ = at_once(
        [
            partial(Vote.objects.get(pk=vote.pk).cast, "+1", by=v, manifest_digest=bytes_seen)
            for v in voters
        ]
    )
    assert (len(done), refused) == (MANY, [])
    assert vote.tally().binding.for_it == MANY


def test_a_ballot_sent_many_times_at_once_is_one() -> None:
    vote, voter = make.vote(), make.user()
    acts = [
        partial(
            Vote.objects.get(pk=vote.pk).cast,
            "+1",
            by=voter,
            manifest_digest=vote.manifest_digest,
        )
        for _ in range(8)
    ]
    done, _, _ = at_once(acts)
    assert len({ballot.pk for ballot in done}) == vote.ballots.count() == 1


def test_a_vote_is_resolved_once_whoever_is_faster() -> None:
    vote = make.vote()
    for _ in range(3):
        vote.cast("+1", by=make.member(vote), manifest_digest=vote.manifest_digest)
    outcomes = [Outcome.PASSED, Outcome.CANCELLED] * 5
    people = [make.member(vote) for _ in outcomes]
    done, refused, _ = at_once(
        [
            partial(fresh(vote.release).resolve_vote, o, by=p)
            for o, p in zip(outcomes, people, strict=True)
        ]
    )
    assert len(done) == 1
    assert codes(refused) == {"no_vote"}
    release = fresh(vote.release)
    passed = release.vote.outcome == Outcome.PASSED
    assert release.phase == (Phase.FINISH if passed else Phase.COMPOSE)
    tags = [Tag.VOTE_PASSED, Tag.VOTE_CANCELLED]
    assert Event.objects.filter(tag__in=tags).count() == 1


def test_a_publication_is_asked_for_and_announced_once() -> None:
    release = make.passed()
    people = [make.member(release) for _ in range(8)]
    done, refused, _ = at_once([partial(fresh(release).publish, by=p) for p in people])
    assert (len(done), codes(refused)) == (1, {"published"})
    done[0].record_published("somewhere")
    mail = {"subject": "[ANNOUNCE]", "body": "Here it is."}
    done, refused, _ = at_once([partial(fresh(release).announce, by=p, **mail) for p in people])
    assert (len(done), codes(refused)) == (1, {"announced"})
    assert Event.objects.filter(tag=Tag.RELEASE_ANNOUNCED).count() == 1


def test_an_upload_into_a_draft_that_is_deleted_meanwhile_is_told_so() -> None:
    release = make.candidate()
    by = make.member(release)
    mine = fresh(release)
    release.delete_draft(by=by)
    with pytest.raises(Refused, match="has been deleted meanwhile"):
        mine.add_files({"x": make.blob("x")}, by=by)


def test_a_role_taken_away_meanwhile_is_judged_as_it_was_read() -> None:
    release = make.release()
    person = make.member(release, Role.PARTICIPANT)
    person.memberships.all().delete()
    with pytest.raises(PermissionDenied):
        fresh(release).add_files({"x": make.blob("x")}, by=person)


def test_verbs_on_different_releases_do_not_wait_for_each_other(
    monkeypatch, record_testsuite_property
) -> None:
    """Each verb sleeps in its transaction, after its event is written: with a lock that all of
    them take, twenty would take twenty times as long."""
    project = make.project()
    acts = []
    for n in range(MANY + 3):
        release, person = fresh(make.release(project)), make.member(project)
        acts.append(partial(release.add_files, {"a": make.blob(f"{n}")}, by=person))
    record = EventManager.record

    def slow(self, *args: Any, **named: Any) -> Event:
        event = record(self, *args, **named)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.5)")
        return event

    monkeypatch.setattr(EventManager, "record", slow)
    single = median(at_once([act])[2] for act in acts[MANY:])
    done, refused, together = at_once(acts[:MANY])
    assert (len(done), refused) == (MANY, [])
    record_testsuite_property("one verb, seconds", single)
    record_testsuite_property(f"{MANY} at once, seconds", together)
    assert together < 5 * single
