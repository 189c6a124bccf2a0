"""Artifacts of another version than the release are found; other ways to write it are not."""

import pytest

from checks.engine.model import Level
from checks.rules.version import names_another
from tests.checks.engine import made


def judged(tmp_path, version, *paths):
    which = made.candidate(tmp_path, paths, project="tool", version=version)
    return made.findings(which, "release.version")


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("tool-9.0.0-src.tar.gz", "9.0.1"),
        ("tool-1.10.0.zip", "1.1.0"),
        ("tool-21.0.tar.gz", "1.0"),
        ("tool-1.0.tar.gz", "1.0.1"),
        ("tool_2_4_1.tgz", "2.4.2"),
        ("1.0/tool-1.0.tar.gz", "2.0"),
    ],
)
def test_another_version_is_seen(path, version):
    assert names_another(path, version)


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("tool-9.0.1-src.tar.gz", "9.0.1"),
        ("openssh-10.0p1.tar.gz", "10.0p1"),
        ("tool-1.0.0-rc2.zip", "1.0.0-rc1"),
        ("tool-1.0.0.zip", "1.0.0-RC3"),
        ("tool-1.0.0.zip", "1.0"),
        ("tool-1.0.zip", "1.0.0"),
        ("tool-1.0.0rc1.tar.gz", "1.0.0"),
        ("tool_1_2_3.tgz", "1.2.3"),
        ("tool-1.2.3.4-bin.zip", "1.2.3"),
        ("1.2.3/part-7.1.zip", "1.2.3"),
        ("tool_2.12-3.5.1.jar", "3.5.1"),
        ("tool-linux-64.zip", "1.0"),
        ("apache_tool-0.8.0-py3-none-any.whl", "0.8.0"),
        ("tool-2024.05.1.zip", "2024.5.1"),
    ],
)
def test_the_same_version_written_otherwise_is_left_alone(path, version):
    assert not names_another(path, version)


def test_it_is_said_once_for_the_release_with_examples(tmp_path):
    paths = [f"tool-9.0.0-{part}.zip" for part in "abcde"]
    (found,) = judged(tmp_path, "9.0.1", *paths)
    assert (found.level, found.path) == (Level.CONCERN, "")
    assert "tool-9.0.0-c.zip and 2 more carry another version" in found.message
    assert found.data["count"] == 5


def test_one_left_over_among_many_is_named(tmp_path):
    (found,) = judged(tmp_path, "1.1", "tool-1.1-src.zip", "tool-1.0-src.zip")
    assert "tool-1.0-src.zip carries another version" in found.message


def test_signatures_and_checksums_are_not_asked(tmp_path):
    (found,) = judged(tmp_path, "1.1", "tool-1.1.zip", "tool-1.0.zip.asc", "tool-1.0.zip.sha512")
    assert found.level == Level.NOTE


@pytest.mark.parametrize("version", ["", "main"])
def test_a_release_without_numbers_is_compared_with_nothing(tmp_path, version):
    assert judged(tmp_path, version, "tool-1.0.zip") == []
