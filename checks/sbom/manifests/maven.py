"""Maven: every pom.xml of an archive, with what it has from its parents in the same archive."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from checks.sbom.manifests.maven_pom import Coordinates, Pom, Wanted, parse
from checks.sbom.manifests.model import Manifest, Package, Scope, Unreadable

NAMES = ("pom.xml",)

MAX_PARENTS = 20
MAX_ROUNDS = 10  # properties in properties
MAX_VALUE = 300  # characters of a value in which properties were filled in
_PROPERTY = re.compile(r"\$\{([^${}]{1,200})\}")
_RANGE = re.compile(r"[\[(,\])]")
_SCOPES: dict[str, Scope] = {"test": "excluded"}


@dataclass
class Poms:
    """The projects of one archive, found by their coordinates."""

    by_path: dict[str, Pom]
    by_name: dict[Coordinates, Pom] = field(default_factory=dict)
    views: dict[int, "View"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for pom in self.by_path.values():
            self.by_name.setdefault(pom.coordinates, pom)

    def view(self, pom: Pom, depth: int = 0) -> "View":
        """A project with what it inherits; made once."""
        if id(pom) not in self.views:
            self.views[id(pom)] = View(self, pom, depth)
        return self.views[id(pom)]

    def parent_of(self, pom: Pom) -> Pom | None:
        """The parent, if it is in the archive and has the version that is asked for."""
        if pom.parent is None:
            return None
        found = self.by_name.get((pom.parent.group, pom.parent.artifact))
        if found is None or found is pom:
            return None
        versions = {found.version, pom.parent.version}
        same = len(versions) == 1 or any("${" in each or not each for each in versions)
        return found if same else None


class View:
    """One project as Maven would see it, from what the archive holds."""

    def __init__(self, poms: Poms, pom: Pom, depth: int = 0) -> None:
        self.pom = pom
        above = poms.parent_of(pom) if depth < MAX_PARENTS else None
        parent = poms.view(above, depth + 1) if above is not None else None
        self.properties: dict[str, str] = (parent.properties if parent else {}) | pom.properties
        self._own = _own_properties(pom)
        self.managed: dict[tuple[str, str, str], Wanted] = dict(parent.managed) if parent else {}
        self._manage(poms, depth)

    def _manage(self, poms: Poms, depth: int) -> None:
        """What the project says of versions, in the order of what counts more, last."""
        filled = [self.filled(each) for each in self.pom.managed]
        for each in filled:
            imported = poms.by_name.get((each.group, each.artifact))
            is_import = each.scope == "import" and imported is not None
            if is_import and imported is not self.pom and depth < MAX_PARENTS:
                for key, value in poms.view(imported, depth + 1).managed.items():  # type: ignore[arg-type]
                    self.managed.setdefault(key, value)
        self.managed |= {_key(each): each for each in filled if each.scope != "import"}

    def fill(self, text: str) -> str:
        """The text with properties filled in, as far as they are known."""
        for _ in range(MAX_ROUNDS):
            filled = _PROPERTY.sub(self._value, text)
            if filled == text:
                break
            if len(filled) > MAX_VALUE:
                return text[:MAX_VALUE]
            text = filled
        return text

    def _value(self, found: re.Match[str]) -> str:
        name = found[1]
        return self._own.get(name) or self.properties.get(name) or found[0]

    def filled(self, wanted: Wanted) -> Wanted:
        """A dependency with all its texts filled in."""
        return replace(
            wanted,
            group=self.fill(wanted.group),
            artifact=self.fill(wanted.artifact),
            version=self.fill(wanted.version),
            type=self.fill(wanted.type),
            classifier=self.fill(wanted.classifier),
        )

    @property
    def package(self) -> Package:
        """The project itself."""
        version = self.fill(self.pom.version)
        known = "" if "${" in version else version
        kind = self.pom.packaging
        qualifiers = () if kind in ("jar", "bundle", "maven-plugin") else (("type", kind),)
        return Package(
            "maven",
            self.fill(self.pom.artifact),
            self.fill(self.pom.group),
            known,
            qualifiers if all(value.isalnum() for _, value in qualifiers) else (),
            requirement="" if known else version,
            licences=self.pom.licences,
        )

    def needs(self) -> Iterator[Package]:
        """What it asks for, with the versions that are said here or by a parent."""
        for each in map(self.filled, self.pom.dependencies):
            if each.group and each.artifact:
                yield _package(each, self.managed.get(_key(each)))


def read_all(files: Mapping[str, bytes]) -> Iterator[Manifest]:
    """What each pom.xml says; those that cannot be read with their problem."""
    poms, problems = {}, {}
    for path, content in files.items():
        try:
            poms[path] = parse(content)
        except Unreadable as error:
            problems[path] = str(error)
    every = Poms(poms)
    for path in files:
        if path in problems:
            yield Manifest(path, problem=problems[path])
        else:
            view = every.view(poms[path])
            yield Manifest(path, view.package, tuple(view.needs()))


def _own_properties(pom: Pom) -> dict[str, str]:
    """What every project has, under the names of today and of old."""
    about = {"groupId": pom.group, "artifactId": pom.artifact, "version": pom.version}
    found = {
        f"{prefix}{name}": value for name, value in about.items() for prefix in ("project.", "pom.")
    }
    if pom.parent is not None:
        found |= {
            "project.parent.version": pom.parent.version,
            "parent.version": pom.parent.version,
        }
        found |= {"project.parent.groupId": pom.parent.group}
    # One that is said by itself is none.
    return {name: value for name, value in found.items() if f"${{{name}}}" != value}


def _key(wanted: Wanted) -> tuple[str, str, str]:
    return wanted.group, wanted.artifact, wanted.classifier


def _package(wanted: Wanted, managed: Wanted | None) -> Package:
    told = wanted.version or (managed.version if managed else "")
    scope = wanted.scope or (managed.scope if managed else "")
    exact = "" if "${" in told or _RANGE.search(told) else told
    use = _SCOPES.get(scope, "optional" if wanted.optional else "required")
    named = (("classifier", wanted.classifier), ("type", wanted.type))
    usual = {"", "jar", "test-jar", "bundle"}
    return Package(
        "maven",
        wanted.artifact,
        wanted.group,
        exact,
        tuple((name, value) for name, value in named if value not in usual and "${" not in value),
        requirement="" if exact else told,
        scope=use,
    )
