"""The script that counts a result bundle again: alone, and never of another mind than the site."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases import recount
from releases.tally import CHOICES, Cast, Rule, tally

pytestmark = pytest.mark.once

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SCRIPT = Path(recount.__file__)


def bundle(casts: list[Cast], binding, rule: Rule, **more) -> dict:
    """As a closed vote keeps it. Casts without an order came by mail."""
    result = tally(casts, binding, rule, NOW)
    outcome = "passed" if result.passes else "cancelled" if result.enough else "failed"
    return {
        "project": "tool",
        "version": "1.2.0",
        "vote": 1,
        "outcome": outcome,
        "at": NOW.isoformat(),
        "binding_voters": sorted(binding),
        "rule": {
            "binding_needed": rule.binding_needed,
            "ends_at": rule.ends_at.isoformat() if rule.ends_at else None,
        },
        "ballots": [
            {"voter": c.voter, "choice": c.choice, "at": c.at.isoformat(), "order": c.order}
            for c in casts
            if c.order
        ],
        "mail": {
            "entries": [
                {"voter": c.voter, "choice": c.choice, "at": c.at.isoformat(), "reason": ""}
                for c in casts
                if not c.order
            ]
        },
        "tally": json.loads(json.dumps(result.as_json())),
        **more,
    }


def run(tmp_path, content: str | bytes) -> subprocess.CompletedProcess:
    """In a bare process: no site packages, no folder of ours, no environment."""
    file = tmp_path / "result.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    alone = tmp_path / "recount.py"
    alone.write_bytes(SCRIPT.read_bytes())
    command = [sys.executable, "-I", "-S", str(alone), str(file)]
    return subprocess.run(
        command, capture_output=True, text=True, env={}, cwd=tmp_path, check=False
    )


GOOD = [Cast(name, "+1", NOW - timedelta(hours=1), place) for place, name in enumerate("abcd")]


def test_it_needs_python_and_nothing_else(tmp_path) -> None:
    done = run(tmp_path, json.dumps(bundle(GOOD, set("abc"), Rule())))
    assert (done.returncode, done.stderr) == (0, "")
    assert "binding   +1: 3  0: 0  -1: 0" in done.stdout
    assert done.stdout.endswith("agrees\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: b["ballots"][0].update(choice="-1"), "binding votes: the bundle says [3, 0, 0]"),
        (lambda b: b["binding_voters"].remove("b"), "enough: the bundle says True"),
        (lambda b: b.update(outcome="failed"), "it had what it takes"),
        (lambda b: b["rule"].update(binding_needed=4), "by its rule it did not"),
        (lambda b: b["rule"].update(ends_at="2999-01-01T00:00:00Z"), "passes: the bundle says"),
        (lambda b: b["mail"]["entries"].clear(), "counted again"),
    ],
)
def test_what_was_changed_in_a_bundle_differs(tmp_path, change, said) -> None:
    made = bundle(GOOD, set("abc"), Rule())
    change(made)
    done = run(tmp_path, json.dumps(made))
    assert done.returncode == 1
    assert f"DIFFERS: {said}" in done.stdout or said in done.stdout


@pytest.mark.parametrize("content", ["", "[]", "{}", "7", b"\xff", '{"ballots": [1]}'])
def test_what_is_no_bundle_is_told(tmp_path, content) -> None:
    done = run(tmp_path, content)
    assert done.returncode == 2
    assert "no result bundle" in done.stderr


def test_without_a_file_it_says_what_it_is_for() -> None:
    assert recount.main(["recount.py"]) == 2


acts = st.lists(
    st.tuples(
        st.sampled_from("abcdefg"), st.sampled_from(CHOICES), st.integers(0, 5), st.booleans()
    ),
    max_size=20,
)
rules = st.builds(
    Rule,
    st.integers(3, 5),
    st.none() | st.sampled_from([NOW - timedelta(hours=1), NOW, NOW + timedelta(hours=1)]),
)


@given(acts, st.frozensets(st.sampled_from("abcdefg")), rules)
def test_two_programs_agree_whatever_people_voted(said, binding, rule) -> None:
    mailed: set[tuple[str, int]] = set()
    casts = []
    for place, (voter, choice, second, by_mail) in enumerate(said, 1):
        by_mail = by_mail and (voter, second) not in mailed  # one mail of a voter at an instant
        if by_mail:
            mailed.add((voter, second))
        casts.append(Cast(voter, choice, NOW + timedelta(seconds=second), 0 if by_mail else place))
    assert list(recount.differences(bundle(casts, binding, rule))) == []
