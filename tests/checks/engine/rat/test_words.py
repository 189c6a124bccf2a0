"""The words that are looked for in every file: the quick way finds what the plain one finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.engine.rat import words

WORDS = [word for group in words.GROUPS for word in group]
PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(bytes.upper),
    st.sampled_from(WORDS).map(lambda word: word[:-1]),
    st.binary(max_size=8),
)


@pytest.fixture(params=["with", "without"])
def library(request, monkeypatch):
    """With Hyperscan where it is installed, and without it."""
    if request.param == "without":
        monkeypatch.setattr(words, "hyperscan", None)
    elif words.hyperscan is None:
        pytest.skip("Hyperscan is not built for this machine")


@pytest.mark.skipif(words.hyperscan is None, reason="Hyperscan is not built for this machine")
@settings(deadline=None)
@given(st.lists(PIECES, max_size=12).map(b"".join))
def test_the_quick_way_finds_what_searching_finds(text):
    quick = words.found(text)
    plain = words._Searched(text)
    assert [group in quick for group in words.GROUPS] == [group in plain for group in words.GROUPS]


@pytest.mark.usefixtures("library")
def test_words_count_in_any_case_of_ascii():
    found = words.found(b"LICENCE Apache \xe9 GENERATED")
    assert {group for group in words.GROUPS if group in found} == {
        words.LICENSE,
        words.APACHE,
        words.GENERATED,
    }


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("word", WORDS)
def test_each_word_stands_for_its_group(word):
    found = words.found(b"a " + word + b" b")
    (group,) = (group for group in words.GROUPS if word in group)
    assert group in found


@pytest.mark.usefixtures("library")
def test_an_empty_file_holds_no_word():
    assert not any(group in words.found(b"") for group in words.GROUPS)


@pytest.mark.usefixtures("library")
def test_a_finder_tells_its_own_groups():
    find = words.Finder(((b"one", b"two"), (b"three",)))
    assert [group in find(b"TWO") for group in ((b"one", b"two"), (b"three",))] == [True, False]
