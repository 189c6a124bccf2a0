import pkgutil
import re
from importlib import import_module
from inspect import getmembers, isabstract, isclass

import pytest

from checks import rules
from checks.engine.model import Policy
from checks.engine.rule import Rule
from tests.shared import ROOT


def every_rule():
    """All rules that modules of the package define, registered or not."""
    for module in pkgutil.iter_modules(rules.__path__):
        here = import_module(f"checks.rules.{module.name}")
        for _, kind in getmembers(here, isclass):
            if issubclass(kind, Rule) and kind.__module__ == here.__name__:
                yield kind


def test_every_rule_is_registered():
    defined = {kind for kind in every_rule() if not isabstract(kind) and hasattr(kind, "slug")}
    assert defined == {type(rule) for rule in rules.ALL}


def test_slugs_are_unique_and_fit_for_urls():
    slugs = [rule.slug for rule in rules.ALL]
    assert len(slugs) == len(set(slugs))
    assert all(re.fullmatch(r"[a-z]+(\.[a-z]+)*", slug) for slug in slugs)


@pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.slug)
def test_a_rule_says_what_it_stands_on_and_where_that_is_written(rule):
    assert rule.version >= 1
    assert "https://" in rule.policy
    assert rule.title
    assert rule.cost.endswith(".")
    assert set(rule.reads) <= set(Policy().as_json())


def test_the_documentation_is_what_the_rules_say():
    assert (ROOT / "docs" / "checks.md").read_text(encoding="utf-8") == rules.rules_markdown()
