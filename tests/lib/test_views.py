"""The shape that verbs have on pages: asked for, refused, done."""

import pytest
from django.contrib.auth.models import AnonymousUser

from projects.roles import Role
from tests import make
from trusted_releases.lib.views import SeeOther, granted, rights

pytestmark = pytest.mark.django_db


def test_a_superuser_has_only_what_the_table_grants():
    project, operator = make.project(), make.operator()
    assert not granted(operator, "releases.start_vote", project)
    assert granted(operator, "ledger.retry_job", project)


def test_rights_are_known_to_templates_by_their_short_names():
    project = make.project()
    manager = make.member(project, Role.RELEASE_MANAGER)
    perms = ("releases.publish", "releases.cast_binding_vote")
    assert rights(manager, project, *perms) == {"publish": True, "cast_binding_vote": False}


def test_nobody_may_what_anybody_may():
    project = make.project()
    assert granted(AnonymousUser(), "projects.view_project", project)
    assert not granted(AnonymousUser(), "releases.cast_vote", project)


def test_an_account_that_is_switched_off_may_what_anybody_may():
    project = make.project()
    gone = make.member(project, is_active=False)
    assert not granted(gone, "releases.publish", project)


def test_after_a_post_one_goes_and_gets():
    assert SeeOther("/there").status_code == 303
