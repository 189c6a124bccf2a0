import io
import json
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
    assert said[0] == {
        "ready": {"units": len(plan(candidate)), "network": said[0]["ready"]["network"]}
    }
    assert results == [unit.key for unit in plan(candidate)]
    one = run_child({**job, "units": results[1:2]})
    assert [message["result"]["key"] for message in one if "result" in message] == results[1:2]


def test_main_reads_a_job_from_standard_input(tmp_path, monkeypatch, capsys):
    candidate = made.candidate(tmp_path, {"a.zip": b""})
    job = job_json(candidate, plan(candidate)[:1], tmp_path / "none", ChildLimits())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(job).encode())))
    monkeypatch.setattr(main, "limit", lambda limits: None)
    monkeypatch.setattr(main, "close_network", lambda: "")
    monkeypatch.setattr(main, "allow_cpu", lambda seconds: None)
    with pytest.raises(FileNotFoundError):
        main.main(["checks.engine"])
    job["keys_path"] = ""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(job).encode())))
    assert main.main(["checks.engine"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["result"]["path"] == ""
