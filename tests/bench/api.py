"""What the API answers in a second, on data of a foundation.

`SCALE` says how much data there is, as for `pages`: `asf` has 20,000 releases and a release with
10,000 findings. Requests are made in the process, past the web server, one after the other, each
with all that one costs: the token, the limit, the answer in full. `per_second` is therefore what
one process does with one thread. `cpu` is what this process itself took, without the time of
PostgreSQL: with others on the machine, the number to look at.
"""

import base64
import statistics
import time
from collections.abc import Callable, Iterator
from os import environ
from pathlib import Path
from typing import Any

from django.conf import settings

from checks.models import Finding
from projects.models import Project
from releases.models import Release
from releases.phases import Phase
from tests import make
from tests.api import Api
from tests.bench.catalogue import Measure
from tests.bench.pages import fill
from trusted_releases.ledger import limits
from trusted_releases.seeding import names

TIMES = 40
LONG_TIMES = 10  # for an answer of megabytes
UPLOADS = 100
SMALL = 1_000  # bytes of an uploaded file
ENDLESS = limits.Limit(10**9)  # counted as ever, and never used up


def measures() -> Iterator[Measure]:
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    limits.LIMITS.update(dict.fromkeys(limits.LIMITS, ENDLESS))
    fill(environ.get("SCALE", "small"))
    manager = make.member(make.project("bench-api"))
    api = Api(manager, SERVER_NAME="localhost")
    project = Project.objects.get(slug=names.slug(names.LARGE))
    large = project.releases.in_phase(Phase.VOTE).order_by("-pk")[0]
    at = f"{large.project.slug}/{large.version}"
    yield Measure("releases", Release.objects.count(), "rows")
    yield Measure("findings", found_in(large), "rows")
    yield from timed("release_get", lambda: api.get(f"/release/get/{at}"))
    yield from timed("releases_list", lambda: api.get("/releases/list"))
    last = {"offset": max(Release.objects.count() - 1000, 0), "limit": 1000}
    yield from timed("releases_list_last_1000", lambda: api.get("/releases/list", **last))
    yield from timed("checks_list", lambda: api.get(f"/checks/list/{at}"), LONG_TIMES)
    yield from uploads(api)


def found_in(release: Release) -> int:
    return Finding.objects.filter(result__runs__revision=release.voted).count()


def uploads(api: Api) -> Iterator[Measure]:
    """Small files, each a request and a revision of its own."""
    asked = {"project": "bench-api", "version": "1.0"}
    good(api.post("/release/create", asked))
    numbers = iter(range(UPLOADS + 1))
    yield from timed("upload", lambda: api.post("/release/upload", file(next(numbers))), UPLOADS)


def file(number: int) -> dict[str, Any]:
    content = f"{number}\n".encode().ljust(SMALL, b".")
    return {
        "project": "bench-api",
        "version": "1.0",
        "relpath": f"docs/{number}.txt",
        "content": base64.b64encode(content).decode(),
        "expected_revision": None,
    }


def timed(name: str, ask: Callable[[], Any], times: int = TIMES) -> Iterator[Measure]:
    """So often, after once to warm up."""
    good(ask())
    took, idle = [], time.process_time()
    for _ in range(times):
        begun = time.perf_counter()
        good(ask())
        took.append(time.perf_counter() - begun)
    worked = time.process_time() - idle
    yield Measure(f"{name}.per_second", len(took) / sum(took), "1/s")
    yield Measure(f"{name}.cpu", worked / times * 1000, "ms")
    yield Measure(f"{name}.median", statistics.median(took) * 1000, "ms")
    yield Measure(f"{name}.p95", statistics.quantiles(took, n=20)[-1] * 1000, "ms")


def good(answer: Any) -> None:
    """Read all of it. RuntimeError when it is refused."""
    content = answer.getvalue()
    if answer.status_code not in (200, 201):
        raise RuntimeError(f"{answer.status_code}: {content[:300]!r}")
