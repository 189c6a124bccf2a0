"""What checking an archive costs, beside what it costs anybody to read it once, and often.

`floor_ratio` is our whole pass, every rule on, over the floor: inflating with the fastest library
and the two digests of the file, one after the other in one thread. `sequence_ratio` is the usual
sequence, each step with a reading of its own by the standard library, over our pass. Both compare
times of the same minute: rounds alternate, and the best of each counts; small archives take more
rounds, for a pause of the machine is longer than one of theirs. No database is asked, so one of the
two is enough, except for `findings_stored`.

Archives are those of the shared corpus over 1 MB, where it lies beside the repository, and one of
120,000 members that is made here. Those that are no tar.gz are not measured.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection

from checks.engine.model import Finding, Level, UnitResult
from checks.models import Result
from tests.bench.archives import checked, floor, in_process, made, planned, sequence
from tests.bench.catalogue import Measure
from tests.shared import SHARED

SMALLEST = 1_000_000  # bytes
ROUNDS = 5  # at least
SECONDS = 3  # for rounds of one archive, if that is more
SEQUENCES = 2  # the usual sequence takes ten times as long
FINDINGS = 1_000  # of one result


def measures() -> Iterator[Measure]:
    if connection.vendor == "sqlite":  # see ONCE
        with TemporaryDirectory() as folder:
            for path in [*real(), made(Path(folder))]:
                yield from of_archive(path)
    yield Measure("findings_stored", stored_a_second(), "1/s")


def real() -> list[Path]:
    """The archives of the corpus that are measured."""
    found = (SHARED / "data" / "real").rglob("*.tar.gz")
    return sorted(path for path in found if path.stat().st_size > SMALLEST)


def of_archive(path: Path) -> Iterator[Measure]:
    name = path.name
    candidate, unit = planned(path)
    floors: list[float] = []
    ours: list[float] = []
    begun = time.monotonic()
    while len(ours) < ROUNDS or time.monotonic() - begun < SECONDS:
        floors.append(timed(floor, path))
        ours.append(timed(checked, candidate, unit))
    sequences = [timed(sequence, path) for _ in range(SEQUENCES)]
    yield Measure(f"floor_ratio.{name}", min(ours) / min(floors), "x")
    yield Measure(f"sequence_ratio.{name}", min(sequences) / min(ours), "x")
    yield Measure(f"seconds.{name}", min(ours), "s")
    peak, read = in_process(path)
    yield Measure(f"peak_memory.{name}", peak, "MB")
    yield Measure(f"bytes_read.{name}", read / path.stat().st_size, "x")


def timed(call: Callable[..., object], *arguments: object) -> float:
    begun = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - begun


def stored_a_second() -> float:
    """Findings stored a second, in results of a thousand."""
    best = 0.0
    for turn in range(ROUNDS):
        findings = tuple(
            Finding("license.headers", 1, Level.CONCERN, "many-1.0.tar.gz", "No header.", f"a/{n}")
            for n in range(FINDINGS)
        )
        result = UnitResult(f"{turn:064x}", "many-1.0.tar.gz", ("license.headers",), findings)
        best = max(best, FINDINGS / timed(Result.objects.keep, result, "1.0"))
    return best
