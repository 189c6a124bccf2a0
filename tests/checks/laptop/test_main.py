"""`trusted-check`: what it prints, how it ends, and what it does without."""

import io
import json
import os
import pty
import subprocess
import sys

import pytest

from checks import rules
from checks.engine.child import ROOT
from checks.laptop import main as laptop
from checks.laptop.arguments import parser
from tests.checks.engine import made
from tests.checks.laptop.made import Terminal, program, release


@pytest.fixture
def folder(tmp_path):
    return release(tmp_path / "release")


def checked(capsys, *arguments):
    """What the program prints in this process, and its exit code."""
    code = laptop.main([str(each) for each in arguments])
    printed = capsys.readouterr()
    return printed.out, printed.err, code


def counted(**counts):
    levels = dict.fromkeys(("note", "suggestion", "concern", "blocker", "error"), 0)
    return {"counts": {**levels, **counts}}


@pytest.mark.parametrize(
    ("counts", "fail_on", "code"),
    [
        ({}, "concern", 0),
        ({"note": 5, "suggestion": 2}, "concern", 0),
        ({"suggestion": 2}, "suggestion", 4),
        ({"concern": 1, "suggestion": 1}, "concern", 3),
        ({"concern": 1}, "suggestion", 3),
        ({"concern": 1}, "blocker", 0),
        ({"blocker": 1, "concern": 9}, "blocker", 1),
        ({"blocker": 1}, "suggestion", 1),
        ({"error": 1}, "blocker", 5),
        ({"error": 1, "blocker": 1}, "concern", 5),
    ],
)
def test_the_worst_level_decides_on_the_exit_code(counts, fail_on, code):
    assert laptop.code_of(counted(**counts), fail_on) == code


def test_the_help_explains_every_exit_code_there_is():
    text = parser().format_help()
    for code in (
        0,
        laptop.BAD_USAGE,
        laptop.CHECK_FAILED,
        laptop.INTERRUPTED,
        *laptop.CODES.values(),
    ):
        assert f"\n  {code} " in text


def test_findings_stand_by_file_and_a_table_follows(folder, capsys):
    said, err, code = checked(capsys, folder)
    assert code == 1
    assert "\nr.tar.gz\n  blocker    " in said
    assert "  blocker    The artifact has no signature." in said
    assert "$ sha512sum r.tar.gz > r.tar.gz.sha512" in said
    assert "errors    blockers    concerns suggestions       notes\n" in said
    assert said.endswith("Failed: mend the blockers and errors.\n")
    assert err == ""
    assert "\x1b" not in said


def test_quiet_leaves_out_what_is_fine(folder, capsys):
    assert "  note " in checked(capsys, folder)[0]
    assert "  note " not in checked(capsys, folder, "-q")[0]


def test_json_is_the_findings_document_in_its_one_form(folder):
    done = program(folder, "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document["type"] == "trusted-releases/findings/v1"
    assert done.stdout == laptop.as_bytes(document)
    assert program(folder, "--json", "--in-process").stdout == done.stdout


def test_sarif_has_a_result_for_each_finding_and_quietly_only_for_problems(folder, capsys):
    document = json.loads(checked(capsys, folder, "--json")[0])
    (run,) = json.loads(checked(capsys, folder, "--sarif")[0])["runs"]
    assert len(run["results"]) == sum(document["counts"].values())
    (quiet,) = json.loads(checked(capsys, folder, "--sarif", "-q")[0])["runs"]
    assert len(quiet["results"]) == len(run["results"]) - document["counts"]["note"]
    assert "helpUri" not in run["tool"]["driver"]["rules"][0], "there is no server to lead to"


def test_the_version_of_the_release_can_be_given(folder, capsys):
    document = json.loads(checked(capsys, folder, "--json", "--release", "2.0")[0])
    assert document["policy"]["version"] == "2.0"


def test_rules_are_listed_without_a_folder(capsys):
    said, _, code = checked(capsys, "--rules")
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()] == [rule.slug for rule in rules.ALL]


def test_what_cannot_be_read_is_a_sentence_and_bad_usage(tmp_path, capsys):
    said, err, code = checked(capsys, tmp_path / "none")
    assert (said, code) == ("", 2)
    assert err == f"trusted-check: {tmp_path / 'none'} is no folder.\n"


def test_a_hostile_name_cannot_write_to_the_terminal(tmp_path, capsys):
    (tmp_path / "a\x1b[2J").symlink_to("b")
    _, err, code = checked(capsys, tmp_path)
    assert code == 2
    assert "\x1b" not in err


def test_a_check_that_cannot_run_is_a_code_of_its_own(folder, capsys, monkeypatch):
    monkeypatch.setattr("checks.engine.child.MODULE", "no_such_module")
    said, _, code = checked(capsys, folder)
    assert code == 5
    assert "  error      The check's process ended early" in said


def test_ctrl_c_ends_it_quietly(folder, capsys, monkeypatch):
    def interrupted(*given, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(laptop, "run_in_child", interrupted)
    said, err, code = checked(capsys, folder)
    assert (said, code) == ("", 130)
    assert err.endswith("Stopped. Nothing was changed.\n")


def test_a_reader_who_has_seen_enough_gets_no_trace(folder):
    command = f"{sys.executable} -m checks.laptop.main {folder} --json | head -c 1"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, timeout=90)
    assert (done.stdout, done.stderr) == (b"{", b"")


def test_progress_by_bytes_is_shown_on_a_terminal_and_taken_away(folder, monkeypatch):
    monkeypatch.setattr("checks.laptop.bar.EVERY", 0)
    out, err = io.StringIO(), Terminal()
    asked = parser().parse_args([str(folder)])
    assert laptop.check(asked, out, err) == 1
    drawn = err.getvalue()
    assert "hashed" in drawn
    assert "100% of " in drawn
    assert drawn.endswith("\r\x1b[K")
    assert "\x1b" not in out.getvalue()


def test_on_a_real_terminal_there_are_colours_and_a_program_gets_none(folder):
    """The installed program in a pseudo-terminal, as a person starts it."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "checks.laptop.main", str(folder), "-q"]
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    with subprocess.Popen(command, cwd=ROOT, env=kept, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        said = b""
        try:
            while block := os.read(ours, 1 << 16):
                said += block
        except OSError:  # how Linux says that the other side is closed
            pass
    os.close(ours)
    assert running.returncode == 1
    assert b"\x1b[1;31mblocker" in said
    assert b"\x1b" not in program(folder, "-q").stdout


IMPORTS = """
import sys
from checks.laptop import main
code = main.main({arguments!r})
named = {{name.partition(".")[0] for name in sys.modules}}
apps = ("checks.models", "releases", "projects", "distribution", "trusted_releases.settings")
print(sorted(named & {{"django", "rest_framework", "allauth"}}), file=sys.stderr)
print(sorted(set(apps) & set(sys.modules)), file=sys.stderr)
sys.exit(code)
"""


def test_it_imports_neither_django_nor_an_app(folder):
    """With every rule run in the same process, so that what they import counts as well."""
    script = IMPORTS.format(arguments=[str(folder), "--in-process"])
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90
    )
    assert (done.stderr, done.returncode) == ("[]\n[]\n", 1)


def test_a_complete_release_passes(tmp_path, capsys):
    document = json.loads(checked(capsys, release(tmp_path), "--json")[0])
    found = [each for result in document["results"] for each in result["findings"]]
    blockers = {each["message"] for each in found if each["level"] == "blocker"}
    assert len(blockers) == 2
    made.file(tmp_path, "r.tar.gz.sha512", f"{document['files'][0]['sha512']}  r.tar.gz\n".encode())
    again = json.loads(checked(capsys, tmp_path, "--json")[0])
    assert again["counts"]["blocker"] == 1
