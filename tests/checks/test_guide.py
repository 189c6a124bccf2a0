"""Every rule has its words for people."""

import pytest

from checks import guide, rules


def test_every_rule_has_its_guide_and_no_guide_is_left_over():
    assert set(guide.GUIDES) == {rule.slug for rule in rules.ALL}


@pytest.mark.parametrize("slug", guide.GUIDES)
def test_a_guide_says_what_is_looked_at_and_how_to_mend_what_is_found(slug):
    ours = guide.of(slug)
    assert ours.looks_at.endswith(".")
    assert ours.fixes
    for fix in ours.fixes:
        assert not fix.problem.endswith(".")
        assert fix.remedy.endswith((".", "”"))
        assert "\n" not in fix.command


def test_every_subject_has_a_rule():
    assert {each.subject for each in guide.GUIDES.values()} == set(guide.Subject)
