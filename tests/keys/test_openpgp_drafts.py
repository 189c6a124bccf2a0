"""What is said of the blocks of a KEYS document before gpg sees any of it."""

import pytest

from keys import openpgp_drafts
from keys.openpgp import read_keys
from keys.openpgp_armor import armor, armors
from keys.openpgp_drafts import drafts_of
from tests import pgp
from tests.keys.made import Made, packet
from trusted_releases.lib.errors import BadInput

NAME = b"Alice <alice@example.org>"
MARK = b"\xef\xbb\xbf"


@pytest.fixture(scope="module")
def text():
    return Made().user_id(NAME).text


@pytest.fixture(scope="module")
def secret():
    return pgp.signer().secret


def before(mark: bytes, text: bytes) -> bytes:
    return b"".join(mark + line + b"\n" for line in text.splitlines())


@pytest.mark.parametrize(
    "encoded",
    [
        lambda text: MARK + text,
        lambda text: text.decode().encode("utf-16"),
        lambda text: b"\xfe\xff" + text.decode().encode("utf-16-be"),
        lambda text: MARK + text.replace(b"\n", b"\r\n"),
    ],
)
def test_a_file_as_editors_and_shells_of_windows_write_it_is_read(text, encoded):
    (block,) = read_keys(encoded(text))
    assert (block.line, block.problems) == (1, ())
    assert block.certificates[0].user_ids == (NAME.decode(),)


@pytest.mark.parametrize("mark", [b"    ", b"> ", b"| ", b"<pre>", b"Bob> "])
def test_a_block_that_no_program_finds_is_told_with_its_line(text, mark):
    first, second = read_keys(text + b"prose\n" + before(mark, text))
    assert first.certificates
    assert second.line == len(text.splitlines()) + 2
    assert second.refused.startswith("Something stands before this BEGIN line")


@pytest.mark.parametrize("mark", [b"  ", b"> "])
def test_a_private_key_is_found_where_no_program_would_find_it(text, secret, mark):
    draft = list(drafts_of(text + before(mark, secret)))[1]
    assert (draft.private, draft.text, draft.raw) == (True, b"", ())


def test_a_private_key_in_a_damaged_block_of_another_name_is_found(text, secret):
    lines = secret.replace(b"PRIVATE", b"PUBLIC").splitlines()
    damaged = b"\n".join(b"=AAAA" if line.startswith(b"=") else line for line in lines)
    draft = list(drafts_of(text + damaged + b"\n"))[1]
    assert (draft.private, draft.text) == (True, b"")


def test_prose_about_blocks_is_prose(text):
    said = b"Never paste -----BEGIN PGP PRIVATE KEY BLOCK----- here.\n"
    assert len(list(drafts_of(said + text))) == 1


def test_a_file_in_which_no_block_begins_says_so(text):
    with pytest.raises(BadInput, match="no public key"):
        read_keys(text.replace(b"BLOCK-----", b"BLOCK-----x", 1))


def test_a_key_of_too_many_parts_is_refused_and_the_others_are_taken(text, monkeypatch):
    monkeypatch.setattr(openpgp_drafts, "MAX_PARTS", 6)
    many = Made(b"many").user_id(NAME)
    for number in range(2):
        many.user_id(b"Alice %d <alice@example.org>" % number)
    first, second = read_keys(many.text + text)
    assert "has 7 parts" in first.refused
    assert second.certificates


def test_names_without_end_cost_nothing(text):
    (block,) = armors(text)
    endless = block.decode() + packet(13, b"") * 100_000
    (found,) = read_keys(armor(endless))
    assert "100,003 parts" in found.refused
