"""Takes from an archive, while it goes by, what says which packages it is made of and needs."""

from collections.abc import Iterator

from checks.engine.archive import Kind, Member, Sink
from checks.engine.npm import Collector
from checks.sbom.generate.jars import MAX_JARS, PROPERTIES, Jar, package_of
from checks.sbom.manifests import Manifest, is_manifest, read

MAX_MANIFEST = 8 << 20  # bytes of one; the lock file of a large project has half of that
MAX_HELD = 64 << 20  # bytes of all together
MAX_MANIFESTS = 5_000


class Gathered:
    """What was found: a visitor for the reader. Ask for `manifests()` when it has finished."""

    def __init__(self) -> None:
        self._taken: dict[str, Collector] = {}
        self._properties: dict[str, Collector] = {}
        self._problems: dict[str, str] = {}
        self._jars: list[Manifest] = []
        self._room = MAX_HELD
        self._jars_begun = 0

    def member(self, member: Member) -> Sink | None:
        if member.kind is not Kind.FILE:
            return None
        if is_manifest(member.name):
            return self._take(member)
        if member.name.endswith(".jar"):
            return self._take_jar(member)
        if member.name.endswith("pom.properties") and PROPERTIES.match(member.name):
            return self._collect(member, self._properties)
        return None

    def finish(self) -> None:
        """Nothing is left to do at the end."""

    def manifests(self) -> Iterator[Manifest]:
        """What each of them says, those that could not be read with their problem."""
        yield from read({path: each.content for path, each in self._taken.items()})
        for path, collected in self._properties.items():
            own = package_of(collected.content)
            usable = own is not None and own.is_usable
            yield Manifest(path, own if usable else None, problem="" if usable else _UNNAMED)
        yield from self._jars
        yield from (Manifest(path, problem=why) for path, why in self._problems.items())

    def _take(self, member: Member) -> Collector | None:
        if member.size > MAX_MANIFEST:
            self._problems[member.name] = f"it is larger than {MAX_MANIFEST >> 20} MB"
            return None
        return self._collect(member, self._taken)

    def _collect(self, member: Member, into: dict[str, Collector]) -> Collector | None:
        """Hold it, while there is room; what comes twice is what came last, as when unpacked."""
        count = len(self._taken) + len(self._properties)
        if member.size > self._room or count >= MAX_MANIFESTS:
            self._problems[member.name] = "the archive holds more manifests than are read"
            return None
        self._room -= member.size
        into[member.name] = Collector(MAX_MANIFEST)
        return into[member.name]

    def _take_jar(self, member: Member) -> Jar | None:
        if self._jars_begun >= MAX_JARS:
            self._problems[member.name] = f"the archive holds more than {MAX_JARS:,} jars"
            return None
        self._jars_begun += 1
        return Jar(member, self._jars.append)


_UNNAMED = "it names no package"
