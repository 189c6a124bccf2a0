"""Calling a vote and resolving it: what stands in the way, each with its code."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from keys.models import Certificate
from projects.models import Policy
from projects.roles import Role
from releases.models import Release, Vote
from releases.phases import Choice, Outcome, Phase, Verdict
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Stale

pytestmark = pytest.mark.django_db


def codes(obstacles) -> list[str]:
    return [each.code for each in obstacles]


def refused_with(call, *arguments, **named) -> list[str]:
    with pytest.raises(NotReady) as refused:
        call(*arguments, **named)
    return codes(refused.value.obstacles)


def test_a_vote_is_called_on_the_revision_one_looked_at() -> None:
    release = make.candidate()
    by = make.member(release, Role.RELEASE_MANAGER)
    vote = make.vote(release, by=by)
    assert (vote.number, vote.called_by, vote.revision) == (1, by, release.newest)
    assert (release.phase, release.candidate) == (Phase.VOTE, release.newest)
    event = Event.objects.get(tag=Tag.VOTE_CALLED)
    assert event.facts["manifest"] == vote.manifest_digest == release.newest.manifest_digest
    assert (event.facts["from"], event.facts["to"]) == (Phase.COMPOSE, Phase.VOTE)
    follows = Job.objects.filter(args__event=event.pk).values_list("name", flat=True)
    assert sorted(follows) == ["notices.tell", "releases.send_mail"]


@pytest.mark.parametrize("role", [Role.PARTICIPANT, ""])
def test_others_call_and_resolve_no_vote(role: str) -> None:
    release = make.candidate()
    person = make.member(release, role) if role else make.operator()
    with pytest.raises(PermissionDenied):
        make.vote(release, by=person)
    make.vote(release)
    with pytest.raises(PermissionDenied):
        release.resolve_vote(Outcome.CANCELLED, by=person)
    assert Event.objects.filter(refused=True, actor=person.username).count() == 2


def test_an_empty_draft_is_not_voted_on() -> None:
    release = make.release()
    assert codes(release.vote_obstacles()) == ["no_files"]
    by = make.member(release)
    release.add_files({"a": make.blob()}, by=by)
    release.delete_files(["a"], by=by)
    assert codes(release.vote_obstacles()) == ["no_files"]


def test_running_checks_and_blockers_are_waited_for() -> None:
    release = make.release(files={"a": "1"})
    assert codes(release.vote_obstacles()) == ["checks_running"]
    make.checked(release.newest, Verdict.FAILED)
    assert codes(release.vote_obstacles()) == ["blockers"]
    make.checked(release.newest, Verdict.PASSED)
    assert codes(release.vote_obstacles()) == []


def test_nobody_puts_files_to_the_vote_that_they_have_not_seen() -> None:
    release = make.candidate()
    release.add_files({"b": make.blob("2")}, by=make.member(release))
    make.checked(release.newest)
    call = {"by": make.member(release), "revision": 1, "subject": "s", "body": "b"}
    assert refused_with(release.start_vote, **call) == ["newer_revision"]


def test_concerns_are_confirmed_by_name() -> None:
    release = make.release(files={"a": "1"})
    make.checked(release.newest, concerns=("paths", "legal"))
    assert codes(release.vote_obstacles(acknowledged=None)) == []
    assert codes(release.vote_obstacles(acknowledged=["paths"])) == ["concerns"]
    vote = release.start_vote(
        by=make.member(release),
        revision=1,
        subject="s",
        body="b",
        acknowledged=["legal", "paths", "unheard of"],
    )
    assert vote.acknowledged == ["legal", "paths"]


def test_new_keys_or_rules_make_a_verdict_outdated() -> None:
    release = make.candidate()
    release.project.rules.change(by=make.member(release), source_paths="*.tgz")
    fresh = Release.objects.get(pk=release.pk)
    assert codes(fresh.vote_obstacles()) == ["checks_outdated"]
    make.checked(fresh.newest)
    assert codes(fresh.vote_obstacles()) == []


def test_keys_that_change_during_a_vote_are_looked_at_when_it_has_failed() -> None:
    vote = make.vote()
    before = Job.objects.filter(name="checks.recheck").count()
    vote.release.resolve_vote(Outcome.FAILED, by=make.member(vote))
    assert Job.objects.filter(name="checks.recheck").count() == before + 1


@pytest.mark.parametrize(
    ("policy", "asked", "lasts", "refused"),
    [
        (None, None, 72, []),
        (None, 71, None, ["vote_too_short"]),
        (None, 0, None, ["vote_too_short"]),
        (None, 720, 720, []),
        (None, 721, None, ["vote_too_long"]),
        (24, None, 24, []),
        (24, 24, 24, []),
        (0, None, None, []),
        (0, 0, None, []),
        (0, 5, 5, []),
        (0, -1, None, ["vote_too_short"]),
    ],
)
def test_a_vote_runs_as_long_as_the_policy_says_or_longer(policy, asked, lasts, refused) -> None:
    release = make.candidate(make.project(hours=policy))
    if refused:
        assert refused_with(make.vote, release, hours=asked) == refused
        return
    with time_machine.travel("2026-06-01T12:00:00Z", tick=False):
        vote = make.vote(release, hours=asked)
        assert vote.ends_at == (now() + timedelta(hours=lasts) if lasts else None)


def test_a_second_vote_finds_the_release_in_vote() -> None:
    vote = make.vote()
    assert refused_with(make.vote, vote.release) == ["not_composing"]
    again = Vote(release=vote.release, number=2, revision=vote.revision, called_by=vote.called_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


@pytest.mark.parametrize(
    ("subject", "body", "sentence"),
    [
        ("", "b", "one line"),
        ("s\nBcc: all@example.org", "b", "one line"),
        ("s\rBcc: all@example.org", "b", "one line"),
        ("s\u2028Bcc: all@example.org", "b", "control characters"),
        ("s\x0bt", "b", "control characters"),
        ("s\0", "b", "control characters"),
        ("s" * 201, "b", "one line"),
        ("s", " \n", "needs a text"),
        ("s", "x" * 60_001, "60,000 bytes at most"),
        ("s", "\u65e5" * 30_000, "has 90,002 bytes"),
        ("s", "a\0b", "control characters"),
        ("s", "a\ud800b", "control characters"),
    ],
)
def test_a_mail_that_cannot_be_sent_calls_no_vote(subject: str, body: str, sentence: str) -> None:
    release = make.candidate()
    by = make.member(release)
    with pytest.raises(BadInput, match=sentence):
        release.start_vote(by=by, revision=1, subject=subject, body=body)
    release.refresh_from_db()
    assert (release.phase, release.last_vote) == (Phase.COMPOSE, 0)


def cast(vote: Vote, choice: Choice, *people) -> list:
    for person in people:
        vote.cast(choice, by=person, manifest_digest=vote.manifest_digest)
    return list(people)


def members(where, count: int) -> list:
    return [make.member(where) for _ in range(count)]


def test_three_binding_votes_pass_and_the_result_is_written_down() -> None:
    vote = make.vote()
    release, by = vote.release, make.member(vote, Role.RELEASE_MANAGER)
    assert refused_with(release.resolve_vote, Outcome.PASSED, by=by) == ["not_passed"] * 2
    cast(vote, Choice.FOR, *members(vote, 2), make.user())
    assert refused_with(release.resolve_vote, Outcome.PASSED, by=by) == ["not_passed"]
    cast(vote, Choice.FOR, make.member(vote))
    closed = release.resolve_vote(Outcome.PASSED, by=by, seen=1)
    assert (release.phase, release.candidate) == (Phase.FINISH, vote.revision)
    assert (closed.outcome, closed.resolved_by) == (Outcome.PASSED, by)
    assert closed.counted["tally"]["binding"] == {"for_it": 3, "abstain": 0, "against": 0}
    assert closed.counted["tally"]["other"]["for_it"] == 1
    assert closed.counted["manifest"] == vote.manifest_digest
    assert Event.objects.get(tag=Tag.VOTE_PASSED).facts["tally"]["passes"] is True


def test_a_vote_with_an_end_is_not_passed_before_it() -> None:
    vote = make.vote(make.candidate(make.project(hours=72)))
    cast(vote, Choice.FOR, *members(vote, 3))
    by = make.member(vote)
    assert refused_with(vote.release.resolve_vote, Outcome.PASSED, by=by) == ["not_passed"]
    with time_machine.travel(vote.ends_at - timedelta(seconds=1), tick=False):
        assert refused_with(vote.release.resolve_vote, Outcome.PASSED, by=by) == ["not_passed"]
    with time_machine.travel(vote.ends_at, tick=False):
        assert vote.release.resolve_vote(Outcome.PASSED, by=by).outcome == Outcome.PASSED


def test_a_vote_that_lacks_votes_fails_at_its_end_and_not_before() -> None:
    vote = make.vote(make.candidate(make.project(hours=72)))
    by = make.member(vote)
    assert refused_with(vote.release.resolve_vote, Outcome.FAILED, by=by) == ["vote_open"]
    with time_machine.travel(vote.ends_at, tick=False):
        vote.release.resolve_vote(Outcome.FAILED, by=by)
    assert (vote.release.phase, vote.release.candidate) == (Phase.COMPOSE, None)


def test_what_has_passed_has_not_failed() -> None:
    vote = make.vote()
    cast(vote, Choice.FOR, *members(vote, 3))
    by = make.member(vote)
    assert refused_with(vote.release.resolve_vote, Outcome.FAILED, by=by) == ["enough"]


def test_a_vote_may_be_cancelled_at_any_time_and_called_again() -> None:
    vote = make.vote(make.candidate(make.project(hours=72)))
    vote.release.resolve_vote(Outcome.CANCELLED, by=make.member(vote))
    again = make.vote(vote.release)
    assert (again.number, again.ballots.count()) == (2, 0)
    assert Vote.objects.get(pk=vote.pk).outcome == Outcome.CANCELLED


def test_somebody_s_minus_one_asks_for_a_second_look_where_the_policy_does() -> None:
    vote = make.vote()
    cast(vote, Choice.FOR, *members(vote, 3))
    cast(vote, Choice.AGAINST, make.user())
    by = make.member(vote)
    assert refused_with(vote.release.resolve_vote, Outcome.PASSED, by=by) == ["minus_one"]
    vote.release.resolve_vote(Outcome.PASSED, by=by, confirmed=True)
    assert vote.release.phase == Phase.FINISH


def test_a_minus_one_taken_back_or_a_policy_that_does_not_mind_asks_for_nothing() -> None:
    minded = make.vote()
    person, *_ = cast(minded, Choice.AGAINST, *members(minded, 3))
    cast(minded, Choice.FOR, *(each.voter for each in minded.latest_ballots()))
    minded.release.resolve_vote(Outcome.PASSED, by=person)
    project = make.project()
    Policy.objects.filter(project=project).update(pause_on_minus_one=False)
    calm = make.vote(make.candidate(type(project).objects.get(pk=project.pk)))
    cast(calm, Choice.FOR, *members(calm, 3))
    cast(calm, Choice.AGAINST, make.user())
    assert calm.release.resolve_vote(Outcome.PASSED, by=make.member(calm)).outcome == "passed"


def test_who_looked_at_an_older_vote_is_told() -> None:
    vote = make.vote()
    by = make.member(vote)
    vote.release.resolve_vote(Outcome.CANCELLED, by=by)
    make.vote(vote.release)
    with pytest.raises(Stale, match="Vote 2 has begun since you looked at vote 1"):
        vote.release.resolve_vote(Outcome.CANCELLED, by=by, seen=1)


def test_a_vote_is_resolved_once_and_by_words_that_exist() -> None:
    release = make.passed()
    by = make.member(release)
    for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.CANCELLED):
        assert refused_with(release.resolve_vote, outcome, by=by) == ["no_vote"]
    for word in ("", "maybe"):
        with pytest.raises(BadInput, match="is no outcome"):
            release.resolve_vote(word, by=by)


def test_a_role_lost_between_the_question_and_the_count_stops_the_count(monkeypatch) -> None:
    vote = make.vote()
    cast(vote, Choice.FOR, *members(vote, 3))
    by = make.member(vote)
    monkeypatch.setattr(Release, "resolve_obstacles", lambda self, *args, **named: ())
    vote.committee.memberships.exclude(user=by).delete()
    with pytest.raises(Stale, match="role has changed"):
        vote.release.resolve_vote(Outcome.PASSED, by=by)
    assert Vote.objects.get(pk=vote.pk).outcome == Outcome.OPEN


def test_the_basis_of_checks_is_the_committee_s_keys_and_the_policy() -> None:
    release = make.release()
    before = release.check_basis()
    assert before == Release.objects.get(pk=release.pk).check_basis()
    certificate = Certificate.objects.create(
        fingerprint="AB" * 20, key_id="AB" * 8, length=255, created_at=now(), armored="key"
    )
    assert release.check_basis() == before
    release.committee.key_links.create(certificate=certificate)
    assert release.check_basis() != before
