"""The text of a token: scanners find it, and know a real one."""

import hashlib

from keys import token_text


def test_a_token_is_what_scanners_look_for() -> None:
    drawn = [token_text.make() for _ in range(100)]
    assert len(set(drawn)) == 100
    assert all(token_text.PATTERN.fullmatch(each) and token_text.is_token(each) for each in drawn)


def test_a_mistyped_one_is_none() -> None:
    token = token_text.make()
    other = "A" if token[10] != "A" else "B"
    assert not token_text.is_token(token[:10] + other + token[11:])
    assert not token_text.is_token(token + "A")
    assert not token_text.is_token("")


def test_its_digest_is_sha3() -> None:
    assert token_text.digest("trt_x") == hashlib.sha3_256(b"trt_x").hexdigest()
