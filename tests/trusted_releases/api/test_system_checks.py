"""What must not be so in production."""

import pytest

from trusted_releases.api.system_checks import limits_are_known, only_while_testing


def found() -> list[str]:
    return [str(message.id) for message in only_while_testing(None)]


@pytest.mark.parametrize(
    ("test_mode", "limits", "ids"),
    [
        (False, True, []),
        (True, True, ["tr.E030"]),
        (False, False, ["tr.E031"]),
        (True, False, ["tr.E030", "tr.E031"]),
    ],
)
def test_test_mode_and_no_limits_are_for_debug_only(settings, test_mode, limits, ids) -> None:
    settings.TEST_MODE, settings.RATE_LIMITS = test_mode, limits
    settings.DEBUG = False
    assert found() == ids
    settings.DEBUG = True
    assert found() == []


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, ""),
        ({"vote.start": "20", "api": "1000000"}, ""),
        ({"vote.begin": "20"}, "vote.begin"),
        ({"vote.start": "0"}, "vote.start"),
        ({"vote.start": "-1"}, "vote.start"),
        ({"vote.start": "1000001"}, "vote.start"),
        ({"vote.start": "many"}, "vote.start"),
        ({"vote.start": "²"}, "vote.start"),
    ],
)
def test_limits_of_the_settings_are_numbers_for_what_exists(settings, said, wrong: str) -> None:
    settings.LIMITS = said
    messages = limits_are_known(None)
    assert [message.id for message in messages] == (["tr.E033"] if wrong else [])
    assert all(wrong in str(message.msg) for message in messages)
