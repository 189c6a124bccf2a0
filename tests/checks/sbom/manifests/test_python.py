"""What Python's manifests ask for."""

import pytest

from checks.sbom.manifests import is_manifest
from tests.checks.sbom.manifests.written import needs, one, told

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("a/requirements.txt", True),
        ("requirements-dev.txt", True),
        ("dev-requirements.in", True),
        ("requirements/base.txt", True),
        ("docs/requirements.rst", False),
        ("notes.txt", False),
        ("a/PKG-INFO", True),
        ("x.dist-info/METADATA", True),
    ],
)
def test_which_files_are_read(path, read):
    assert is_manifest(path) is read


def test_requirements_of_all_kinds():
    found = one(
        "requirements.txt",
        """# what we need
-r other.txt
--index-url https://example.org/simple
Django_Thing==4.2.1  # pinned
requests[security]>=2,<3 ; python_version > "3"
hashed==1.0 \\
    --hash=sha256:abc
wild==1.*
mine @ https://example.org/mine.whl
./local
https://example.org/x.tar.gz
""",
    )
    assert found.problem == ""
    assert needs(found) == [
        ("pkg:pypi/django-thing@4.2.1", "required"),
        ("pkg:pypi/requests", "<3,>=2", "required"),
        ("pkg:pypi/hashed@1.0", "required"),
        ("pkg:pypi/wild", "==1.*", "required"),
        ("pkg:pypi/mine", "@ https://example.org/mine.whl", "required"),
    ]


def test_what_is_for_tests_is_not_part_of_the_product():
    assert needs(one("requirements-test.txt", "pytest==8.0")) == [
        ("pkg:pypi/pytest@8.0", "excluded")
    ]


def test_a_text_of_that_name_is_no_list_of_requirements():
    found = one("docs/requirements.txt", "Requirements\n\nYou need a good chair and some tea.\n")
    assert found.needs == ()
    assert "it has a line that is no requirement: 'You need a good chair" in found.problem


def test_a_project_and_its_extras():
    found = one(
        "pyproject.toml",
        """
[build-system]
requires = ["hatchling>=1.27"]
[project]
name = "Tool.Kit"
version = "1.0"
license = "Apache-2.0"
dependencies = ["a==1", "b>2"]
[project.optional-dependencies]
fast = ["c"]
test = ["d==4"]
""",
    )
    assert told(found.own) == ("pkg:pypi/tool-kit@1.0", "required")
    assert found.own.licences == ("Apache-2.0",)
    assert needs(found) == [
        ("pkg:pypi/a@1", "required"),
        ("pkg:pypi/b", ">2", "required"),
        ("pkg:pypi/c", "optional"),
        ("pkg:pypi/d@4", "excluded"),
        ("pkg:pypi/hatchling", ">=1.27", "excluded"),
    ]


def test_poetry_has_lists_of_its_own():
    found = one(
        "pyproject.toml",
        """
[tool.poetry]
name = "tool"
version = "2.0"
[tool.poetry.dependencies]
python = "^3.11"
a = "^1.0"
b = {version = "==2.0", optional = true}
[tool.poetry.group.dev.dependencies]
c = "*"
""",
    )
    assert told(found.own) == ("pkg:pypi/tool@2.0", "required")
    assert needs(found) == [
        ("pkg:pypi/a", "^1.0", "required"),
        ("pkg:pypi/b@2.0", "optional"),
        ("pkg:pypi/c", "*", "excluded"),
    ]


def test_metadata_of_a_distribution():
    found = one(
        "tool-1.0/PKG-INFO",
        "Metadata-Version: 2.4\nName: tool\nVersion: 1.0\nLicense-Expression: MIT OR Apache-2.0\n"
        "Requires-Dist: a==1.0\nRequires-Dist: b; extra == 'fast'\n\nLong story.\n",
    )
    assert told(found.own) == ("pkg:pypi/tool@1.0", "required")
    assert found.own.licences == ("MIT OR Apache-2.0",)
    assert needs(found) == [("pkg:pypi/a@1.0", "required"), ("pkg:pypi/b", "optional")]


def test_the_text_of_a_licence_is_no_name_of_one():
    found = one("PKG-INFO", "Name: a\nVersion: 1\nLicense: Line one\n  line two\n")
    assert found.own.licences == ()


@pytest.mark.parametrize(
    ("path", "content", "problem"),
    [
        ("PKG-INFO", b"Version: 1\n", "it names no package"),
        ("pyproject.toml", b"[project", "it is no TOML"),
        ("pyproject.toml", b"a = " + b"[" * 50_000, "nested too deeply"),
        ("pyproject.toml", b".".join([b"a"] * 5_000) + b" = 1", "too many parts"),
        ("pyproject.toml", b"#" * (5 << 20), "larger than 4 MB"),
        ("requirements.txt", b"\xff", "no text in UTF-8"),
    ],
)
def test_what_cannot_be_read_says_why(path, content, problem):
    assert problem in one(path, content).problem


def test_odd_values_are_passed_over():
    found = one(
        "pyproject.toml",
        "[project]\nname = 7\ndependencies = [1, 'a==1']\n"
        "[project.optional-dependencies]\nx = 'a'\n[tool]\npoetry = 7\n",
    )
    assert needs(found) == [("pkg:pypi/a@1", "required")]
