"""Where a vector's verdict is not the platform's, `docs/checks.md` says so and why."""

import re
from pathlib import Path

import pytest

from tests.house import ROOT
from tests.shared import shared

FOLDER = Path(__file__).parent
VECTORS = "test_vectors*.py"

# For each vector that we decide otherwise: the rule under which, and words of what we do instead.
TOLD = {
    "H05": ("checksum", "SHA512 (NAME) = DIGEST is understood, SHA256"),
    "H13": ("checksum", "A byte order mark makes the check crash"),
    "G04": ("signature", "valid when it signed; expiry since is a concern"),
    "G13": ("signature", "must be linked to the committee"),
    "R04": ("archive.structure", "a-1.0-sources.tar.gz must have"),
    "R10": ("archive.structure", "An empty zip gets a suggestion"),
    "L07": ("license.files", "a byte order mark or text in front of the licence"),
    "L08": ("license.files", "LICENSE.txt or NOTICE.txt in a source archive"),
    "L17": ("license.files", "Lists and ranges of years"),
    "Q06": ("archive.safety", "Every hard link makes the archive be refused"),
    "Q11": ("archive.safety", "shrinks by more than 100 to 1"),
    "Q14": ("archive.safety", "Of members with the same path the first counts"),
    "Q15": ("archive.safety", "run with its owner's rights"),
    "Q18": ("archive.structure", "The same archive at two paths"),
    "Q20": ("archive.safety", "Files of macOS metadata"),
}


def decided_otherwise() -> set[str]:
    """The numbers of the rows that are marked so, and of the tests that have it in their name."""
    text = "".join(path.read_text() for path in FOLDER.glob(VECTORS) if path != Path(__file__))
    rows = re.findall(r'row\(\s*"([A-Z]\d\d)"(?:(?!\brow\().)*?ours=True', text, re.DOTALL)
    tests = re.findall(r"def test_([a-z]\d\d)_ours_", text)
    return {*rows, *(name.upper() for name in tests)}


def test_the_table_has_the_vectors_that_we_decide_otherwise_and_no_others() -> None:
    assert decided_otherwise() == set(TOLD)


@pytest.mark.parametrize("number", TOLD)
def test_a_difference_is_told_under_its_rule_with_its_reason(number: str) -> None:
    rule, words = TOLD[number]
    page = (ROOT / "docs" / "checks.md").read_text()
    section = page.partition(f"## `{rule}`")[2].partition("\n## ")[0]
    (line,) = [each for each in section.splitlines() if each.startswith("|") and words in each]
    assert len([cell for cell in line.split("|") if cell.strip()]) == 3


def test_every_vector_of_the_list_has_a_row_with_its_number() -> None:
    listed = shared("spec", "checks.md").read_text().partition("## 9. Test vectors")[2]
    numbers = re.findall(r"^\| ([A-Z]\d\d) \|", listed, re.MULTILINE)
    tests = "".join(path.read_text() for path in FOLDER.rglob("test_*.py"))
    assert len(numbers) > 150
    assert [
        number
        for number in numbers
        if not re.search(rf'"{number}["-]|def test_{number.lower()}_', tests)
    ] == []
