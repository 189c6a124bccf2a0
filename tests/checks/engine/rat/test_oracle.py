"""Nine real releases as Apache RAT 0.17 judged them, file by file, against what is said here."""

import lzma
import tarfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from checks.engine import rat
from checks.engine.rat.excludes import Exclusions
from tests.shared import SHARED, needs_shared, shared

REPORTS = sorted(SHARED.glob("data/rat-oracle/*.xml.xz"))

LATE = "RAT reads the whole file, and what decides stands behind its first 64 KiB."
CHARSET = "RAT guesses a character set that its JVM lacks; the file is unknown either way."

# By release: for each other verdict the files that have it, as (RAT's, ours, why).
DIFFERENCES: dict[str, dict[str, tuple[str, str, str]]] = {
    "apr-1.7.6.tar.bz2": {"misc/netware/aprlib.def": ("UNKNOWN", "STANDARD ?????", CHARSET)},
    "avro-c-1.12.0.tar.gz": {"docs/index.html": ("STANDARD AL2.0", "STANDARD ?????", LATE)},
    "subversion-1.14.5.tar.gz": {
        "subversion/bindings/swig/perl/native/Client.pm": (
            "STANDARD AL2.0",
            "STANDARD ?????",
            LATE,
        )
    },
    "thrift-0.24.0.tar.gz": {"CHANGES.md": ("IGNORED", "STANDARD ?????", LATE)},
}
# RAT 0.18, which the platform has, scans JavaScript and leaves out folders named bin; RAT 0.17
# takes JavaScript for binary and scans bin. How many files differ for that:
JAVASCRIPT = {"apache-zookeeper-3.8.0.tar.gz": 21, "thrift-0.24.0.tar.gz": 83}
BIN = {"apache-zookeeper-3.8.0.tar.gz": 15, "thrift-0.24.0.tar.gz": 13}


def theirs(report: Path) -> dict[str, str]:
    """RAT's verdict on each file, by its path below the root folder: type and first licence."""
    said = {}
    for resource in ET.fromstring(lzma.decompress(report.read_bytes())).iter("resource"):
        if resource.get("isDirectory") != "true":
            first = resource.find("license")
            words = [resource.attrib["type"]] + ([] if first is None else [first.attrib["id"]])
            said[resource.attrib["name"].lstrip("/")] = " ".join(words)
    return said


def ours(archive: Path) -> dict[str, str]:
    """The same in our words; what is left out is "IGNORED", as it is where RAT lists it."""
    said = {}
    left_out = Exclusions(extended=True)
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile():
                path = member.name.removeprefix("./")
                head = tar.extractfile(member).read(rat.WINDOW)
                said[path] = "IGNORED" if path in left_out else words_of(path, head)
    return said


def words_of(path: str, head: bytes) -> str:
    document = rat.read(path.rpartition("/")[2], head)
    assert rat.judge(path.rpartition("/")[2], head).is_approved == document.is_approved
    if document.type is rat.Type.GENERATED:
        return "IGNORED"
    first = document.licenses[0].id if document.licenses else "?????" * document.is_unknown
    return f"{document.type.upper()} {first}".strip()


@needs_shared
@pytest.mark.parametrize("report", REPORTS, ids=lambda path: path.name.removesuffix(".xml.xz"))
def test_every_file_gets_the_verdict_of_rat_or_a_difference_with_a_reason(report):
    name = report.name.removesuffix(".xml.xz")
    archive = next(path for path in shared("data").rglob(name))
    expected, found = theirs(report), ours(archive)
    other = {}
    javascript = in_bin = 0
    for path, verdict in found.items():
        said = expected.get(path, "IGNORED")  # RAT does not list what lies in a folder left out
        if said == verdict:
            continue
        if path.endswith(".js") and said == "BINARY":
            javascript += 1
        elif "/bin/" in path and verdict == "IGNORED":
            in_bin += 1
        else:
            other[path.partition("/")[2]] = (said, verdict)
    assert len(found) > 70
    assert other == {path: known[:2] for path, known in DIFFERENCES.get(name, {}).items()}
    assert (javascript, in_bin) == (JAVASCRIPT.get(name, 0), BIN.get(name, 0))
    links = {path for path in expected if path not in found}  # RAT follows them
    assert len(links) <= 3
