"""The console's second factor: set up, asked for, asked for again."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from projects.models import User
from tests import make
from trusted_releases.ledger.models import Event, Job

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"
PASSWORD = "a-long-password-9"


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.ADMIN_MFA = True


@pytest.fixture
def root() -> User:
    return make.user(is_superuser=True, is_staff=True, password=PASSWORD)


def code(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_factor(root: User) -> Client:
    """Logged in with password and code, through the pages."""
    TOTP.activate(root, SECRET)
    client = Client()
    client.post(reverse("account_login"), {"login": root.username, "password": PASSWORD})
    answer = client.post(reverse("mfa_authenticate"), {"code": code()})
    assert answer.status_code == 302
    return client


def test_without_one_the_console_says_why_and_where_to_set_it_up(root: User) -> None:
    client = Client()
    client.force_login(root)
    answer = client.get(reverse("admin:ledger_job_changelist"))
    page = answer.content.decode()
    assert answer.status_code == 403
    assert reverse("mfa_activate_totp") in page
    assert reverse("mfa_add_webauthn") in page
    assert reverse("admin:ledger_job_changelist") in page


@pytest.mark.django_db(transaction=True)  # allauth tells it when it has been committed
def test_whoever_sets_one_up_is_shown_the_way_back(root: User) -> None:
    client = Client()
    client.post(reverse("account_login"), {"login": root.username, "password": PASSWORD})
    wanted = reverse("admin:ledger_job_changelist")
    client.get(wanted)
    page = client.get(reverse("mfa_activate_totp"), follow=True)
    if page.redirect_chain:  # asked for the password once more
        client.post(page.redirect_chain[-1][0], {"password": PASSWORD})
        page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": code(secret)}, follow=True)
    assert Authenticator.objects.filter(user=root, type="totp").exists()
    assert f'<a href="{wanted}">Go on to the console</a>' in answer.content.decode()


def test_a_session_that_has_shown_it_comes_in(root: User) -> None:
    assert with_factor(root).get(reverse("admin:index")).status_code == 200


def test_a_session_that_has_not_is_asked_and_comes_back(root: User) -> None:
    TOTP.activate(root, SECRET)
    client = Client()
    client.force_login(root)
    answer = client.get(reverse("admin:ledger_job_changelist"))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    back = client.post(answer.url, {"code": code()})
    assert back.url == reverse("admin:ledger_job_changelist")
    assert client.get(back.url).status_code == 200


def test_after_some_hours_it_is_asked_for_again_and_nothing_is_done_meanwhile(
    root: User, settings: Any
) -> None:
    client = with_factor(root)
    session = client.session
    records = session["account_authentication_methods"]
    for record in records:
        record["at"] = time.time() - settings.ADMIN_HOURS * 3600 - 1
    session["account_authentication_methods"] = records
    session.save()
    person = make.user()
    address = reverse("admin:projects_user_act", args=[person.pk, "switch-off"])
    answer = client.post(address, {"reason": "Because"})
    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    assert User.objects.get(pk=person.pk).is_active
    page = client.get(answer.url).content.decode()
    assert "Nothing has been done" in page


def test_who_has_only_a_key_is_asked_for_the_key(root: User) -> None:
    Authenticator.objects.create(user=root, type=Authenticator.Type.WEBAUTHN, data={})
    client = Client()
    client.force_login(root)
    answer = client.get(reverse("admin:index"))
    assert answer.url.startswith(reverse("mfa_reauthenticate_webauthn"))


def test_it_is_no_way_round_the_groups() -> None:
    client = Client()
    client.force_login(make.user(is_committer=True))
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


@pytest.mark.parametrize("name", ["health", "jsi18n", "autocomplete", "ledger_job_changelist"])
def test_every_address_of_the_console_asks(root: User, name: str) -> None:
    client = Client()
    client.force_login(root)
    assert client.get(reverse(f"admin:{name}")).status_code == 403


def test_off_means_off(root: User, settings: Any) -> None:
    settings.ADMIN_MFA = False
    client = Client()
    client.force_login(root)
    assert client.get(reverse("admin:index")).status_code == 200


def give_a_role(client: Client, committee: Any, person: User) -> int:
    form = {"username": person.username, "role": "member"}
    return client.post(committee.get_absolute_url(), form).status_code


def test_what_a_group_adds_takes_it_on_the_pages_of_the_site_as_well(root: User) -> None:
    committee, friend = make.committee(), make.user()
    client = Client()
    client.force_login(root)
    assert give_a_role(client, committee, friend) == 403
    refused = Event.objects.get(refused=True)
    assert "it asks for your second factor" in refused.facts["sentence"]
    assert not committee.memberships.exists()
    assert give_a_role(with_factor(root), committee, friend) == 303


def test_what_a_role_in_a_committee_gives_does_not_take_it(root: User) -> None:
    draft = make.candidate()
    draft.committee.memberships.create(user=root, role="member")
    client = Client()
    client.force_login(root)
    assert client.get(draft.get_absolute_url()).status_code == 200
    assert give_a_role(client, draft.committee, make.user()) == 303


def test_a_job_is_not_run_again_past_the_door(root: User) -> None:
    make.release(make.project(), files={"a.txt": "a"})
    job = Job.objects.first()
    Job.objects.filter(pk=job.pk).update(state="failed")
    address = reverse("retry-job", args=[job.pk])
    client = Client()
    client.force_login(root)
    assert client.post(address, {"reason": "Again"}).status_code == 403
    assert Job.objects.get(pk=job.pk).state == "failed"
    assert with_factor(root).post(address, {"reason": "Again"}).status_code == 303
