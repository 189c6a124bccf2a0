from datetime import timedelta

import pytest

from keys.models import Certificate
from tests import make, pgp

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    where = make.committee()
    Certificate.objects.import_keys(pgp.signer().public, committee=where, by=make.member(where))
    return Certificate.objects.get()


@pytest.mark.parametrize(
    "how",
    [
        lambda key: key.fingerprint,
        lambda key: f"0x{key.key_id.upper()}",
        lambda key: key.spaced,
        lambda key: "ALICE@apache",
        lambda key: " Archer ",
    ],
)
def test_a_key_is_found_by_what_people_paste(alice, how):
    assert Certificate.objects.known_as(how(alice)).get() == alice


def test_a_key_is_not_found_by_a_part_of_its_fingerprint(alice):
    assert not Certificate.objects.known_as(alice.fingerprint[:10]).exists()


def test_keys_are_valid_until_they_expire_or_are_revoked(alice):
    assert Certificate.objects.valid().get() == alice
    alice.expires_at = alice.created_at + timedelta(days=30)
    alice.save()
    assert not Certificate.objects.valid(alice.expires_at).exists()
    assert Certificate.objects.valid(alice.expires_at - timedelta(seconds=1)).exists()
    Certificate.objects.update(expires_at=None, revoked=True)
    assert not Certificate.objects.valid().exists()
