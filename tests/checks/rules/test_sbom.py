import pytest

from checks.engine.model import Level
from checks.engine.plan import plan
from tests.checks.engine import made


def judged(tmp_path, *paths):
    return [
        each
        for each in made.findings(made.candidate(tmp_path, paths), "sbom.present")
        if each.rule == "sbom.present"
    ]


@pytest.mark.parametrize(
    ("archive", "sbom"),
    [
        ("a-1.0-bin.zip", "a-1.0.cdx.json"),
        ("a-1.0-bin.zip", "a-1.0-bin.zip.cdx.json"),
        ("a-1.0.tar.gz", "a-1.0-cyclonedx.xml"),
        ("a-1.0.tar.gz", "a-1.0-sbom.json"),
        ("x/a-1.0.tar.gz", "x/sbom.json"),
        ("a-1.0.jar", "bom.xml"),
    ],
)
def test_b02_an_sbom_that_is_named_like_the_archive_is_found(tmp_path, archive, sbom):
    (found,) = judged(tmp_path, archive, sbom)
    assert (found.path, found.level) == (archive, Level.NOTE)
    assert found.data == {"found": True, "sbom_path": sbom}


def test_b03_an_archive_without_one_gets_a_suggestion(tmp_path):
    (found,) = judged(tmp_path, "a-1.0-src.tar.gz", "other.cdx.json", "x/sbom.json")
    assert found.level == Level.SUGGESTION
    assert found.data == {"found": False, "error_kind": "missing_sbom"}
    assert "a-1.0-src.tar.gz.cdx.json" in found.message


@pytest.mark.parametrize(
    "path", ["a.tar.gz.asc", "a.tar.gz.sha512", "a.rpm", "README", "a.cdx.json"]
)
def test_other_files_need_none(tmp_path, path):
    assert judged(tmp_path, path) == []


def test_an_sbom_that_is_added_changes_the_result(tmp_path):
    before = plan(made.candidate(tmp_path, ["a.tar.gz"]))[0].key
    after = plan(made.candidate(tmp_path, ["a.tar.gz", "a.cdx.json"]))[0].key
    assert before != after
