import io
import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from checks.engine.child import ROOT
from tests.checks.engine import made
from tests.shared import shared


@pytest.fixture
def folder(tmp_path):
    """A release without signatures: it has blockers, and everything else is fine."""
    made.candidate(tmp_path / "release", {"r.tar.gz": made.tar(made.source("r"))})
    return tmp_path / "release"


def check(*arguments, **options):
    """What the command prints, and its exit code."""
    out = io.StringIO()
    try:
        call_command("check_files", *map(str, arguments), stdout=out, **options)
    except SystemExit as left:
        return out.getvalue(), left.code
    return out.getvalue(), 0


def test_it_prints_findings_by_file_and_fails_for_blockers(folder):
    printed, code = check(folder)
    assert code == 1
    assert "\nr.tar.gz\n" in printed
    assert "blocker    The artifact has no signature." in printed
    assert "$ sha512sum r.tar.gz > r.tar.gz.sha512" in printed
    assert "\x1b" not in printed


def test_it_prints_the_findings_document_as_json(folder):
    printed, code = check(folder, "--json")
    document = json.loads(printed)
    assert code == 1
    assert document["verdict"] == "failed"
    assert document["counts"]["blocker"] == 2


def test_with_and_without_a_child_it_finds_the_same(folder):
    assert check(folder, "--json") == check(folder, "--json", "--in-process")


def test_the_policy_comes_from_a_file(folder, tmp_path):
    policy = tmp_path / "policy.json"
    policy.write_text('{"podling": true}')
    printed, _ = check(folder, "--policy", policy)
    assert "no DISCLAIMER" in printed


def test_notes_can_be_left_out(folder):
    assert "  note " in check(folder)[0]
    assert "  note " not in check(folder, verbosity=0)[0]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_levels_are_coloured_on_a_terminal_only(folder):
    screen = Terminal()
    with pytest.raises(SystemExit):
        call_command("check_files", str(folder), stdout=screen, force_color=True)
    assert "\x1b[" in screen.getvalue()


@pytest.mark.parametrize("policy", ["[]", "{", '{"podling": 1}', '{"unknown": 1}'])
def test_a_bad_policy_is_bad_usage(folder, tmp_path, policy):
    path = tmp_path / "policy.json"
    path.write_text(policy)
    with pytest.raises(CommandError, match="is no policy") as refused:
        check(folder, "--policy", path)
    assert refused.value.returncode == 2


def test_a_folder_that_is_none_and_a_policy_that_is_not_there_are_bad_usage(folder, tmp_path):
    with pytest.raises(CommandError, match="is no folder") as refused:
        check(tmp_path / "none")
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="cannot be read"):
        check(folder, "--policy", tmp_path / "none")


def run_command(*arguments, **env):
    return subprocess.run(
        [sys.executable, "manage.py", "check_files", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_command_line_needs_no_database(folder, tmp_path):
    """A database that does not exist and cannot be made is not missed."""
    done = run_command(folder, DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert done.returncode == 1, done.stderr
    assert "no signature" in done.stdout
    assert run_command(tmp_path / "none").returncode == 2
    assert run_command().returncode == 2


def test_a_published_release_with_its_keys_lacks_only_its_checksum(tmp_path):
    """The signature verifies, the archive is fine; the corpus has no checksum files."""
    real = shared("data", "real", "avro-c-1.11.1")
    printed, code = check(real, "--json", "--keys", real / "KEYS")
    document = json.loads(printed)
    blockers = [
        (each["rule"], each["message"])
        for result in document["results"]
        for each in result["findings"]
        if each["level"] == "blocker"
    ]
    assert code == 1
    assert [rule for rule, _ in blockers] == ["paths"]
    assert "no SHA-256 or SHA-512 checksum" in blockers[0][1]


def test_a_complete_release_passes(tmp_path):
    real = shared("data", "real", "avro-c-1.11.1")
    archive = "avro-c-1.11.1.tar.gz"
    content = (real / archive).read_bytes()
    file = made.file(tmp_path, archive, content)
    (tmp_path / f"{archive}.asc").write_bytes((real / f"{archive}.asc").read_bytes())
    (tmp_path / f"{archive}.sha512").write_text(f"{file.sha512}  {archive}\n")
    printed, code = check(tmp_path, "--keys", real / "KEYS", "--fail-on", "blocker")
    assert (printed.splitlines()[-1], code) == ("Passed.", 0)
