"""Digests and sizes of bytes as they stream past."""

import hashlib
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from trusted_releases.lib.digests import BLOCK, Digester, blocks, digest_of


@given(st.lists(st.binary()))
def test_blocks_of_any_size_come_to_one_digest(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    digest = digest_of(parts)
    assert digest == digest_of(BytesIO(whole))
    assert digest.sha256 == hashlib.sha256(whole).hexdigest()
    assert digest.sha512 == hashlib.sha512(whole).hexdigest()
    assert digest.size == len(whole)


def test_the_size_is_known_on_the_way() -> None:
    digester = Digester()
    digester.feed(b"12345")
    assert digester.size == 5


class Meter(BytesIO):
    """Remembers the largest read that was asked for."""

    asked = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.asked = max(self.asked, size or 0)
        assert size is not None
        assert size > 0, "the whole of it at once"
        return super().read(size)


def test_a_stream_is_read_in_blocks() -> None:
    stream = Meter(b"x" * (3 * BLOCK + 1))
    assert [len(block) for block in blocks(stream)] == [BLOCK, BLOCK, BLOCK, 1]
    assert stream.asked == BLOCK
