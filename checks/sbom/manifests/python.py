"""Python: requirements files, pyproject.toml, metadata of distributions. Locks: `python_lock`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from checks.sbom.manifests.model import Manifest, Package, Scope, Unreadable
from checks.sbom.manifests.safe import rows, table, text_of, toml_of, word

NAMES = ("pyproject.toml", "PKG-INFO", "METADATA")
REQUIREMENTS = re.compile(r"(?:[\w.-]*[-_.])?requirements(?:[-_.][\w.-]*)?\.(?:txt|in)\Z")

MAX_LINE = 2_000  # characters of one requirement
MAX_LINES = 20_000  # requirements in one list
_FOR_TESTS = re.compile(
    r"(?:^|[-_./])(?:dev|develop|test|tests|testing|docs?|lint|ci)(?:[-_./]|\Z)"
)
_TESTS = {"dev", "develop", "development", "test", "tests", "testing", "doc", "docs", "lint"}


def is_requirements(path: str) -> bool:
    """Whether a file of this path is what pip is given with -r."""
    parts = PurePosixPath(path)
    return bool(REQUIREMENTS.match(parts.name)) or (
        parts.parent.name == "requirements" and parts.suffix == ".txt"
    )


def read(path: str, content: bytes, files: Mapping[str, bytes]) -> Manifest:
    """What a file says, by its name."""
    name = PurePosixPath(path).name
    if name == "pyproject.toml":
        return _pyproject(path, toml_of(content))
    if name in ("PKG-INFO", "METADATA"):
        return _metadata(path, content)
    return _requirements(path, text_of(content))


def package_of(name: str, **more: Any) -> Package:
    """A package by its name, in the one way to write it that the index knows."""
    return Package("pypi", canonicalize_name(name), **more)


def asked_for(text: str, scope: Scope = "required") -> Package:
    """What one requirement asks for; Unreadable for what is none."""
    try:
        found = Requirement(text[:MAX_LINE])
    except InvalidRequirement as error:
        raise Unreadable(f"it has a line that is no requirement: {text[:60]!r}") from error
    pins = [each for each in found.specifier if each.operator in ("==", "===")]
    exact = pins[0].version if len(found.specifier) == len(pins) == 1 else ""
    if exact.endswith(".*"):
        exact = ""
    if found.marker is not None and "extra" in str(found.marker) and scope == "required":
        scope = "optional"
    told = str(found.specifier) or (f"@ {found.url}" if found.url else "")
    return package_of(found.name, version=exact, requirement="" if exact else told, scope=scope)


def _requirements(path: str, text: str) -> Manifest:
    """One line that is none, and the file is something else that has this name, such as a text."""
    scope: Scope = "excluded" if _FOR_TESTS.search(PurePosixPath(path).stem) else "required"
    found, odd = _all(_lines(text), scope)
    if odd:
        raise Unreadable(odd)
    return Manifest(path, needs=tuple(found))


def _lines(text: str) -> Iterator[str]:
    """The requirements of a file without comments, options and hashes."""
    joined = re.sub(r"\\\r?\n", " ", text)
    for raw in joined.splitlines():
        line = re.sub(r"(?:^|\s)#.*", "", raw).strip()
        line = re.sub(r"\s--?[a-z].*", "", line)
        if line and not line.startswith(("-", ".", "/")) and "://" not in line.partition("@")[0]:
            yield line


def _all(lines: Iterable[str], scope: Scope) -> tuple[list[Package], str]:
    """What can be read of these, and what is wrong with the first that cannot."""
    found: list[Package] = []
    odd = ""
    for count, line in enumerate(lines):
        if count >= MAX_LINES:
            return found, f"it asks for more than {MAX_LINES:,} packages"
        try:
            found.append(asked_for(line, scope))
        except Unreadable as error:
            odd = odd or str(error)
    return found, odd


def _pyproject(path: str, value: dict[str, Any]) -> Manifest:
    project, poetry = table(value, "project"), table(table(value, "tool"), "poetry")
    own = None
    if name := word(project, "name") or word(poetry, "name"):
        licence = project.get("license", poetry.get("license"))
        told = word(licence) or word(licence, "text")
        version = word(project, "version") or word(poetry, "version")
        own = package_of(name, version=version, licences=(told,) if is_short(told) else ())
    found, odd = _all(_words(rows(project, "dependencies")), "required")
    for group, lines in table(project, "optional-dependencies").items():
        scope: Scope = "excluded" if group.lower() in _TESTS else "optional"
        more, worse = _all(_words(lines if isinstance(lines, list) else []), scope)
        found, odd = found + more, odd or worse
    builders, worse = _all(_words(rows(table(value, "build-system"), "requires")), "excluded")
    needs = (*found, *builders, *_poetry(poetry))
    return Manifest(path, own, tuple(needs), problem=odd or worse)


def _words(values: Iterable[Any]) -> list[str]:
    return [text for each in values if (text := word(each))]


def _poetry(poetry: dict[str, Any]) -> Iterator[Package]:
    """Poetry's own lists, with requirements in a form of its own."""
    groups = table(poetry, "group")
    yield from _of_group(table(poetry, "dependencies"), "required")
    yield from _of_group(table(poetry, "dev-dependencies"), "excluded")
    for name in groups:
        yield from _of_group(table(table(groups, name), "dependencies"), "excluded")


def _of_group(asked: dict[str, Any], scope: Scope) -> Iterator[Package]:
    for name, value in asked.items():
        if name.lower() == "python":
            continue
        optional = isinstance(value, dict) and value.get("optional") is True
        told = word(value, "version") if isinstance(value, dict) else word(value)
        use: Scope = "optional" if optional and scope == "required" else scope
        exact = re.fullmatch(r"==\s*([0-9][\w.!+-]*)", told)
        version = exact[1] if exact else ""
        yield package_of(name, version=version, requirement="" if exact else told, scope=use)


def _metadata(path: str, content: bytes) -> Manifest:
    """PKG-INFO of a source distribution, METADATA of a wheel."""
    raw, _ = parse_email(content)
    if not (name := word(raw.get("name"))):
        raise Unreadable("it names no package")
    told = word(raw.get("license_expression")) or word(raw.get("license"))
    licences = (told,) if is_short(told) and told != "UNKNOWN" else ()
    own = package_of(name, version=word(raw.get("version")), licences=licences)
    found, odd = _all(_words(raw.get("requires_dist") or []), "required")
    return Manifest(path, own, tuple(found), problem=odd)


def is_short(licence: str) -> bool:
    """Whether this is the name of a licence, and not its text, which may stand there too."""
    return bool(licence) and len(licence) <= 100 and "\n" not in licence
