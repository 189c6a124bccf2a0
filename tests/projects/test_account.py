"""Accounts: switched off and on, robbed of their credentials, acted for."""

import pytest
from allauth.account.forms import default_token_generator
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.timezone import now

from projects.models import User
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make.staff("security officer")


def the_event(tag: Tag) -> Event:
    return Event.objects.get(tag=tag)


class TestSwitch:
    def test_off_keeps_the_person_out_and_on_lets_them_in_again(self, officer: User) -> None:
        person = make.user()
        session = logged_in(person)
        person.switch_off(by=officer, reason="Left the foundation")
        assert session.get("/").context["user"].is_anonymous
        assert the_event(Tag.ACCOUNT_SWITCHED_OFF).facts == {
            "person": person.username,
            "reason": "Left the foundation",
        }
        person.switch_on(by=officer, reason="Came back")
        assert User.objects.get(pk=person.pk).is_active

    def test_twice_is_told(self, officer: User) -> None:
        person = make.user()
        person.switch_off(by=officer, reason="Once")
        with pytest.raises(Stale, match="switched off already"):
            person.switch_off(by=officer, reason="Twice")
        assert Event.objects.filter(tag=Tag.ACCOUNT_SWITCHED_OFF).count() == 1

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "line\0feed"])
    def test_without_a_good_reason_nothing_happens(self, officer: User, reason: str) -> None:
        person = make.user()
        with pytest.raises(BadInput, match="reason"):
            person.switch_off(by=officer, reason=reason)
        assert User.objects.get(pk=person.pk).is_active

    def test_nobody_does_it_to_themself(self, officer: User) -> None:
        with pytest.raises(BadInput, match="own account"):
            officer.switch_off(by=officer, reason="Holidays")

    @pytest.mark.parametrize("act", ["switch_off", "revoke_credentials"])
    def test_a_superuser_is_for_other_superusers(self, officer: User, act: str) -> None:
        root = make.operator()
        with pytest.raises(PermissionDenied, match="superuser"):
            getattr(root, act)(by=officer, reason="A coup")
        getattr(root, act)(by=make.operator(), reason="Left")
        assert not User.objects.get(pk=root.pk).is_active

    @pytest.mark.parametrize("group", ["auditor", "operator"])
    def test_other_groups_do_not(self, group: str) -> None:
        with pytest.raises(PermissionDenied):
            make.user().switch_off(by=make.staff(group), reason="Because")
        assert Event.objects.get(refused=True).facts["verb"] == "switch_off"


class TestRevoke:
    def test_everything_that_lets_somebody_in_is_gone(self, officer: User) -> None:
        person = make.user(password="right")
        totp = TOTP.activate(person, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(person)
        session = logged_in(person)
        person.revoke_credentials(by=officer, reason="Laptop stolen", switch_off=False)
        assert session.get("/").context["user"].is_anonymous
        person = User.objects.get(pk=person.pk)
        assert not person.has_usable_password()
        assert not person.check_password("right")
        assert not Authenticator.objects.filter(pk=totp.instance.pk).exists()
        event = the_event(Tag.CREDENTIALS_REVOKED)
        assert event.facts["second_factors"] == 2
        assert event.facts["reason"] == "Laptop stolen"
        assert person.is_active

    def test_sessions_end_also_of_those_who_never_had_a_password(self, officer: User) -> None:
        person = make.user()
        session = logged_in(person)
        person.revoke_credentials(by=officer, reason="Laptop stolen", switch_off=False)
        assert session.get("/").context["user"].is_anonymous

    def test_the_account_is_switched_off_as_well_unless_told_otherwise(self, officer: User) -> None:
        person = make.user()
        person.revoke_credentials(by=officer, reason="Laptop stolen")
        assert not User.objects.get(pk=person.pk).is_active
        assert the_event(Tag.ACCOUNT_SWITCHED_OFF).actor == officer.username

    def test_a_reset_link_that_was_asked_for_before_is_worth_nothing(self, officer: User) -> None:
        person = make.user(password="right")
        token = default_token_generator.make_token(person)
        person.revoke_credentials(by=officer, reason="Laptop stolen", switch_off=False)
        assert not default_token_generator.check_token(User.objects.get(pk=person.pk), token)


class TestActing:
    def test_it_begins_with_an_event_and_a_time(self, officer: User) -> None:
        person = make.user()
        until = person.begin_acting(by=officer, reason="They cannot log in")
        assert 14 * 60 < (until - now()).total_seconds() <= 15 * 60
        event = the_event(Tag.ACTING_BEGAN)
        assert (event.actor, event.key) == (officer.username, str(person.pk))
        assert event.facts["reason"] == "They cannot log in"

    @pytest.mark.parametrize("fields", [{"is_superuser": True}, {"is_staff": True}])
    def test_nobody_acts_for_those_of_the_console(self, fields: dict) -> None:
        with pytest.raises(BadInput, match="in the name of operators"):
            make.user(**fields).begin_acting(by=make.operator(), reason="To look")

    def test_nor_for_an_account_that_is_off(self, officer: User) -> None:
        with pytest.raises(BadInput, match="switched off"):
            make.user(is_active=False).begin_acting(by=officer, reason="To look")


class TestGroups:
    def post(self, by: User, person: User, **fields: object) -> None:
        form = {"username": person.username, "email": person.email, **fields}
        address = reverse("admin:projects_user_change", args=[person.pk])
        logged_in(by).post(address, form)

    def test_a_superuser_gives_them_and_the_event_says_which(self) -> None:
        person, root = make.user(), make.operator()
        group = Group.objects.get(name="operator")
        self.post(root, person, is_staff="on", groups=[group.pk])
        assert User.objects.get(pk=person.pk).group_names == {"operator"}
        facts = Event.objects.get(tag=Tag.ACCOUNT_CHANGED).facts
        assert (facts["groups"], facts["is_staff"]) == (["operator"], True)

    @pytest.mark.parametrize("who", ["themself", "an officer"])
    def test_nobody_puts_themself_into_one_nor_does_an_officer(self, who: str) -> None:
        officer = make.staff("security officer")
        person = officer if who == "themself" else make.user()
        group = Group.objects.get(name="operator")
        sent = {"is_staff": "on", "is_superuser": "on", "groups": [group.pk], "full_name": "New"}
        self.post(officer, person, **sent)
        found = User.objects.get(pk=person.pk)
        assert found.full_name == "New"
        assert not found.is_superuser
        assert "operator" not in found.group_names
        assert found.is_staff == (who == "themself")

    def test_a_superuser_does_not_change_their_own(self) -> None:
        root = make.operator()
        self.post(root, root, full_name="New")
        assert User.objects.get(pk=root.pk).is_superuser
        with pytest.raises(PermissionDenied, match="gives themself"):
            root.require_console_change(by=root)

    def test_an_officer_changes_no_mail_address_and_no_superuser(self) -> None:
        officer, person, root = make.staff("security officer"), make.user(), make.operator()
        self.post(officer, person, email="thief@example.org", is_committer="on")
        found = User.objects.get(pk=person.pk)
        assert found.is_committer
        assert found.email == person.email
        self.post(officer, root, is_committer="on")
        assert not User.objects.get(pk=root.pk).is_committer

    def test_nobody_sets_the_password_of_another(self) -> None:
        person = make.user()
        address = reverse("admin:auth_user_password_change", args=[person.pk])
        sent = {"password1": "a-password-9", "password2": "a-password-9"}
        assert logged_in(make.operator()).post(address, sent).status_code == 403
        assert not User.objects.get(pk=person.pk).check_password("a-password-9")
