"""Limits: one table, shared by all processes, exact under races."""

import re
from functools import partial
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from tests import make
from tests.house import ROOT
from tests.test_races import at_once
from trusted_releases.ledger import limits
from trusted_releases.ledger.limits import (
    Limit,
    TooMany,
    actor_of,
    give_back,
    network_of,
    spend,
)
from trusted_releases.ledger.models import Spending
from trusted_releases.ledger.models.spending import SpendingQuerySet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _five_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "test", Limit(5))


def spent(actor: str, times: int = 20) -> int:
    """How often it was allowed."""
    allowed = 0
    for _ in range(times):
        try:
            spend(actor, "test")
        except TooMany:
            continue
        allowed += 1
    return allowed


def test_five_at_once_and_no_more() -> None:
    with time_machine.travel(1_000_000_000, tick=False):
        assert spent("person:alice") == 5


def test_each_actor_and_each_action_has_its_own(monkeypatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "other", Limit(1))
    with time_machine.travel(1_000_000_000, tick=False):
        assert spent("person:alice") == spent("person:bob") == 5
        spend("person:alice", "other")


def test_one_comes_back_after_its_time_and_all_after_an_hour() -> None:
    with time_machine.travel(1_000_000_000, tick=False) as clock:
        spent("person:alice")
        with pytest.raises(TooMany) as caught:
            spend("person:alice", "test")
        assert 719 <= caught.value.wait <= 721
        clock.shift(caught.value.wait)
        assert spent("person:alice") == 1
        clock.shift(3600)
        assert spent("person:alice") == 5


def test_the_refusal_says_when() -> None:
    assert str(TooMany(12.3)) == "Rate limit exceeded. Try again in 13 seconds."
    assert str(TooMany(0.2)) == "Rate limit exceeded. Try again in 1 second."
    assert str(TooMany(359)) == "Rate limit exceeded. Try again in 6 minutes."


def test_an_action_that_nobody_has_named_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        spend("person:alice", "nothing")


def test_without_limits_nothing_is_counted(settings) -> None:
    settings.RATE_LIMITS = False
    assert spent("person:alice") == 20
    assert not Spending.objects.exists()


def test_whatever_an_actor_is_called_it_is_kept() -> None:
    for name in ("x" * 500, "a\0b", "\ud800"):
        with time_machine.travel(1_000_000_000, tick=False):
            assert spent(name) == 5


def test_who_is_known_is_known_by_name_and_others_by_where_they_come_from() -> None:
    assert actor_of(make.user("alice"), "192.0.2.1") == "person:alice"
    assert actor_of(AnonymousUser(), "192.0.2.1") == "address:192.0.2.1"
    assert actor_of(None, "") == "address:unknown"
    assert network_of("2001:db8:1:2:3::4") == "2001:db8:1:2::/64"


def test_what_says_nothing_any_more_is_forgotten() -> None:
    with time_machine.travel(1_000_000_000, tick=False):
        spend("person:alice", "test")
    assert Spending.objects.over(1_000_000_719).count() == 0
    assert Spending.objects.over(1_000_000_721).count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_processes_at_once_get_five_together() -> None:
    done, refused, _ = at_once([partial(spend, "person:alice", "test") for _ in range(20)])
    assert (len(done), len(refused)) == (5, 15)


def test_the_guide_tells_every_limit() -> None:
    rows = re.findall(
        r"^\| `([a-z.-]+)` \| .+ \| (\d+) an? (hour|minute) \|$",
        (ROOT / "docs/api.md").read_text(),
        re.MULTILINE,
    )
    real = {name: limit for name, limit in limits.LIMITS.items() if name != "test"}
    words = {limits.HOUR: "hour", 60: "minute"}
    told = {name: (int(times), per) for name, times, per in rows}
    assert told == {name: (limit.times, words[limit.seconds]) for name, limit in real.items()}
    assert all(limit.what != "doing this" for limit in real.values())


def test_what_was_for_nothing_is_given_back() -> None:
    with time_machine.travel(1_000_000_000, tick=False):
        assert spent("person:alice") == 5
        give_back("person:alice", "test")
        assert spent("person:alice") == 1
        give_back("person:bob", "test")  # of whom nothing is known
        assert spent("person:bob") == 5


def test_given_back_late_it_is_no_more_than_all() -> None:
    with time_machine.travel(1_000_000_000, tick=False) as clock:
        spend("person:alice", "test")
        clock.shift(3600)
        give_back("person:alice", "test")
        assert spent("person:alice") == 5


def test_an_installation_has_its_own_numbers(settings) -> None:
    settings.LIMITS = {"test": "7"}
    with time_machine.travel(1_000_000_000, tick=False):
        assert spent("person:alice") == 7
        with pytest.raises(TooMany) as caught:
            spend("person:alice", "test")
    assert caught.value.limit == Limit(7)


def test_without_limits_nothing_is_given_back(settings) -> None:
    with time_machine.travel(1_000_000_000, tick=False):
        spent("person:alice")
        settings.RATE_LIMITS = False
        give_back("person:alice", "test")
        settings.RATE_LIMITS = True
        assert spent("person:alice") == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_once_are_both_allowed() -> None:
    """Nobody is refused because somebody else has made the row between two looks."""
    for turn in range(10):
        done, refused, _ = at_once([partial(spend, f"person:{turn}", "test") for _ in range(4)])
        assert (len(done), refused) == (4, [])


def test_a_row_that_appears_between_two_looks_refuses_nobody(monkeypatch) -> None:
    real = SpendingQuerySet.update
    looks = []

    def late(rows: SpendingQuerySet, **values: Any) -> int:
        looks.append(values)
        if len(looks) == 1:  # somebody else is first
            done = real(rows, **values)
            Spending.objects.create(actor="person:alice", action="test", full_at=1)
            return done
        return real(rows, **values)

    monkeypatch.setattr(SpendingQuerySet, "update", late)
    spend("person:alice", "test")
    assert len(looks) == 2
