"""What may be queued stands in the code, and fits together."""

import pytest

from trusted_releases.ledger.registry import GiveUp, UnknownJob, job, known_jobs, spec_of


def test_a_job_is_known_by_name_with_all_that_was_said_of_it(settings):
    spec = spec_of("test.heavy")
    assert (spec.queue, spec.max_attempts, spec.limit) == ("heavy", 3, 3600)
    settings.JOB_LEASE = 7
    assert spec.lease_seconds == 7
    assert spec_of("test.leased").lease_seconds == 90
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
