"""Asks a service with the interface of OSV which vulnerabilities of components are known.

https://google.github.io/osv.dev/api/: packages are asked about in batches, which answer with ids;
what is known of each is asked for once, several at a time. Nothing of an answer is believed to have
the form that it should have, and there are limits to how much is listened to.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

from checks.sbom.document import Component
from checks.sbom.osv_read import Vulnerability, vulnerability_of
from trusted_releases.lib.outbound import Service, Unusable

BATCH = 1_000  # questions at once, as many as the service takes
MAX_PAGES = 50  # of answers to one question
MAX_FOUND = 2_000  # vulnerabilities that are looked at
MAX_LISTED = 100  # components that are named because they could not be asked about
MOST_IDS = 8 << 20  # bytes of an answer with ids
MOST_DETAILS = 4 << 20  # bytes of what is known of one vulnerability
POOL = 4  # questions under way at a time

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}\Z")

Progress = Callable[[int, int], None]  # vulnerabilities looked at, and all


@dataclass(frozen=True, slots=True)
class Asked:
    """A component that can be asked about: by its package URL, with a version."""

    name: str
    version: str
    purl: str

    @property
    def label(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Questions:
    """Which components of a document can be asked about, and which cannot, each by its name."""

    asked: tuple[Asked, ...] = ()
    ignored: tuple[str, ...] = ()
    ignored_count: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Questions":
        asked = tuple(Asked(**each) for each in value["asked"])
        return cls(asked, tuple(value["ignored"]), value["ignored_count"])


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a scan: vulnerabilities, and how many more there are than are looked at."""

    vulnerabilities: tuple[Vulnerability, ...] = ()
    left_out: int = 0
    components: dict[str, tuple[str, ...]] = field(default_factory=dict)  # labels, by id


def questions_of(components: Iterable[Component]) -> Questions:
    """What to ask about these. One without package URL or version is passed over."""
    asked: dict[str, Asked] = {}
    ignored: dict[str, None] = {}
    for each in components:
        version = each.version.strip()
        if each.purl.startswith("pkg:") and version:
            purl = with_version(each.purl, version)
            asked.setdefault(purl, Asked(each.full_name[:200], version[:200], purl))
        else:
            ignored[each.full_name[:200]] = None
    return Questions(tuple(asked.values()), tuple(ignored)[:MAX_LISTED], len(ignored))


def with_version(purl: str, version: str) -> str:
    """The package URL with its version, where it has none: before qualifiers and subpath."""
    at = min((place for mark in "?#" if (place := purl.find(mark)) >= 0), default=len(purl))
    if "@" in purl[:at]:
        return purl
    return f"{purl[:at]}@{quote(version, safe='')}{purl[at:]}"


def scan(asked: Sequence[Asked], service: Service, on_progress: Progress | None = None) -> Found:
    """Ask about all of these. Raises the Unreachable and Unusable of `lib.outbound`."""
    by_id: dict[str, dict[str, None]] = {}
    for start in range(0, len(asked), BATCH):
        _ask_batch(asked[start : start + BATCH], service, by_id)
    looked_at = sorted(by_id)[:MAX_FOUND]
    found = _details(looked_at, service, on_progress)
    return Found(
        tuple(found),
        left_out=len(by_id) - len(looked_at),
        components={ident: tuple(by_id[ident]) for ident in looked_at},
    )


def _ask_batch(asked: Sequence[Asked], service: Service, by_id: dict[str, dict[str, None]]) -> None:
    """Ask about up to BATCH components, and then for what did not fit on the first page."""
    for each, row in zip(asked, _rows(asked, [""] * len(asked), service), strict=True):
        token = _note(row, each, by_id)
        pages = 1
        while token:
            pages += 1
            if pages > MAX_PAGES:
                raise Unusable(f"it answers with more than {MAX_PAGES} pages about {each.label}")
            following = _note(_rows([each], [token], service)[0], each, by_id)
            if following == token:
                raise Unusable(f"it answers with the same page about {each.label} again")
            token = following


def _rows(asked: Sequence[Asked], tokens: Sequence[str], service: Service) -> list[Any]:
    queries = [
        {"package": {"purl": each.purl}} | ({"page_token": token} if token else {})
        for each, token in zip(asked, tokens, strict=True)
    ]
    answer = service.ask("/v1/querybatch", {"queries": queries}, most=MOST_IDS)
    rows = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or len(rows) != len(queries):
        raise Unusable("it answers with something that is no answer to a batch of questions")
    return rows


def _note(row: Any, asked: Asked, by_id: dict[str, dict[str, None]]) -> str:
    """Write down what a row says; where it goes on, "" if it does not."""
    row = row if isinstance(row, dict) else {}
    known = row.get("vulns")
    for each in known if isinstance(known, list) else ():
        ident = each.get("id") if isinstance(each, dict) else None
        if isinstance(ident, str) and _ID.match(ident):
            by_id.setdefault(ident, {})[asked.label] = None
    token = row.get("next_page_token")
    return token if isinstance(token, str) else ""


def _details(
    idents: Sequence[str], service: Service, on_progress: Progress | None
) -> list[Vulnerability]:
    """What is known of each. One that the service knows no more, or has withdrawn, is left out."""

    def one(ident: str) -> Vulnerability | None:
        return vulnerability_of(ident, service.ask(f"/v1/vulns/{ident}", most=MOST_DETAILS))

    found = []
    pool = ThreadPoolExecutor(POOL)
    try:
        for count, each in enumerate(pool.map(one, idents), start=1):
            if each is not None:
                found.append(each)
            if on_progress:
                on_progress(count, len(idents))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return found
