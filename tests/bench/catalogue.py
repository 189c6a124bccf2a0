"""The benchmarks there are, and what they hand back."""

from typing import NamedTuple


class Measure(NamedTuple):
    """One number. `unit` is "s", "MB/s", "MB": what a larger value means follows from it."""

    name: str
    value: float
    unit: str


# name: (module, what it measures)
BENCHMARKS = {
    "verdicts": ("tests.bench.verdicts", "from upload to the first and to the last verdict"),
}
DATABASES = ("sqlite", "postgres")
