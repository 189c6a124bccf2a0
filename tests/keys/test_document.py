from datetime import UTC, datetime

from keys.document import Entry, compose
from keys.openpgp import read_keys
from tests import pgp

MADE = datetime(2026, 5, 20, tzinfo=UTC)


def entry(signer: pgp.Signer, *names: str, **changes: object) -> Entry:
    facts = {
        "fingerprint": signer.fingerprint,
        "algorithm": "EdDSA",
        "length": 255,
        "created_at": MADE,
        "expires_at": None,
        "revocation_reason": "",
        "user_ids": names or (signer.user_id,),
        "armored": read_keys(signer.public)[0].certificates[0].armored.decode(),
    }
    return Entry(**{**facts, **changes})


def test_the_same_keys_give_the_same_bytes_in_whatever_order():
    alice, bob = entry(pgp.signer()), entry(pgp.signer("Bob Brown <bob@apache.org>"))
    assert compose("Example", [alice, bob]) == compose("Example", [bob, alice])


def test_each_block_has_a_header_that_people_can_read():
    made = entry(pgp.signer(), expires_at=datetime(2030, 1, 2, tzinfo=UTC)).text
    assert made.startswith("\npub   EdDSA 255 2026-05-20 [expires: 2030-01-02]\n")
    assert f"\n      {pgp.signer().fingerprint.upper()}\n" in made
    assert f"\nuid   {pgp.signer().user_id}\n" in made


def test_a_revoked_key_is_marked():
    assert "[revoked: compromised]" in entry(pgp.signer(), revocation_reason="compromised").text


def test_what_is_written_can_be_read_again():
    signers = [pgp.signer(), pgp.signer("Bob Brown <bob@apache.org>")]
    document = compose("Example", [entry(each) for each in signers])
    found = {each.fingerprint for block in read_keys(document) for each in block.certificates}
    assert found == {each.fingerprint for each in signers}


def test_a_user_id_that_looks_like_armor_begins_no_block():
    hostile = entry(pgp.signer(), "-----BEGIN PGP PRIVATE KEY BLOCK-----")
    (block,) = read_keys(compose("Example", [hostile]))
    assert not block.private
    assert block.certificates


def test_a_committee_without_keys_has_a_document_that_says_so():
    assert b"There are no keys yet." in compose("Example", [])
