"""The SSH server: who comes in, one command each, and the real rsync with a folder of its own.

Only public keys, only modern algorithms, no shell, no terminal, no forwarding. What blocks runs in
threads; the loop only moves bytes.
"""

import asyncio
import logging
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncssh
from asyncssh.kex import get_kex_algs
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import close_old_connections

from releases.ssh import commands, guests, session
from releases.ssh.session import Session
from releases.ssh.transfer import Transfer
from trusted_releases.ledger.limits import TooMany, network_of
from trusted_releases.lib.errors import Refused

log = logging.getLogger("releases.ssh")
T = TypeVar("T")

# What OpenSSH offers by itself today, without what it keeps for old partners.
KEX = (
    *("mlkem768x25519-sha256", "sntrup761x25519-sha512@openssh.com"),
    *("curve25519-sha256", "curve25519-sha256@libssh.org"),
    *("ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521"),
    *("diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512"),
)
CIPHERS = (
    *("chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes128-gcm@openssh.com"),
    *("aes256-ctr", "aes192-ctr", "aes128-ctr"),
)
MACS = (
    *("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"),
    *("hmac-sha2-256", "hmac-sha2-512"),
)
SIGNATURES = (
    *("ssh-ed25519", "sk-ssh-ed25519@openssh.com"),
    *("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    *("sk-ecdsa-sha2-nistp256@openssh.com", "rsa-sha2-512", "rsa-sha2-256"),
)
LOGIN_SECONDS = 30
MOST_CONNECTIONS = 100
MOST_OF_NETWORK = 20  # an address, or a household of IPv6
THREADS = 8
BROKEN = "Something went wrong on our side, and nothing was taken. Try again; if it stays, tell us."


@dataclass
class Service:
    """One listening server: its threads, and who is there."""

    rsync: str = field(default_factory=lambda: shutil.which(settings.RSYNC) or settings.RSYNC)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS))
    there: Counter[str] = field(default_factory=Counter)
    running: set[asyncio.Task[None]] = field(default_factory=set)

    async def listen(self, host: str, port: int, key: asyncssh.SSHKey) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            host,
            port,
            server_factory=lambda: Guest(self),
            server_host_keys=[key],
            process_factory=self.serve,
            encoding=None,
            config=[],
            login_timeout=LOGIN_SECONDS,
            keepalive_interval=30,
            keepalive_count_max=4,
            password_auth=False,
            kbdint_auth=False,
            host_based_auth=False,
            gss_host=None,
            allow_pty=False,
            allow_scp=False,
            line_editor=False,
            agent_forwarding=False,
            x11_forwarding=False,
            compression_algs=None,
            kex_algs=_of_those_here(KEX),
            encryption_algs=CIPHERS,
            mac_algs=MACS,
            signature_algs=SIGNATURES,
        )

    async def in_thread(self, function: Callable[..., T], *given: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, _with_fresh_connections, function, given)

    def comes(self, address: str) -> bool:
        """Whether there is room for one more from the network of this address; counts it then."""
        network = network_of(address)
        room = self.there[network] < MOST_OF_NETWORK and self.there.total() < MOST_CONNECTIONS
        if room:
            self.there[network] += 1
        return room

    def goes(self, address: str) -> None:
        network = network_of(address)
        self.there[network] -= 1
        if not self.there[network]:
            del self.there[network]

    async def serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """Do the one command of a session; its end is told on standard error, and by the code."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine always runs in one
        self.running.add(task)
        try:
            said, code = await self._answer(process)
            if said:
                process.stderr.write(f"{said}\n".encode(errors="backslashreplace"))
            process.exit(code)
        except (asyncssh.Error, OSError):  # they have gone; nobody is there to be told
            process.close()
        finally:
            self.running.discard(task)

    async def _answer(self, process: asyncssh.SSHServerProcess[bytes]) -> tuple[str, int]:
        guest = process.get_extra_info("guest")
        try:
            if process.subsystem:
                return commands.MEANT, 1
            person = await self.in_thread(guests.person_of, guest.name, guest.key, guest.address)
            command = commands.read(process.command)
            begun = await self.in_thread(session.begin, person, command)
        except TooMany as error:
            return str(error), 1
        except (Refused, PermissionDenied) as error:
            return f"Refused. {error}", 1
        except Exception:
            log.exception("a session could not begin")
            return BROKEN, 1
        try:
            return await self._run(process, begun)
        finally:
            await self.in_thread(begun.discard)

    async def _run(
        self, process: asyncssh.SSHServerProcess[bytes], begun: Session
    ) -> tuple[str, int]:
        try:
            problem = await Transfer(self, process, begun).run()
            if problem:
                return problem, 1
            guest = process.get_extra_info("guest")
            await self.in_thread(guests.require_still, guest.name, guest.key)
            return await self.in_thread(session.end, begun), 0
        except (Refused, PermissionDenied) as error:
            return f"Refused. Nothing was taken. {error}", 1
        except Exception:
            log.exception("a session failed")
            return BROKEN, 1


class Guest(asyncssh.SSHServer):
    """One connection, and who it turns out to be."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.name = self.key = self.address = ""
        self._counted = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.address = str(conn.get_extra_info("peername")[0])
        conn.set_extra_info(guest=self)
        self._counted = self.service.comes(self.address)
        if not self._counted:
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._counted:
            self.service.goes(self.address)

    async def begin_auth(self, username: str) -> bool:
        """Every attempt is counted, also those that come to nothing."""
        self.name = username
        try:
            await self.service.in_thread(guests.knock, self.address)
        except TooMany as error:
            raise asyncssh.DisconnectError(
                asyncssh.DISC_TOO_MANY_CONNECTIONS, str(error), "en"
            ) from error
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether this key is this person's. That they have its private part is proven after it."""
        self.name, self.key = username, str(key.get_fingerprint("sha256"))
        return await self.service.in_thread(guests.is_known, username, self.key)


def _of_those_here(wanted: Iterable[str]) -> list[str]:
    """Those that the libraries of this machine know: post-quantum ones need newer ones."""
    here = {name.decode() for name in get_kex_algs()}
    return [name for name in wanted if name in here]


def _with_fresh_connections(function: Callable[..., T], given: tuple[Any, ...]) -> T:
    """As Django does around a request: a connection that the database has closed is made anew."""
    close_old_connections()
    try:
        return function(*given)
    finally:
        close_old_connections()
