"""What may be queued stands in the code, and fits together."""

import pytest

from trusted_releases.ledger.reactions_registry import (
    all_reactions,
    react,
    react_to,
    reactions,
)
from trusted_releases.ledger.registry import GiveUp, UnknownJob, job, known_jobs, spec_of
from trusted_releases.ledger.system_checks import reactions_name_jobs
from trusted_releases.ledger.tags import Tag


def test_a_job_is_known_by_name_with_all_that_was_said_of_it(settings):
    spec = spec_of("test.heavy")
    assert (spec.queue, spec.max_attempts, spec.limit) == ("heavy", 3, 3600)
    settings.JOB_LEASE = 7
    assert spec.lease_seconds == 7
    assert known_jobs()["test.heavy"] is spec
    assert issubclass(GiveUp, Exception)


def test_a_name_is_registered_by_one_function_only():
    def other(running):
        return None

    with pytest.raises(ValueError, match=r"registered by tests\.ledger\.sample_jobs\.write"):
        job("test.write")(other)


def test_registering_the_same_function_again_is_no_error():
    spec = spec_of("test.write")
    assert job("test.write")(spec.function) is spec.function


def test_a_queue_nobody_serves_is_refused():
    with pytest.raises(ValueError, match="no queue 'fast'"):
        job("test.fast", queue="fast")


def test_an_unknown_name_is_answered_with_a_sentence():
    with pytest.raises(UnknownJob, match=r"Register it with @job in a tasks\.py"):
        spec_of("test.missing")


def test_reactions_are_added_once_each_in_order():
    react(Tag.VOTE_CALLED, "test.event", "test.other")
    react("vote.called", "test.other", "test.event")
    react_to({Tag.VOTE_PASSED: ("test.event",), Tag.VOTE_FAILED: ()})
    assert reactions(Tag.VOTE_CALLED) == ("test.event", "test.other")
    assert reactions(Tag.VOTE_PASSED) == ("test.event",)
    assert reactions(Tag.VOTE_FAILED) == ()
    assert set(all_reactions()) == {"vote.called", "vote.passed", "vote.failed"}


def test_reactions_that_fit_pass_the_system_check():
    react(Tag.VOTE_CALLED, "test.event")
    assert reactions_name_jobs(None) == []


def test_a_reaction_without_a_job_or_with_a_wrong_tag_is_an_error(monkeypatch):
    react(Tag.VOTE_CALLED, "test.missing")
    react("vote.exploded", "test.event")
    found = {error.id: error.msg for error in reactions_name_jobs(None)}
    assert found == {
        "ledger.E001": "The reaction to vote.called names the job 'test.missing', "
        "which nobody registers.",
        "ledger.E002": "A reaction names the tag 'vote.exploded'.",
    }
