"""Lock files of Python: poetry.lock and uv.lock, which are written alike, and Pipfile.lock."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from checks.sbom.manifests.model import Manifest, Package, Scope
from checks.sbom.manifests.python import package_of
from checks.sbom.manifests.safe import json_of, rows, table, toml_of, word

NAMES = ("poetry.lock", "uv.lock", "Pipfile.lock")

_PINNED = re.compile(r"===?\s*([0-9][\w.!+-]*)\Z")


def read(path: str, content: bytes, files: Mapping[str, bytes]) -> Manifest:
    """All that is locked, each with its version."""
    if PurePosixPath(path).name == "Pipfile.lock":
        return Manifest(path, locked=tuple(_pipfile(json_of(content))))
    return Manifest(path, locked=tuple(_packages(toml_of(content))))


def _packages(value: dict[str, Any]) -> Iterator[Package]:
    for row in rows(value, "package"):
        source = table(row, "source")
        if "virtual" in source or "editable" in source:  # uv names the project itself too
            continue
        if (name := word(row, "name")) and (version := word(row, "version")):
            scope: Scope = "excluded" if word(row, "category") == "dev" else "required"
            yield package_of(name, version=version, scope=scope)


def _pipfile(value: dict[str, Any]) -> Iterator[Package]:
    sections: tuple[tuple[str, Scope], ...] = (("default", "required"), ("develop", "excluded"))
    for section, scope in sections:
        for name, about in table(value, section).items():
            if exact := _PINNED.match(word(about, "version")):
                yield package_of(name, version=exact[1], scope=scope)
