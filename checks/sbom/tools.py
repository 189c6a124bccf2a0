"""Whether the program that wrote a bill of materials was an old version of itself.

Known programs only. What counts is what there was when the document was made: nobody writes a
document with tomorrow's version. No clock is asked, so the answer stays.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.sbom.document import Bom, Tool

MAVEN = "cyclonedx-maven-plugin"
_NAMES = {"cyclonedx-maven-plugin": MAVEN, "cyclonedx maven plugin": MAVEN}

# When versions of the plugin for Maven were released.
_RELEASED = """
2018-05-02 1.0.0, 2018-05-24 1.0.1, 2018-06-07 1.1.0, 2018-07-18 1.1.1, 2018-07-25 1.1.2,
2018-11-09 1.1.3, 2018-11-28 1.2.0, 2018-12-05 1.3.0, 2019-01-02 1.3.1, 2019-06-08 1.4.0,
2019-06-19 1.4.1, 2019-11-20 1.5.0, 2019-11-26 1.5.1, 2020-01-08 1.6.0, 2020-01-24 1.6.1,
2020-01-27 1.6.2, 2020-02-01 1.6.3, 2020-02-07 1.6.4, 2020-07-14 2.0.0, 2020-07-15 2.0.1,
2020-07-20 2.0.2, 2020-08-11 2.0.3, 2020-10-12 2.1.0, 2020-11-19 2.1.1, 2021-01-30 2.2.0,
2021-03-05 2.3.0, 2021-04-01 2.4.0, 2021-04-09 2.4.1, 2021-05-16 2.5.0, 2021-05-17 2.5.1,
2021-08-19 2.5.2, 2021-09-03 2.5.3, 2022-04-30 2.6.0, 2022-05-03 2.6.2, 2022-05-26 2.7.0,
2022-07-20 2.7.1, 2022-10-10 2.7.2, 2022-11-10 2.7.3, 2023-01-04 2.7.4, 2023-02-15 2.7.5,
2023-03-30 2.7.6, 2023-04-17 2.7.7, 2023-04-25 2.7.8, 2023-05-16 2.7.9, 2023-10-30 2.7.10,
2024-01-16 2.7.11, 2024-03-23 2.8.0, 2024-08-03 2.8.1, 2024-09-25 2.8.2, 2024-10-08 2.9.0,
2024-11-28 2.9.1
"""
RELEASES = tuple((day, version) for day, version in map(str.split, _RELEASED.split(",")))

_VERSION = re.compile(r"\d{1,6}(?:\.\d{1,6}){0,3}\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Outdated:
    """A program that was outdated when it wrote the document. `used` is "" where it does not say
    which version it was."""

    name: str
    used: str
    available: str

    @property
    def sentence(self) -> str:
        if not self.used:
            return f"It was written by {self.name}, and does not say by which version."
        return (
            f"It was written by {self.name} {self.used}, when there was {self.available} already."
        )


def outdated(bom: Bom) -> tuple[Outdated, ...]:
    """The known programs among those that wrote the document that were outdated then."""
    if bom.metadata is None:
        return ()
    newest = _newest_at(bom.metadata.timestamp)
    found = (_judged(tool, newest) for tool in bom.metadata.tools if _known(tool))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _known(tool: Tool) -> bool:
    return tool.name.lower() in _NAMES or tool.description.lower() in _NAMES


def _judged(tool: Tool, newest: str) -> Outdated | None:
    if not tool.version:
        return Outdated(MAVEN, "", newest)
    if not _VERSION.match(tool.version) or _numbers(tool.version) >= _numbers(newest):
        return None
    return Outdated(MAVEN, tool.version, newest)


def _newest_at(timestamp: str) -> str:
    """The newest version at that time: of all versions where the document does not say when."""
    day = _DAY.match(timestamp)
    versions = [version for on, version in RELEASES if not day or on <= day[0]]
    return max(versions, key=_numbers, default="0")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def written_by(bom: Bom) -> Iterator[str]:
    """The programs that wrote it, each with its version."""
    for tool in bom.metadata.tools if bom.metadata else ():
        if name := f"{tool.name} {tool.version}".strip():
            yield name
