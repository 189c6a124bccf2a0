"""Go modules: go.mod, with go.sum beside it."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from checks.sbom.manifests.model import Manifest, Package
from checks.sbom.manifests.safe import text_of

NAMES = ("go.mod",)

_VERSION = re.compile(r"v\d[0-9A-Za-z.+-]*\Z")


class _Line(NamedTuple):
    verb: str
    words: list[str]
    comment: str


def read(path: str, content: bytes, files: Mapping[str, bytes]) -> Manifest:
    """The module, and every module that its builds are made with.

    Since Go 1.17 these are all that there are, and those that the module does not import itself are
    marked as indirect. go.sum lists modules as well that were only considered, so it adds none.
    """
    lines = list(_lines(text_of(content)))
    own = None
    locked: list[Package] = []
    needs: list[Package] = []
    replaced = dict(_replaced(lines))
    for verb, words, comment in lines:
        if verb == "module" and words:
            own = _module(words[0])
        elif verb == "require" and len(words) == 2:
            name, version = replaced.get(words[0]) or (words[0], words[1])
            if name.startswith((".", "/")):  # a folder of this very archive
                name, version = words[0], ""
            found = _module(name, version)
            (locked if "indirect" in comment else needs).append(found)
    return Manifest(path, own, tuple(needs), tuple(locked))


def _module(name: str, version: str = "") -> Package:
    namespace, _, last = name.strip("\"`'").rpartition("/")
    exact = version if _VERSION.match(version) else ""
    return Package("golang", last, namespace, exact, requirement="" if exact else version)


def _lines(text: str) -> Iterator[_Line]:
    """Each directive, those in brackets one by one."""
    block = ""
    for raw in text.splitlines():
        line, _, comment = raw.partition("//")
        words = line.split()
        if block and words == [")"]:
            block = ""
        elif words and words[-1] == "(":
            block = words[0]
        elif block and words:
            yield _Line(block, words, comment)
        elif words:
            yield _Line(words[0], words[1:], comment)


def _replaced(lines: list[_Line]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Which module stands for which: `old [version] => new [version]`."""
    for verb, words, _ in lines:
        if verb == "replace" and "=>" in words:
            at = words.index("=>")
            new = words[at + 1 :]
            if words[:at] and new:
                yield words[0], (new[0], new[1] if len(new) > 1 else "")
