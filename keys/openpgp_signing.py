"""A signer with keys that live as long as a `with` block: for the demo and for tests.

It makes real keys and real signatures with gpg, with dates in the past where asked for. Never for
a person's key: private keys do not belong on a release platform.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from keys.openpgp_gpg import Gpg, GpgFailed, Home

# As for reading, but with an agent, which holds private keys and ends with the block.
_OPTIONS = (
    "--no-options",
    "--disable-dirmngr",
    "--no-auto-key-retrieve",
    "--no-auto-check-trustdb",
    "--trust-model=always",
    "--ignore-time-conflict",
    "--display-charset=utf-8",
    "--pinentry-mode=loopback",
    "--passphrase=",
)
_TIMEOUT = 120.0  # seconds: a machine short of entropy takes its time
_PATIENCE = 100  # looks, 20 ms apart, whether the agent has ended


class ThrowawaySigner:
    """Generates keys, signs files and exports public keys, in a home of its own.

    Moments are aware datetimes; `at` lets gpg act as if it were then.
    """

    def __init__(self) -> None:
        self._home = Home()
        self._gpg = Gpg(self._home.path, timeout=_TIMEOUT, options=_OPTIONS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the agent and remove every private key."""
        end_agent(self._home.path)
        self._home.__exit__(None, None, None)

    def generate(
        self,
        user_id: str,
        *,
        algorithm: str = "ed25519",
        usage: str = "sign",
        expires: str = "never",
        at: datetime | None = None,
    ) -> str:
        """A new key; returns its fingerprint in lower case.

        `expires` is as gpg writes it: "never", "30d", "20300101T000000".
        """
        done = self.run("--quick-generate-key", user_id, algorithm, usage, expires, at=at)
        return done[0][1].lower()

    def add_subkey(
        self,
        fingerprint: str,
        *,
        algorithm: str = "ed25519",
        usage: str = "sign",
        expires: str = "never",
        at: datetime | None = None,
    ) -> str:
        """A new subkey; returns its own fingerprint."""
        done = self.run("--quick-add-key", fingerprint, algorithm, usage, expires, at=at)
        return done[0][1].lower()

    def sign(
        self,
        path: Path,
        *,
        keys: Sequence[str] = (),
        at: datetime | None = None,
        options: Sequence[str] = (),
    ) -> Path:
        """Write `path`.asc, an armored detached signature by each of `keys`; return its path.

        A key is named by its fingerprint; one with "!" after it signs with just that subkey.
        """
        target = path.with_name(path.name + ".asc")
        users = [word for key in keys for word in ("--local-user", key)]
        form = ["--yes", "--armor", "--output", str(target)]
        self.run(*users, *form, *options, "--detach-sign", str(path), at=at)
        return target

    def public(self, *fingerprints: str) -> bytes:
        """The armored public keys, in one block; all where none are named."""
        return self._gpg.run("--armor", "--export", *fingerprints).data

    def take(self, data: bytes) -> None:
        """Import keys or revocations from elsewhere."""
        self._gpg.import_keys(data)

    def secret(self, fingerprint: str) -> bytes:
        """The armored private key: what must be refused wherever it turns up."""
        return self._gpg.run("--armor", "--export-secret-keys", fingerprint).data

    def revoke(self, fingerprint: str, *, reason: int = 0, at: datetime | None = None) -> None:
        """Revoke a key. `reason` is gpg's menu: 0 none, 1 compromised, 2 superseded, 3 retired."""
        self.converse("--gen-revoke", fingerprint, said=f"y\n{reason}\n\ny\n", at=at)

    def converse(
        self, *arguments: str, said: str, at: datetime | None = None, save: bool = True
    ) -> bytes:
        """A command of gpg's that asks questions: `said` are the answers, one a line.

        What it prints, such as a revocation, is imported unless `save` is False, and returned.
        """
        answers, printed = self._home.path / "answers", self._home.path / "printed"
        answers.write_text(said)
        printed.unlink(missing_ok=True)
        talk = ["--no-batch", "--command-file", str(answers), "--output", str(printed)]
        self._gpg.run(*_clock(at), *talk, *arguments)
        data = printed.read_bytes() if printed.exists() else b""
        if save and data:
            self.take(data)
        return data

    def run(self, *arguments: str, at: datetime | None = None) -> list[list[str]]:
        """Run gpg; return what it made (KEY_CREATED, SIG_CREATED); fail if it made nothing."""
        result = self._gpg.run(*_clock(at), *arguments)
        done = result.values("KEY_CREATED") + result.values("SIG_CREATED")
        if not done:
            raise GpgFailed(f"gpg made nothing: {result.stderr.strip()[-500:]}")
        return done


def _clock(at: datetime | None) -> list[str]:
    return [f"--faked-system-time={at.astimezone(UTC):%Y%m%dT%H%M%S}!"] if at else []


def end_agent(home: Path) -> None:
    """End the agent of a home, if one runs, and wait until it is gone.

    gpg-connect-agent is the only way to an agent: it outlives the gpg that started it.
    """
    if not (pid := _agent_pid(home)):
        return
    _tell_agent(home, "KILLAGENT")
    for _ in range(_PATIENCE):
        if not _agent_pid(home):  # whether it answers: an ended one may be a zombie for a while
            return
        time.sleep(0.02)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _agent_pid(home: Path) -> int:
    """The process id of the agent that answers in this home, 0 for none."""
    match = re.search(rb"^D (\d+)", _tell_agent(home, "GETINFO pid"), re.MULTILINE)
    return int(match[1]) if match else 0


def _tell_agent(home: Path, command: str) -> bytes:
    arguments = ["gpg-connect-agent", "--homedir", str(home), "--no-autostart", command, "/bye"]
    return subprocess.run(arguments, capture_output=True, timeout=_TIMEOUT).stdout  # noqa: S603
