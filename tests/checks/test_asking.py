"""What a reader of findings asks to see, as addresses say it."""

from checks.asking import Asked


def test_wishes_stay_in_the_address_and_combine():
    asked = Asked.of({"level": "blocker", "rule": "paths", "revision": "2", "page": "3"})
    assert asked.but() == "?level=blocker&rule=paths&revision=2"
    assert asked.but(level="", file="a b.txt") == "?rule=paths&file=a+b.txt&revision=2"


def test_showing_everything_keeps_which_revision_and_against_what():
    asked = Asked.of({"level": "note", "under": "a/", "revision": "2", "since": "release"})
    assert asked.wider() == "?since=release&revision=2"


def test_a_level_that_does_not_exist_is_no_wish():
    assert Asked.of({"level": "awful"}) == Asked()
    assert not Asked.of({"revision": "1", "every": "yes"}).any
    assert Asked.of({"new": "yes"}).any


def test_a_form_that_chooses_a_file_carries_all_else():
    asked = Asked.of({"file": "a", "under": "b/", "rule": "paths", "revision": "4"})
    assert asked.others == [("rule", "paths"), ("revision", "4")]


def test_a_wish_of_any_length_is_cut():
    assert len(Asked.of({"file": "x" * 5000}).file) == 1200


def test_what_no_database_takes_is_left_out():
    assert Asked.of({"rule": "\0sig\0nature", "file": "\0"}) == Asked(rule="signature")
