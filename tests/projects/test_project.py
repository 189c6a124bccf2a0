"""Projects and their lines."""

import pytest
from django.core.exceptions import ValidationError

from tests import make
from trusted_releases.lib.errors import NotReady

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["dormant", "retired"])
def test_only_active_projects_release(status: str) -> None:
    with pytest.raises(NotReady) as refused:
        make.release(make.project(status=status))
    assert [each.code for each in refused.value.obstacles] == ["project_not_active"]


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("2.1.0", "2.x"),
        ("10.0-rc1", "10.x"),
        ("beta1", "default"),
        ("9" * 64, "9" * 20 + ".x"),  # as long as a version may be, and no name of a line is
    ],
)
def test_a_version_belongs_to_the_line_of_its_major_number(version: str, name: str) -> None:
    project = make.project()
    assert project.cycle_for(version) == project.cycle_for(version)
    assert str(project.cycle_for(version)) == f"{project} {name}"


def test_names_are_what_addresses_say() -> None:
    project = make.project("x")
    assert (str(project), project.project, str(project.policy)) == ("X", project, "Policy of X")
    assert project.policy.place == project


@pytest.mark.parametrize("name", ["Tool\nrm -rf x", "Tool\r", "To\x00ol", "To\u2028ol", "To\x85ol"])
def test_a_name_is_one_line(name: str) -> None:
    project = make.project("x")
    for named in (project, project.committee):
        named.name = "Tööl – a \u200d name"
        named.full_clean()
        named.name = name
        with pytest.raises(ValidationError, match="one line"):
            named.full_clean()
