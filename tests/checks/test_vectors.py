"""The platform's vectors for names, classes, checksums, structure, licence texts and archives.

Each row has the number that it has in the list of vectors. Where we decide otherwise on purpose,
the row says what we say, and `ours` marks it; the reason stands in `docs/checks.md`.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from checks.engine import names
from checks.engine.classify import FileClass, class_of
from checks.engine.model import Level, Policy
from tests.checks.engine import made
from tests.checks.engine.made import LICENSE, NOTICE, signed, source, tar, zipped

BLOCKER, CONCERN, SUGGESTION, NOTE = reversed(Level)
DATA = b"the bytes of an artifact"
D512, D256 = hashlib.sha512(DATA).hexdigest(), hashlib.sha256(DATA).hexdigest()
PACKAGE = json.dumps({"name": "thing", "version": "1.2.3"}).encode()


def row(number: str, *values: Any, ours: bool = False) -> Any:
    return pytest.param(*values, id=f"{number}-ours" if ours else number)


@pytest.mark.parametrize(
    ("path", "artifact", "metadata", "sbom"),
    [
        row("S01", "a-1.0.tar.gz", ".tar.gz", "", False),
        row("S02", "a.jar.pack.gz", ".jar.pack.gz", "", False),
        row("S04", "a.tar.gz.asc.md5", ".tar.gz", ".asc.md5", False),
        row("S05", "a.zip.sha512.asc", ".zip", ".sha512.asc", False),
        *(
            row("S07", name, "", "", False)
            for name in ("a.TAR.GZ", "a.7z", "a.tar.zst", "a.ear", "a.apk")
        ),
        row("S08", "run.sh", ".sh", "", False),
        row("S08", "run.sh.asc", ".sh", ".asc", False),
        row("S10", "a.tar.gz.cdx.json", ".tar.gz", ".cdx.json", True),
        *(
            row("S11", name, "", "", True)
            for name in ("camel-k-2.11.0-sbom.json", "sbom.json", "bom.xml")
        ),
    ],
)
def test_a_suffix_is_recognised(path: str, artifact: str, metadata: str, sbom: bool) -> None:
    name = names.parse(path)
    assert (name.artifact, name.metadata) == (artifact, metadata)
    assert names.is_sbom(path) is sbom


PACKED = {"package/package.json": PACKAGE}
SOURCE_LIST = {"source_paths": ("*",)}
BOTH_LISTS = SOURCE_LIST | {"binary_paths": ("*",)}


@pytest.mark.parametrize(
    ("path", "members", "policy", "kind"),
    [
        *(
            row("C01", f"apache-widget-1.0{end}", {}, {}, "source")
            for end in (".tar.gz", ".tgz", ".zip")
        ),
        row("C02", "apache-widget-1.0-binary.zip", {}, {}, "binary"),
        row("C04", "widget-1.0.jar", {}, {}, "binary"),
        row("C04", "widget-1.0-py3-none-any.whl", {}, {}, "binary"),
        row("C05", "widget-1.0-linux-x86_64.tar.gz", {}, {}, "binary"),
        row("C07", "thing-1.2.3.tgz", PACKED, {}, "binary"),
        row("C08", "thing-1.2.3.tgz", PACKED | {"other/x": b""}, {}, "source"),
        row("C08", "thing-1.2.3.tgz", {"package": "elsewhere"}, {}, "source"),
        row("C08", "thing-1.2.3.tgz", {"package/package.json": b"{"}, {}, "source"),
        row("C10", "widget-1.0-binary.zip", {}, BOTH_LISTS, "source"),
        row("C11", "x.tar.gz.sha512", {}, {}, "metadata"),
        row("C11", "x.cdx.json", {}, {}, "sbom"),
        *(
            row("C13", f"widget-1.0.{end}", {}, {}, "binary")
            for end in ("rpm", "deb", "msi", "dmg", "exe")
        ),
        row("C14", "KEYS", {}, {}, "disallowed"),
        row("C14", "secret.key", {}, {}, "disallowed"),
    ],
)
def test_a_file_has_its_class(
    tmp_path, path: str, members: Mapping, policy: Mapping[str, Any], kind: str
) -> None:
    file = made.file(tmp_path, path, tar(members) if members else b"")
    assert class_of(file, Policy(**policy)) == FileClass(kind)


A, POD = "a-1.0-src.tar.gz", "x-incubating-1.0.zip"
TOP_LEVEL = {"project": "tool", "committee": "tool"}
WITHOUT = [A, f"{A}.sha512"]
TRIPLETS = [each for n in range(300) for each in signed(f"sub/{n}/b-{n}.jar")]


@pytest.mark.parametrize(
    ("files", "about", "level", "says", "policy"),
    [
        row("P01", signed(A), A, NOTE, "", {}),
        row("P02", WITHOUT, A, BLOCKER, "no signature", {}),
        row("P04", [A, f"{A}.asc", f"{A}.md5"], A, BLOCKER, "no SHA-256 or SHA-512", {}),
        row("P04", [A, f"{A}.asc", f"{A}.md5"], f"{A}.md5", BLOCKER, "MD5", {}),
        row("P05", [*signed(A), f"{A}.sha1"], f"{A}.sha1", SUGGESTION, "", {}),
        row("P07", [*signed(A), f"{A}.MD5"], f"{A}.MD5", SUGGESTION, "", {}),
        row("P07", [*signed(A), f"{A}.SHA512"], f"{A}.SHA512", SUGGESTION, "", {}),
        row("P08", [*signed(A), f"{A}.asc.md5"], f"{A}.asc.md5", BLOCKER, "MD5", {}),
        row("P10", [*signed(A), ".foo"], ".foo", CONCERN, "", {}),
        row("P10", [*signed(A), "sub/.foo/x"], "sub/.foo/x", CONCERN, "", {}),
        row("P11", [*signed(A), "sub/.gitkeep"], "sub/.gitkeep", None, "", {}),
        row("P11", [*signed(A), "sub/.atr-note"], "sub/.atr-note", None, "", {}),
        row("P13", [*signed(A), "x-1.0.cdx.json"], "x-1.0.cdx.json", CONCERN, "", {}),
        row("P14", [*signed("x-1.0.zip"), "x-1.0.cdx.json"], "x-1.0.cdx.json", NOTE, "", {}),
        row("P16", [*signed(A), "RELEASE_NOTES.md"], "RELEASE_NOTES.md", CONCERN, "", {}),
        row("P17", [*signed(A), "docs/index.html"], "docs/index.html", None, "", {}),
        row(
            "P19", signed("x-incubating-1.0.zip"), "x-incubating-1.0.zip", NOTE, "", {"podling": 1}
        ),
        row("P20", signed("a-1.0-bin.zip"), "", BLOCKER, "no source archive", {}),
        row("P22", [*signed(A), *(f"docs/{n}" for n in range(513))], "", BLOCKER, "513", {}),
        row("P23", [*signed(A), *TRIPLETS], "", None, "", {}),
        row(
            "P25", signed("tool/x-1.0.zip"), "", None, "", {"project": "tool", "committee": "tool"}
        ),
        row("P26", [*signed(A), *signed("sbom.json")], "sbom.json", NOTE, "", {}),
    ],
)
def test_names_of_files_together(
    tmp_path, files: list[str], about: str, level: Level | None, says: str, policy: dict
) -> None:
    found = made.findings(made.candidate(tmp_path, files, **policy), "paths")
    mine = [each for each in found if each.path == about]
    assert made.worst(mine) == level
    assert says in " ".join(each.message for each in mine)


@pytest.mark.parametrize(
    ("name", "content", "artifact", "level", "says"),
    [
        row("H01", "sha512", D512, DATA, NOTE, ""),
        row("H02", "sha512", f"{D512}  x.tar.gz\n", DATA, NOTE, ""),
        row("H04", "sha512", f"SHA512 (x.tar.gz) = {D512}", DATA, NOTE, ""),
        row("H05", "sha256", f"SHA256 (x.tar.gz) = {D256}", DATA, NOTE, "", ours=True),
        row("H07", "sha512", D512.upper(), DATA, NOTE, ""),
        row("H08", "sha512", "", DATA, BLOCKER, "empty"),
        row("H08", "sha512", " \n", DATA, BLOCKER, "empty"),
        row("H10", "sha512", "0" * 128, DATA, BLOCKER, ""),
        row("H11", "sha512", D512, None, BLOCKER, "no x.tar.gz"),
        row("H13", "sha512", f"\ufeff{D512}", DATA, CONCERN, "byte order mark", ours=True),
    ],
)
def test_a_checksum_file(
    tmp_path, name: str, content: str, artifact: bytes | None, level: Level, says: str
) -> None:
    files = {f"x.tar.gz.{name}": content.encode()}
    files |= {} if artifact is None else {"x.tar.gz": artifact}
    found = made.findings(made.candidate(tmp_path, files), "checksum")
    assert made.worst(found) == level
    assert says in " ".join(each.message for each in found)


EXAMPLE = "apache-example-1.2.3"
HUGE = json.dumps({"name": "thing", "version": "1.2.3", "x": "y" * (600 << 10)}).encode()
SCOPED = json.dumps({"name": "@x/thing", "version": "1.2.3"}).encode()


@pytest.mark.parametrize(
    ("name", "content", "level", "policy"),
    [
        row("R01", f"{EXAMPLE}.tar.gz", tar({f"{EXAMPLE}/x": b""}), NOTE, {}),
        row("R02", f"{EXAMPLE}-src.tar.gz", tar({f"{EXAMPLE}/x": b""}), NOTE, {}),
        row("R02", f"{EXAMPLE}-src.tar.gz", tar({f"{EXAMPLE}-src/x": b""}), NOTE, {}),
        row("R04", "a-1.0-sources.tar.gz", tar({"a-1.0/x": b""}), NOTE, {}, ours=True),
        row("R05", "a-1.0-src-20251202.tar.gz", tar({"a-1.0/x": b""}), SUGGESTION, {}),
        row("R07", "a-1.0.tgz", tar({"x": b"y"}), SUGGESTION, {}),
        row("R08", "a-1.0.tgz", tar({"a-1.0/x": b"", "._a-1.0": b""}), NOTE, {}),
        row("R10", "a-1.0.zip", zipped({}), NOTE, {}, ours=True),  # archive.integrity blocks it
        row("R11", "thing-1.2.3.tgz", tar(PACKED), NOTE, SOURCE_LIST),
        row("R13", "thing-1.2.3.tgz", tar({"package/package.json": SCOPED}), NOTE, SOURCE_LIST),
        row("R14", "thing-1.2.3.tgz", tar({"package/package.json": HUGE}), SUGGESTION, SOURCE_LIST),
        row("R14", "x-1.tgz", tar({"package/package.json": "../x"}), SUGGESTION, SOURCE_LIST),
    ],
)
def test_the_structure_of_a_source_archive(
    tmp_path, name: str, content: bytes, level: Level, policy: dict
) -> None:
    candidate = made.candidate(tmp_path, {name: content}, **policy)
    assert made.worst(made.findings(candidate, "archive.structure")) == level


def notice(years: str, first: str = "Apache Example", the: str = "The ") -> bytes:
    return (
        f"{first}\nCopyright {years} {the}Apache Software Foundation\n\nThis product includes "
        "software developed at The Apache Software Foundation (http://www.apache.org/).\n"
    ).encode()


HTTPS = LICENSE.replace(b"http://www", b"https://www")
NO_APPENDIX = LICENSE[: LICENSE.index(b"APPENDIX")]
STRAY = {**source("r"), "stray": b""}
TWO = {**source("r"), "s/x": b""}
PODLING = {"podling": True}


@pytest.mark.parametrize(
    ("members", "level", "says", "policy"),
    [
        row("L01", source("r"), NOTE, "", {}),
        row("L02", source("r", LICENSE=LICENSE + b"\nAnd MIT, for x.\n"), NOTE, "", {}),
        row("L04", source("r", LICENSE=HTTPS), NOTE, "", {}),
        row("L05", source("r", LICENSE=NO_APPENDIX), BLOCKER, "", {}),
        row("L07", source("r", LICENSE=b"\xef\xbb\xbf" + LICENSE), SUGGESTION, "", {}, ours=True),
        row("L07", source("r", LICENSE=b"My Product\n" + LICENSE), SUGGESTION, "", {}, ours=True),
        row(
            "L08",
            source("r", LICENSE=None, **{"LICENSE.txt": LICENSE}),
            *(SUGGESTION, "Rename it to LICENSE", {}),
            ours=True,
        ),
        row("L10", TWO, CONCERN, "2 folders", {}),
        row("L11", STRAY, NOTE, "", {}),
        row("L14", source("r", LICENSE=None), None, "", {"license_mode": "rat"}),
        row("L16", source("r", NOTICE=notice("2020-2024")), NOTE, "", {}),
        *(
            row("L17", source("r", NOTICE=notice(years)), NOTE, "", {}, ours=True)
            for years in ("2020 - 2024", "(c) 2024", "2020, 2024", "2020-present")
        ),
        row("L17", source("r", NOTICE=notice("2024", the="")), NOTE, "", {}, ours=True),
        row("L17", source("r", NOTICE=notice("24")), CONCERN, "copyright", {}),
        row("L19", source("r", NOTICE=notice("2024", "Foo")), NOTE, "", {}),
        row("L20", source("r", NOTICE=NOTICE + b"\xe9"), CONCERN, "UTF-8", {}),
        row("L22", source("r"), BLOCKER, "DISCLAIMER", PODLING),
        row("L22", source("r", **{"DISCLAIMER-WIP": b"In work."}), NOTE, "", PODLING),
    ],
)
def test_licence_texts_of_a_source_archive(
    tmp_path, members: Mapping, level: Level | None, says: str, policy: dict
) -> None:
    candidate = made.candidate(tmp_path, {"r.tar.gz": tar(members)}, **policy)
    found = made.findings(candidate, "license.files")
    assert made.worst(found) == level
    assert says in " ".join(each.message for each in found)


@pytest.mark.parametrize(
    ("members", "level", "policy"),
    [
        row("L13", {"r/x": b""}, BLOCKER, {}),
        row("L23", source("r"), NOTE, PODLING),
    ],
)
def test_licence_texts_of_a_binary_archive(
    tmp_path, members: Mapping, level: Level, policy: dict
) -> None:
    candidate = made.candidate(tmp_path, {"r-bin.zip": zipped(dict(members))}, **policy)
    assert made.worst(made.findings(candidate, "license.files")) == level
