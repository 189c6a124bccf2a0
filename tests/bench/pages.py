"""What each page costs on data of a foundation: time on the server, questions, bytes.

`SCALE` says how much data there is (small unless said otherwise; `asf` for all of it). Each page
is measured twice, with hardly any data and with all of it: `growth` is the ratio, and says whether
a page is slow because there is much, whatever the machine. Pages are asked for in the process, past
the web server; the median of twenty after one to warm up. `p95` is the slowest but one of these,
`cpu` what this process itself took, without the time of PostgreSQL: with others on the machine, the
number to look at.
"""

import os
import statistics
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from tests import seeded
from tests.bench.catalogue import Measure
from tests.visitors import SHOWN
from trusted_releases.seeding import run
from trusted_releases.seeding.scales import SCALES

TIMES = 20


class Cost(NamedTuple):
    seconds: float
    slow: float  # so long took the slowest but one
    processor: float  # of this process: what is left when others want the machine as well
    queries: int
    size: int


def measures() -> Iterator[Measure]:
    call_command("collectstatic", interactive=False, verbosity=0)
    fill("tiny")
    before = costs()
    begun = time.monotonic()
    fill(os.environ.get("SCALE", "small"))
    yield Measure("seeding", time.monotonic() - begun, "s")
    for name, cost in costs().items():
        yield Measure(f"{name}.time", cost.seconds * 1000, "ms")
        yield Measure(f"{name}.p95", cost.slow * 1000, "ms")
        yield Measure(f"{name}.cpu", cost.processor * 1000, "ms")
        if name in before:  # a filter may have more choices when there is more
            yield Measure(f"{name}.growth", cost.seconds / before[name].seconds, "x")
        yield Measure(f"{name}.queries", cost.queries, "queries")
        yield Measure(f"{name}.size", cost.size / 1000, "kB")


def fill(scale: str) -> None:
    run.run(SCALES[scale], 1, now(), lambda _: None)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as its autovacuum does, a minute later


def costs() -> dict[str, Cost]:
    """Each page with its cost, by name and visitor."""
    clients = seeded.visitors()
    return {
        f"{page.name}.{page.visitor}": cost_of(clients[page.visitor], page.address)
        for page in seeded.pages()
    }


def cost_of(client: Client, address: str) -> Cost:
    """Time of the median, questions and bytes of a page. RuntimeError when it is refused."""
    times: list[float] = []
    worked: list[float] = []
    asked = 0

    def counting(execute: Any, *arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*arguments)

    for _ in range(TIMES + 1):
        asked, begun, idle = 0, time.perf_counter(), time.process_time()
        with connection.execute_wrapper(counting):
            answer = client.get(address, headers={"host": settings.ALLOWED_HOSTS[0]})
        times.append(time.perf_counter() - begun)
        worked.append(time.process_time() - idle)
    if answer.status_code not in SHOWN:
        raise RuntimeError(f"{address} answers {answer.status_code}.")
    median, slow = statistics.median(times[1:]), sorted(times[1:])[-2]
    return Cost(median, slow, statistics.median(worked[1:]), asked, len(answer.content))
