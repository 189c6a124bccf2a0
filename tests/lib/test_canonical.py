"""One byte form for one value."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trusted_releases.lib.canonical import canonical

text = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | text,
    lambda each: st.lists(each, max_size=4) | st.dictionaries(text, each, max_size=4),
)


@given(values)
def test_it_reads_back_as_what_it_was(value: object) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(text, values, min_size=2))
def test_the_order_in_which_names_came_does_not_show(value: dict[str, object]) -> None:
    names = list(value)
    random.Random(7).shuffle(names)
    assert canonical({name: value[name] for name in names}) == canonical(value)


def test_there_are_no_spaces_and_no_escapes_that_need_not_be() -> None:
    assert canonical({"b": [1, True, None], "a": "\u00e9\n"}) == (
        b'{"a":"\xc3\xa9\\n","b":[1,true,null]}'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(value)


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object()])
def test_what_json_does_not_have_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)
