"""Whose keys the platform's directory has: people's own, under their own address alone."""

from datetime import UTC, datetime

import pytest

from keys import directory, wkd
from keys.models import Certificate
from keys.openpgp import read_keys
from projects.models import User
from tests import make, pgp

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _domain(settings) -> None:
    settings.MAIL_DOMAIN = "apache.org"


def own(person: User, signer: pgp.Signer) -> Certificate:
    return Certificate.objects.add_own(signer.public, by=person)


def fingerprint(content: bytes | None) -> str:
    assert content is not None
    return read_keys(content)[0].certificates[0].fingerprint


@pytest.mark.parametrize("local_part", ["alice", "Alice", ""])
def test_a_key_is_found_with_and_without_the_local_part(local_part: str) -> None:
    key = own(make.user("alice"), pgp.signer())
    assert fingerprint(directory.found(wkd.name_of("alice"), local_part)) == key.fingerprint
    assert directory.is_listed(key)


def test_a_local_part_that_is_not_that_of_the_name_finds_nothing() -> None:
    own(make.user("alice"), pgp.signer())
    assert directory.found(wkd.name_of("alice"), "bob") is None


def test_a_key_that_only_claims_the_address_is_not_found() -> None:
    """Bob's own key names Alice's address as well: nobody gets it for hers."""
    signer = pgp.Signer("Bob <bob@apache.org>")
    signer.home._gpg.run("--quick-add-uid", signer.fingerprint, "Alice <alice@apache.org>")
    own(make.user("bob"), signer)
    make.user("alice")
    assert directory.found(wkd.name_of("alice"), "alice") is None
    (certificate,) = read_keys(directory.found(wkd.name_of("bob")))[0].certificates
    assert certificate.user_ids == ("Bob <bob@apache.org>",)


def test_a_key_that_a_committee_imported_is_nobodys() -> None:
    committee = make.committee()
    make.user("alice")
    Certificate.objects.import_keys(
        pgp.signer().public, committee=committee, by=make.member(committee)
    )
    assert directory.found(wkd.name_of("alice"), "alice") is None
    assert not directory.is_listed(Certificate.objects.get())


def test_of_two_the_newest_that_can_sign_is_found() -> None:
    alice = make.user("alice")
    whose = "Alice Archer <alice@apache.org>"
    old = own(alice, pgp.Signer(whose, at=datetime(2025, 1, 1, tzinfo=UTC)))
    new = own(alice, pgp.Signer(whose, at=datetime(2026, 5, 1, tzinfo=UTC)))
    assert fingerprint(directory.found(wkd.name_of("alice"))) == new.fingerprint
    Certificate.objects.filter(pk=new.pk).update(revoked=True)
    assert fingerprint(directory.found(wkd.name_of("alice"))) == old.fingerprint
    Certificate.objects.filter(pk=old.pk).update(expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert fingerprint(directory.found(wkd.name_of("alice"))) == new.fingerprint


def test_who_is_switched_off_is_not_found() -> None:
    alice = make.user("alice")
    own(alice, pgp.signer())
    alice.is_active = False
    alice.save()
    assert directory.found(wkd.name_of("alice"), "alice") is None
    assert directory.found(wkd.name_of("alice")) is None
