"""Who a key opens the door to."""

import pytest
from django.core.exceptions import PermissionDenied

from keys.models import SshKey
from projects.roles import Reach
from releases.ssh import guests
from tests import make, ssh
from trusted_releases.ledger.limits import LIMITS, TooMany

pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> SshKey:
    return SshKey.objects.add(ssh.ed25519_key(), by=make.user(username="alice"))


def test_a_key_is_known_under_the_name_of_who_has_added_it_only(key: SshKey) -> None:
    assert guests.is_known("alice", key.fingerprint)
    make.user(username="bob")
    for name in ("bob", "Alice", "", "alice\0"):
        assert not guests.is_known(name, key.fingerprint)
    assert not guests.is_known("alice", "SHA256:none")


def test_who_comes_has_the_rights_that_a_token_brings(key: SshKey) -> None:
    person = guests.person_of("alice", key.fingerprint, "192.0.2.1")
    assert (person.username, person.reach) == ("alice", Reach.ALL)
    assert person.comes_by == f"SSH key {key.fingerprint}"
    assert not person.has_perm("keys.own_tokens", person)


def test_what_is_the_console_s_takes_a_second_factor(settings) -> None:
    settings.ADMIN_MFA = True
    officer = make.user(username="root", is_superuser=True)
    key = SshKey.objects.add(ssh.ed25519_key(), by=officer)
    assert guests.person_of("root", key.fingerprint, "192.0.2.1").is_unproven


def test_a_key_that_is_gone_or_an_account_that_is_off_opens_nothing(key: SshKey) -> None:
    key.owner.switch_off(by=make.operator(), reason="Gone")
    assert not guests.is_known("alice", key.fingerprint)
    with pytest.raises(PermissionDenied):
        guests.person_of("alice", key.fingerprint, "192.0.2.1")


def test_who_comes_too_often_waits(key: SshKey, settings) -> None:
    settings.RATE_LIMITS = True
    for _ in range(LIMITS["ssh.session"].times):
        guests.person_of("alice", key.fingerprint, "192.0.2.1")
    with pytest.raises(TooMany):
        guests.person_of("alice", key.fingerprint, "192.0.2.99")
    for _ in range(LIMITS["ssh.connect"].times):
        guests.knock("2001:db8::1")
    with pytest.raises(TooMany):
        guests.knock("2001:db8::2")
    guests.knock("2001:db8:1::2")
