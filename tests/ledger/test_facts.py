from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trusted_releases.ledger.facts import clean, facts_of, plain
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.canonical import canonical

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(anything)
def test_plain_values_stay_plain_and_have_bytes(value):
    once = plain(value)
    assert plain(once) == once
    assert "\0" not in canonical(once).decode()


def test_a_choice_becomes_its_text():
    value = plain(Tag.VOTE_CALLED)
    assert type(value) is str
    assert value == "vote.called"


def test_times_are_written_in_utc():
    berlin = timezone(timedelta(hours=1))
    assert plain(datetime(2026, 1, 1, 1, tzinfo=berlin)) == "2026-01-01T00:00:00+00:00"
    assert plain(date(2026, 1, 1)) == "2026-01-01"


def test_a_uuid_is_text_and_a_tuple_a_list():
    assert plain((UUID(int=1), True)) == ["00000000-0000-0000-0000-000000000001", True]


@pytest.mark.parametrize("value", [1.5, b"bytes", object(), {1, 2}])
def test_what_databases_would_change_is_refused_by_name(value):
    with pytest.raises(TypeError, match=r"size\.inner is a "):
        facts_of({"size": {"inner": value}})


def test_facts_nested_without_end_are_refused():
    value: list = []
    value.append(value)
    with pytest.raises(TypeError, match="nested deeper than 8"):
        plain(value)


def test_facts_are_at_most_64_kib():
    facts_of({"text": "x" * 65_000})
    with pytest.raises(ValueError, match="holds at most 65536"):
        facts_of({"text": "x" * 66_000})


def test_text_no_database_stores_is_replaced_and_long_text_cut():
    assert clean("a\0b\ud800c") == "a\ufffdb" + "\ufffd" * 3 + "c"
    assert clean("abcdef", 4) == "abc…"
    assert clean("abcd", 4) == "abcd"
