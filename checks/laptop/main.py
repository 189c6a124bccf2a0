"""`trusted-check`: what the checks will say of a folder, before anything is uploaded.

The same engine and rules as on the server: with the same files, policy and keys it writes the same
JSON, byte for byte. It needs no account, no database and no network.
"""

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

from checks import rules
from checks.engine.child import ChildLimits, run_in_child
from checks.engine.document import as_bytes, document
from checks.engine.folder import candidate_from
from checks.engine.model import Candidate, Level, Policy, Source, UnitResult
from checks.engine.names import shown
from checks.engine.plan import Unit, plan
from checks.engine.run import run
from checks.engine.source.git import Problem
from checks.engine.source.local import inventory_of
from checks.engine.text import lines
from checks.laptop.arguments import BAD_USAGE, CHECK_FAILED, CODES, parser
from checks.laptop.bar import Bar
from checks.laptop.colours import paint_for
from checks.laptop.fetch import Server, server_of
from checks.laptop.policy import read_policy
from checks.sarif import sarif
from trusted_releases import VERSION
from trusted_releases.lib.errors import BadInput

INTERRUPTED = 130  # what shells say of a program that Ctrl-C ended
LONGEST = 1800.0  # seconds for one file, as on the server
LIMITS = ChildLimits(cpu_seconds=1800)
LONGEST_COMPLAINT = 2_000  # characters


def main(argv: Sequence[str] | None = None) -> int:
    """The program: returns its exit code."""
    asked = parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal cannot show is written as \\u escapes
            stream.reconfigure(errors="backslashreplace")
    try:
        code = check(asked, sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BadInput as error:
        sys.stderr.write(f"trusted-check: {shown(str(error), LONGEST_COMPLAINT)}\n")
        return BAD_USAGE
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. Nothing was changed.\n")
        return INTERRUPTED
    except BrokenPipeError:  # whoever read us has seen enough, as `head` does
        sys.stderr.close()
        return BAD_USAGE
    return code


def check(asked: Namespace, out: TextIO, err: TextIO) -> int:
    """Do what the arguments ask for and return the exit code. Raises BadInput."""
    if asked.rules:
        out.write("".join(f"{line}\n" for line in catalogue()))
        return 0
    server = server_of(asked.server) if asked.server else None
    bar = Bar(err)
    try:
        candidate = _candidate(asked, server, bar)
        with _compared(candidate, asked.source, asked.commit) as complete:
            found = document(complete, _results(complete, bar, in_process=asked.in_process))
    finally:
        bar.clear()
    _write(found, asked, server, out)
    return code_of(found, asked.fail_on)


def code_of(found: dict[str, Any], fail_on: str) -> int:
    """The exit code for a findings document: by the worst that there is."""
    counts = found["counts"]
    if counts["error"]:
        return CHECK_FAILED
    worst = max((Level(name) for name in CODES if counts[name]), key=_rank, default=Level.NOTE)
    return CODES[worst] if worst.rank >= Level(fail_on).rank else 0


def catalogue() -> list[str]:
    """The rules as a table."""
    wide = max(len(rule.slug) for rule in rules.ALL)
    return [f"{rule.slug:{wide}}  v{rule.version}  {rule.title}." for rule in rules.ALL]


def _rank(level: Level) -> int:
    return level.rank


@contextmanager
def _compared(candidate: Candidate, folder: Path | None, commit: str) -> Iterator[Candidate]:
    """The candidate with the inventory of a checkout, which lies there as long as the block."""
    if folder is None:
        yield candidate
        return
    try:
        inventory = inventory_of(folder, commit)
    except Problem as error:
        raise BadInput(str(error)) from error
    with TemporaryDirectory(prefix="trusted-source-") as scratch:
        written = Path(scratch) / "inventory.json"
        yield replace(candidate, source=Source(inventory.write(written), written))


def _candidate(asked: Namespace, server: Server | None, bar: Bar) -> Candidate:
    policy, keys = _terms(asked, server)
    candidate = candidate_from(
        asked.folder, policy, asked.keys, lambda done, of: bar.show("hashed", done, of)
    )
    return replace(candidate, keys=keys) if keys is not None else candidate


def _terms(asked: Namespace, server: Server | None) -> tuple[Policy, bytes | None]:
    """The policy, and the KEYS where they come from the server."""
    if server is None:
        policy = read_policy(asked.policy) if asked.policy else Policy()
        return replace(policy, version=asked.release or policy.version), None
    policy = server.policy(asked.release)
    return policy, None if asked.keys else server.keys(policy.committee)


def _results(candidate: Candidate, bar: Bar, *, in_process: bool) -> Iterable[UnitResult]:
    """Run all that is planned, and show how far that is."""
    units = plan(candidate)
    progress = _Progress(units, bar)
    each = (
        run(candidate, units, progress.reading)
        if in_process
        else run_in_child(
            candidate, units, timeout=LONGEST, on_progress=progress.reading, limits=LIMITS
        )
    )
    for result in each:
        progress.done(result)
        yield result


class _Progress:
    """Bytes of files that have been checked, of all that there are."""

    def __init__(self, units: Sequence[Unit], bar: Bar) -> None:
        self._sizes = {unit.key: unit.size for unit in units}
        self._total = sum(self._sizes.values())
        self._paths = {unit.key: unit.path for unit in units}
        self._before = 0
        self._bar = bar

    def reading(self, key: str, done: int, total: int) -> None:
        self._bar.show(f"checking {shown(self._paths[key], 60)}", self._before + done, self._total)

    def done(self, result: UnitResult) -> None:
        self._before += self._sizes[result.key]
        self._bar.show("checked", self._before, self._total)


def _write(found: dict[str, Any], asked: Namespace, server: Server | None, out: TextIO) -> None:
    if asked.json:
        _bytes(out, as_bytes(found))
    elif asked.sarif:
        address = server.rules if server else ""
        _bytes(
            out, as_bytes(sarif(found, version=VERSION, address=address, passed=not asked.quiet))
        )
    else:
        paint = paint_for(out, asked.color)
        text = lines(found, notes=not asked.quiet, paint=paint, table=True)
        out.write("".join(f"{line}\n" for line in text))


def _bytes(out: TextIO, content: bytes) -> None:
    """UTF-8 whatever the terminal's encoding is: programs read this."""
    if buffer := getattr(out, "buffer", None):
        out.flush()
        buffer.write(content)
    else:
        out.write(content.decode())


def script() -> None:
    """What the installed command calls."""
    sys.exit(main())


if __name__ == "__main__":
    script()
