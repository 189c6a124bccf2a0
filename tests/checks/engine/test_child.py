import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checks.engine import child, plan
from checks.engine.child import ChildLimits, candidate_of, job_json, run_in_child
from checks.engine.model import Candidate
from tests.checks.engine import made, odd_child


@pytest.fixture
def odd(monkeypatch, tmp_path):
    """Run files through a child with misbehaving rules, in the order of their names."""
    monkeypatch.setattr(plan, "ALL", odd_child.RULES)
    monkeypatch.setattr(child, "MODULE", "tests.checks.engine.odd_child")

    def run(*names, **options):
        candidate = made.candidate(tmp_path, names)
        options.setdefault("timeout", 60)
        return run_in_child(candidate, plan.plan(candidate), **options)

    return run


def gone(pid):
    """Whether a process has ended, within a second."""
    for _ in range(100):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.01)
    return False


def pids(path):
    """The process numbers that a hanging rule leaves, once it hangs."""
    for _ in range(1000):
        if path.exists() and len(found := path.read_text().split()) == 2:
            return [int(each) for each in found]
        time.sleep(0.01)
    raise AssertionError("the rule never began to hang")


def test_a_child_killed_in_the_middle_costs_one_unit(odd):
    results = list(odd("a-fine", "b-kill", "c-fine"))
    assert [result.path for result in results] == ["a-fine", "b-kill", "c-fine"]
    assert [bool(result.error) for result in results] == [False, True, False]
    assert "SIGKILL" in results[1].error
    assert results[1].findings == ()


def test_a_child_that_leaves_is_quoted(odd):
    (result,) = odd("a-leave")
    assert "code 7" in result.error
    assert "last words" in result.error


def test_too_much_memory_is_an_error_of_that_unit(odd):
    results = list(odd("a-eat", "b-fine", limits=ChildLimits(memory_bytes=512 << 20)))
    assert "MemoryError" in results[0].error
    assert "fault of the check, not of the file" in results[0].error
    assert results[1].error == ""


def test_too_much_cpu_time_is_an_error_of_that_unit(odd):
    results = list(odd("a-spin", "b-fine", limits=ChildLimits(cpu_seconds=1)))
    assert "1 seconds of CPU" in results[0].error
    assert results[1].error == ""


def test_each_unit_has_the_whole_allowance_of_cpu_time(odd):
    """Many honest units together may take longer than one of them may."""
    names = [f"{letter}-fine" for letter in "abcdef"]
    results = odd(*names, limits=ChildLimits(cpu_seconds=1))
    assert [result.error for result in results] == [""] * 6


def test_too_much_time_ends_the_child_and_all_it_started(odd, tmp_path):
    results = list(odd("a-hang", "b-fine", timeout=2))
    assert "more than 2 seconds" in results[0].error
    assert results[1].error == ""
    assert all(gone(pid) for pid in pids(tmp_path / "a-hang.pids"))


def test_no_file_grows_without_bound(odd):
    (result,) = odd("a-write")
    assert "File too large" in result.error


def test_an_exception_in_a_rule_is_the_rules_fault(odd):
    results = list(odd("a-raise", "b-fine"))
    assert "RuntimeError: boom" in results[0].error
    assert results[1].error == ""


def test_a_child_sees_no_secrets_and_has_its_limits(odd, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    (result,) = odd("a-tell", limits=ChildLimits(memory_bytes=777 << 20))
    core, memory, nice, *names = result.findings[0].message.split()
    assert (core, memory, nice) == ("0", str(777 << 20), "10")
    assert set(names) <= {"PATH", "LC_ALL", "LC_CTYPE", "TMPDIR", "HOME", "PYTHONDONTWRITEBYTECODE"}


def test_a_child_that_cannot_start_is_an_error_of_every_unit(odd, monkeypatch):
    monkeypatch.setattr(child, "MODULE", "no_such_module")
    results = list(odd("a-fine", "b-fine"))
    assert len(results) == 2
    assert all("no_such_module" in result.error for result in results)


def test_a_child_that_ends_before_it_took_a_large_job_is_no_surprise(odd, monkeypatch):
    monkeypatch.setattr(child, "MODULE", "no_such_module")
    results = list(odd(*(f"{number}-fine" for number in range(600))))
    assert len(results) == 600
    assert all(result.error for result in results)


def test_a_child_that_never_ends_a_line_is_stopped(odd, monkeypatch):
    monkeypatch.setattr(child, "MAX_LINE", 1 << 20)
    results = list(odd("a-flood", "b-fine"))
    assert "a line of more than 1,048,576 bytes" in results[0].error
    assert results[1].error == ""


def test_a_process_without_pipes_cannot_be_a_child():
    with pytest.raises(RuntimeError, match="without a pipe"):
        child._pipe(None)


def test_results_come_as_they_are_ready_and_closing_ends_the_child(odd, tmp_path):
    results = odd("a-fine", "b-hang")
    assert next(results).path == "a-fine"
    found = pids(tmp_path / "b-hang.pids")
    results.close()
    assert all(gone(pid) for pid in found)


def test_whoever_takes_the_results_may_be_slower_than_the_timeout(odd):
    errors = []
    for result in odd("a-fine", "b-fine", timeout=1.5):
        errors.append(result.error)
        time.sleep(2)
    assert errors == ["", ""]


def test_a_child_ends_with_its_parent_however_the_parent_ends(tmp_path):
    script = f"""
import pathlib
from checks.engine import child, plan
from tests.checks.engine import made, odd_child
plan.ALL = odd_child.RULES
child.MODULE = "tests.checks.engine.odd_child"
candidate = made.candidate(pathlib.Path({str(tmp_path)!r}), ["a-hang"])
list(child.run_in_child(candidate, plan.plan(candidate)))
"""
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=child.ROOT)
    ours, grandchild = pids(tmp_path / "a-hang.pids")
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert gone(ours)
    os.kill(grandchild, signal.SIGKILL)


def test_progress_of_an_archive_is_reported_with_the_unit_it_is_of(tmp_path):
    content = made.tar({"r/noise": os.urandom(8 << 20)})
    candidate = made.candidate(tmp_path, {"r.tar.gz": content})
    units = [unit for unit in plan.plan(candidate) if unit.kind == "archive"]
    seen = []
    list(run_in_child(candidate, units, on_progress=lambda *each: seen.append(each)))
    assert seen
    assert {(key, total) for key, _, total in seen} == {(units[0].key, len(content))}
    assert all(0 < done <= len(content) for _, done, _ in seen)


def test_a_job_describes_the_whole_candidate(tmp_path):
    files = made.candidate(tmp_path, {"a.zip": b"a", "b/c.txt": b"c"}, podling=True)
    candidate = Candidate(files.files, files.policy, b"keys")
    keys_path = tmp_path / "KEYS"
    keys_path.write_bytes(candidate.keys)
    assert candidate_of(job_json(candidate, [], keys_path, ChildLimits())) == candidate
