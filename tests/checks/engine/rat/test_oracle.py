"""Nine real releases as Apache RAT 0.17 judged them, file by file, against what is said here."""

import json
import lzma
from pathlib import Path

import pytest

from checks.engine.rat import verdicts
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
# RAT 0.18, which the platform has, scans JavaScript and leaves out folders named bin; RAT 0.17,
# which made these reports, takes JavaScript for binary and scans bin. The files that differ for
# that, by archive: "javascript" and "bin".
OF_ANOTHER_RAT = json.loads((Path(__file__).parent / "rat_017.json").read_text())


@needs_shared
@pytest.mark.parametrize("report", REPORTS, ids=lambda path: path.name.removesuffix(".xml.xz"))
def test_every_file_gets_the_verdict_of_rat_or_a_difference_with_a_reason(report):
    name = report.name.removesuffix(".xml.xz")
    archive = next(path for path in shared("data").rglob(name))
    expected = verdicts.theirs(lzma.decompress(report.read_bytes()))
    found = verdicts.ours(archive, follow=False)  # as RAT was run for these reports
    other = {}
    javascript, in_bin = [], []
    for path, (said, verdict) in verdicts.differences(expected, found).items():
        if path.endswith(".js") and said == "BINARY":
            javascript.append(path.partition("/")[2])
        elif "/bin/" in path and verdict == "IGNORED":
            in_bin.append(path.partition("/")[2])
        else:
            other[path.partition("/")[2]] = (said, verdict)
    assert len(found) > 70
    assert other == {path: known[:2] for path, known in DIFFERENCES.get(name, {}).items()}
    known = OF_ANOTHER_RAT.get(name, {"javascript": [], "bin": []})
    assert {"javascript": sorted(javascript), "bin": sorted(in_bin)} == known
    links = {path for path in expected if path not in found}  # RAT follows them
    assert len(links) <= 3
