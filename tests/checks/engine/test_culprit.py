"""A rule that ends its process, and the others beside it, whose results stand."""

import pytest

from checks.engine import child, plan
from checks.engine.child import ChildLimits, run_in_child
from checks.engine.culprit import culprit
from tests.checks.engine import made, odd_child

FAST = {"timeout": 60}


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run files through a child with odd and calm rules beside each other."""
    monkeypatch.setattr(plan, "ALL", odd_child.RULES)
    monkeypatch.setattr(child, "MODULE", "tests.checks.engine.odd_child")

    def run(files, kind, **options):
        candidate = made.candidate(tmp_path, files)
        units = [unit for unit in plan.plan(candidate) if unit.kind == kind]
        return list(run_in_child(candidate, units, **{**FAST, **options}))

    return run


@pytest.mark.parametrize(
    ("act", "how", "options"),
    [
        ("crash", "SIGSEGV", {}),
        ("kill", "SIGKILL", {}),
        ("leave", "code 7", {}),
        ("hang", "more than 2 seconds", {"timeout": 2}),
        ("spin", "1 seconds of CPU", {"limits": ChildLimits(cpu_seconds=1)}),
        ("eat", "MemoryError", {"limits": ChildLimits(memory_bytes=512 << 20)}),
    ],
)
def test_a_rule_that_ends_the_process_takes_nothing_from_the_others(run, act, how, options):
    first, last = run([f"both-{act}", "cboth-fine"], "file", **options)
    assert how in first.error
    assert "'odd'" in first.error
    assert [(each.rule, each.message) for each in first.findings] == [("calm", "All is calm.")]
    assert first.rules == ("odd", "calm")
    assert (last.error, len(last.findings)) == ("", 2)


@pytest.mark.parametrize(
    "name",
    ["a-kill", "feed-a-kill", "close-a-kill", "finish-kill", "findings-crash"],
)
def test_a_rule_that_dies_over_an_archive_is_found_wherever_it_does(run, name):
    content = made.tar({"r": None, "r/a": b"1", "r/b": b"2"})
    (result,) = run({f"{name}.tar.gz": content}, "archive")
    assert "The rule 'odd.inside' did not come to an end." in result.error
    assert "was ended by SIG" in result.error
    (finding,) = result.findings
    assert (finding.rule, finding.message) == ("calm.inside", f"3 members, {len(content)} bytes.")
    assert result.rules == ("odd.inside", "calm.inside")


def test_when_every_rule_dies_each_is_named(run, monkeypatch):
    monkeypatch.setattr(odd_child.Calm, "run", None)
    monkeypatch.setattr(child, "MODULE", "tests.checks.engine.all_odd_child")
    (result,) = run(["both-kill"], "file")
    assert "'odd'" in result.error
    assert "'calm'" in result.error
    assert result.findings == ()


def test_a_process_that_dies_between_rules_says_nothing_of_any(run, monkeypatch):
    monkeypatch.setattr(child, "MODULE", "tests.checks.engine.dying_reader")
    (result,) = run({"x.tar.gz": made.tar({"a": b""})}, "archive")
    assert "SIGKILL" in result.error
    assert "rule" not in result.error
    assert result.findings == ()


def test_a_death_that_does_not_come_again_leaves_no_trace(run, tmp_path):
    (result,) = run(["both-once"], "file")
    assert result.error == ""
    assert {each.rule for each in result.findings} == {"odd", "calm"}


def test_nobody_is_guilty_without_a_mark(tmp_path):
    assert culprit(odd_child.RULES, tmp_path / "none") == ""
    (tmp_path / "marker").write_bytes(b"\xff")
    assert culprit(odd_child.RULES, tmp_path / "marker") == ""
