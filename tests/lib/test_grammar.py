"""Names as the contract has them."""

import pytest

from trusted_releases.lib.grammar import GRAMMAR, fits


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("project", "tool-2"),
        ("committee", "Tool-2"),
        ("version", "0.3+cli"),
        ("version", "1"),
        ("version", "2.0.0-alpha.1"),
        ("revision", "00003"),
        ("person", "a_b-9"),
        ("fingerprint", "E35604DD9E2892E5465B3D8A203F105A7B33A64F"),
        ("number", "12"),
    ],
)
def test_what_the_contract_allows(kind: str, text: str) -> None:
    assert fits(kind, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("project", "Tool"),
        ("project", "a_b"),
        ("project", "x" * 61),
        ("version", ".1"),
        ("version", "1."),
        ("version", "1.0\n"),
        ("version", "1 0"),
        ("version", "x" * 65),
        ("revision", "-1"),
        ("revision", "\u0663"),
        ("revision", "1" * 10),
        ("person", "9ab"),
        ("person", "ab"),
        ("fingerprint", "xyz"),
    ],
)
def test_what_it_does_not(kind: str, text: str) -> None:
    assert not fits(kind, text)


@pytest.mark.parametrize("kind", GRAMMAR)
def test_nothing_is_no_name(kind: str) -> None:
    assert not fits(kind, "")
