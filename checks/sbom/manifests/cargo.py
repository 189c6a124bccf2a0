"""Rust: Cargo.toml and Cargo.lock."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from checks.sbom.manifests.model import Manifest, Package, Scope
from checks.sbom.manifests.safe import rows, table, toml_of, word

NAMES = ("Cargo.toml", "Cargo.lock")

_SECTIONS: tuple[tuple[str, Scope], ...] = (
    ("dependencies", "required"),
    ("build-dependencies", "excluded"),
    ("dev-dependencies", "excluded"),
)
_EXACT = re.compile(r"=\s*(\d+\.\d+\.\d+[0-9A-Za-z.+-]*)\Z")


def read(path: str, content: bytes, files: Mapping[str, bytes]) -> Manifest:
    """What a file says; for a member of a workspace also what the workspace says for it."""
    value = toml_of(content)
    if PurePosixPath(path).name == "Cargo.lock":
        return _lock(path, value)
    about = table(value, "package")
    workspace = table(value, "workspace") or _workspace(path, files)
    shared = table(workspace, "package")
    own = None
    if name := word(about, "name"):
        own = Package(
            "cargo",
            name,
            version=_shared("version", about, shared),
            licences=tuple(filter(None, [_shared("license", about, shared)])),
        )
    return Manifest(path, own, tuple(_needs(value, workspace)))


def _workspace(path: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The workspace of the nearest Cargo.toml above that has one."""
    for folder in PurePosixPath(path).parent.parents:
        above = files.get(str(folder / "Cargo.toml"))
        if above is not None and b"[workspace" in above:
            return table(toml_of(above), "workspace")
    return {}


def _shared(name: str, about: dict[str, Any], workspace: dict[str, Any]) -> str:
    """A field, or the workspace's where it says `name.workspace = true`."""
    inherited = table(about, name).get("workspace") is True
    return word(workspace, name) if inherited else word(about, name)


def _needs(value: dict[str, Any], workspace: dict[str, Any]) -> Iterator[Package]:
    shared = table(workspace, "dependencies")
    for part in (value, *table(value, "target").values()):
        for section, scope in _SECTIONS:
            for name, asked in table(part, section).items():
                yield _need(name, asked, shared, scope)


def _need(name: str, asked: Any, shared: dict[str, Any], scope: Scope) -> Package:
    optional = isinstance(asked, dict) and asked.get("optional") is True
    if isinstance(asked, dict) and asked.get("workspace") is True:
        asked = shared.get(name, "")
    requirement = word(asked, "version") if isinstance(asked, dict) else word(asked)
    exact = _EXACT.match(requirement)
    return Package(
        "cargo",
        word(asked, "package") if isinstance(asked, dict) and word(asked, "package") else name,
        version=exact[1] if exact else "",
        requirement="" if exact else requirement,
        scope="optional" if optional and scope == "required" else scope,
    )


def _lock(path: str, value: dict[str, Any]) -> Manifest:
    """Packages without a source are those of the workspace itself: their manifests speak of
    them."""
    known: dict[str, list[Package]] = defaultdict(list)
    asked: list[tuple[Package, list[Any]]] = []
    for row in rows(value, "package"):
        if not (name := word(row, "name")):
            continue
        sum_ = word(row, "checksum")
        hashes = (("SHA-256", sum_.lower()),) if re.fullmatch("[0-9a-fA-F]{64}", sum_) else ()
        package = Package("cargo", name, version=word(row, "version"), hashes=hashes)
        known[name].append(package)
        asked.append((package, rows(row, "dependencies")))
    return Manifest(
        path,
        locked=tuple(package for package, _ in asked),
        edges=tuple(
            (package, found)
            for package, names in asked
            for name in names
            if (found := _named(word(name), known)) is not None
        ),
    )


def _named(text: str, known: dict[str, list[Package]]) -> Package | None:
    """A dependency is written as its name, with the version where there are several."""
    name, _, rest = text.partition(" ")
    version = rest.partition(" ")[0]
    found = [each for each in known.get(name, ()) if version in ("", each.version)]
    return found[0] if len(found) == 1 else None
