"""Fetches in a process of its own, with limits: what a repository does to it ends with it."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from checks.engine.child import FOLDER, ROOT
from checks.engine.source.fetch import Wanted
from checks.engine.source.git import Problem
from trusted_releases.lib.held import HeldFolder

MODULE = "checks.engine.source"
LONGEST_ANSWER = 100_000  # bytes


@dataclass(frozen=True)
class FetchLimits:
    """What fetching may take: wall clock and processor time in seconds, address space in bytes."""

    seconds: int = 360
    cpu_seconds: int = 300
    memory_bytes: int = 2 << 30


def fetch_in_child(wanted: Wanted, target: Path, limits: FetchLimits = FetchLimits()) -> str:
    """Write the inventory of what is wanted to `target`; the commit it is of. Raises Problem."""
    with HeldFolder(FOLDER) as held:
        job = {
            "wanted": wanted.as_json(),
            "folder": str(held.path),
            "target": str(target),
            "cpu_seconds": limits.cpu_seconds,
            "memory_bytes": limits.memory_bytes,
        }
        answer = _run(json.dumps(job).encode(), str(held.path), limits.seconds)
    if "problem" in answer:
        raise Problem(str(answer["problem"]), again=bool(answer["again"]))
    return str(answer["commit"])


def _run(job: bytes, folder: str, seconds: int) -> dict[str, object]:
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", MODULE, str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C.UTF-8",
            "TMPDIR": folder,
            "HOME": folder,
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(job, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise Problem(
            f"The repository took more than {seconds} seconds to hand out one commit.", again=True
        ) from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    try:
        answer: dict[str, object] = json.loads(said[:LONGEST_ANSWER])
    except ValueError as error:
        code = process.returncode
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        raise Problem(
            f"The process that read the repository was ended {how}: it took more memory or time "
            "than it may. Operators see the limits in the guide for operators."
        ) from error
    return answer
