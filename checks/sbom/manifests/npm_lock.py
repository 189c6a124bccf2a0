"""Lock files of npm (versions 1 to 3) and of yarn: what is installed, each with its version."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from checks.sbom.manifests.model import Manifest, Package, Scope, Unreadable
from checks.sbom.manifests.npm import licences_of, package_of
from checks.sbom.manifests.safe import json_of, table, text_of, word

NAMES = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock")

MAX_NESTED = 50  # node_modules in node_modules
_INSTALLED = "node_modules/"
_ALGORITHMS = {"sha512": "SHA-512", "sha384": "SHA-384", "sha256": "SHA-256", "sha1": "SHA-1"}
_LENGTHS = {"SHA-512": 64, "SHA-384": 48, "SHA-256": 32, "SHA-1": 20}
# The first of several ways in which a package is asked for, with or without the protocol.
_YARN_KEY = re.compile(r'"?(?P<name>(?:@[^/@\s"]+/)?[^/@\s"]+)@(?P<asked>[^,"\s:][^,"]*)')
_YARN_VERSION = re.compile(r'  version:? "?([0-9][^"\s]*)"?\s*\Z')

Known = dict[str, Package]  # by the path that it is installed at


def read(path: str, content: bytes, files: Mapping[str, bytes]) -> Manifest:
    """All that is installed, and what asks for what, as far as the lock file says so."""
    if PurePosixPath(path).name == "yarn.lock":
        return Manifest(path, locked=tuple(_yarn(text_of(content))))
    value = json_of(content)
    if "packages" in value:
        return _packages(path, table(value, "packages"))
    return Manifest(path, locked=tuple(_tree(table(value, "dependencies"))))


def _packages(path: str, installed: dict[str, Any]) -> Manifest:
    known: Known = {}
    for at, about in installed.items():
        name = word(about, "name") or at.rpartition(_INSTALLED)[2]
        if _INSTALLED in at and name and not table(installed, at).get("link"):
            known[at] = package_of(
                name,
                version=word(about, "version"),
                scope=_scope(about),
                licences=licences_of(about),
                hashes=_hashes(about),
            )
    edges = []
    for at, package in known.items():
        asked = table(installed[at], "dependencies") | table(installed[at], "optionalDependencies")
        found = (_resolved(at, name, known) for name in asked)
        edges += [(package, each) for each in found if each is not None]
    return Manifest(path, locked=tuple(known.values()), edges=tuple(edges))


def _resolved(at: str, name: str, known: Known) -> Package | None:
    """What a package finds under a name: in its own folder, else in those above."""
    folder = at
    for _ in range(MAX_NESTED):
        if found := known.get(f"{folder}/{_INSTALLED}{name}" if folder else _INSTALLED + name):
            return found
        if not folder:
            return None
        folder = folder.rpartition(_INSTALLED)[0].rstrip("/") if _INSTALLED in folder else ""
    return None


def _tree(dependencies: dict[str, Any], depth: int = 0) -> Iterator[Package]:
    """Version 1: what is installed inside a package stands inside it."""
    if depth > MAX_NESTED:
        raise Unreadable("its packages are nested too deeply")
    for name, about in dependencies.items():
        version = word(about, "version")
        if re.match(r"\d", version):  # else an address
            yield package_of(name, version=version, scope=_scope(about), hashes=_hashes(about))
        yield from _tree(table(about, "dependencies"), depth + 1)


def _scope(about: Any) -> Scope:
    if not isinstance(about, dict):
        return "required"
    if about.get("dev") is True or about.get("devOptional") is True:
        return "excluded"
    return "optional" if about.get("optional") is True else "required"


def _hashes(about: Any) -> tuple[tuple[str, str], ...]:
    """The digests of the package's file, which npm writes in base 64."""
    found = {}
    for each in word(about, "integrity").split()[:10]:
        kind, _, encoded = each.partition("-")
        try:
            digest = base64.b64decode(encoded.partition("?")[0], validate=True)
        except (binascii.Error, ValueError):
            continue
        name = _ALGORITHMS.get(kind, "")
        if name and len(digest) == _LENGTHS[name]:
            found[name] = digest.hex()
    return tuple(sorted(found.items()))


def _yarn(text: str) -> Iterator[Package]:
    """Both forms of yarn.lock: a line with names at the margin, and below it the version."""
    name = ""
    for line in text.splitlines():
        if line and not line[0].isspace():
            key = _YARN_KEY.match(line)
            local = key is not None and key["asked"].startswith(("workspace:", "link:", "portal:"))
            name = key["name"] if key is not None and not local else ""
            if key is not None and key["asked"].startswith("npm:") and "@" in key["asked"][5:]:
                name = key["asked"].removeprefix("npm:").rpartition("@")[0]
        elif name and (found := _YARN_VERSION.match(line)):
            yield package_of(name, version=found[1])
            name = ""
