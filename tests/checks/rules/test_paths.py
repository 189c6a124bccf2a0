import pytest

from checks.engine.model import Level
from checks.rules.paths import download_suffix
from tests.checks.engine import made
from tests.checks.engine.made import signed

SOURCE = signed("a-1.0-src.tar.gz")


def about(tmp_path, files, path, **policy):
    """The worst level about one path, and the messages about it."""
    found = made.findings(made.candidate(tmp_path, files, **policy), "paths")
    mine = [each for each in found if each.path == path]
    return made.worst(mine), " ".join(each.message for each in mine)


def test_a_signed_source_archive_is_fine(tmp_path):
    found = made.findings(made.candidate(tmp_path, SOURCE), "paths")
    assert {each.path for each in found} == set(SOURCE)
    assert {each.level for each in found} == {Level.NOTE}
    assert found[0].data == {"class": "source"}


def test_an_artifact_without_a_signature_is_a_blocker(tmp_path):
    files = ["a-1.0-src.tar.gz", "a-1.0-src.tar.gz.sha512"]
    level, message = about(tmp_path, files, "a-1.0-src.tar.gz")
    assert level == Level.BLOCKER
    assert "no signature" in message


def test_either_of_the_two_checksums_is_enough(tmp_path):
    files = ["a-1.0.zip", "a-1.0.zip.asc", "a-1.0.zip.sha256"]
    assert about(tmp_path, files, "a-1.0.zip")[0] == Level.NOTE


def test_md5_is_no_checksum_and_not_allowed(tmp_path):
    files = ["a-1.0.zip", "a-1.0.zip.asc", "a-1.0.zip.md5"]
    assert "no SHA-256 or SHA-512" in about(tmp_path, files, "a-1.0.zip")[1]
    assert about(tmp_path, files, "a-1.0.zip.md5")[0] == Level.BLOCKER


@pytest.mark.parametrize(
    ("suffix", "level"),
    [
        ("sha1", Level.SUGGESTION),
        ("sha", Level.SUGGESTION),
        ("sha256", Level.NOTE),
        ("MD5", Level.SUGGESTION),
        ("SHA512", Level.SUGGESTION),
        ("asc.asc", Level.SUGGESTION),
        ("mds", Level.SUGGESTION),
        ("prov", Level.SUGGESTION),
        ("sh1", Level.SUGGESTION),
        ("sha512sum", Level.SUGGESTION),
        ("asc.md5", Level.BLOCKER),
        ("sha512.md5", Level.BLOCKER),
        ("md5", Level.BLOCKER),
        ("sig", Level.BLOCKER),
    ],
)
def test_metadata_beside_a_good_artifact(tmp_path, suffix, level):
    extra = f"a-1.0-src.tar.gz.{suffix}"
    assert about(tmp_path, [*SOURCE, extra], extra)[0] == level


def test_metadata_of_nothing_is_a_concern(tmp_path):
    level, message = about(tmp_path, [*SOURCE, "b.zip.asc"], "b.zip.asc")
    assert level == Level.CONCERN
    assert "b.zip" in message


@pytest.mark.parametrize(
    "path", ["KEYS", "sub/KEYS", "secret.key", "id_rsa", "x/Thumbs.db", "desktop.ini"]
)
def test_files_that_no_release_may_hold_are_blockers(tmp_path, path):
    assert about(tmp_path, [*SOURCE, path], path)[0] == Level.BLOCKER


@pytest.mark.parametrize("path", [".foo", "sub/.foo/x"])
def test_hidden_files_are_a_concern(tmp_path, path):
    level, message = about(tmp_path, [*SOURCE, path], path)
    assert level == Level.CONCERN
    assert "'.foo'" in message


@pytest.mark.parametrize("path", ["docs/.gitkeep", "docs/.atr-note", "docs/index.html"])
def test_files_in_folders_are_accepted_silently(tmp_path, path):
    assert about(tmp_path, [*SOURCE, path], path) == (None, "")


@pytest.mark.parametrize("path", ["docs/a b.html", "docs/\N{CYRILLIC SMALL LETTER A}.txt"])
def test_names_that_cannot_be_uploaded_are_blockers(tmp_path, path):
    level, message = about(tmp_path, [*SOURCE, path], path)
    assert level == Level.BLOCKER
    assert "cannot be uploaded" in message


@pytest.mark.parametrize(
    ("sbom", "level"),
    [
        ("x-1.0.cdx.json", Level.CONCERN),
        ("a-1.0-src.cdx.json", Level.NOTE),
        ("a-1.0-src.tar.gz.cdx.json", Level.NOTE),
        ("a-1.0.cdx.json", Level.NOTE),
        ("a-1.0-src-sbom.json", Level.NOTE),
        ("sbom.json", Level.NOTE),
        ("bom.xml", Level.NOTE),
        ("sub/bom.xml", Level.CONCERN),
    ],
)
def test_an_sbom_goes_with_an_artifact(tmp_path, sbom, level):
    assert about(tmp_path, [*SOURCE, sbom], sbom)[0] == level


def test_an_sbom_with_signature_and_checksum_beside_a_source_archive_is_fine(tmp_path):
    files = [*SOURCE, *signed("sbom.json")]
    found = made.findings(made.candidate(tmp_path, files), "paths")
    assert {each.level for each in found} == {Level.NOTE}


@pytest.mark.parametrize(
    ("path", "level"),
    [
        ("RELEASE_NOTES.md", Level.CONCERN),
        ("README.rst", Level.NOTE),
        ("CHANGES", Level.NOTE),
        ("LICENSE.txt", Level.NOTE),
        ("SECURITY.md", Level.NOTE),
        ("README.pdf", Level.CONCERN),
    ],
)
def test_only_usual_files_lie_at_the_top(tmp_path, path, level):
    assert about(tmp_path, [*SOURCE, path], path)[0] == level


def test_artifacts_of_a_podling_say_incubating(tmp_path):
    good, bad = "apache-x-incubating-1.0.tar.gz", "apache-x-1.0.tar.gz"
    files = signed(good, bad)
    assert about(tmp_path, files, good, podling=True)[0] == Level.NOTE
    level, message = about(tmp_path, files, bad, podling=True)
    assert level == Level.BLOCKER
    assert "incubating" in message
    assert about(tmp_path, files, bad)[0] == Level.NOTE


def test_a_release_of_binaries_only_is_a_blocker(tmp_path):
    level, message = about(tmp_path, signed("a-1.0-bin.zip"), "")
    assert level == Level.BLOCKER
    assert "no source archive" in message


def test_the_policy_may_say_which_file_is_the_source(tmp_path):
    files = signed("a-1.0-bin.zip")
    assert about(tmp_path, files, "", source_paths=("*-bin.zip",)) == (None, "")


def test_more_than_512_loose_files_in_folders_are_a_blocker(tmp_path):
    docs = [f"docs/{number}.html" for number in range(513)]
    candidate = made.candidate(tmp_path, [*SOURCE, *docs])
    (found,) = [each for each in made.findings(candidate, "paths") if not each.path]
    assert found.level == Level.BLOCKER
    assert found.data["doc_file_count"] == 513
    assert found.data["limit"] == 512
    assert len(found.data["examples"]) == 5


def test_512_loose_files_and_any_number_of_artifacts_in_folders_are_fine(tmp_path):
    docs = [f"docs/{number}.html" for number in range(512)]
    artifacts = signed(*(f"jars/{number}.jar" for number in range(300)))
    assert about(tmp_path, [*SOURCE, *docs, *artifacts], "") == (None, "")


def test_a_folder_that_the_download_path_has_too_is_a_suggestion(tmp_path):
    files = signed("widget-1.0/a-src.zip", "widget-1.0/b-src.zip")
    policy = {"project": "widget", "committee": "things", "version": "1.0"}
    candidate = made.candidate(tmp_path, files, **policy)
    (found,) = [each for each in made.findings(candidate, "paths") if not each.path]
    assert found.level == Level.SUGGESTION
    assert found.data == {"component": "widget-1.0", "suffix": "widget-1.0", "count": 6}
    own = {**policy, "committee": "widget"}
    assert about(tmp_path, files, "", **own) == (None, "")


def test_the_download_folder_is_filled_in_from_its_template(tmp_path):
    policy = {"project": "widget", "committee": "things", "version": "1.0"}
    template = "{{PROJECT_KEY}}/v{{VERSION}}/"
    candidate = made.candidate(tmp_path, SOURCE, download_suffix=template, **policy)
    assert download_suffix(candidate) == "widget/v1.0"
