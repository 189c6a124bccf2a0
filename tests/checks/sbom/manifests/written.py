"""Reads manifests that a test has written, as they would be read from an archive."""

from typing import Any

from checks.sbom.manifests import Manifest, Package, read


def manifests(**files: str | bytes) -> dict[str, Manifest]:
    """What each says; names are written with `__` for a slash, and `_` for a dot."""
    return {each.path: each for each in read(contents(files))}


def contents(files: dict[str, Any]) -> dict[str, bytes]:
    return {
        path: content.encode() if isinstance(content, str) else content
        for path, content in files.items()
    }


def one(path: str, content: str | bytes) -> Manifest:
    """What a single file says."""
    (found,) = read(contents({path: content}))
    return found


def told(package: Package | None) -> tuple[str, ...]:
    """A package in short: its URL, what stands in place of a version, and for what it is used."""
    if package is None:
        return ()
    return tuple(filter(None, (package.reference, package.requirement, package.scope)))


def needs(manifest: Manifest) -> list[tuple[str, ...]]:
    return [told(each) for each in manifest.needs]


def locked(manifest: Manifest) -> list[tuple[str, ...]]:
    return [told(each) for each in manifest.locked]
