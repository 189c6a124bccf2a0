"""What is taken from an archive while it goes by, and what that may cost."""

import pytest

from checks.engine.archive import walk
from checks.engine.model import Limits
from checks.sbom.generate import gather
from checks.sbom.generate.gather import Gathered
from tests.checks.engine import made
from tests.checks.sbom.generate.archives import jar, tar_of

pytestmark = pytest.mark.once


def gathered(folder, content: bytes, name: str = "a.tar.gz"):
    (folder / name).write_bytes(content)
    found = Gathered()
    walk(folder / name, name, Limits(), [found])
    return {each.path: each for each in found.manifests()}


def test_only_manifests_are_held(tmp_path):
    found = gathered(tmp_path, tar_of({"a/go.mod": "module x.y/z\n", "a/main.go": "package x"}))
    assert list(found) == ["a/go.mod"]


def test_links_and_folders_of_that_name_are_none(tmp_path):
    found = gathered(tmp_path, made.tar({"a/pom.xml": "../../etc/passwd", "b/go.mod": None}))
    assert found == {}


def test_of_two_members_of_one_name_the_last_counts(tmp_path):
    both = made.zipped({"go.mod": b"module a.b/c\n"})
    assert gathered(tmp_path, both, "a.zip")["go.mod"].own.name == "c"


def test_all_together_have_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(gather, "MAX_HELD", 30)
    files = {f"{n}/go.mod": "module example.org/a\n" for n in range(3)}
    found = gathered(tmp_path, tar_of(files))
    assert [bool(each.problem) for each in found.values()] == [False, True, True]


def test_more_jars_than_are_read_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(gather, "MAX_JARS", 1)
    found = gathered(tmp_path, tar_of({"a.jar": jar("g:a:1"), "b.jar": jar("g:b:1")}))
    assert found["a.jar"].own.name == "a"
    assert "more than 1 jars" in found["b.jar"].problem


def test_properties_of_the_archive_itself_that_name_nothing_say_so(tmp_path):
    content = made.zipped({"META-INF/maven/g/a/pom.properties": b"version=1\n"})
    (found,) = gathered(tmp_path, content, "a.jar").values()
    assert found.problem == "it names no package"


def test_an_archive_of_many_members_is_looked_through_at_once(tmp_path):
    files = {f"{n}/file.txt": b"x" for n in range(20_000)}
    assert gathered(tmp_path, tar_of({**files, "go.mod": "module a.b/c\n"})).keys() == {"go.mod"}
