import io
import json
import os
import resource
import signal
import subprocess
import sys

import pytest

from checks.engine import __main__ as main
from checks.engine.child import ROOT, ChildLimits, job_json
from checks.engine.plan import plan
from tests.checks.engine import made


def run_child(job):
    done = subprocess.run(
        [sys.executable, "-m", "checks.engine"],
        input=json.dumps(job).encode(),
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_job_in_and_a_line_for_each_result_out(tmp_path):
    candidate = made.candidate(tmp_path, {"r.tar.gz": made.tar(made.source("r")), "x.sha512": b""})
    keys = tmp_path / "KEYS"
    keys.write_bytes(b"")
    job = job_json(candidate, plan(candidate), keys, ChildLimits())
    said = run_child({**job, "units": None})
    results = [message["result"]["key"] for message in said if "result" in message]
    assert said[0] == {"ready": {"units": len(plan(candidate))}}
    assert results == [unit.key for unit in plan(candidate)]
    one = run_child({**job, "units": results[1:2]})
    assert [message["result"]["key"] for message in one if "result" in message] == results[1:2]


def test_progress_is_told_at_most_five_times_a_second(capsys):
    progress = main._throttled()
    for done in range(1000):
        progress("key", done, 1000)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_child_whose_parent_is_gone_ends_itself():
    script = "from checks.engine.__main__ import die_with_parent as d; d(1 << 22); print('alive')"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == b""


def test_limits_never_rise_above_those_we_were_given(monkeypatch):
    set_limits = {}
    monkeypatch.setattr(resource, "getrlimit", lambda name: (5, 5))
    monkeypatch.setattr(resource, "setrlimit", lambda name, bound: set_limits.update({name: bound}))
    monkeypatch.setattr(os, "nice", lambda by: None)
    main.limit({"memory_bytes": 100})
    main.allow_cpu(10)
    assert set_limits[resource.RLIMIT_AS] == (5, 5)
    assert set_limits[resource.RLIMIT_CPU] == (5, 5)


def test_main_reads_a_job_from_standard_input(tmp_path, monkeypatch, capsys):
    candidate = made.candidate(tmp_path, {"a.zip": b""})
    job = job_json(candidate, plan(candidate)[:1], tmp_path / "none", ChildLimits())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(job).encode())))
    monkeypatch.setattr(main, "limit", lambda limits: None)
    monkeypatch.setattr(main, "allow_cpu", lambda seconds: None)
    with pytest.raises(FileNotFoundError):
        main.main(["checks.engine"])
    job["keys_path"] = ""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(job).encode())))
    assert main.main(["checks.engine"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["result"]["path"] == ""
