"""How a rule says no."""

from trusted_releases.lib.errors import BadInput, NotReady, Obstacle, Refused, Stale


def test_a_refusal_is_a_sentence_with_a_code() -> None:
    for kind, code in ((Refused, "refused"), (Stale, "stale"), (BadInput, "bad_input")):
        error = kind("The file is empty.")
        assert (str(error), error.code, error.obstacles) == ("The file is empty.", code, ())


def test_what_is_not_ready_tells_every_obstacle() -> None:
    first, second = Obstacle("a", "One is missing."), Obstacle("b", "Two is too.")
    error = NotReady(each for each in (first, second))
    assert error.obstacles == (first, second)
    assert str(error) == "One is missing. Two is too."
    assert isinstance(error, Refused)
