"""Whose a package is, by its name alone."""

import pytest

from checks.sbom.generate.suppliers import FOUNDATION, supplier_of
from checks.sbom.manifests import Package

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("type_", "namespace", "name", "supplier"),
    [
        ("maven", "org.apache.commons", "commons-io", FOUNDATION),
        ("maven", "org.apache", "apache", FOUNDATION),
        ("maven", "org.apachecon", "x", ""),
        ("maven", "jakarta-regexp", "x", FOUNDATION),
        ("maven", "com.github.luben", "zstd-jni", "@github/luben"),
        ("maven", "io.github.resilience4j.core", "x", "@github/resilience4j"),
        ("maven", "com.github.<script>", "x", ""),
        ("maven", "org.osgi", "org.osgi.core", "OSGi Working Group"),
        ("maven", "com.google.guava", "guava", ""),
        ("golang", "github.com/apache", "thrift", FOUNDATION),
        ("golang", "github.com/apache/thrift/lib", "go", FOUNDATION),
        ("golang", "github.com/pkg", "errors", "@github/pkg"),
        ("golang", "golang.org/x", "net", ""),
        ("npm", "@apache", "x", ""),
        ("pypi", "", "apache-beam", ""),
    ],
)
def test_only_what_a_registry_gives_to_one_owner_names_it(type_, namespace, name, supplier):
    assert supplier_of(Package(type_, name, namespace)) == supplier
