"""OpenPGP keys in the console: found by whatever of them somebody has; unlinked, and KEYS made."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from keys.models import AccessToken, Certificate, KeyLink, KeysFile, Login, SshKey
from tests import make, pgp, ssh
from tests.api import token
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db

KEYS, LINKS = "/admin/keys/certificate/", "/admin/keys/keylink/"


@pytest.fixture
def link() -> KeyLink:
    committee = make.committee("example")
    signer = pgp.Signer("Alice Archer <alice@apache.org>")
    signer.home.add_subkey(signer.fingerprint, at=pgp.NOW)
    Certificate.objects.import_keys(signer.public, committee=committee, by=make.member(committee))
    return KeyLink.objects.get()


def ways(key: Certificate) -> list[str]:
    """As people have it: from gpg, from a web page, from a mail."""
    name, subkey = key.fingerprint, key.subkeys[0]["fingerprint"]
    return [
        *(name, name.upper(), f"0x{name}", key.spaced, f"0x {key.spaced}"),
        *(key.key_id, f"0x{key.key_id.upper()}", f" {key.key_id[:8]} {key.key_id[8:]} "),
        *(subkey, subkey[-16:], f"0X{subkey[-16:].upper()}"),
        *("alice@apache.org", "ALICE@apache.org", "Archer", "Alice Archer"),
    ]


def test_a_key_is_found_by_whatever_one_has_of_it(link) -> None:
    client = logged_in(make.staff("auditor"))
    for way in ways(link.certificate):
        for page in (KEYS, LINKS):
            text = client.get(page, {"q": way}).content.decode()
            assert str(link.certificate) in text, (page, way)


@pytest.mark.parametrize("term", ["bob@apache.org", "0xdeadbeefdeadbeef", "\0", "'", "%"])
def test_what_matches_nothing_shows_nothing(link, term: str) -> None:
    client = logged_in(make.staff("auditor"))
    answer = client.get(KEYS, {"q": term})
    assert answer.status_code == 200
    shown = str(link.certificate) in answer.content.decode()
    assert shown == (term == "\0")  # which is nothing to look for


def test_links_are_found_by_their_committee(link) -> None:
    client = logged_in(make.staff("auditor"))
    assert str(link.certificate) in client.get(LINKS, {"q": "example"}).content.decode()
    assert str(link.certificate) not in client.get(LINKS, {"q": "other"}).content.decode()


def test_a_key_is_unlinked_with_a_reason(link) -> None:
    address = reverse("admin:keys_keylink_act", args=[link.pk, "unlink"])
    client = logged_in(make.staff("operator"))
    assert client.post(address, {"reason": ""}).status_code == 422
    assert KeyLink.objects.exists()
    assert client.post(address, {"reason": "The key was lost."}).status_code == 302
    assert not KeyLink.objects.exists()
    event = Event.objects.get(tag=Tag.KEY_UNLINKED)
    assert event.facts["reason"] == "The key was lost."


def test_keys_files_of_all_committees_are_there_and_generated_anew(link) -> None:
    client = logged_in(make.staff("operator"))
    page = reverse("admin:keys_keysfile_changelist")
    for _ in range(2):
        assert client.get(page).status_code == 200
    row = KeysFile.objects.get()
    assert row.committee == link.committee
    address = reverse("admin:keys_keysfile_act", args=[row.pk, "publish"])
    assert client.post(address, {"reason": "It was damaged."}).status_code == 302
    assert Event.objects.get(tag=Tag.KEYS_PUBLISHED).facts["reason"] == "It was damaged."


def test_all_of_a_persons_credentials_go_at_once_and_each_is_told(link) -> None:
    person = make.user("mallory", password="right")
    known = [token(person, label="one"), token(person, label="two")]
    SshKey.objects.add(ssh.ed25519_key(), by=person)
    session = logged_in(person)
    address = reverse("admin:projects_user_act", args=[person.pk, "revoke"])
    sent = {"reason": "Laptop stolen.", "typed": "REVOKE"}
    assert logged_in(make.staff("security officer")).post(address, sent).status_code == 302
    assert not AccessToken.objects.good().exists()
    assert not SshKey.objects.exists()
    assert not Login.objects.filter(owner=person).exists()
    assert session.get("/accounts/credentials/").status_code == 302
    each = Event.objects.filter(facts__together=True)
    assert sorted(event.tag for event in each) == sorted(
        [Tag.TOKEN_REVOKED] * len(known) + [Tag.SSH_KEY_REMOVED, Tag.LOGIN_ENDED]
    )
    assert {event.facts["reason"] for event in each} == {"Laptop stolen."}
    assert Event.objects.filter(tag=Tag.CREDENTIALS_REVOKED).count() == 1


def test_the_lists_cost_the_same_for_few_and_many(link, django_assert_max_num_queries) -> None:
    client = logged_in(make.staff("auditor"))
    client.get(KEYS)
    for count in (0, 30):
        for number in range(count):
            row = Certificate.objects.get(pk=link.certificate_id)
            row.pk, row.fingerprint = None, f"{number:040d}"
            row.save(force_insert=True)
            KeyLink.objects.create(
                committee=link.committee, certificate=row, added_at=datetime.now(UTC)
            )
        for page in (KEYS, LINKS, f"{KEYS}?q=alice", f"{LINKS}?q=alice"):
            with django_assert_max_num_queries(9):
                client.get(page)
