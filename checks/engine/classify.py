"""What kind of thing a release file is: source, binary, documentation, SBOM, metadata.

Most of it is in the name, and the policy of the project has the word over what is a source
artifact. Two answers need a bounded look at the content: an SBOM under an odd name, and a package
of npm, which looks like a source archive by its name.
"""

import re
from enum import StrEnum
from functools import lru_cache
from pathlib import PurePosixPath

from checks.engine import names, npm
from checks.engine.model import File, Policy
from checks.engine.patterns import matches

HEAD = 8192  # bytes looked at in a .json or .xml file

# What can be source at all: every other artifact is binary.
SOURCE_ARCHIVES = names.table(".tar.gz .tgz .zip .tar.bz2 .tar.xz .jar .war .whl .nar .nbm .vsix")

_CYCLONEDX = re.compile(rb'"bomFormat"\s*:\s*"CycloneDX"|http://cyclonedx\.org/schema/bom')

_PLATFORMS = names.table(
    "darwin mac macos osx linux win win32 win64 windows aarch64 arm64 arm64bit amd64 x64 x86-64 "
    "x86_64 x86 64bit apk"
)
_SOURCE_TOKENS = names.table("project source sources src")
_BINARY_TOKENS = names.table("binary-assembly binary bin")
_KIND_TOKENS = names.table("classic cli debug lib plugin plugins portable sdk vagrant war")
_DOCS_TOKENS = names.table("doc docs javadoc manual site")
_DOCS_WORDS = names.table("apidocs markdown wikipages")
_DOCS_FOLDERS = frozenset((*_DOCS_TOKENS, "wikipages"))


class FileClass(StrEnum):
    """What a release file is to the rules."""

    SOURCE = "source"
    BINARY = "binary"
    DOCS = "docs"
    SBOM = "sbom"
    METADATA = "metadata"
    DISALLOWED = "disallowed"


@lru_cache(maxsize=2_000)
def class_of(file: File, policy: Policy) -> FileClass:
    """The class of a file. Reads the beginning of it where the name leaves it open."""
    by_name = class_of_name(file.path, policy)
    if not content_decides(file.path, policy):
        return by_name
    if file.path.endswith((".json", ".xml")):
        return FileClass.SBOM if _looks_like_sbom(file) else by_name
    return FileClass.BINARY if npm.is_package(file) else by_name


def content_decides(path: str, policy: Policy) -> bool:
    """Whether the class depends on what is in the file, and not on its name and policy alone."""
    by_name = class_of_name(path, policy)
    if path.endswith((".json", ".xml")):
        return by_name == FileClass.BINARY
    return (
        by_name in (FileClass.SOURCE, FileClass.DOCS)
        and path.endswith(npm.SUFFIXES)
        and not matches(policy.source_paths, path)
    )


@lru_cache(maxsize=20_000)
def class_of_name(path: str, policy: Policy) -> FileClass:
    """The class as far as path and policy tell."""
    name = names.parse(path)
    if names.is_disallowed(path):
        return FileClass.DISALLOWED
    if name.sbom:
        return FileClass.SBOM
    if name.is_metadata:
        return FileClass.METADATA
    if not name.is_artifact:
        return FileClass.BINARY
    return _class_of_artifact(path, policy)


def _class_of_artifact(path: str, policy: Policy) -> FileClass:
    if matches(policy.source_paths, path):
        return FileClass.SOURCE
    if matches(policy.binary_paths, path) or not path.endswith(SOURCE_ARCHIVES):
        return FileClass.BINARY
    return _class_by_markers(path)


def _class_by_markers(path: str) -> FileClass:
    """Weigh the words in name and folders: an archive without any is source."""
    source, binary = _source_marks(path), _binary_marks(path)
    if source or binary:
        return FileClass.SOURCE if source >= binary else FileClass.BINARY
    if _docs_marks(path):
        return FileClass.DOCS
    return FileClass.BINARY if path.endswith((".jar", ".whl")) else FileClass.SOURCE


def _source_marks(path: str) -> int:
    return int(_names_source(path)) + int(bool(_folders(path) & {"source", "src"}))


def _names_source(path: str) -> bool:
    """Whether the file's own name says that it is source."""
    stem = _stem(path)
    return _has_token(stem, "source-release") or _has_any(stem, _SOURCE_TOKENS)


def _binary_marks(path: str) -> int:
    stem, folders = _stem(path), _folders(path)
    marks = (
        _has_any(stem, _BINARY_TOKENS),
        not _names_source(path) and _has_any(stem, _KIND_TOKENS),
        bool(folders & {"bin", "binaries", "binary"}),
        _names_platform(stem),
        any(_names_platform(folder) for folder in folders),
    )
    return sum(marks)


def _docs_marks(path: str) -> int:
    stem = _stem(path)
    marks = (
        any(word in stem.lower() for word in _DOCS_WORDS),
        _has_any(stem, _DOCS_TOKENS),
        bool(_folders(path) & _DOCS_FOLDERS),
    )
    return sum(marks)


def _stem(path: str) -> str:
    return PurePosixPath(names.parse(path).stem).name


def _folders(path: str) -> frozenset[str]:
    return frozenset(part.lower() for part in PurePosixPath(path).parts[:-1])


def _has_any(stem: str, tokens: tuple[str, ...]) -> bool:
    return any(_has_token(stem, token) for token in tokens)


def _has_token(stem: str, token: str) -> bool:
    return bool(re.search(rf"(?:^|[-_.]){re.escape(token)}(?=[-_.]|$)", stem, re.IGNORECASE))


def _names_platform(text: str) -> bool:
    """Whether a piece of the name is a platform, also one that is written with `-` or `_`."""
    return any(_has_token(text, platform) for platform in _PLATFORMS)


def _looks_like_sbom(file: File) -> bool:
    with file.location.open("rb") as stream:
        return bool(_CYCLONEDX.search(stream.read(HEAD)))
