"""The benchmarks there are, and what they hand back."""

from typing import NamedTuple


class Measure(NamedTuple):
    """One number. `unit` is "s", "MB/s", "1/s", "kB", "x": it says what a larger value means."""

    name: str
    value: float
    unit: str


# name: (module, what it measures)
BENCHMARKS = {
    "verdicts": ("tests.bench.verdicts", "from upload to the first and to the last verdict"),
    "engine": ("tests.bench.engine", "what checking an archive costs, in readings of it"),
    "keys": ("tests.bench.keys", "what importing keys and verifying signatures cost"),
    "ways": ("tests.bench.ways", "what each way in for files costs, in copies with their digest"),
    "api": ("tests.bench.api", "what the API answers in a second, with much data"),
    "pages": ("tests.bench.pages", "what each page costs, with much data and with little"),
}
DATABASES = ("sqlite", "postgres")

# What these measure has nothing to do with the database: measured on the first, named without it.
ONCE = ("floor_ratio.", "sequence_ratio.", "seconds.", "peak_memory.", "bytes_read.", "verify.")
