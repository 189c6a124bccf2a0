"""One run of the real rsync, in a folder of its own, with limits and a watch on what comes."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh
from django.conf import settings

from releases.ssh import session
from releases.ssh.session import Session
from trusted_releases.lib.errors import NotReady

if TYPE_CHECKING:
    from releases.ssh.server import Service

SILENT_SECONDS = 300  # without a byte, after which rsync gives up
CPU_SECONDS = 3600
MEMORY = 1 << 30
BLOCK = 1 << 16
WATCH_EVERY = 1.0  # seconds
CONFINED = Path(__file__).with_name("confined.py")


class Transfer:
    """The real program in a folder of its own, watched."""

    def __init__(
        self, service: "Service", process: asyncssh.SSHServerProcess[bytes], begun: Session
    ) -> None:
        self._service, self._process, self._session = service, process, begun
        self._problem = ""

    async def run(self) -> str:
        """To its end; "" when it ended well, else a sentence."""
        child = await self._started()
        pumps = [
            asyncio.create_task(self._to(child)),
            asyncio.create_task(self._from(child.stdout, self._process.stdout)),
            asyncio.create_task(self._from(child.stderr, self._process.stderr)),
            asyncio.create_task(self._watch(child)),
        ]
        try:
            async with asyncio.timeout(settings.SSH_SECONDS):
                await asyncio.gather(*pumps[1:3])  # until it says no more
                code = await child.wait()
        except TimeoutError:
            return f"It took longer than {settings.SSH_SECONDS} seconds. Nothing was taken."
        finally:
            _kill(child)
            for pump in pumps:
                pump.cancel()
            ends = await asyncio.gather(*pumps, return_exceptions=True)
            await child.wait()
        if isinstance(broken := ends[3], Exception):
            raise broken
        if self._problem:
            return self._problem
        return "" if not code else f"rsync ended with code {code}. Nothing was taken."

    async def _started(self) -> asyncio.subprocess.Process:
        command = self._session.command
        # A file that is too large is seen by the watch, or at the end, and told by its name. The
        # system's limit is for what they do not see in time: rsync would hang up on our sentence.
        most = max(settings.MAX_FILE_SIZE, settings.MAX_REVISION_SIZE) + 1
        limits = {"memory": MEMORY, "file": most, "cpu": CPU_SECONDS}
        # No --max-size: it would pass over a file that is too large, and nobody would be told.
        ours = ("--no-super", "--munge-links", f"--timeout={SILENT_SECONDS}")
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(CONFINED)),
            *(str(os.getpid()), json.dumps(limits), str(self._session.folder)),
            *(self._service.rsync, "--server", *command.arguments, *ours, ".", "./"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            start_new_session=True,
        )

    async def _to(self, child: asyncio.subprocess.Process) -> None:
        """What they send, into the program; when they are gone, its input ends."""
        assert child.stdin is not None  # noqa: S101 - it was asked for
        with suppress(OSError, asyncssh.Error):
            while block := await self._process.stdin.read(BLOCK):
                child.stdin.write(block)
                with self._line_held():
                    await child.stdin.drain()
        with suppress(OSError):
            child.stdin.close()

    @contextmanager
    def _line_held(self) -> Iterator[None]:
        """Nothing is read from the line meanwhile.

        asyncssh alone would keep what comes: it lets the other side send the whole window again for
        each packet that is taken out (2.24), so what waits for a program slower than the line grows
        without end.
        """
        line = self._process.channel.get_connection()._transport
        if line is None or line.is_closing():
            yield
            return
        line.pause_reading()
        try:
            yield
        finally:
            line.resume_reading()

    async def _from(
        self, output: asyncio.StreamReader | None, to: asyncssh.SSHWriter[bytes]
    ) -> None:
        assert output is not None  # noqa: S101 - it was asked for
        while block := await output.read(BLOCK):
            to.write(block)
            await to.drain()

    async def _watch(self, child: asyncio.subprocess.Process) -> None:
        """End it when more comes than a release may have, and when nobody can see how much."""
        while not self._session.command.gives:
            await asyncio.sleep(WATCH_EVERY)
            try:
                await self._service.in_thread(session.full, self._session)
            except NotReady as error:
                self._problem = str(error)
                _kill(child)
                return
            except Exception:
                _kill(child)
                raise


def _kill(child: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
