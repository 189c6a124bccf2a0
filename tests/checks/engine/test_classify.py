import json

import pytest

from checks.engine.classify import FileClass, class_of, class_of_name, content_decides
from checks.engine.model import Policy
from tests.checks.engine import made

MANIFEST = json.dumps({"name": "thing", "version": "1.2.3"}).encode()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("apache-widget-1.0.tar.gz", "source"),
        ("apache-widget-1.0.tgz", "source"),
        ("apache-widget-1.0.zip", "source"),
        ("apache-widget-1.0.tar.bz2", "source"),
        ("apache-widget-1.0-binary.zip", "binary"),
        ("apache-widget-1.0-bin.tar.gz", "binary"),
        ("apache-widget-1.0-src.tar.gz", "source"),
        ("apache-widget-1.0-source-release.zip", "source"),
        ("widget-1.0.jar", "binary"),
        ("widget-1.0-py3-none-any.whl", "binary"),
        ("widget-1.0-linux-x86_64.tar.gz", "binary"),
        ("darwin/widget-1.0.tar.gz", "binary"),
        ("binaries/widget-1.0.tar.gz", "binary"),
        ("widget-cli-1.0.tar.gz", "binary"),
        ("widget-cli-1.0-src.tar.gz", "source"),
        ("widget-1.0-javadoc.zip", "docs"),
        ("docs/widget-1.0.zip", "docs"),
        ("x.tar.gz.sha512", "metadata"),
        ("x.cdx.json", "sbom"),
        ("x.cdx.json.asc", "metadata"),
        ("widget-1.0.rpm", "binary"),
        ("widget-1.0-src.deb", "binary"),
        ("widget-1.0.exe", "binary"),
        ("KEYS", "disallowed"),
        ("secret.key", "disallowed"),
        ("docs/index.html", "binary"),
    ],
)
def test_the_name_tells_what_a_file_is(path, kind):
    assert class_of_name(path, Policy()) == kind


def test_the_policy_decides_what_is_source_and_source_wins():
    both = Policy(source_paths=("*-bin.zip",), binary_paths=("*.zip",))
    assert class_of_name("w-1.0-bin.zip", both) == FileClass.SOURCE
    assert class_of_name("w-1.0.zip", both) == FileClass.BINARY


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"package/package.json": MANIFEST, "package/index.js": b"x"}, "binary"),
        ({"package": None, "package/package.json": MANIFEST}, "binary"),
        ({"package/package.json": MANIFEST, "other/x": b"x"}, "source"),
        ({"package": "elsewhere", "package/package.json": MANIFEST}, "source"),
        ({"package/package.json": b'{"name": "thing"}'}, "source"),
        ({"package/package.json": b"not json"}, "source"),
        ({"package/package.json": b"[" * 100_000}, "source"),
        ({"package/package.json": b" " * 600_000 + MANIFEST}, "source"),
        ({"package/x": b"x"}, "source"),
        ({"thing-1.2.3/package.json": MANIFEST}, "source"),
    ],
)
def test_a_package_of_npm_is_known_by_its_layout(tmp_path, members, kind):
    file = made.file(tmp_path, "thing-1.2.3.tgz", made.tar(members))
    assert class_of(file, Policy()) == kind


def test_a_package_of_npm_is_source_where_the_policy_says_so(tmp_path):
    content = made.tar({"package/package.json": MANIFEST})
    file = made.file(tmp_path, "thing-1.2.3.tgz", content)
    assert class_of(file, Policy(source_paths=("*.tgz",))) == FileClass.SOURCE


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"bomFormat" : "CycloneDX"}', "sbom"),
        (b'<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>', "sbom"),
        (b" " * 9000 + b'{"bomFormat": "CycloneDX"}', "binary"),
        (b"{}", "binary"),
    ],
)
def test_an_sbom_under_an_odd_name_is_known_by_its_first_8_kib(tmp_path, content, kind):
    file = made.file(tmp_path, "parts.json", content)
    assert class_of(file, Policy()) == kind


def test_only_few_names_need_a_look_at_the_content():
    assert content_decides("thing-1.0.tgz", Policy())
    assert content_decides("parts.json", Policy())
    assert not content_decides("thing-1.0.zip", Policy())
    assert not content_decides("thing-1.0-bin.tgz", Policy())
    assert not content_decides("x.cdx.json", Policy())
