"""Which rules stand before a vote."""

import pytest

from checks.engine.model import Finding, Level, UnitResult
from checks.models import Result, Run
from tests import make
from trusted_releases.templatetags.composing import blocking_rules

pytestmark = pytest.mark.django_db


def found(rule, level=Level.BLOCKER):
    return Finding(rule, 1, level, "a.tar.gz", "Said.")


def test_rules_with_blockers_are_told_with_their_numbers_most_first():
    revision = make.release(files={"a.tar.gz": "a"}).newest
    run = Run.objects.create(revision=revision, state=Run.State.DONE)
    findings = [found("checksum"), found("signature"), found("signature")]
    findings.append(found("license.files", Level.CONCERN))
    result = Result.objects.keep(UnitResult("k" * 64, "", ("x",), findings, "", 1.0))
    run.results.set([result])
    rules = blocking_rules(revision)
    assert [(rule.slug, rule.count, rule.needs_keys) for rule in rules] == [
        ("signature", 2, True),
        ("checksum", 1, False),
    ]
    assert all(rule.title != rule.slug for rule in rules)


def test_without_a_revision_or_a_run_there_are_none():
    assert blocking_rules(None) == []
    assert blocking_rules(make.release(files={"a": "a"}).newest) == []
