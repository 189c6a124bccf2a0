"""The shape that verbs have on pages: asked for, refused, done."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from projects.roles import Role
from tests import make
from tests.visitors import logged_in
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


@pytest.mark.parametrize("name", ["call-vote", "resolve", "publish", "announce", "delete-draft"])
def test_a_form_is_nobody_elses_whatever_they_send(client, name):
    release = make.passed() if name in ("publish", "announce") else make.vote().release
    address = reverse(f"releases:{name}", args=release.url_args)
    answer = client.post(address, {"outcome": "nonsense"})
    assert (answer.status_code, answer.url) == (302, f"{reverse('account_login')}?next={address}")
    assert logged_in(make.user()).post(address, {}).status_code == 403
