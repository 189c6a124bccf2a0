"""Jars inside archives, by what Maven writes into them."""

import zipfile
from io import BytesIO

import pytest

from checks.engine.archive import Kind, Member
from checks.sbom.generate import jars
from checks.sbom.generate.jars import Jar, manifest_of, package_of
from checks.sbom.manifests import Package
from tests.checks.sbom.generate.archives import jar

pytestmark = pytest.mark.once

A, B = Package("maven", "a", "g", "1.0"), Package("maven", "b", "g", "2.0")


@pytest.mark.parametrize(
    ("content", "package"),
    [
        (b"#Generated\r\nversion=1.0\r\ngroupId=g\r\nartifactId=a\r\n", A),
        (b" version : 1.0 \ngroupId: g\nartifactId = a", A),
        (b"version=1.0\ngroupId=g\n", None),
        (b"\xff\xfe", None),
        (b"", None),
    ],
)
def test_the_properties_name_the_package(content, package):
    assert package_of(content) == package


@pytest.mark.parametrize(
    ("path", "packages", "own", "others"),
    [
        ("lib/a-1.0.jar", [A], "a", ()),
        ("lib/renamed.jar", [A], "a", ()),
        ("lib/a-1.0.jar", [B, A], "a", (B,)),
        ("lib/a-1.0-linux.jar", [B, A], "a", (B,)),
        ("lib/a.jar", [B, A], "a", (B,)),
        ("lib/all.jar", [A, B], "all.jar", (A, B)),
        ("lib/none.jar", [], "none.jar", ()),
    ],
)
def test_which_of_them_a_jar_is(path, packages, own, others):
    found = manifest_of(path, "ab" * 32, packages)
    assert (found.own.name, found.locked) == (own, others)
    assert found.own.hashes == (("SHA-256", "ab" * 32),)


def fed(content: bytes, name: str = "lib/a-1.0.jar"):
    found = []
    sink = Jar(Member(name, name, Kind.FILE, len(content), 0o644), found.append)
    for at in range(0, len(content), 100):
        sink.feed(content[at : at + 100])
    sink.close()
    return found[0]


def test_a_jar_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(jars, "gettempdir", lambda: str(tmp_path))
    assert fed(jar("g:a:1.0")).own.reference == "pkg:maven/g/a@1.0"
    assert list(tmp_path.iterdir()) == []


def test_a_jar_that_is_too_large_is_known_by_its_digest_only(monkeypatch):
    monkeypatch.setattr(jars, "MAX_JAR", 100)
    found = fed(jar("g:a:1.0"))
    assert (found.own.type, found.problem) == ("file", "it is larger than 0 MB")


def test_a_jar_that_explodes_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(jars, "LIMITS", jars.Limits(total_size=1000))
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("bomb", b"0" * 1_000_000)
    assert fed(buffer.getvalue()).problem == "it cannot be read to its end"


def test_more_packages_in_one_jar_than_are_read_are_not(monkeypatch):
    monkeypatch.setattr(jars, "MAX_PACKAGES", 2)
    found = fed(jar(*(f"g:p{n}:1" for n in range(5))))
    assert len(found.locked) == 2
