import pytest

from keys.openpgp_armor import armor
from keys.openpgp_packets import has_secret
from keys.openpgp_signatures import MAX_FILE, MAX_SIGNATURES, Refusal, read_signatures
from tests import pgp


@pytest.fixture(scope="module")
def alice():
    return pgp.signer()


@pytest.fixture
def signature(tmp_path, alice):
    return alice.sign(pgp.artifact(tmp_path))


def refusal(path, content):
    path.write_bytes(content)
    with pytest.raises(Refusal) as caught:
        read_signatures(path)
    assert str(caught.value).endswith(".")
    return caught.value.code


def test_a_detached_signature_is_read(signature):
    found, remarks = read_signatures(signature)
    assert (len(found), remarks) == (1, ())


def test_signatures_of_several_blocks_and_of_one_block_are_read(signature):
    (packet,), _ = read_signatures(signature)
    block = signature.read_bytes()
    signature.write_bytes(b"text before\n" + block + block + armor(packet * 2, "SIGNATURE"))
    assert len(read_signatures(signature)[0]) == 4


def test_lines_that_gpg_does_not_find_are_refused(signature, tmp_path):
    text = signature.read_bytes()
    assert refusal(signature, text.replace(b"\n", b"\r")) == "malformed"
    signature.write_bytes(text.replace(b"\n", b"\r\n"))
    assert len(read_signatures(signature)[0]) == 1


def test_a_block_escaped_as_in_a_cleartext_message_is_refused_for_gpg_does_not_find_it(signature):
    escaped = signature.read_bytes().replace(b"-----", b"- -----", 1)
    assert refusal(signature, escaped) == "malformed"


def test_a_header_that_is_not_known_is_passed_over(signature):
    text = signature.read_bytes().replace(b"\n\n", b"\nX-Made-By: a: b\n\n", 1)
    signature.write_bytes(text)
    assert len(read_signatures(signature)[0]) == 1


def test_a_private_key_is_found_under_another_name_and_damaged(signature, alice):
    lines = alice.secret.replace(b"PRIVATE KEY BLOCK", b"SIGNATURE").splitlines()
    damaged = b"\n".join(b"=AAAA" if line.startswith(b"=") else line for line in lines)
    assert refusal(signature, damaged + b"\n") == "private_key"


def test_a_missing_end_line_is_remarked(signature):
    signature.write_bytes(signature.read_bytes().partition(b"-----END")[0])
    found, remarks = read_signatures(signature)
    assert len(found) == 1
    assert [remark.code for remark in remarks] == ["no_end_line"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"x", "no_signature"),
        (b"<html></html>", "no_signature"),
        (b"\xc6\xff", "no_signature"),
        (b"\xb0\x01\x00", "no_signature"),
        (b"x" * (MAX_FILE + 1), "too_large"),
        (b"-----BEGIN PGP SIGNED MESSAGE-----\n\ntext\n", "cleartext"),
        (armor(b"\xcb\x01x", "MESSAGE"), "not_detached"),
        (armor(b"\xcb\x01x", "SIGNATURE"), "not_detached"),
        (armor(b"\xc2\x01\x04", "SIGNATURE"), "malformed"),
        (armor(b"nonsense", "SIGNATURE"), "malformed"),
        (armor(b"\xc2\x01\x04", "SIGNATURE").replace(b"\n=", b"\n=A"), "malformed"),
        (b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n", "private_key"),
        (b"  -----BEGIN PGP PRIVATE KEY BLOCK-----\n", "private_key"),
        (armor(b"\xc5\x01\x04", "SIGNATURE"), "private_key"),
        (b"\xc5\x01\x04", "private_key"),
    ],
)
def test_what_is_no_detached_signature_is_named(tmp_path, content, code):
    assert refusal(tmp_path / "a.asc", content) == code


def test_a_public_key_is_named(signature, alice):
    assert refusal(signature, alice.public) == "not_detached"
    assert refusal(signature, signature.read_bytes() + alice.public) == "not_detached"


def test_a_binary_signature_is_named(signature):
    (packet,), _ = read_signatures(signature)
    assert not has_secret(packet)
    assert refusal(signature, packet) == "binary"


def test_more_signatures_than_allowed_are_refused(signature):
    (packet,), _ = read_signatures(signature)
    signature.write_bytes(armor(packet * MAX_SIGNATURES, "SIGNATURE"))
    assert len(read_signatures(signature)[0]) == MAX_SIGNATURES
    assert refusal(signature, armor(packet * (MAX_SIGNATURES + 1), "SIGNATURE")) == "too_many"
