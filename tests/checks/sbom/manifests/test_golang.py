"""go.mod."""

import pytest

from tests.checks.sbom.manifests.written import locked, needs, one, told

pytestmark = pytest.mark.once


def test_a_module_and_all_that_its_builds_are_made_with():
    found = one(
        "go.mod",
        """module github.com/apache/tool/v2 // import comment

go 1.22

require github.com/pkg/errors v0.9.1
require (
\tgolang.org/x/net v0.17.0 // indirect
\texample.org/old v1.0.0
\texample.org/here v1.0.0
\tgopkg.in/yaml.v3 latest
)
replace example.org/old => example.org/new v1.5.0
replace (
\texample.org/here v1.0.0 => ../here
)
exclude golang.org/x/net v0.1.0
""",
    )
    assert told(found.own) == ("pkg:golang/github.com/apache/tool/v2", "required")
    assert needs(found) == [
        ("pkg:golang/github.com/pkg/errors@v0.9.1", "required"),
        ("pkg:golang/example.org/new@v1.5.0", "required"),
        ("pkg:golang/example.org/here", "required"),
        ("pkg:golang/gopkg.in/yaml.v3", "latest", "required"),
    ]
    assert locked(found) == [("pkg:golang/golang.org/x/net@v0.17.0", "required")]


@pytest.mark.parametrize(
    "text", ["", "require", "module\n", "replace =>", "require (\n)\n)", "((("]
)
def test_odd_lines_are_passed_over(text):
    found = one("go.mod", text)
    assert (found.own, found.needs, found.problem) == (None, (), "")
