"""The licences that Apache RAT knows, which of them it approves, and how it finds each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from checks.engine.rat import texts
from checks.engine.rat.words import Finder, Found, Group


@dataclass(frozen=True, slots=True, order=True)
class License:
    """A licence by RAT's names; the order is that in which RAT reports several of one file."""

    family: str
    id: str
    name: str
    approved: bool = True


AL10 = License("AL", "AL1.0", "Apache License 1.0")
AL11 = License("AL", "AL1.1", "Apache License 1.1")
AL20 = License("AL", "AL2.0", "Apache License 2.0")
BSD3 = License("BSD-3", "BSD-3", "BSD 3 clause")
DOJO = License("BSD-3", "DOJO", "DOJO License")
TMF = License("BSD-3", "TMF", "The Telemanagement Forum License")
CDDL1 = License("CDDL1", "CDDL1", "COMMON DEVELOPMENT AND DISTRIBUTION LICENSE Version 1.0")
ILLUMOS = License("CDDL1", "ILLUMOS", "ILLUMOS CDDL1 Derived license")
GPL1 = License("GPL", "GPL1", "GNU General Public License V1.0", approved=False)
GPL2 = License("GPL", "GPL2", "GNU General Public License V2.0", approved=False)
GPL3 = License("GPL", "GPL3", "GNU General Public License V3.0", approved=False)
MIT = License("MIT", "MIT", "The MIT License")
OASIS = License("OASIS", "OASIS", "OASIS Open License")
W3C = License("W3C", "W3C", "W3C Software Copyright")
W3CD = License("W3CD", "W3CD", "W3C Document Copyright")

# By these RAT knows the ASF's own header.
ADDRESSES = (
    "http://www.apache.org/licenses/LICENSE-2.0",
    "https://www.apache.org/licenses/LICENSE-2.0",
)

_BY_SPDX = {
    "Apache-1.0": AL10,
    "Apache-1.1": AL11,
    "Apache-2.0": AL20,
    "BSD-3-Clause": BSD3,
    "CDDL-1.0": CDDL1,
    "GPL-1.0-only": GPL1,
    "GPL-2.0-only": GPL2,
    "GPL-3.0-only": GPL3,
    "MIT": MIT,
    "W3C": W3C,
}
_BY_ADDRESS = (
    (DOJO, "http://dojotoolkit.org/community/licensing.shtml"),
    (W3C, "http://www.w3.org/Consortium/Legal/2002/copyright-software-20021231"),
    (W3CD, "http://www.w3.org/Consortium/Legal/2002/copyright-documents-20021231"),
)

# A few words of each text, as they stand in a pruned one: all are looked for at once, before that.
_AL20: Group = (
    b"apacheorglicenseslicense20",
    b"licensedundertheapachelicense",
    b"licensedtotheapachesoftwarefoundation",
)
_AL10: Group = (b"apachegroup",)
_AL11: Group = (b"apachesoftwarefoundation", texts.AL11.encode())
_BSD: Group = (b"redistributionanduse",)
_GPL: Group = (b"generalpubliclicense",)
_CDDL: Group = (b"distributionlicense",)
_MIT: Group = (b"permissionishereby",)
_OASIS: Group = (b"furnishedtoothers",)
_TMF: Group = (texts.TMF854.encode(),)
_ADDRESS: Group = (b"w3orgconsortium", b"dojotoolkit")
_found = Finder((_AL20, _AL10, _AL11, _BSD, _GPL, _CDDL, _MIT, _OASIS, _TMF, _ADDRESS))

_SPDX_KEY = "SPDX-License-Identifier:"
_SPDX = re.compile(re.escape(_SPDX_KEY) + r"\s([A-Za-z0-9.\-]+)")
_SIGN = r"(?:\([Cc]\)|©|&[Cc][Oo][Pp][Yy];)"
_COPYRIGHT = re.compile(rf"{_SIGN}|Copyright\b")
# What it begins with: searching for one after the other takes a tenth of what the pattern takes.
_OPENINGS = ("Copyright", "(c)", "(C)", "©")
_ENTITY = re.compile("&[Cc][Oo][Pp][Yy];")
_BEHIND = 1000  # characters after the sign of a copyright in which years and owner must stand
_ANY_YEAR = re.compile(rf"\W+(?:{_SIGN}\W+)?\d{{4}}")


def licenses_in(raw: str, pruned: str) -> tuple[License, ...]:
    """Every licence a text names, in RAT's order."""
    found = _found(pruned.encode("utf-8", "replace"))
    by_address = _by_address(raw) if _ADDRESS in found else ()
    return tuple(sorted({*_by_text(raw, pruned, found), *by_address, *_by_spdx(raw)}))


def _by_text(raw: str, pruned: str, found: Found) -> Iterator[License]:
    """Licences by their words, where a few words of each were found."""
    yield from _apache(raw, pruned, found)
    if _BSD in found:
        yield from _bsd(raw, pruned)
    if _GPL in found:
        yield from _whole(pruned, {GPL1: texts.GPL1, GPL2: texts.GPL2, GPL3: texts.GPL3})
    if _CDDL in found:
        yield from _whole(pruned, {CDDL1: texts.CDDL1, ILLUMOS: texts.ILLUMOS})
    if _MIT in found:
        yield from _whole(pruned, {MIT: texts.MIT})
    if _OASIS in found:
        yield from _owned_text(raw, pruned, OASIS, texts.OASIS, "OASIS Open")
    if _TMF in found and (texts.BSD3 in pruned or "BSD-3-Clause" in spdx_ids(raw)):
        yield from _owned_text(raw, pruned, TMF, texts.TMF854, "TeleManagement Forum")


def _owned_text(
    raw: str, pruned: str, license_: License, text: str, owner: str
) -> Iterator[License]:
    """A licence whose text is that of one owner only."""
    if text in pruned and _copyright(raw, _owned(owner)):
        yield license_


def _whole(pruned: str, known: dict[License, str]) -> Iterator[License]:
    return (license_ for license_, text in known.items() if text in pruned)


def _bsd(raw: str, pruned: str) -> Iterator[License]:
    if texts.BSD3 in pruned and _copyright(raw, _ANY_YEAR):
        yield BSD3


def _apache(raw: str, pruned: str, found: Found) -> Iterator[License]:
    if _AL20 in found and (
        any(address in raw for address in ADDRESSES)
        or any(text in pruned for text in (texts.AL20, texts.AL20_ASF))
    ):
        yield AL20
    if _AL10 in found and _copyright(raw, _owned("The Apache Group", r"1995\W*-\W*1999|1995")):
        yield AL10
    if _AL11 in found and (
        texts.AL11 in pruned or _copyright(raw, _owned("The Apache Software Foundation", "2000"))
    ):
        yield AL11


def _by_address(raw: str) -> Iterator[License]:
    return (license_ for license_, address in _BY_ADDRESS if address in raw)


def _by_spdx(raw: str) -> Iterator[License]:
    for identifier in spdx_ids(raw):
        if identifier in _BY_SPDX:
            yield _BY_SPDX[identifier]


def spdx_ids(raw: str) -> set[str]:
    """The SPDX identifiers as RAT reads them: the last of each line, the first of an expression."""
    if _SPDX_KEY not in raw:
        return set()
    found: list[re.Match[str]] = []
    for match in _SPDX.finditer(raw):
        if found and "\n" not in raw[found[-1].start() : match.start()]:
            found.pop()
        found.append(match)
    return {match[1] for match in found}


def _copyright(raw: str, behind: re.Pattern[str]) -> bool:
    """Whether what stands right behind the first sign of a copyright fits."""
    sign = _COPYRIGHT.search(raw, _opening(raw))
    return bool(sign and behind.match(raw[sign.end() : sign.end() + _BEHIND]))


def _opening(raw: str) -> int:
    """Where the first sign may begin: none does before; the end where there is none at all."""
    entity = _ENTITY.search(raw)
    first = entity.start() if entity else len(raw)
    for opening in _OPENINGS:
        at = raw.find(opening, 0, first + len(opening))
        if at >= 0:
            first = at
    return first


@cache
def _owned(owner: str, years: str = "") -> re.Pattern[str]:
    """A pattern for years and owner, in either order; without years to look for any will do."""
    name = r"\W+".join(map(re.escape, owner.split()))
    sign = rf"\W+(?:{_SIGN}\W+)?"
    if not years:
        return re.compile(rf"{sign}(?:\d{{4}}(?:\W*-\W*\d{{4}})?,?\W+)?{name}")
    return re.compile(rf"{sign}(?:(?:{years}),?\W+{name}|{name},?\W+(?:{years}))")
