"""npm and yarn: package.json. The lock files are read by `npm_lock`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.sbom.manifests.model import Manifest, Package, Scope
from checks.sbom.manifests.safe import json_of, table, word

NAMES = ("package.json",)

_SECTIONS: tuple[tuple[str, Scope], ...] = (
    ("dependencies", "required"),
    ("optionalDependencies", "optional"),
    ("peerDependencies", "required"),
    ("devDependencies", "excluded"),
)
_EXACT = re.compile(r"[=v]{0,2}\s*(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)\Z")


def read(path: str, content: bytes, files: Mapping[str, bytes]) -> Manifest:
    """The package, and what it asks for."""
    value = json_of(content)
    name = word(value, "name")
    own = None
    if name:
        own = package_of(name, version=word(value, "version"), licences=licences_of(value))
    return Manifest(path, own, tuple(_needs(value)))


def package_of(name: str, **more: Any) -> Package:
    """A package by the name that people write; the scope is its namespace."""
    scope, _, rest = name.rpartition("/")
    return Package("npm", rest, scope, **more)


def licences_of(value: Any) -> tuple[str, ...]:
    """The licence as it is written today, and in the two ways of old."""
    found = value.get("license") if isinstance(value, dict) else None
    several = value.get("licenses") if isinstance(value, dict) else None
    given = [found] if found else several if isinstance(several, list) else []
    words = (word(each) or word(each, "type") for each in given)
    return tuple(each for each in words if each)


def asked_for(name: str, requirement: str, scope: Scope = "required") -> Package:
    """What an entry of a list of dependencies asks for."""
    if requirement.startswith("npm:"):  # known under another name here
        real, at, requirement = requirement.removeprefix("npm:").rpartition("@")
        name, requirement = (real, requirement) if at and real else (requirement, "")
    exact = _EXACT.match(requirement)
    return package_of(
        name,
        version=exact[1] if exact else "",
        requirement="" if exact else requirement,
        scope=scope,
    )


def _needs(value: dict[str, Any]) -> Iterator[Package]:
    spared = table(value, "peerDependenciesMeta")
    seen = set()
    for section, scope in _SECTIONS:
        for name, requirement in table(value, section).items():
            if section == "dependencies" and name in table(value, "optionalDependencies"):
                continue  # there it counts
            peer = section == "peerDependencies"
            use = "optional" if peer and table(spared, name).get("optional") is True else scope
            if name not in seen:
                seen.add(name)
                yield asked_for(name, word(requirement), use)
