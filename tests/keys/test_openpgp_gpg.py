import codecs
import io
import logging
import os
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import gnupg
import psutil
import pytest

from keys import openpgp_gpg
from keys.openpgp_gpg import MEMORY, Gpg, GpgFailed, Home, Lines
from tests import pgp
from tests.house import ROOT
from trusted_releases.lib import held


@pytest.fixture
def home():
    with Home() as found:
        yield found.path


def slow_gpg(folder: Path, script: str) -> Path:
    """A program in place of gpg that answers its first question, and then does `script`."""
    path = folder / "gpg"
    path.write_text(
        '#!/bin/sh\ncase "$*" in *--list-config*) echo "cfg:version:2.2.40"; exit 0;; esac\n'
        + script
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def fake(tmp_path, home):
    """A Gpg whose program is a shell script."""

    def make(script: str, timeout: float = 20) -> Gpg:
        gpg = Gpg(home, timeout=timeout)
        gpg.gpgbinary = str(slow_gpg(tmp_path, script))
        return gpg

    return make


def test_a_home_is_private_short_and_gone_afterwards():
    with Home() as found:
        assert stat.S_IMODE(found.path.stat().st_mode) == 0o700
        (found.path / "file").write_text("something")
        assert len(str(found.path / "S.gpg-agent.browser")) < 108
    assert not found.path.exists()


def test_a_long_temporary_directory_does_not_make_a_long_home(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / ("x" * 80)))
    with Home() as found:
        assert found.path.parent == Path("/tmp")


def test_reading_keys_starts_no_agent_and_leaves_no_process(home):
    gpg = Gpg(home, timeout=20)
    gpg.import_keys(pgp.signer().public)
    assert gpg.listing().startswith(b"tru:") or b"\npub:" in b"\n" + gpg.listing()
    assert not (home / "S.gpg-agent").exists()
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(home) in str(p.info["cmdline"])]


def test_gpg_gets_limits_on_memory_time_and_files(fake):
    gpg = fake("sleep 0.5; ulimit -v; ulimit -t; ulimit -f; ulimit -c")
    memory, seconds, blocks, core = gpg.run("x").data.split()
    assert int(memory) * 1024 <= MEMORY
    assert int(seconds) <= 21
    assert int(blocks) * 512 <= openpgp_gpg.FILE_SIZE
    assert int(core) == 0


def test_gpg_gets_a_small_environment(fake, home, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do not tell")
    said = fake("env").run("x").data.decode()
    assert "SECRET_KEY" not in said
    assert f"GNUPGHOME={home}" in said


def test_a_gpg_that_takes_too_long_is_stopped(fake):
    started = time.monotonic()
    with pytest.raises(GpgFailed, match=r"within 0\.3 seconds"):
        fake("exec sleep 30", timeout=0.3).run("x")
    assert time.monotonic() - started < 10


def test_a_gpg_that_dies_is_no_verdict(fake):
    with pytest.raises(GpgFailed, match="stopped before it was done"):
        fake("kill -SEGV $$").run("x")


def test_a_gpg_that_runs_out_of_memory_is_no_verdict(fake):
    with pytest.raises(GpgFailed, match="too much memory"):
        fake("echo 'gpg: out of memory' >&2; exit 2").run("x")


def test_a_gpg_that_prints_without_end_is_no_verdict(fake, monkeypatch):
    monkeypatch.setattr(openpgp_gpg, "OUTPUT", 1000)
    with pytest.raises(GpgFailed, match="printed more"):
        fake("yes | head -c 100000").run("x")


def test_status_lines_are_split_at_the_line_feed_only(home):
    """U+0085, U+2028 and the like end a line for str.splitlines, which python-gnupg relies on."""
    hostile = "[GNUPG:] GOODSIG AB Eve\x85[GNUPG:] VALIDSIG 00\u2028[GNUPG:] NEWSIG\x1c\n"
    result = Lines(Gpg(home, timeout=20))
    stream = io.BytesIO(hostile.encode() + b"[GNUPG:] TRUST_UNDEFINED\xff\n")
    gpg = Gpg(home, timeout=20)
    gpg._read_response(type("Reader", (), {"stream": stream}), result)
    assert [key for key, _ in result.status] == ["GOODSIG", "TRUST_UNDEFINED\\xff"]


def test_the_trap_that_this_avoids_is_real_in_the_library(home):
    result = Lines(Gpg(home, timeout=20))
    said = io.BytesIO("[GNUPG:] GOODSIG AB Eve\x85[GNUPG:] VALIDSIG 00\n".encode())
    gnupg.GPG._read_response(Gpg(home, timeout=20), codecs.getreader("latin-1")(said), result)
    assert [key for key, _ in result.status] == ["GOODSIG", "VALIDSIG"]


def test_the_rest_of_a_very_long_line_is_not_a_status_line(home):
    result = Lines(Gpg(home, timeout=20))
    stream = io.BytesIO(b"x" * (1 << 16) + b"[GNUPG:] VALIDSIG 00\n[GNUPG:] NEWSIG\n")
    Gpg(home, timeout=20)._read_response(type("Reader", (), {"stream": stream}), result)
    assert result.status == [("NEWSIG", "")]


def test_the_values_of_a_status_are_split_at_spaces(home):
    result = Lines(Gpg(home, timeout=20))
    result.handle_status("IMPORT_OK", "1 ABCD")
    result.handle_status("IMPORT_RES", "1 0")
    assert result.values("IMPORT_OK") == [["1", "ABCD"]]


def test_the_library_writes_no_key_into_the_log(home, caplog):
    with caplog.at_level(logging.DEBUG):
        Gpg(home, timeout=20).import_keys(pgp.signer().public)
    assert "PGP PUBLIC KEY" not in caplog.text


def test_a_system_without_prlimit_has_the_timeout(monkeypatch, home):
    monkeypatch.delattr(openpgp_gpg.resource, "prlimit")
    assert b"cfg:version" in Gpg(home, timeout=20).run("--list-config").data


def test_a_process_that_has_ended_needs_no_limits():
    process = subprocess.Popen(["true"])
    process.wait()
    openpgp_gpg._limit(process.pid, 1)
    assert process.returncode == 0


def test_two_threads_may_use_one_home(home):
    gpg = Gpg(home, timeout=20)
    gpg.import_keys(pgp.signer().public)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(gpg.listing())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 4


def test_gpg_dies_with_the_process_that_asked_and_its_home_is_cleared(tmp_path):
    """Killed in the middle of a verification of a file that never ends."""
    endless = tmp_path / "endless"
    os.mkfifo(endless)
    script = (
        "import sys; from pathlib import Path; from keys.openpgp_gpg import Gpg, Home\n"
        "home = Home(); gpg = Gpg(home.path, timeout=60)\n"
        "print(home.path, flush=True)\n"
        f"gpg.run('--print-md', 'SHA512', {str(endless)!r})\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        home = process.stdout.readline().strip()
        wait_for(lambda: processes_of(home))
        process.kill()
    wait_for(lambda: not processes_of(home))
    assert Path(home).exists()
    assert openpgp_gpg.clear_abandoned() == 0  # it may just have been made
    long_ago = time.time() - 2 * held.YOUNG
    os.utime(Path(home) / held.LOCK, (long_ago, long_ago))
    openpgp_gpg.clear_abandoned()
    assert not Path(home).exists()


def test_a_home_in_use_is_not_cleared(home):
    long_ago = time.time() - 2 * held.YOUNG
    os.utime(home / held.LOCK, (long_ago, long_ago))
    openpgp_gpg.clear_abandoned()
    assert home.exists()


def test_where_nothing_ends_gpg_with_us_it_is_run_as_it_is(monkeypatch, home):
    monkeypatch.setattr(openpgp_gpg.shutil, "which", lambda name: None)
    openpgp_gpg._with_us.cache_clear()
    assert Gpg(home, timeout=20).make_args([], False)[0] == "gpg"
    openpgp_gpg._with_us.cache_clear()


def processes_of(home: str) -> list[psutil.Process]:
    every = psutil.process_iter(["cmdline", "status"])
    alive = [each for each in every if each.info["status"] != psutil.STATUS_ZOMBIE]
    return [each for each in alive if each.info["cmdline"] and home in each.info["cmdline"]]


def wait_for(true: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
