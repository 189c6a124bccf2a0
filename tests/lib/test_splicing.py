"""A JSON object with one large text: that is passed on, the rest is kept."""

import base64
import io
import json
import random
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trusted_releases.lib import splicing
from trusted_releases.lib.splicing import Base64, Splice, TooLong, Unreadable

MOST = 4096


class Spliced:
    """What came of a document: the rest, the text, and the keys that came before it."""

    def __init__(self, sent: bytes, *, block: int = 1 << 20, most: int = MOST) -> None:
        self.text, self.before = b"", None
        stream = io.BytesIO(sent)
        splice = Splice(
            lambda size: stream.read(min(size, block)),
            "content",
            begin=self.begin,
            take=self.take,
            most=most,
        )
        self.rest = splice.document()

    def begin(self, before: dict[str, object]) -> None:
        assert self.before is None
        self.before: Any = before

    def take(self, piece: bytes) -> None:
        self.text += piece


def test_the_text_is_passed_on_and_the_rest_is_json() -> None:
    found = Spliced(b'{"project": "tool", "content": "QUJD", "seen": null}')
    assert found.text == b"QUJD"
    assert json.loads(found.rest) == {"project": "tool", "content": "", "seen": None}
    assert found.before == {"project": "tool"}


def test_it_may_come_first_or_not_at_all() -> None:
    assert Spliced(b'{"content":"QQ==","a":1}').before == {}
    absent = Spliced(b'{"a":[{"content":"x"}],"b":"content"}')
    assert (absent.text, absent.before) == (b"", None)
    assert json.loads(absent.rest) == {"a": [{"content": "x"}], "b": "content"}


@pytest.mark.parametrize("value", [b"null", b"5", b'["QQ=="]', b'{"content":"QQ=="}'])
def test_what_is_no_text_is_left_to_whoever_parses_the_rest(value: bytes) -> None:
    found = Spliced(b'{"content":' + value + b"}")
    assert (found.before, json.loads(found.rest)) == (None, {"content": json.loads(value)})


def test_a_key_may_be_written_with_escapes() -> None:
    assert Spliced(rb'{"cont\u0065nt":"QQ=="}').text == b"QQ=="


def test_a_slash_may_be_escaped_also_where_a_block_ends() -> None:
    for block in range(1, 30):
        assert Spliced(rb'{"content":"a\/b\/c"}', block=block).text == b"a/b/c"


@pytest.mark.parametrize("sent", [b'{"content":"abc', b'{"content":"abc\\', b'{"content":"'])
def test_a_text_that_does_not_end_is_refused(sent: bytes) -> None:
    for block in (1, 3, 1000):
        with pytest.raises(Unreadable):
            Spliced(sent, block=block)


@pytest.mark.parametrize("sent", [b"", b"[", b'["content":"x"]', b'{"a" "content":"x"}', b'{"a'])
def test_what_is_no_object_stays_none(sent: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        json.loads(Spliced(sent).rest)


def test_the_rest_is_bounded() -> None:
    with pytest.raises(TooLong):
        Spliced(b'{"a":"' + b"x" * MOST + b'"}')
    with pytest.raises(TooLong):
        Spliced(b'{"content":"x"' + b" " * MOST + b"}")


def test_of_the_text_no_more_than_some_blocks_is_held() -> None:
    size = 24 << 20

    class Endless:
        left = size

        def read(self, wanted: int) -> bytes:
            taken = min(wanted, self.left)
            self.left -= taken
            return b"A" * taken

    body, sent = Endless(), [b'{"content":"', b'"}']

    def read(wanted: int) -> bytes:
        return (
            sent.pop(0)
            if body.left in (0, size) and len(sent) > (body.left > 0)
            else body.read(wanted)
        )

    seen = 0

    def take(piece: bytes) -> None:
        nonlocal seen
        seen += len(piece)

    tracemalloc.start()
    try:
        Splice(read, "content", begin=lambda keys: None, take=take, most=MOST).document()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == size
    assert peak < 6 * splicing.BLOCK


NAMES = st.sampled_from(["a", "content", "project", 'x"', "\u00e9"])
VALUES = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=4
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.dictionaries(NAMES, VALUES), st.integers(1, 40))
def test_any_object_is_what_it_was_but_for_the_text(value: dict[str, Any], block: int) -> None:
    large = value.get("content")
    if isinstance(large, str):
        value["content"] = large = base64.b64encode(large.encode("utf-8", "surrogatepass")).decode()
    found = Spliced(json.dumps(value).encode(), block=block, most=1 << 20)
    if isinstance(large, str):
        assert found.text == large.encode()
        value = {**value, "content": ""}
    assert json.loads(found.rest) == value


@pytest.mark.parametrize("seed", range(5))
def test_base64_comes_in_pieces_of_any_size(seed: int) -> None:
    rng = random.Random(seed)
    content = rng.randbytes(rng.randrange(2000))
    sent, decoder, came = base64.b64encode(content), Base64(), b""
    while sent:
        cut = rng.randrange(1, 50)
        came, sent = came + decoder.feed(sent[:cut]), sent[cut:]
    decoder.end()
    assert came == content


@pytest.mark.parametrize(
    "sent",
    [b"QQ=", b"Q", b"QQ==QQ==", b"QQ\n==", b"Q!==", b"QQ==Q", b"=QQ=", b"QQ__", b"QUJD QUJD"],
)
def test_what_is_no_base64_is_refused_however_it_comes(sent: bytes) -> None:
    for size in (1, 4, 5, 100):
        with pytest.raises(Unreadable):
            decode(sent, size)


def decode(sent: bytes, size: int) -> None:
    decoder = Base64()
    for at in range(0, len(sent), size):
        decoder.feed(sent[at : at + size])
    decoder.end()
