"""How bad a vulnerability is, in one set of words."""

import pytest

from checks.sbom.severity import RATED, SEVERITIES, UNKNOWN, rank, severity_of, worst_of


@pytest.mark.parametrize(
    ("said", "word"),
    [
        *((each, each) for each in SEVERITIES),
        (" HIGH ", "high"),
        ("Moderate", "medium"),
        ("important", "high"),
        ("negligible", "low"),
        ("informational", "info"),
        ("", UNKNOWN),
        ("dire", UNKNOWN),
    ],
)
def test_what_others_call_it_has_one_word_here(said: str, word: str) -> None:
    assert severity_of(said) == word


def test_the_worst_of_several_counts_and_none_is_none() -> None:
    assert worst_of({"low", "critical", "medium"}) == "critical"
    assert worst_of({"dire", "none"}) == "none"
    assert worst_of({UNKNOWN}) == worst_of(()) == ""


def test_the_worst_stands_first() -> None:
    assert sorted(["", "none", UNKNOWN, "high", "info"], key=rank) == [
        *("high", "info", "none", UNKNOWN, ""),
    ]
    assert [rank(each) for each in RATED] == list(range(len(RATED)))
