"""Which artifacts a bill of materials is about."""

import pytest

from checks.engine.described import described_by
from tests.checks.engine import made

FILES = [
    *("a-1.0-src.tar.gz", "a-1.0-bin.zip", "a-1.0.jar", "a-1.0.jar.asc", "b-1.0.tar.gz"),
    *("x/c_source-release.zip", "x/c.whl", "x/README.txt"),
]


@pytest.mark.parametrize(
    ("sbom", "described"),
    [
        ("a-1.0-src.tar.gz.cdx.json", ["a-1.0-src.tar.gz"]),
        ("a-1.0-src.cdx.json", ["a-1.0-src.tar.gz"]),
        ("a-1.0-bin-cyclonedx.xml", ["a-1.0-bin.zip"]),
        ("a-1.0.cdx.xml", ["a-1.0-bin.zip", "a-1.0-src.tar.gz", "a-1.0.jar"]),
        ("a-1.0.jar.cdx.json", ["a-1.0.jar"]),
        ("x/c-sbom.json", ["x/c.whl", "x/c_source-release.zip"]),
        ("x/sbom.json", ["x/c.whl", "x/c_source-release.zip"]),
        ("bom.xml", ["a-1.0-bin.zip", "a-1.0-src.tar.gz", "a-1.0.jar", "b-1.0.tar.gz"]),
        ("c.cdx.json", []),
        ("y/sbom.json", []),
        ("a-1.0.jar.asc", []),
    ],
)
def test_it_is_about_what_its_name_says(tmp_path, sbom, described):
    candidate = made.candidate(tmp_path, FILES)
    assert sorted(each.path for each in described_by(sbom, candidate)) == described
