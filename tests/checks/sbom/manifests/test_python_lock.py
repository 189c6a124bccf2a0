"""Lock files of Python."""

import pytest

from tests.checks.sbom.manifests.written import locked, one

pytestmark = pytest.mark.once


@pytest.mark.parametrize("name", ["poetry.lock", "uv.lock"])
def test_every_package_with_its_version(name):
    found = one(
        name,
        """
[[package]]
name = "Some.Thing"
version = "1.0"
[[package]]
name = "b"
version = "2.0"
category = "dev"
[[package]]
name = "the-project"
version = "0.1"
source = { editable = "." }
[[package]]
name = 7
""",
    )
    assert locked(found) == [
        ("pkg:pypi/some-thing@1.0", "required"),
        ("pkg:pypi/b@2.0", "excluded"),
    ]


def test_pipenv():
    found = one(
        "Pipfile.lock",
        '{"default": {"a": {"version": "==1.0"}, "b": {"git": "x"}},'
        ' "develop": {"c": {"version": "==2.0"}}}',
    )
    assert locked(found) == [("pkg:pypi/a@1.0", "required"), ("pkg:pypi/c@2.0", "excluded")]
