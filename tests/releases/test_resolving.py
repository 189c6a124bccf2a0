"""Resolving a podling's rounds: what follows each outcome, and what it takes."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils.timezone import now

from projects.models import Policy, Recipients, VoteMode
from projects.roles import Role
from releases.ending import end, missing_voters
from releases.mail import call_of
from releases.models import Message, Publication, Release, Vote
from releases.models.rounds import Second
from releases.models.timed import Ending
from releases.phases import Choice, Outcome, Phase
from releases.second import second_of
from tests import make
from tests.releases.archive import put, read, served
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import NotReady

pytestmark = pytest.mark.django_db


def cast(vote, person, choice=Choice.FOR):
    return vote.cast(choice, by=person, manifest_digest=vote.manifest_digest)


def enough(vote) -> Vote:
    """Three votes that decide."""
    for _ in range(3):
        cast(vote, make.member(vote.deciding_committee))
    return vote


def resolve(vote, outcome=Outcome.PASSED, **more) -> Vote:
    by = make.member(vote.project, Role.RELEASE_MANAGER)
    if "second" not in more and outcome == Outcome.PASSED:
        more["second"] = second_of(vote.release, by)
    return vote.release.resolve_vote(outcome, by=by, **more)


def codes(call, *arguments, **named) -> list[str]:
    with pytest.raises(NotReady) as refused:
        call(*arguments, **named)
    return [each.code for each in refused.value.obstacles]


@pytest.fixture
def first() -> Vote:
    return make.vote(make.candidate(make.podling(hours=72)), hours=96)


def after(hours: int):
    return time_machine.travel(now() + timedelta(hours=hours))


def test_a_first_round_that_passes_leads_to_the_second_on_the_same_files(first) -> None:
    enough(first)
    with after(97):
        resolve(first)
    release = Release.objects.get()
    second = release.vote
    assert (release.phase, release.last_vote, second.number) == (Phase.VOTE, 2, 2)
    assert (first.round, second.round) == (1, 2)
    assert (second.manifest_digest, second.mode) == (first.manifest_digest, first.mode)
    assert second.ends_at - second.called_at == timedelta(hours=96)
    assert second.deciding_committee == release.committee.parent
    assert second.mail_to == Recipients((release.committee.parent.general_list,))
    assert release.candidate == second.revision
    told = Event.objects.filter(tag=Tag.VOTE_CALLED).order_by("pk")
    assert [each.facts.get("round") for each in told] == [1, 2]


def test_nothing_is_published_before_the_second_round_has_passed(first) -> None:
    enough(first)
    with after(97):
        resolve(first)
        by = make.member(first.project)
        assert codes(Release.objects.get().publish, by=by) == ["not_passed"]
        assert not Publication.objects.exists()
        assert "binding" in str(refusal(Release.objects.get().vote))
    second = enough(Release.objects.get().vote)
    with after(200):
        resolve(second)
        assert Release.objects.get().publish(by=by).state == Publication.State.RUNNING


def refusal(vote):
    with pytest.raises(NotReady) as refused:
        resolve(vote)
    return refused.value


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.CANCELLED])
def test_a_second_round_that_does_not_pass_leads_back_and_numbers_go_on(outcome) -> None:
    second = make.second()
    release = resolve(second, outcome).release
    assert (release.phase, release.candidate) == (Phase.COMPOSE, None)
    again = make.vote(release)
    assert (again.number, again.round) == (3, 1)
    assert again.tally().binding.for_it == 0


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.CANCELLED])
def test_a_first_round_that_does_not_pass_calls_no_second(first, outcome) -> None:
    with after(97):
        resolve(first, outcome)
    assert Vote.objects.count() == 1
    assert Release.objects.get().phase == Phase.COMPOSE


def test_a_first_round_does_not_pass_without_what_its_rule_asks_for(first) -> None:
    for _ in range(3):
        cast(first, make.member(first.committee.parent))
    with after(97):
        assert codes(resolve, first) == ["not_passed", "not_passed"]


def test_who_passes_a_first_round_says_how_the_second_is_called(first) -> None:
    enough(first)
    with after(97):
        assert codes(resolve, first, second=None) == ["second_unsaid"]
        elsewhere = Second("S", "B", Recipients(("all@example.com",)), Ending())
        assert codes(resolve, first, second=elsewhere) == ["not_permitted"]
        nobody = Second("S", "B", Recipients(()), Ending())
        assert codes(resolve, first, second=nobody) == ["nobody"]
        alone = Second("S", "B", first.mail_to, Ending(auto_publish=True))
        assert "not_resolved_by_itself" in codes(resolve, first, second=alone)
    assert Vote.objects.get().outcome == Outcome.OPEN


def test_a_vote_of_one_round_takes_no_second() -> None:
    vote = enough(make.vote())
    asked = Second("S", "B", vote.mail_to, Ending())
    assert codes(resolve, vote, second=asked) == ["no_second_round"]


def test_only_who_may_resolve_begins_the_second_round(first) -> None:
    enough(first)
    for who in (make.member(first.committee.parent), make.user(), make.operator()):
        with pytest.raises(PermissionDenied), after(97):
            first.release.resolve_vote(Outcome.PASSED, by=who, second=second_of(first.release, who))
    assert Vote.objects.count() == 1


def test_a_podling_without_a_parent_by_now_and_one_that_is_held_go_no_further() -> None:
    first = enough(make.vote(make.candidate(make.podling())))
    second = second_of(first.release, make.member(first.project))
    committee = first.committee
    parent, committee.is_podling, committee.parent = committee.parent, False, None
    committee.save()
    assert codes(resolve, first, second=second) == ["no_parent"]
    committee.parent, committee.is_podling = parent, True
    committee.save()
    first.project.hold(by=make.staff("security officer"), reason="Looked into.")
    assert codes(resolve, first, second=second) == ["held"]


def test_the_second_round_points_to_the_first_ones_thread_in_the_archive(
    tmp_path, settings
) -> None:
    with served(tmp_path / "mails", settings):
        first = enough(make.vote(make.candidate(make.podling())))
        assert codes(resolve, first) == ["not_archived"]
        put(tmp_path / "mails", first)
        read(first)
        resolve(first)
        second = Release.objects.get().vote
        link = Vote.objects.get(number=1).links[0]
        assert link.startswith(f"{settings.ARCHIVE_URL}/thread/")
        assert link in second.body


def test_each_round_has_a_thread_of_its_own_and_the_first_is_told_the_end() -> None:
    second = enough(make.second())
    first = second.first_round
    resolve(second)
    run_pending()
    mails = {each.event: each for each in Message.objects.all()}
    by_tag = {
        tag: [mails[each.pk] for each in Event.objects.filter(tag=tag).order_by("pk")]
        for tag in (Tag.VOTE_CALLED, Tag.VOTE_PASSED, Tag.ROUNDS_PASSED)
    }
    one, two = by_tag[Tag.VOTE_CALLED]
    assert (
        two.subject == f"[VOTE] Release Young {first.release.version} (revision 1) (second round)"
    )
    assert two.in_reply_to == ""
    assert (one.recipients, two.recipients) == (
        [first.committee.dev_list],
        [first.committee.parent.general_list],
    )
    assert "Hello Incubator" in two.body
    assert first.get_absolute_url() in two.body
    ended, passed = by_tag[Tag.VOTE_PASSED]
    (also,) = by_tag[Tag.ROUNDS_PASSED]
    assert (ended.in_reply_to, passed.in_reply_to) == (call_of(first), call_of(second))
    assert (also.in_reply_to, also.recipients) == (call_of(first), one.recipients)
    assert "The second round follows, by Incubator, as vote 2:" in ended.body
    assert "Formal: 3 +1" in ended.body
    assert "The first round, by Young (Incubating), was vote 1:" in passed.body
    assert passed.body == also.body


def test_a_second_round_that_fails_is_told_in_its_own_thread_alone() -> None:
    resolve(make.second(), Outcome.FAILED)
    assert not Event.objects.filter(tag=Tag.ROUNDS_PASSED).exists()


def test_a_second_round_can_end_by_itself_and_a_first_cannot(first) -> None:
    enough(first)
    by = make.member(first.project)
    asked = second_of(first.release, by, ending=Ending(auto_resolve=True, tell_end=True))
    with after(97):
        first.release.resolve_vote(Outcome.PASSED, by=by, second=asked)
    second = enough(Release.objects.get().vote)
    with after(200):
        assert end(second) == {"resolved": True}
    assert Release.objects.get().phase == Phase.FINISH
    release = make.candidate(make.podling("other"))
    call = {"by": make.member(release), "revision": 1, "subject": "s", "body": "b"}
    assert codes(release.start_vote, ending=Ending(auto_resolve=True), **call) == ["podling"]


def test_who_is_carried_is_not_reminded(first) -> None:
    mentor, other = (make.member(first.committee.parent) for _ in range(2))
    first.committee.memberships.create(user=mentor, role=Role.MEMBER)
    cast(enough(first), mentor)
    with after(97):
        resolve(first)
    assert missing_voters(Release.objects.get().vote) == [other]


def test_where_the_second_round_goes_can_be_said_when_the_first_is_called() -> None:
    release = make.candidate(make.podling())
    by = make.member(release)
    call = {"by": by, "revision": 1, "subject": "s", "body": "b"}
    assert codes(release.start_vote, second_to="x@example.com", **call) == ["not_permitted"]
    enough(release.start_vote(second_to=by.email, **call))
    assert second_of(release, by).recipients == Recipients((by.email,))
    plain = make.candidate()
    call["by"] = make.member(plain)
    assert codes(plain.start_vote, second_to=call["by"].email, **call) == ["no_second_round"]


def test_the_votes_of_a_podling_are_not_counted_by_people() -> None:
    release = make.candidate(make.podling())
    Policy.objects.create(is_foundation=True, vote_mode=VoteMode.MANUAL)
    release = Release.objects.get(pk=release.pk)
    call = {"by": make.member(release), "revision": 1, "subject": "s", "body": "b"}
    assert codes(release.start_vote, **call) == ["podling_manual"]


def test_a_hundred_characters_of_subject_or_two_hundred_the_second_is_told_apart(first) -> None:
    Policy.objects.update(vote_subject="[VOTE] {{VERSION}} " + "x" * 180)
    enough(first)
    with after(97):
        resolve(first)
    subject = Release.objects.get().vote.subject
    assert len(subject) == 200
    assert subject.endswith(" (second round)")
