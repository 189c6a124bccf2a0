import io

import pytest
from django.core.management import CommandError, call_command

from tests.checks import ratlike
from tests.checks.engine import made
from tests.checks.test_comparing_rat import AGREED, FILES, REPORT


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "r-1.0-src.tar.gz").write_bytes(made.tar(FILES))
    (tmp_path / "files" / "notes.txt").write_text("no archive")
    return tmp_path / "files"


def run(tmp_path, folder, report=AGREED, mode="", **options):
    """What the command prints, and its exit code."""
    program, jar, _ = ratlike.java(tmp_path, {"r": report}, mode)
    out = io.StringIO()
    try:
        call_command(
            "compare_rat", str(folder), java=str(program), jar=str(jar), stdout=out, **options
        )
    except SystemExit as left:
        return out.getvalue(), left.code
    return out.getvalue(), 0


def test_it_says_that_all_files_are_judged_alike(tmp_path, folder):
    assert run(tmp_path, folder) == ("r-1.0-src.tar.gz: 2 files, all judged alike.\n", 0)


def test_it_prints_each_file_that_is_judged_otherwise_and_fails(tmp_path, folder):
    printed, code = run(tmp_path, folder, REPORT % b"NOTICE")
    assert code == 1
    assert printed.splitlines() == [
        "r-1.0-src.tar.gz: 2 files, 1 judged otherwise.",
        "  r/b.py: RAT says NOTICE, we say STANDARD ?????",
    ]


def test_an_archive_that_cannot_be_compared_is_no_agreement(tmp_path, folder):
    (folder / "broken-1.0.tar.gz").write_bytes(b"\x1f\x8b broken")
    printed, code = run(tmp_path, folder)
    assert code == 1
    assert "broken-1.0.tar.gz: It is not unpacked, for it is not safe or not whole." in printed
    assert "r-1.0-src.tar.gz: 2 files, all judged alike." in printed


def test_the_command_of_rat_is_printed_when_asked_for(tmp_path, folder):
    printed, _ = run(tmp_path, folder, verbosity=2)
    assert printed.startswith("java -Xmx512m -jar apache-rat-0.18.jar ")


def test_without_a_jar_it_says_what_to_do(folder):
    with pytest.raises(CommandError, match="No RAT is configured") as caught:
        call_command("compare_rat", str(folder))
    assert caught.value.returncode == 2


def test_without_archives_there_is_nothing_to_compare(tmp_path):
    with pytest.raises(CommandError, match="There is no archive in"):
        run(tmp_path, tmp_path / "nowhere")
