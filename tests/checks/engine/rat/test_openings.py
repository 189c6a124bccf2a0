from checks.engine.headers import has_plain_header, opening_of
from checks.engine.rat.openings import KEPT, Openings
from checks.engine.rat.read import has_address
from tests.checks.engine.test_headers import HEADER

WITH = HEADER.encode()
REST = b"\nint main(void) { return 0; }\n"


def test_a_file_that_begins_like_another_with_the_header_has_it_too():
    openings = Openings()
    assert openings.of([WITH + REST]) == [False]
    assert openings.learn(WITH + REST)
    begun = opening_of(WITH)
    alike, others = [WITH, begun, begun + b"\0"], [begun[:-1], b"\n" + WITH, b""]
    assert openings.of([*alike, *others]) == [True, True, True, False, False, False]


def test_what_is_known_of_a_beginning_is_what_is_found_in_the_file():
    begun = opening_of(WITH + REST)
    assert has_plain_header(begun, "c")
    assert has_address(begun)
    assert (WITH + REST).startswith(begun)
    assert not has_plain_header(begun[:-1], "c")


def test_nothing_is_learnt_of_files_without_the_header_or_with_one_without_the_address():
    openings = Openings()
    broken = WITH.replace(b"http://www.apache.org", b"http: //www. apache. org")
    assert has_plain_header(broken, "c")
    for head in (b"", REST, broken, b"x" * 5_000 + WITH):
        assert not openings.learn(head)
        assert openings.of([head]) == [False]


def test_what_is_kept_is_bounded():
    openings = Openings()
    heads = [b"// %d" % number + WITH for number in range(KEPT + 1)]
    assert all(map(openings.learn, heads))
    assert openings.of(heads).count(True) == 1
