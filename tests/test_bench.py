"""The benchmarks: that they can be run, and what their lines look like."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.http import HttpResponse

from checks.engine.rule import ArchiveRule
from checks.rules import ALL
from tests.bench import api, archives, engine
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


@pytest.mark.django_db
def test_an_archive_is_measured_against_one_reading_and_against_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archives, "MEMBERS", 300)
    monkeypatch.setattr(engine, "real", list)
    monkeypatch.setattr(engine.connection, "vendor", "sqlite")
    by_name = {each.name: each.value for each in engine.measures()}
    archive = "many-1.0.tar.gz"
    assert by_name[f"floor_ratio.{archive}"] > 0
    assert by_name[f"sequence_ratio.{archive}"] > 1
    assert by_name[f"peak_memory.{archive}"] < 200
    assert by_name[f"bytes_read.{archive}"] >= 1
    assert by_name["findings_stored"] > 0


def test_every_rule_about_archives_applies_when_one_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MEMBERS", 10)
    _, unit = archives.planned(archives.made(tmp_path))
    every = {rule.slug for rule in ALL if isinstance(rule, ArchiveRule)}
    assert every - set(unit.rules) == {"source.tree"}  # no commit is fetched for a measurement


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_each_line_of_json_is_one_measure() -> None:
    found = bench("--only", "verdicts", "--db", "sqlite", "--json", "--quick")
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


def test_requests_are_counted_after_one_to_warm_up_and_a_refusal_ends_it() -> None:
    asked = []

    def ask(status: int = 200) -> HttpResponse:
        asked.append(status)
        return HttpResponse("x", status=status)

    by_name = {each.name: each.value for each in api.timed("get", ask, 20)}
    assert len(asked) == 21
    assert set(by_name) == {"get.per_second", "get.cpu", "get.median", "get.p95"}
    assert 0 < by_name["get.median"] <= by_name["get.p95"]
    with pytest.raises(RuntimeError, match="409"):
        next(api.timed("get", lambda: ask(409)))
