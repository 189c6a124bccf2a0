"""Makes files, archives and candidates for tests of the engine and its rules."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from checks.engine.model import Candidate, File, Finding, Level, Policy, UnitResult
from checks.engine.plan import Unit, plan
from checks.engine.run import run
from trusted_releases.lib.digests import digest_of

LICENSE = (
    Path(__file__).resolve().parents[3] / "checks" / "rules" / "data" / "apache-2.0.txt"
).read_bytes()
NOTICE = (
    b"Apache Example\nCopyright 2024 The Apache Software Foundation\n\n"
    b"This product includes software developed at\n"
    b"The Apache Software Foundation (http://www.apache.org/).\n"
)


class Hard(str):
    """Where a hard link leads."""

    __slots__ = ()


Content = bytes | str | None  # a link is text, a folder is None


def file(folder: Path, path: str, content: bytes) -> File:
    """A file of a release, written below a folder."""
    location = folder / path
    location.parent.mkdir(parents=True, exist_ok=True)
    location.write_bytes(content)
    digest = digest_of([content])
    return File(path, location, digest.size, digest.sha256, digest.sha512)


def candidate(folder: Path, files: Mapping[str, bytes] | Iterable[str], **policy: Any) -> Candidate:
    """A candidate of these files (empty ones where only names are given) under a policy."""
    contents = files if isinstance(files, Mapping) else dict.fromkeys(files, b"")
    made = tuple(file(folder, path, content) for path, content in contents.items())
    return Candidate(made, replace(Policy(), **policy))


def signed(*artifacts: str) -> list[str]:
    """Names of artifacts, and of a signature and a checksum for each."""
    return [name + suffix for name in artifacts for suffix in ("", ".asc", ".sha512")]


def tar(members: Mapping[str, Content], mode: str = "w:gz") -> bytes:
    """A tar archive: bytes become files, None a folder, text a symbolic link."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            archive.addfile(*_tar_member(name, content))
    return buffer.getvalue()


def _tar_member(name: str, content: Content) -> tuple[tarfile.TarInfo, io.BytesIO | None]:
    info = tarfile.TarInfo(name)
    info.mode = 0o644
    if content is None:
        info.type, info.mode = tarfile.DIRTYPE, 0o755
        return info, None
    if isinstance(content, str):
        info.type = tarfile.LNKTYPE if isinstance(content, Hard) else tarfile.SYMTYPE
        info.linkname = content
        return info, None
    info.size = len(content)
    return info, io.BytesIO(content)


def zipped(members: Mapping[str, bytes | None]) -> bytes:
    """A zip archive: bytes become files, None a folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name if content is not None else f"{name}/", content or b"")
    return buffer.getvalue()


def source(root: str, **extra: Content) -> dict[str, Content]:
    """Members of a good source archive; keywords replace or, with None, leave out a text."""
    texts: dict[str, Content] = {"LICENSE": LICENSE, "NOTICE": NOTICE, **extra}
    good = {f"{root}/{name}": content for name, content in texts.items() if content is not None}
    return {root: None, **good, f"{root}/main.c": b"int main(void) { return 0; }\n"}


def results(candidate: Candidate, wanted: Callable[[Unit], bool] = bool) -> list[UnitResult]:
    """Run all units, or some, in this process; a failing rule fails the test."""
    found = list(run(candidate, [unit for unit in plan(candidate) if wanted(unit)]))
    assert [result.error for result in found if result.error] == []
    return found


def findings(candidate: Candidate, rule: str) -> list[Finding]:
    """What one rule says about a candidate."""
    every = results(candidate, lambda unit: rule in unit.rules)
    return [each for result in every for each in result.findings if each.rule == rule]


def results_of(candidate: Candidate, rule: str) -> list[Finding]:
    """What one rule says when all rules run, as it is where some use what others found."""
    every = [each for result in results(candidate) for each in result.findings]
    return [each for each in every if each.rule == rule]


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def worst(found: Iterable[Finding]) -> Level | None:
    return max((each.level for each in found), key=lambda level: level.rank, default=None)
