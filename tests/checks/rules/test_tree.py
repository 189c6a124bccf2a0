import pytest

from tests.checks.engine import made


def judged(tmp_path, *contents):
    names = ("a.tar.gz", "a.tar.xz")
    files = dict(zip(names, contents, strict=False))
    return made.findings(made.candidate(tmp_path, files), "archive.tree")


def test_archives_in_several_formats_get_the_id_of_their_content(tmp_path):
    members = {"r/a": b"1"}
    found = judged(tmp_path, made.tar(members), made.tar(members, "w:xz"))
    assert len({each.data["swhid"] for each in found}) == 1
    assert found[0].data["swhid"].startswith("swh:1:dir:")


@pytest.mark.parametrize(
    "content",
    [made.tar({"r/a": b"1", "s/a": b"1"}), made.tar({})[:20]],
    ids=["two roots", "cut off"],  # the bytes hold the time at which they were made
)
def test_what_has_no_id_is_said(tmp_path, content):
    found = judged(tmp_path, content, made.tar({"r/a": b"1"}, "w:xz"))
    assert sorted(bool(each.data["swhid"]) for each in found) == [False, True]


def test_an_archive_in_one_format_costs_nothing(tmp_path):
    assert judged(tmp_path, made.tar({"r/a": b"1"})) == []
