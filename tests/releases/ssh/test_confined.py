"""A program that stays in its folder: real processes, and what the kernel lets them do."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from releases.ssh import confined

pytestmark = pytest.mark.once

SH = "/bin/sh"


def run(folder: Path, script: str, *, parent: int | None = None, **limits: int):
    given = {"memory": 1 << 30, "file": 1 << 20, "cpu": 10, **limits}
    return subprocess.run(
        [
            *(sys.executable, "-I", "-S", confined.__file__, str(parent or os.getpid())),
            *(json.dumps(given), str(folder), SH, "-c", script),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def there(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("secret")
    return tmp_path / "in"


def has_landlock() -> bool:
    code = (
        f"import sys; sys.path.insert(0, {str(Path(confined.__file__).parent)!r}); import confined;"
        "from pathlib import Path; print(confined.stay_in(Path('.'), also=Path('/usr/bin')))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return made.stdout.strip() == "True"


needs_landlock = pytest.mark.skipif(not has_landlock(), reason="this kernel has no Landlock")


def test_it_begins_in_its_folder_and_works_there(there: Path) -> None:
    made = run(
        there, "pwd; echo hello > a; mkdir b; mv a b/c; cat b/c; ln -s x y; ls /usr > /dev/null"
    )
    assert (made.stdout, made.stderr) == (f"{there}\nhello\n", "")
    assert (there / "b" / "c").read_text() == "hello\n"
    assert (there / "b" / "c").stat().st_mode & 0o077 == 0


@needs_landlock
@pytest.mark.parametrize(
    "script",
    [
        "cat ../secret",
        "echo x > ../secret",
        "rm ../secret",
        "mv ../secret .",
        "ln ../secret .",
        "ls ..",
        "mkdir ../more",
        "cat /etc/hostname",
        "ln -s ../secret l && cat l",
        "ln -s .. d && echo x > d/more",
        "echo x > /usr/bin/x",
        "cat /proc/1/environ",
    ],
)
def test_what_is_outside_stays_as_it_is(there: Path, script: str) -> None:
    made = run(there, script)
    assert made.returncode != 0
    assert "ermission denied" in made.stderr or "cross-device" in made.stderr
    assert (there.parent / "secret").read_text() == "secret"
    assert sorted(each.name for each in there.parent.iterdir()) == ["in", "secret"]


def test_a_file_gets_no_larger_than_it_may(there: Path) -> None:
    made = run(there, "exec 2>&1; trap '' XFSZ; yes | head -c 5000000 > big; true", file=1 << 16)
    assert made.returncode == 0
    assert (there / "big").stat().st_size == 1 << 16


def test_memory_and_time_are_bounded(there: Path) -> None:
    made = run(there, "ulimit -v; ulimit -t; ulimit -n; ulimit -c", memory=1 << 29, cpu=7)
    assert made.stdout.split() == [str(1 << 19), "7", str(confined.OPEN_FILES), "0"]
    begun = time.monotonic()
    assert run(there, "while :; do :; done", cpu=1).returncode != 0
    assert time.monotonic() - begun < 30


def test_it_does_not_begin_for_a_parent_that_has_gone(there: Path) -> None:
    assert run(there, "echo never", parent=1).stdout == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
def test_it_ends_with_who_started_it(there: Path) -> None:
    code = (
        "import json, os, subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-I', '-S', sys.argv[1], str(os.getpid()), "
        "sys.argv[2], sys.argv[3], '/bin/sleep', '300'])\n"
        "print(p.pid, flush=True); time.sleep(300)"
    )
    limits = json.dumps({"memory": 1 << 30, "file": 1, "cpu": 10})
    parent = subprocess.Popen(
        [sys.executable, "-c", code, confined.__file__, limits, str(there)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    end = time.monotonic() + 20
    while psutil.Process(pid).name() != "sleep" and time.monotonic() < end:
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    while psutil.pid_exists(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid)


def test_limits_that_are_lower_already_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "getrlimit", lambda name: (5, 5))
    monkeypatch.setattr(resource, "setrlimit", set_to.__setitem__)
    confined.bound({"memory": 1 << 30, "file": 3, "cpu": 10})
    assert set_to[resource.RLIMIT_AS] == (5, 5)
    assert set_to[resource.RLIMIT_FSIZE] == (3, 3)


def test_where_there_is_no_landlock_nothing_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not confined.stay_in(Path("/"), also=Path("/"))
