"""Licences come to a category: identifiers, names and expressions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.sbom.document import Licence
from checks.sbom.licences import LONGEST, Category, judge, judge_text, normalised

A, B, UNKNOWN, X = Category


def row(number, *values):
    return pytest.param(*values, id=f"{number}-{values[0]}")


@pytest.mark.parametrize(
    ("text", "category"),
    [
        *(
            row("M01", each, A)
            for each in (
                "Apache License, Version 2.0",
                "Apache 2.0",
                "The MIT License",
                "Public Domain",
            )
        ),
        *(row("M03", each, B) for each in ("EPLv2", "Eclipse Public License - v 2.0", "MPL 2.0")),
        *(
            row("M04", each, X)
            for each in ("JSON", "LGPL-2.1-only", "GPL-2.0-with-classpath-exception")
        ),
        row("M06", "MIT AND GPL-2.0-only", X),
        row("M07", "(MIT OR GPL-2.0-only) AND Apache-2.0", X),
        *(
            row("M09", each, UNKNOWN)
            for each in ("MIT/X11", "MIT Or Apache-2.0", "MIT OR", "ORACLE", "")
        ),
    ],
)
def test_the_vectors_come_to_their_category(text, category):
    assert judge_text(text).category == category


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The Apache Software License, Version 2.0", A),
        ("New BSD License", A),
        ("LicenseRef-Public-Domain", A),
        ("LicenseRef-Confluent-Community-1.0", X),
        ("GPL-3.0", X),
        ("GPL-2.0+", X),
        ("GPL-2.0-only WITH Classpath-exception-2.0", X),
        ("Apache-2.0 WITH LLVM-exception", A),
        ("mit and bsd-3-clause", A),
        ("MIT AND Foo", UNKNOWN),
        ("GPL-3.0-only AND Foo", X),
        ("DocumentRef-a:LicenseRef-b", UNKNOWN),
        ("()", UNKNOWN),
        ("MIT AND ()", UNKNOWN),
        ("( OR MIT :)", UNKNOWN),
        ("BSD", UNKNOWN),
    ],
)
def test_what_else_is_met_has_its_category(text, category):
    assert judge_text(text).category == category


def test_of_alternatives_the_friendliest_is_chosen_and_the_others_are_kept():
    found = judge_text("GPL-2.0-only OR EPL-2.0 OR (MIT OR Foo)")
    assert (found.category, found.chosen) == (A, "MIT")
    assert set(found.others) == {"GPL-2.0-only", "EPL-2.0", "Foo"}


@pytest.mark.parametrize(
    ("text", "avoidable"),
    [
        ("(MIT OR GPL-2.0-only) AND Apache-2.0", True),
        ("(MIT AND GPL-2.0-only) OR Apache-2.0", True),
        ("(MIT OR Apache-2.0) AND GPL-2.0-only", False),
        ("MIT AND GPL-2.0-only", False),
        ("GPL-2.0-only", False),
    ],
)
def test_where_somebody_who_chooses_well_gets_around_it_it_is_avoidable(text, avoidable):
    found = judge_text(text)
    assert (found.category, found.avoidable) == (X, avoidable)


def several(*texts):
    return judge(tuple(Licence(each) for each in texts))


def test_of_several_licences_the_sternest_counts_and_may_be_avoidable():
    assert several() is None
    assert several("MIT").category == A
    mixed = several("EPL-2.0", "GPL2 w/ CPE")
    assert (mixed.category, mixed.avoidable) == (X, True)
    assert several("GPL-2.0-only", "AGPL-3.0-only").avoidable is False
    assert several("MIT", "Apache-2.0").avoidable is False


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("The Apache License, Version 2.0", "apache 2 0"),
        ("Eclipse Public License - v 2.0", "eclipse public 2 0"),
        ("GNU General Public License v2", "gnu general public 2"),
        ("  ", ""),
    ],
)
def test_names_lose_what_varies(name, short):
    assert normalised(name) == short


def test_what_is_longer_than_any_expression_is_not_parsed():
    assert judge_text("(" * LONGEST + "MIT" + ")" * LONGEST).category == UNKNOWN
    assert judge_text("(" * 400 + "MIT" + ")" * 400).category == A


ATOMS = st.sampled_from(["MIT", "Apache-2.0", "EPL-2.0", "GPL-3.0-only", "Foo", "LicenseRef-x"])
OF = {"MIT": A, "Apache-2.0": A, "EPL-2.0": B, "GPL-3.0-only": X}


@given(st.lists(ATOMS, min_size=1, max_size=8))
def test_a_choice_is_as_friendly_as_its_friendliest_and_all_as_stern_as_the_sternest(atoms):
    categories = [OF.get(each, UNKNOWN) for each in atoms]
    ranked = sorted(categories, key=lambda each: each.rank)
    assert judge_text(" OR ".join(atoms)).category == ranked[0]
    assert judge_text(" AND ".join(atoms)).category == ranked[-1]


trees = st.recursive(
    ATOMS,
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
        lambda each: f"({each[0]} {each[1]} {each[2]})"
    ),
    max_leaves=12,
)


@given(trees)
def test_brackets_and_the_case_of_operators_change_nothing(text):
    found = judge_text(text)
    assert judge_text(f"({text})") == found
    assert judge_text(text.replace("AND", "and").replace("OR", "or")) == found


@given(trees)
def test_a_category_is_that_of_one_of_its_licences(text):
    atoms = text.replace("(", " ").replace(")", " ").split()
    named = {OF.get(each, UNKNOWN) for each in atoms if each not in ("AND", "OR")}
    assert judge_text(text).category in named


@given(st.text(max_size=120) | st.text("()+ MITANDORWITHandor-./:", max_size=120))
def test_any_text_comes_to_a_verdict(text):
    assert judge_text(text).category in Category
