"""An archive that is read in a process of its own is seen as it is seen by this one."""

import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from checks.engine.archive import apart, walk, walk_apart
from checks.engine.archive.apart import end_reader
from checks.engine.archive.line import SLOT, SLOTS
from checks.engine.model import Limits
from tests.checks.engine.archive.build import Seen, file, header, symlink, tar, tar_gz
from tests.checks.engine.archive.test_batches import PARTS, ZIPPED, Batched, zipped
from tests.checks.engine.archive.test_evil import evil, labels  # noqa: F401 - a fixture
from tests.checks.engine.test_child import gone
from tests.shared import needs_shared

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="is done on Linux alone"),
    pytest.mark.timeout(600),  # two processes for each hostile archive, where others work as well
]
CUT = tar(file("t-1/a", b"1"), file("t-1/b", b"2" * 600), end=b"")[:-700]
DAMAGED = tar(file("t-1/a", b"1"), header("t-1/c", sum_off_by=1))
TWICE = tar(file("t-1/a", b"12"), file("t-1/a", b"34"), symlink("t-1/l", "a"))
WIDE = tar(file("t-1/a", b"x" * (SLOT * (SLOTS + 1))), file("t-1/b", b"y" * (SLOT - 1000)))


@pytest.fixture(autouse=True)
def nobody_reads():
    """No test finds the reader of another one, nor leaves one behind."""
    end_reader()
    yield
    end_reader()


def seen(read, path):
    one, many, told = Seen(), Batched(), []
    report = read(path, path.name, Limits(), [one, many], told.append)
    assert told == sorted(told)
    # Who inflates at once reads in smaller pieces, and tells more often.
    return report, one.members, one.content, many.members, many.content, many.finished, told[-1:]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t-1.tar", tar(*PARTS)),
        ("t-1.tar.gz", tar_gz(*PARTS)),
        ("t-1.zip", zipped(*ZIPPED)),
        ("t-1.tar", CUT),
        ("t-1.tar", DAMAGED),
        ("t-1.tar", TWICE),
        ("t-1.tar", WIDE),
        ("t-1.tar.gz", b"no archive"),
    ],
)
@pytest.mark.parametrize("processors", [2, 8])
def test_the_same_is_seen_and_said(tmp_path, monkeypatch, name, data, processors):
    path = tmp_path / name
    path.write_bytes(data)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    assert seen(walk_apart, path) == seen(walk, path)


@needs_shared
def test_the_same_is_said_of_every_hostile_archive(evil):  # noqa: F811
    for path in sorted(each for each in evil.rglob("*") if each.is_file()):
        args = (path, path.name, Limits())
        assert walk_apart(*args) == walk(*args), path


@pytest.fixture
def free(monkeypatch):
    """A machine with two processors that has nothing else to do."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(apart, "_running", lambda: 1)
    monkeypatch.setattr(os, "listdir", lambda _: ["1"])
    return monkeypatch


def test_two_processes_are_for_large_archives(free):
    assert apart.pays(apart.WORTH_STARTING)
    assert not apart.pays(apart.WORTH_STARTING - 1)


def test_a_process_that_is_there_is_for_smaller_ones_too(free, tmp_path):
    path = tmp_path / "t-1.tar"
    path.write_bytes(tar(*PARTS))
    walk_apart(path, path.name, Limits())
    assert apart.pays(apart.WORTH_TELLING)
    assert not apart.pays(apart.WORTH_TELLING - 1)
    end_reader()
    assert not apart.pays(apart.WORTH_TELLING)


def test_it_is_told_how_many_run(free):
    free.undo()
    assert 0 < apart._running() < 10_000


def test_two_processes_are_for_machines_with_a_processor_to_spare(free):
    free.setattr(apart, "_running", lambda: 2)
    assert not apart.pays(apart.WORTH_STARTING)
    free.setattr(apart, "_running", lambda: 1)
    free.setattr(os, "sched_getaffinity", lambda _: {0})
    assert not apart.pays(apart.WORTH_STARTING)
    free.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    free.setattr(sys, "platform", "darwin")
    assert not apart.pays(apart.WORTH_STARTING)


def test_a_process_with_threads_is_not_forked(free):
    free.undo()
    free.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    free.setattr(apart, "_running", lambda: 1)
    ends = threading.Event()
    other = threading.Thread(target=ends.wait)
    other.start()
    try:
        assert not apart.pays(apart.WORTH_STARTING)
    finally:
        ends.set()
        other.join()


def test_an_error_of_the_reader_is_raised_here_and_visitors_are_finished(tmp_path):
    visitor = Seen()
    with pytest.raises(FileNotFoundError, match=r"t-1\.tar"):
        walk_apart(tmp_path / "t-1.tar", "t-1.tar", Limits(), [visitor])
    assert visitor.finished == 1


def test_one_process_reads_one_archive_after_the_other(tmp_path):
    path = tmp_path / "t-1.tar"
    path.write_bytes(tar(*PARTS))
    before = psutil.Process().children()
    seen(walk_apart, path)
    (reader,) = set(psutil.Process().children()) - set(before)
    assert seen(walk_apart, path) == seen(walk, path)
    with pytest.raises(FileNotFoundError):
        walk_apart(tmp_path / "t-2.tar", "t-2.tar", Limits())
    assert not reader.is_running(), "whoever met an error is not trusted with the next archive"
    assert seen(walk_apart, path) == seen(walk, path)
    end_reader()
    assert set(psutil.Process().children()) <= set(before)


def test_a_reader_that_ended_meanwhile_is_replaced(tmp_path):
    path = tmp_path / "t-1.tar"
    path.write_bytes(tar(*PARTS))
    before = psutil.Process().children()
    walk_apart(path, path.name, Limits())
    (reader,) = set(psutil.Process().children()) - set(before)
    os.kill(reader.pid, signal.SIGKILL)
    os.waitid(os.P_PID, reader.pid, os.WEXITED | os.WNOWAIT)
    assert seen(walk_apart, path) == seen(walk, path)


def test_who_comes_meanwhile_reads_for_themself(tmp_path):
    path = tmp_path / "t-1.tar"
    path.write_bytes(tar(*PARTS))
    inner = []

    class Curious(Seen):
        def member(self, member):
            if not inner:
                inner.append(seen(walk_apart, path))
            return super().member(member)

    walk_apart(path, path.name, Limits(), [Curious()])
    assert inner == [seen(walk, path)]


def test_a_fork_of_this_process_does_not_take_its_reader(tmp_path):
    path = tmp_path / "t-1.tar"
    path.write_bytes(tar(*PARTS))
    walk_apart(path, path.name, Limits())
    child = os.fork()
    if not child:
        os._exit(int(apart._Reader.is_at_hand()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert apart._Reader.is_at_hand()


def test_the_kept_process_has_the_processor_time_that_each_archive_is_given(tmp_path):
    """The limits are those of a process, so another one tries it."""
    path = tmp_path / "t-1.tar"
    path.write_bytes(tar(*PARTS))
    command = [sys.executable, "-c", ALLOWED, str(path)]
    done = subprocess.run(command, check=False, timeout=60, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


ALLOWED = """
import sys
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_CPU, prlimit
from checks.engine.archive import walk_apart
from checks.engine.archive.apart import _Reader
from checks.engine.confine import allow_cpu, cpu_left
from checks.engine.model import Limits

path = Path(sys.argv[1])

def limit_of_the_reader():
    walk_apart(path, path.name, Limits())
    readers.append(_Reader.at_hand()._pid)
    return prlimit(readers[-1], RLIMIT_CPU)[0]

readers = []
assert cpu_left() is None
assert limit_of_the_reader() == RLIM_INFINITY
for seconds in (40, 80):
    allow_cpu(seconds)
    assert seconds <= cpu_left() <= seconds + 1
    assert seconds <= limit_of_the_reader() <= seconds + 3
assert len(set(readers)) == 1
"""


@pytest.mark.parametrize("error", ["EOFError", "BrokenPipeError"])
def test_an_error_that_a_reader_tells_of_is_not_taken_for_its_death(error):
    done = subprocess.run(program(f"raise {error}"), check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(error)


def test_a_visitor_that_breaks_leaves_no_process_behind(tmp_path):
    path = tmp_path / "t-1.tar"
    path.write_bytes(tar(*PARTS))

    class Broken(Seen):
        def member(self, member):
            raise LookupError(member.name)

    before = psutil.Process().children()  # of tests before this one
    with pytest.raises(LookupError, match="t-1"):
        walk_apart(path, path.name, Limits(), [Broken()])
    assert set(psutil.Process().children()) <= set(before)


PROGRAM = """
import os, sys, time
from pathlib import Path
from checks.engine.archive import apart
from checks.engine.model import Limits

def ill(*given, **named):
    {what}

apart.walk = ill
try:
    apart.walk_apart(Path("t-1.tar"), "t-1.tar", Limits())
except RuntimeError as error:
    sys.exit(str(error))
"""


def program(what):
    return [sys.executable, "-c", PROGRAM.format(what=what)]


@pytest.mark.parametrize("ill", [signal.SIGKILL, signal.SIGSEGV, signal.SIGXCPU])
def test_whoever_reads_apart_dies_of_what_its_reader_died_of(ill):
    done = subprocess.run(program(f"os.kill(os.getpid(), {int(ill)})"), check=False)
    assert done.returncode == -ill


def test_a_reader_that_leaves_without_a_word_is_an_error():
    done = subprocess.run(program("os._exit(7)"), check=False, capture_output=True, text=True)
    assert "ended early with code 7" in done.stderr


def test_the_reader_ends_with_whom_it_reads_for(tmp_path):
    what = f"Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid())); time.sleep(60)"
    process = subprocess.Popen(program(what))
    try:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    assert gone(int((tmp_path / "pid").read_text()))
