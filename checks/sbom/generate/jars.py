"""Jars inside an archive: which packages they are, by what Maven has written into them."""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir

from checks.engine.archive import Kind, Member, walk
from checks.engine.model import Limits
from checks.engine.npm import Collector
from checks.sbom.manifests import Manifest, Package

PROPERTIES = re.compile(r"(?:.*/)?META-INF/maven/[^/]+/[^/]+/pom\.properties\Z")

MAX_JAR = 128 << 20  # bytes of one jar; a child may write no larger file
MAX_JARS = 1_000
MAX_PROPERTIES = 64 << 10  # bytes of one pom.properties
MAX_PACKAGES = 2_000  # in one jar
LIMITS = Limits(members=100_000, total_size=1 << 30, file_size=256 << 20)
_LINE = re.compile(r"\s*(groupId|artifactId|version)\s*[=:]\s*(\S.*?)\s*\Z")


def package_of(content: bytes) -> Package | None:
    """The package that a pom.properties names."""
    found: dict[str, str] = {}
    for line in content[:MAX_PROPERTIES].decode("utf-8", "replace").splitlines():
        if match := _LINE.match(line):
            found.setdefault(match[1], match[2])
    if not {"groupId", "artifactId", "version"} <= set(found):
        return None
    return Package("maven", found["artifactId"], found["groupId"], found["version"])


def manifest_of(path: str, digest: str, packages: list[Package], problem: str = "") -> Manifest:
    """What a jar is, and what else was put into it."""
    name = path.rpartition("/")[2]
    stem = name.rpartition(".")[0]
    hashes = (("SHA-256", digest),)
    named = [each for each in packages if _is_named(stem, each)]
    own = named[0] if named else packages[0] if len(packages) == 1 else None
    others = tuple(each for each in packages if each is not own)
    if own is None:
        return Manifest(path, Package("file", name, hashes=hashes), locked=others, problem=problem)
    own = Package("maven", own.name, own.namespace, own.version, hashes=hashes)
    return Manifest(path, own, locked=others, problem=problem)


def _is_named(stem: str, package: Package) -> bool:
    """Whether a jar's name is that of a package, alone or with a classifier."""
    plain = f"{package.name}-{package.version}"
    return stem == plain or stem.startswith(f"{plain}-") or stem == package.name


class Jar:
    """A sink for one jar: written to a file of its own, read at its end, and gone."""

    def __init__(self, member: Member, done: Callable[[Manifest], None]) -> None:
        self._member = member
        self._done = done
        self._digest = hashlib.sha256()
        self._size = 0
        self._path = Path(gettempdir()) / f"inner-{os.urandom(8).hex()}.jar"
        self._file = self._path.open("xb")

    def feed(self, block: bytes) -> None:
        self._digest.update(block)
        self._size += len(block)
        if self._size <= MAX_JAR:
            self._file.write(block)

    def close(self) -> None:
        self._file.close()
        try:
            inside = Inside()
            problem = self._read(inside)
        finally:
            self._path.unlink(missing_ok=True)
        digest = self._digest.hexdigest()
        self._done(manifest_of(self._member.name, digest, inside.packages, problem))

    def _read(self, inside: "Inside") -> str:
        if self._size > MAX_JAR:
            return f"it is larger than {MAX_JAR >> 20} MB"
        report = walk(self._path, "inner.jar", LIMITS, [inside])
        return "" if report.complete else "it cannot be read to its end"


class Inside:
    """Watches a jar for the packages that it holds: a visitor for the reader."""

    def __init__(self) -> None:
        self._found: list[Collector] = []

    def member(self, member: Member) -> Collector | None:
        wanted = member.kind is Kind.FILE and PROPERTIES.match(member.name)
        if not wanted or len(self._found) >= MAX_PACKAGES:
            return None
        self._found.append(Collector(MAX_PROPERTIES))
        return self._found[-1]

    def finish(self) -> None:
        """Nothing is left to do at the end."""

    @property
    def packages(self) -> list[Package]:
        found = (package_of(each.content) for each in self._found)
        return [each for each in dict.fromkeys(found) if each is not None and each.is_usable]
