"""Django's has_perm, answered from the table of grants."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Permission

from projects.backends import RoleBackend
from projects.roles import Role
from tests import make

pytestmark = pytest.mark.django_db


def test_with_an_object_the_table_answers() -> None:
    project = make.project()
    manager = make.member(project, Role.RELEASE_MANAGER)
    assert RoleBackend().has_perm(manager, "releases.start_vote", project)
    assert not RoleBackend().has_perm(manager, "releases.start_vote", make.project())


def test_without_an_object_django_s_stored_permissions_answer() -> None:
    person = make.user()
    backend = RoleBackend()
    assert not backend.has_perm(person, "releases.view_release")
    person.user_permissions.add(Permission.objects.get(codename="view_release"))
    person = type(person).objects.get(pk=person.pk)  # Django caches permissions on the instance
    assert backend.has_perm(person, "releases.view_release")


def test_nobody_logs_in_by_way_of_roles(rf) -> None:
    person = make.user(password="right")
    assert RoleBackend().authenticate(rf.get("/"), person.username, "right") is None
    assert authenticate(rf.get("/"), username=person.username, password="wrong") is None
