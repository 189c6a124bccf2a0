"""Artifacts as people download them: source first, proofs beside."""

from releases.artifacts import artifacts, grouped
from releases.models import Entry


def of(*paths: str):
    return artifacts([Entry(path=path) for path in paths], "a/b/1.0")


def groups(*paths: str):
    rows = of(*paths)
    shown = grouped(rows, has_source=any(each.is_source for each in rows))
    return {group.title: [each.entry.path for each in group.artifacts] for group in shown}


def test_source_comes_first() -> None:
    assert groups("tool-1.0-bin.tar.gz", "tool-1.0-src.tar.gz", "README") == {
        "Source": ["tool-1.0-src.tar.gz"],
        "Binaries and other files": ["tool-1.0-bin.tar.gz", "README"],
    }


def test_where_no_name_says_source_there_is_one_group() -> None:
    assert groups("tool-1.0.tar.gz", "tool-1.0.whl") == {
        "Files": ["tool-1.0.tar.gz", "tool-1.0.whl"]
    }
    assert groups() == {}


def test_a_name_that_only_sounds_like_source_is_none() -> None:
    assert groups("sourcerer-1.0.zip", "tool-source-map.json") == {
        "Files": ["sourcerer-1.0.zip", "tool-source-map.json"]
    }


def test_proofs_stand_beside_what_they_prove_signature_first() -> None:
    (row,) = of("x.zip", "x.zip.sha512", "x.zip.asc", "x.zip.md5")
    assert row.path == "a/b/1.0/x.zip"
    assert row.proofs == [
        ("signature", "a/b/1.0/x.zip.asc"),
        ("SHA-512", "a/b/1.0/x.zip.sha512"),
        ("MD5", "a/b/1.0/x.zip.md5"),
    ]


def test_a_proof_of_nothing_is_a_file_of_its_own() -> None:
    assert [each.entry.path for each in of("KEYS.asc", "x.zip.asc", "x.zip")] == [
        "KEYS.asc",
        "x.zip",
    ]
