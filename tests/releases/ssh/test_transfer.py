"""Transfers that meet, are cut, are too large, or come too often: real programs on both sides."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from django.conf import settings

from releases.models import Blob, Release
from releases.ssh import transfer
from releases.ssh.transfer import Transfer
from releases.tasks import SCRATCH_AGE
from tests import make
from tests.processes import Child, wait_for
from tests.rsync import PLACE, files_of, laptop, left_over, serving
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.worker import run_pending

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.timeout(240),
]


def test_two_at_once_lose_nothing(alice, project, port, tmp_path) -> None:
    make.release(project, version="1.0", files={"old.txt": "old"})
    bob = laptop(tmp_path / "bob", port, make.member(project, username="bob"))
    alice.write(a_txt=b"a" * 300_000)
    bob.write(b_txt=b"b" * 300_000)
    slow = alice.sending(PLACE)
    assert bob.send(PLACE).returncode == 0
    assert slow.wait(60) == 0
    assert set(files_of(Release.objects.get())) == {"old.txt", "a.txt", "b.txt"}


def test_what_two_change_at_once_is_told_with_both_names(alice, project, port, tmp_path) -> None:
    make.release(project, version="1.0", files={"old.txt": "old"})
    bob = laptop(tmp_path / "bob", port, make.member(project, username="bob"))
    alice.write(old_txt=b"a" * 300_000)
    bob.write(old_txt=b"b")
    slow = alice.sending(PLACE)
    wait_for(left_over)
    assert bob.send(PLACE).returncode == 0
    assert slow.wait(60) != 0
    assert slow.stdout is not None
    assert "changed by bob in revision 2" in slow.stdout.read()
    assert files_of(Release.objects.get()) == {"old.txt": b"b"}


def test_a_connection_that_is_cut_leaves_nothing(alice) -> None:
    alice.write(a_bin=os.urandom(3_000_000))
    run = alice.sending(PLACE)
    wait_for(lambda: [each for each in left_over() if any((each / "files").iterdir())])
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    wait_for(lambda: not left_over())
    wait_for(lambda: not _programs())
    assert not Release.objects.exists()
    assert not Blob.objects.exists()


def test_a_server_that_is_killed_leaves_no_program_and_no_release(alice) -> None:
    with serving() as (server, port):
        alice.port = port
        alice.write(a_bin=os.urandom(3_000_000))
        run = alice.sending(PLACE)
        wait_for(_programs)
        server.process.kill()
        assert run.wait(60) != 0
        wait_for(lambda: not _programs())
    assert not Release.objects.exists()
    (folder,) = left_over()
    os.utime(folder, (1, time.time() - SCRATCH_AGE - 60))
    enqueue("releases.clean_scratch")
    run_pending()
    assert left_over() == []


def test_a_server_that_is_asked_to_stop_finishes_what_runs(alice) -> None:
    with serving() as (server, port):
        alice.port = port
        alice.write(a_bin=os.urandom(500_000))
        run = alice.sending(PLACE)
        wait_for(_programs)
        server.process.terminate()
        assert run.wait(60) == 0
        assert server.process.wait(30) == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5)
    assert Release.objects.get().last_revision == 1


def test_more_than_a_release_may_have_is_stopped_and_told(alice) -> None:
    limits = {"MAX_FILES": "20", "MAX_FILE_SIZE": "100000", "MAX_REVISION_SIZE": "1000000"}
    with serving(**limits) as (_, port):
        alice.port = port
        alice.write(small_txt=b"s")
        assert alice.send(PLACE).returncode == 0
        for number in range(200):
            (alice.files / f"n{number}").write_bytes(b"n")
        told = alice.send(PLACE)
        assert "at most 20 files" in told.stderr, told.stderr
        for number in range(200):
            (alice.files / f"n{number}").unlink()
        for number in range(18):
            (alice.files / f"m{number}").write_bytes(os.urandom(99_000))
        told = alice.send(PLACE)
        assert told.returncode != 0
        assert "at most 1000000 bytes" in told.stderr, told.stderr
    assert set(files_of(Release.objects.get())) == {"small.txt"}
    assert left_over() == []


@pytest.mark.parametrize("size", [100_001, 200_000])
def test_a_file_that_is_too_large_refuses_all_of_it_and_takes_nothing_away(alice, size) -> None:
    alice.write(big_bin=b"small", small_txt=b"s", old_txt=b"o")
    with serving(MAX_FILE_SIZE="100000", MAX_FORM_SIZE="100000") as (_, port):
        alice.port = port
        assert alice.send(PLACE).returncode == 0
        alice.write(big_bin=os.urandom(size), new_txt=b"n")
        (alice.files / "old.txt").unlink()
        for options in ((), ("--delete",)):
            told = alice.send(PLACE, *options)
            assert told.returncode != 0
            assert "big.bin" in told.stderr, told.stderr
            assert "Nothing was taken" in told.stderr, told.stderr
            assert "a file has at most 100000" in told.stderr, told.stderr
            release = Release.objects.get()
            before = {"big.bin": b"small", "small.txt": b"s", "old.txt": b"o"}
            assert (release.last_revision, files_of(release)) == (1, before)
    assert left_over() == []


def test_who_comes_too_often_is_told_when_to_come_again(alice) -> None:
    with serving(RATE_LIMITS="1") as (_, port):
        alice.port = port
        alice.write(a_txt=b"a")
        answers = [alice.ssh("alice@127.0.0.1", "ls") for _ in range(11)]
    assert "Rate limit exceeded. Try again in" in answers[-1].stderr
    assert "This server takes files" in answers[-2].stderr


def _programs() -> list[psutil.Process]:
    """Every rsync that works in a folder of ours."""
    found = []
    for each in psutil.process_iter():
        try:
            if each.name() == "rsync" and each.cwd().startswith(str(settings.SCRATCH_DIR)):
                found.append(each)
        except psutil.Error:
            continue
    return found


def test_a_file_that_is_too_large_is_told_also_under_a_name_that_is_no_text(alice) -> None:
    Path(os.fsdecode(bytes(alice.files) + b"/b\xffig")).write_bytes(os.urandom(500_000))
    with serving(MAX_FILE_SIZE="100000", MAX_FORM_SIZE="100000") as (_, port):
        alice.port = port
        run = alice.sending(PLACE)
        assert run.wait(60) != 0
        assert run.stdout is not None
        assert "is too large: a file has at most 100000 bytes" in run.stdout.read()
    assert not Release.objects.exists()


def test_what_nobody_can_watch_is_ended(monkeypatch) -> None:
    async def silent(*_: object) -> bytes:
        return b""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    async def started(_: Transfer) -> asyncio.subprocess.Process:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), asyncio.subprocess.PIPE)
        return await asyncio.create_subprocess_exec("sleep", "60", start_new_session=True, **pipes)

    monkeypatch.setattr(transfer, "WATCH_EVERY", 0)
    monkeypatch.setattr(Transfer, "_started", started)
    service = SimpleNamespace(in_thread=broken)
    process = SimpleNamespace(stdin=SimpleNamespace(read=silent), stdout=None, stderr=None)
    session = SimpleNamespace(command=SimpleNamespace(gives=False))
    began = time.monotonic()
    # In a thread of its own: in this one, a browser's loop may run for other tests.
    run = Transfer(service, process, session).run()  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as beside, pytest.raises(ZeroDivisionError):
        beside.submit(asyncio.run, run).result()
    assert time.monotonic() - began < 30


def test_a_program_slower_than_the_line_costs_no_memory(alice, tmp_path) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nwhile [ $(head -c 20000 | wc -c) -gt 0 ]; do :; done\n")
    slow.chmod(0o700)
    with serving(RSYNC=str(slow)) as (server, port):
        alice.port = port
        before = _most(server)
        command = "rsync --server -logDtprv . /tool/1.0/"
        with (tmp_path / "zeros").open("wb+") as zeros:
            zeros.truncate(96 << 20)
            zeros.seek(0)
            sent = subprocess.run(
                [*alice.ssh_command, f"{alice.name}@127.0.0.1", command],
                stdin=zeros,
                stderr=subprocess.PIPE,
                check=False,
            )
        assert b"No file has come" in sent.stderr  # all was read, and the program ended well
        assert _most(server) - before < 32 << 10


def _most(server: Child) -> int:
    """The most memory that the server itself ever held, in KiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
