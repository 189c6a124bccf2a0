"""Every problem the reader knows: an archive that has it, and a neighbour that has not."""

import re
from pathlib import Path

import pytest

import checks.engine.archive
from checks.engine.model import Level
from tests.checks.engine.archive import (
    rows_headers,
    rows_members,
    rows_names,
    rows_streams,
    rows_tree,
    rows_zip,
    rows_zip_whole,
)
from tests.checks.engine.archive.build import found, read
from tests.checks.engine.archive.case import Case, cases

TABLES = (
    rows_names,
    rows_tree,
    rows_members,
    rows_headers,
    rows_streams,
    rows_zip,
    rows_zip_whole,
)
ROWS = [row for table in TABLES for row in table.ROWS]


@cases(ROWS)
def test_what_is_wrong_is_found_at_its_level(case: Case, tmp_path: Path):
    report, seen = read(tmp_path, case.name, case.bad, case.limits)
    assert found(report).get(case.code) == case.level, report.problems
    assert seen.finished == 1


@cases(ROWS)
def test_the_neighbour_of_what_is_wrong_does_not_have_it(case: Case, tmp_path: Path):
    report, _ = read(tmp_path, case.name, case.good, case.limits)
    assert found(report).get(case.code) != case.level, report.problems


@cases([row for row in ROWS if row.level is not Level.BLOCKER])
def test_what_is_no_blocker_does_not_stop_the_reading(case: Case, tmp_path: Path):
    report, _ = read(tmp_path, case.name, case.bad, case.limits)
    assert report.complete
    assert Level.BLOCKER not in found(report).values(), report.problems


def test_every_code_the_reader_can_give_is_in_a_table():
    folder = Path(checks.engine.archive.__file__).parent
    source = "".join(path.read_text() for path in folder.glob("*.py"))
    codes = set(re.findall(r'"((?:safety|integrity)\.\w+)"', source))
    assert codes == {row.code for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says.replace(" ", "_"))
def test_a_message_is_a_sentence_that_does_not_name_the_archive(row: Case, tmp_path: Path):
    report, _ = read(tmp_path, row.name, row.bad, row.limits)
    for problem in report.problems:
        assert not problem.message[0].islower()
        assert problem.message.endswith(".")
        assert row.name not in problem.message
        assert problem.member.isprintable()
        assert "{path}" in problem.see or not problem.see
