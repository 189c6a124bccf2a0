"""Who acts on an embargoed release: members of the committee, and nobody else."""

import pytest
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied

from projects.roles import Role, may
from releases.models import Release
from releases.models.hidden import told_to
from releases.phases import Choice, Phase
from tests import make
from tests.embargoed import call, expedited, secrets
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def alice(project):
    return make.member(project, username="alice")


@pytest.fixture
def release(project, alice) -> Release:
    return expedited(project, alice, "2.0")


ACTS = [
    *("releases.change_files", "releases.start_vote", "releases.cast_vote", "releases.publish"),
    *("releases.announce", "releases.delete_draft", "releases.lift_embargo"),
    *("releases.view_release", "projects.change_policy", "releases.resend_mail"),
]


@pytest.mark.parametrize("act", ACTS)
def test_members_do_what_members_do_and_nobody_else_does_anything(release, project, act) -> None:
    assert may(make.member(project), act, release)
    strangers = [
        *(make.user(), make.user(is_committer=True), make.user(is_foundation_member=True)),
        *(make.member(project, role) for role in (Role.RELEASE_MANAGER, Role.PARTICIPANT)),
        make.member(make.project()),
    ]
    assert not any(may(each, act, release) for each in strangers)


def test_what_belongs_to_it_is_as_closed_and_says_no_name(release, alice, project) -> None:
    vote = call(release, alice)
    manager = make.member(project, Role.RELEASE_MANAGER)
    for act in (
        lambda: vote.cast(Choice.FOR, by=manager, manifest_digest=vote.manifest_digest),
        lambda: vote.read_thread(by=manager),
        lambda: release.lift_embargo(by=manager, reason="x"),
    ):
        with pytest.raises(PermissionDenied) as refusal:
            act()
        assert str(refusal.value) == "You may not do this."
    assert told_to(manager, Event.objects.filter(refused=True)).count() == 0


def test_operators_still_cancel_its_vote_from_the_console(release, alice) -> None:
    call(release, alice)
    release.cancel_vote(by=make.operator(), reason="A loop of mails")
    assert Release.objects.get().phase == Phase.COMPOSE


def test_the_console_leads_operators_to_no_page_that_is_not_there_for_them() -> None:
    hidden, shown = secrets().draft, make.release()
    admin = site.get_model_admin(Release)
    assert admin.view_on_site(hidden) is None
    assert admin.view_on_site(shown) == shown.get_absolute_url()
