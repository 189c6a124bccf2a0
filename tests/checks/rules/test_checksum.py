import json

import pytest

from checks.engine.model import Level
from tests.checks.engine import made
from tests.shared import shared

ARTIFACT = b"the bytes of a release"


def judged(tmp_path, content, name="x.tar.gz.sha512", artifact=ARTIFACT):
    files = {name: content} if artifact is None else {"x.tar.gz": artifact, name: content}
    return made.findings(made.candidate(tmp_path, files), "checksum")


def digest(tmp_path, algorithm="sha512"):
    return getattr(made.file(tmp_path, "x.tar.gz", ARTIFACT), algorithm)


@pytest.mark.parametrize("form", ["{}", "{}  x.tar.gz\n", "SHA512 (x.tar.gz) = {}", "x.tar.gz: {}"])
def test_a_right_digest_is_a_note(tmp_path, form):
    found = judged(tmp_path, form.format(digest(tmp_path)).encode())
    assert [each.level for each in found] == [Level.NOTE]
    assert found[0].see


def test_upper_case_is_as_good(tmp_path):
    assert made.worst(judged(tmp_path, digest(tmp_path).upper().encode())) == Level.NOTE


def test_the_tagged_form_of_sha256_is_understood(tmp_path):
    content = f"SHA256 (x.tar.gz) = {digest(tmp_path, 'sha256')}".encode()
    assert made.worst(judged(tmp_path, content, "x.tar.gz.sha256")) == Level.NOTE


@pytest.mark.parametrize("content", [b"", b" \n", b"<html>", b"\xff\xfea\x00", b"0" * 127])
def test_a_file_without_a_digest_is_a_blocker_that_says_why(tmp_path, content):
    (found,) = judged(tmp_path, content)
    assert found.level == Level.BLOCKER
    assert found.data["error"] in found.message
    assert found.see == "sha512sum x.tar.gz > x.tar.gz.sha512"


def test_a_wrong_digest_is_a_blocker_with_both_digests(tmp_path):
    (found,) = judged(tmp_path, b"0" * 128)
    assert found.level == Level.BLOCKER
    assert found.data == {"computed_hash": digest(tmp_path), "expected_hash": "0" * 128}


def test_a_checksum_of_nothing_is_a_blocker(tmp_path):
    (found,) = judged(tmp_path, b"0" * 128, artifact=None)
    assert found.level == Level.BLOCKER
    assert "x.tar.gz" in found.message


def test_the_name_of_another_file_is_a_concern(tmp_path):
    found = judged(tmp_path, f"{digest(tmp_path)}  x-rc1.tar.gz\n".encode())
    assert {each.level for each in found} == {Level.NOTE, Level.CONCERN}
    assert "x-rc1.tar.gz" in found[0].message


@pytest.mark.parametrize(
    ("name", "level"),
    [("/home/me/x.tar.gz", Level.CONCERN), ("./x.tar.gz", Level.SUGGESTION)],
)
def test_a_path_in_the_checksum_file_is_named(tmp_path, name, level):
    assert made.worst(judged(tmp_path, f"{digest(tmp_path)}  {name}".encode())) == level


def test_a_byte_order_mark_is_a_concern_and_the_digest_is_compared(tmp_path):
    mark = b"\xef\xbb\xbf"
    assert made.worst(judged(tmp_path, mark + digest(tmp_path).encode())) == Level.CONCERN
    assert made.worst(judged(tmp_path, mark + b"0" * 128)) == Level.BLOCKER


@pytest.mark.parametrize("order", [1, -1])
def test_two_digests_for_one_file_are_a_blocker_in_any_order(tmp_path, order):
    lines = [f"{each}  x.tar.gz" for each in (digest(tmp_path), "0" * 128)][::order]
    assert made.worst(judged(tmp_path, "\n".join(lines).encode())) == Level.BLOCKER


def test_other_files_in_the_list_are_a_suggestion(tmp_path):
    lines = f"{'0' * 128}  y.zip\n{digest(tmp_path)}  x.tar.gz\n"
    assert made.worst(judged(tmp_path, lines.encode())) == Level.SUGGESTION


@pytest.mark.parametrize("suffix", ["SHA512", "sha512sum"])
def test_discouraged_names_are_compared_too(tmp_path, suffix):
    assert made.worst(judged(tmp_path, b"0" * 128, f"x.tar.gz.{suffix}")) == Level.BLOCKER


# Where the corpus says "reject" and we say less: the bytes are right, and only `sha512sum -c` of a
# downloader fails, which a person should look at. Only "accept" means that nothing is to be said.
MILDER = {"name_other": Level.CONCERN, "name_rc": Level.CONCERN}
EXPECTED = {
    "accept": {Level.NOTE},
    "warn": {Level.SUGGESTION, Level.CONCERN},
    "reject": {Level.BLOCKER},
}


def evil_sums():
    """The cases of the corpus: one for each checksum file."""
    listed = json.loads(shared("data", "evil", "manifest.json").read_text())
    return [each for each in listed if each["kind"] == "sum" and each.get("role") != "artifact"]


def test_hostile_checksum_files_get_the_level_they_deserve(tmp_path, evil):
    wrong = {}
    cases = evil_sums()
    for case in cases:
        folder = (evil / case["file"]).parent
        files = {each.name: each.read_bytes() for each in folder.iterdir()}
        found = made.findings(made.candidate(tmp_path / case["case"], files), "checksum")
        level = made.worst(found)
        wanted = {MILDER[case["case"]]} if case["case"] in MILDER else EXPECTED[case["expect"]]
        if level not in wanted:
            wrong[case["case"]] = (level, case["why"])
    assert wrong == {}
    assert len(cases) > 30
