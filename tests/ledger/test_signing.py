"""The key of the log: made once, for its owner's eyes, and what it signs is bound to us."""

import threading

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from trusted_releases.ledger.signing import (
    is_signed,
    key_id,
    public_hex,
    public_key,
    sign,
    signing_key,
)


def head_by(key):
    head = {"size": 3, "root": "ab" * 32, "at": "2026-01-01T00:00:00+00:00"}
    head["key_id"] = key_id(key.public_key())
    return {**head, "signature": sign(head, key)}


def test_the_key_is_made_at_first_use_readable_by_its_owner_only(key_file):
    key = signing_key()
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert public_hex(signing_key().public_key()) == public_hex(key.public_key())
    assert list(key_file.parent.iterdir()) == [key_file]


def test_of_processes_that_make_it_at_once_all_use_one(key_file):
    found = []
    start = threading.Barrier(8)

    def work():
        start.wait()
        found.append(public_hex(signing_key().public_key()))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert list(key_file.parent.iterdir()) == [key_file]


def test_another_kind_of_key_is_refused(key_file):
    key_file.parent.mkdir()
    key_file.write_bytes(
        X25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with pytest.raises(ValueError, match="another kind of key"):
        signing_key()


def test_a_head_is_signed_by_the_key_it_names_as_a_whole():
    key = Ed25519PrivateKey.generate()
    keys = {key_id(key.public_key()): key.public_key()}
    head = head_by(key)
    assert is_signed(head, keys)
    for name, value in {
        "size": 4,
        "root": "ac" * 32,
        "at": "2026-01-01T00:00:01+00:00",
        "key_id": "0" * 64,
        "signature": "00" * 64,
    }.items():
        assert not is_signed({**head, name: value}, keys), name
    assert not is_signed({**head, "signature": "not hexadecimal"}, keys)
    assert not is_signed(head, {})


def test_a_strangers_signature_under_our_keys_name_is_none():
    ours, stranger = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    head = head_by(ours)
    head["signature"] = sign(head, stranger)
    assert not is_signed(head, {key_id(ours.public_key()): ours.public_key()})


def test_a_public_key_is_read_back_from_what_is_passed_on():
    key = Ed25519PrivateKey.generate().public_key()
    assert public_hex(public_key(f" {public_hex(key)}\n")) == public_hex(key)
    with pytest.raises(ValueError, match="hexadecimal"):
        public_key("not a key")
