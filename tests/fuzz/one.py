"""Feeds one target: `python -m tests.fuzz.one TARGET FOLDER [options of libFuzzer]`.

An input for which something does not hold is written to FOLDER/found and named on standard
output; the run goes on, and each place that fails is told once.
"""

import hashlib
import random
import resource
import sys
import time
import traceback
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["checks", "keys", "trusted_releases.lib"]):
    from tests.fuzz.targets import SMALL, TARGETS, Target

SECONDS = 2.0  # of the processor, for one input
MEMORY = 300 << 10  # KiB by which this process may grow in all


class Fault(Exception):
    """It took too long, or too much."""


class Feeder:
    """Runs a target and keeps what goes wrong."""

    def __init__(self, target: Target, folder: Path) -> None:
        self.target = target
        self.found = folder / "found"
        self.found.mkdir(parents=True, exist_ok=True)
        self.places: set[str] = set()
        self.base = 0
        self.slowest = 0.0

    def __call__(self, data: bytes) -> None:
        begun = time.process_time()
        try:
            self.target.run(data)
            took = time.process_time() - begun
            self.slowest = max(self.slowest, took)
            self.bounds(took)
        except Exception as error:
            self.keep(data, error)

    def bounds(self, took: float) -> None:
        if took > SECONDS:
            raise Fault(f"took {took:.1f} s")
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.base = self.base or grown
        if grown - self.base > MEMORY:
            self.base = grown  # told once for each time it grows so much
            raise Fault(f"grew by more than {MEMORY >> 10} MiB")

    def keep(self, data: bytes, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{type(error).__name__} {frames[-1].filename}:{frames[-1].lineno}"
        if isinstance(error, AssertionError | Fault):
            place = f"{place} {str(error)[:40]}"
        if place in self.places:
            return
        self.places.add(place)
        path = self.found / hashlib.sha256(data).hexdigest()[:12]
        path.write_bytes(data)
        last = "".join(traceback.format_exception(error)[-4:])
        path.with_suffix(".txt").write_text(f"{place}\n{last}")
        print(f"FOUND {path} {place}", flush=True)

    def mutate(self, data: bytes, most: int, seed: int) -> bytes:
        """Change the input as libFuzzer does; mostly put right then what has checksums."""
        draw = random.Random(seed)
        if self.target.words and draw.random() < 0.1:
            at = draw.randrange(len(data) + 1)
            word = draw.choice(self.target.words)
            data = data[:at] + word + data[at + len(word) * draw.randrange(2) :]
        else:
            data = atheris.Mutate(data, most)
        mended = self.target.mend(data) if draw.random() < 0.7 else data
        return mended[:most]


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    target = TARGETS[name]
    feeder = Feeder(target, folder)
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (corpus / f"seed-{hashlib.sha256(seed).hexdigest()[:12]}").write_bytes(seed)
    options = [
        f"-max_len={2 * SMALL}",
        f"-artifact_prefix={feeder.found}/",
        "-timeout=60",  # what hangs for good; less than that is counted by the processor's time
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
        "-verbosity=1",
        *sys.argv[3:],
    ]
    arguments = [sys.argv[0], *options, str(corpus)]
    atheris.Setup(arguments, feeder, custom_mutator=feeder.mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
