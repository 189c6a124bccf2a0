"""The hostile archives of the shared corpus: each is answered as its label says.

Labels are recommendations for a whole platform. What other rules answer (licence files, headers,
the name of the top directory) is listed here by rule; where the reader decides otherwise, the
reason stands beside the case.
"""

import json
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from checks.engine.archive import walk
from checks.engine.model import Level, Limits
from tests.checks.engine.archive.build import found
from tests.shared import ROOT, SHARED, needs_shared

# The reader has nothing to say about these; the rule named answers.
OTHER_RULES = {
    "structure": {"root_file_extra", "flat", "root_mismatch"},
    "licence files": {
        "sym_license_inside",
        "lic_missing",
        "lic_lowercase",
        "lic_bom",
        "lic_utf16",
        "lic_one_word",
        "lic_appended",
        "notice_missing",
        "notice_latin1",
        "notice_wrong",
    },
    "licence headers": {
        "hdr_late",
        "hdr_utf16",
        "hdr_redos",
        "hdr_generated_lie",
        "hdr_binary_ext",
    },
}
SILENT = set().union(*OTHER_RULES.values())

# Where the reader decides otherwise than the label.
OTHERWISE = {
    # 65,000 empty files are within the 100,000 members that the reference platform and our
    # default allow; a person is asked to look. A policy with a lower limit rejects it.
    ("zip", "bomb_members"): Level.CONCERN,
    # Not only a PDF header: all offsets point four bytes too far, so that unzip calls it damaged
    # and Python reads it with a negative correction. A prefix alone is a concern (rows_zip_whole).
    ("zip", "poly_pdf"): Level.BLOCKER,
}

# The label speaks of a platform whose limit is lower than the default.
LIMITS = {("tar", "bomb_reset_counter"): Limits(total_size=1 << 20)}

CANARIES = (Path("/tmp/evil-canary"), Path("/tmp/evil-canary-2"))


def labels() -> list[dict]:
    manifest = SHARED / "data" / "evil" / "manifest.json"
    if not manifest.exists():
        return []
    return [each for each in json.loads(manifest.read_text()) if each["kind"] in ("tar", "zip")]


@pytest.fixture(scope="module")
def evil(tmp_path_factory) -> Path:
    """The corpus, unpacked; its members are archives, and stay what they are."""
    folder = tmp_path_factory.mktemp("evil")
    with tarfile.open(SHARED / "data" / "evil" / "cases.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def highest(levels) -> Level:
    return max(levels, key=list(Level).index, default=Level.NOTE)


def allowed(label: dict) -> set[Level]:
    """The levels that the most serious problem of this case may have."""
    case = (label["kind"], label["case"])
    if case in OTHERWISE:
        return {OTHERWISE[case]}
    if label["case"] in SILENT:
        return {Level.NOTE}
    return {
        "accept": {Level.NOTE, Level.SUGGESTION},
        "warn": {Level.SUGGESTION, Level.CONCERN},
        "reject": {Level.BLOCKER},
    }[label["expect"]]


@needs_shared
@pytest.mark.parametrize("label", labels(), ids=lambda label: f"{label['kind']}-{label['case']}")
def test_a_hostile_archive_is_answered_as_its_label_says(evil, label):
    path = evil / label["file"]
    limits = LIMITS.get((label["kind"], label["case"]), Limits())
    start = time.process_time()
    report = walk(path, path.name, limits)
    assert highest(found(report).values()) in allowed(label), (label["why"], report.problems)
    assert report.digest.size == label["size"]
    assert time.process_time() - start < 10
    assert not any(canary.exists() for canary in CANARIES)


ALL_OF_THEM = """
import sys
from pathlib import Path
from checks.engine.archive import is_archive, walk
from checks.engine.model import Limits
for path in Path(sys.argv[1]).rglob("*"):
    if path.is_file() and is_archive(path.name):
        walk(path, path.name, Limits())
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["VmHWM"].split()[0]) >> 10)
"""


@needs_shared
def test_no_hostile_archive_takes_much_memory(evil):
    done = subprocess.run(
        [sys.executable, "-c", ALL_OF_THEM, evil],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 300


@needs_shared
def test_the_tables_name_only_cases_that_exist():
    cases = {label["case"] for label in labels()}
    assert cases >= SILENT
    assert {(label["kind"], label["case"]) for label in labels()} >= {*OTHERWISE, *LIMITS}
