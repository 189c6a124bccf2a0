"""The benchmarks: that they can be run, and what their lines look like."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.bench.catalogue import BENCHMARKS, Measure
from tests.house import ROOT


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_in_the_catalogue_is_a_module(name: str) -> None:
    assert find_spec(BENCHMARKS[name][0]) is not None


def test_an_unknown_name_is_told_the_known_ones() -> None:
    found = bench("--only", "speed")
    assert found.returncode == 2
    assert all(name in found.stderr for name in BENCHMARKS)


@pytest.mark.slow
def test_each_line_of_json_is_one_measure() -> None:
    found = bench("--only", "verdicts", "--db", "sqlite", "--json")
    assert found.returncode == 0, found.stderr
    lines = [Measure(**json.loads(line)) for line in found.stdout.splitlines()]
    by_name = {each.name: each.value for each in lines}
    assert {each.unit for each in lines} == {"s"}
    for size in ("small", "30MB"):
        stored, first, last = (
            by_name[f"verdicts.{size}.{what}.sqlite"]
            for what in ("stored", "first_verdict", "last_verdict")
        )
        assert 0 < stored < first <= last
