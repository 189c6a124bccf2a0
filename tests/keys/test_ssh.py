"""SSH keys as rows: whose they are, how they come and go, and who hears of it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import Client

from keys.models import SshKey
from projects.models import User
from projects.roles import Reach
from tests import make, ssh
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return make.user("alice")


def test_adding_one_is_written_down(alice) -> None:
    key = SshKey.objects.add(ssh.ed25519_key(), by=alice)
    assert (key.owner, key.kind, key.comment) == (alice, "ssh-ed25519", "alice@laptop")
    event = Event.objects.about(key).get()
    assert (event.tag, event.actor) == (Tag.SSH_KEY_ADDED, "alice")
    assert event.facts == key.facts()


def test_one_key_is_one_persons_and_once(alice) -> None:
    line = ssh.ed25519_key()
    SshKey.objects.add(line, by=alice)
    for person in (alice, make.user()):
        with pytest.raises(NotReady, match="is known already"):
            SshKey.objects.add(line, by=person)
    assert SshKey.objects.get().owner == alice
    assert Event.objects.filter(tag=Tag.REFUSED).count() == 2


def test_there_are_no_more_than_somebody_can_look_through(alice, monkeypatch) -> None:
    monkeypatch.setattr("keys.models.ssh.MOST_SSH_KEYS", 1)
    SshKey.objects.add(ssh.ed25519_key(), by=alice)
    with pytest.raises(NotReady, match="1 SSH keys already"):
        SshKey.objects.add(ssh.ed25519_key(), by=alice)


@pytest.mark.parametrize("reach", [Reach.READ, Reach.COMPOSE])
def test_a_token_that_does_not_reach_so_far_adds_none(alice, reach) -> None:
    alice.reach = reach
    with pytest.raises(PermissionDenied, match="The access token is for"):
        SshKey.objects.add(ssh.ed25519_key(), by=alice)


def test_nobody_adds_one_in_the_name_of_another(alice) -> None:
    alice.acted_by = make.staff("security officer")
    with pytest.raises(PermissionDenied, match="Nobody does this in the name of somebody else"):
        SshKey.objects.add(ssh.ed25519_key(), by=alice)
    with pytest.raises(PermissionDenied):
        SshKey.objects.add(ssh.ed25519_key(), by=AnonymousUser())


def test_what_is_no_key_is_not_repeated_in_the_log(alice) -> None:
    with pytest.raises(BadInput):
        SshKey.objects.add("-----BEGIN OPENSSH PRIVATE KEY-----\nsecret!", by=alice)
    told = Event.objects.get(tag=Tag.REFUSED)
    assert "secret!" not in str(told.facts)
    assert not SshKey.objects.exists()


def test_its_owner_removes_it_once(alice) -> None:
    key = SshKey.objects.add(ssh.ed25519_key(), by=alice)
    with pytest.raises(BadInput, match="not yours"):
        key.remove(by=make.user())
    key.remove(by=alice)
    assert not SshKey.objects.exists()
    assert Event.objects.filter(tag=Tag.SSH_KEY_REMOVED, actor="alice").count() == 1
    with pytest.raises(Stale, match="removed already"):
        key.remove(by=alice)


def test_an_officer_who_revokes_everything_removes_them(alice) -> None:
    SshKey.objects.add(ssh.ed25519_key(), by=alice)
    alice.revoke_credentials(by=make.operator(), reason="Her laptop was stolen.")
    assert not SshKey.objects.exists()
    assert Event.objects.get(tag=Tag.CREDENTIALS_REVOKED).facts["ssh_keys"] == 1


def test_a_refusal_changes_nothing(alice) -> None:
    before = Job.objects.count()
    with pytest.raises(Refused):
        SshKey.objects.add("x", by=alice)
    assert (SshKey.objects.count(), Job.objects.count()) == (0, before)


def test_the_console_lists_them(alice) -> None:
    key = SshKey.objects.add(ssh.ed25519_key(), by=alice)
    client = Client()
    client.force_login(make.operator())
    assert key.fingerprint in client.get("/admin/keys/sshkey/").content.decode()
