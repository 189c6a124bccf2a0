import pytest

from checks.engine.head import Head


@pytest.mark.parametrize(
    ("blocks", "kept"),
    [([], b""), ([b"ab"], b"ab"), ([b"ab", b"cd", b"ef"], b"abc"), ([b"abcdef"], b"abc")],
)
def test_the_beginning_is_kept_and_handed_over_once(blocks, kept):
    taken = []
    head = Head(3, taken.append)
    for block in blocks:
        head.feed(block)
    head.close()
    assert taken == [kept]
