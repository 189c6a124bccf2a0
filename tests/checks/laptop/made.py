"""A folder to check, and how to run the program over it."""

import io
import os
import subprocess
import sys
from pathlib import Path

from checks.engine.child import ROOT
from tests.checks.engine import made


def release(folder: Path) -> Path:
    """A source release that lacks its signature and checksum: two blockers, the rest is fine."""
    made.candidate(folder, {"r.tar.gz": made.tar(made.source("r"))})
    return folder


def program(*arguments: object, **env: str) -> subprocess.CompletedProcess[bytes]:
    """The program in an interpreter of its own, without any setting of the site."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "checks.laptop.main", *map(str, arguments)],
        cwd=ROOT,
        env={**kept, "LC_ALL": "C.UTF-8", **env},
        capture_output=True,
        timeout=90,
    )


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        return True
