"""Django's has_perm, answered from the table of grants."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, Permission

from projects.backends import RoleBackend
from projects.roles import Role
from tests import make

pytestmark = pytest.mark.django_db


def test_with_an_object_the_table_answers() -> None:
    project = make.project()
    manager = make.member(project, Role.RELEASE_MANAGER)
    assert RoleBackend().has_perm(manager, "releases.start_vote", project)
    assert not RoleBackend().has_perm(manager, "releases.start_vote", make.project())


def test_without_an_object_the_groups_of_the_console_answer() -> None:
    auditor = make.staff("auditor")
    assert auditor.has_perm("releases.view_release")
    assert auditor.has_module_perms("releases")
    assert not auditor.has_perm("ledger.retry_job")
    assert make.staff("operator").has_perm("ledger.retry_job")


@pytest.mark.parametrize("stored", ["person", "group"])
def test_permissions_that_are_stored_open_nothing(stored: str) -> None:
    person = make.staff()
    permission = Permission.objects.get(codename="retry_job")
    if stored == "person":
        person.user_permissions.add(permission)
    else:
        group = Group.objects.create(name="friends")
        group.permissions.add(permission)
        person.groups.add(group)
    assert not person.has_perm("ledger.retry_job")
    assert not person.has_module_perms("ledger")
    assert person.get_all_permissions() == set()


def test_nobody_logs_in_by_way_of_roles(rf) -> None:
    person = make.user(password="right")
    assert RoleBackend().authenticate(rf.get("/"), person.username, "right") is None
    assert authenticate(rf.get("/"), username=person.username, password="wrong") is None
