import pytest

from checks.engine import names
from checks.engine.names import parse


@pytest.mark.parametrize(
    ("path", "artifact", "metadata"),
    [
        ("a-1.0.tar.gz", ".tar.gz", ""),
        ("a.jar.pack.gz", ".jar.pack.gz", ""),
        ("a.tar.gz.asc.md5", ".tar.gz", ".asc.md5"),
        ("a.zip.sha512.asc", ".zip", ".sha512.asc"),
        ("a.TAR.GZ", "", ""),
        ("a.7z", "", ""),
        ("a.tar.zst", "", ""),
        ("a.ear", "", ""),
        ("a.apk", "", ""),
        ("run.sh", ".sh", ""),
        ("run.sh.asc", ".sh", ".asc"),
        ("a.tar.gz.cdx.json", ".tar.gz", ".cdx.json"),
        ("dir/a.tar.bz2.sha512sum", ".tar.bz2", ".sha512sum"),
        ("a.tgz.MD5", ".tgz", ".MD5"),
        ("notes.asc", "", ""),
    ],
)
def test_suffixes_are_told_apart_by_the_tables(path, artifact, metadata):
    name = parse(path)
    assert (name.artifact, name.metadata) == (artifact, metadata)


@pytest.mark.parametrize(
    "path",
    ["camel-k-2.11.0-sbom.json", "sbom.json", "bom.xml", "d/x.cdx.xml", "x-cyclonedx.json"],
)
def test_sbom_names_are_known(path):
    assert parse(path).sbom


def test_a_signature_of_an_sbom_is_metadata_of_it():
    name = parse("x-1.0.cdx.json.asc")
    assert name.is_metadata
    assert name.of_sbom
    assert name.base == "x-1.0.cdx.json"


def test_an_sbom_beside_an_artifact_is_neither_artifact_nor_metadata():
    name = parse("a.tar.gz.cdx.json")
    assert name.sbom
    assert not name.is_artifact
    assert not name.is_metadata
    assert names.sbom_base(name.path) == "a.tar.gz"


def test_metadata_of_metadata_belongs_to_the_artifact():
    assert parse("a.tar.gz.asc.md5").base == "a.tar.gz"
    assert parse("a.tar.gz.asc.md5").chain == ("asc", "md5")


def test_sbom_names_of_an_artifact_leave_out_what_variant_it_is():
    expected = names.sbom_names("x-1.0-src.tar.gz")
    assert expected[:3] == (
        "x-1.0-src.tar.gz.cdx.json",
        "x-1.0-src.cdx.json",
        "x-1.0.cdx.json",
    )


@pytest.mark.parametrize("path", ["KEYS", "a/KEYS", "id_rsa", "x/secret.key", "Thumbs.db"])
def test_names_that_no_release_may_hold(path):
    assert names.is_disallowed(path)


@pytest.mark.parametrize(
    ("path", "hidden"),
    [(".foo", ".foo"), ("sub/.foo/x", ".foo"), (".gitkeep", ""), (".atr-note", ""), ("a/b", "")],
)
def test_hidden_segments_are_found_but_for_those_we_use(path, hidden):
    assert names.hidden_segment(path) == hidden


def test_names_from_hostile_files_cannot_write_to_the_terminal():
    assert names.shown("a\x1b[2Jb\n") == "a\\x1b[2Jb\\n"
    assert len(names.shown("x" * 500)) == 81
