"""The words for where a release stands."""

from releases.models import Release
from releases.phases import Choice, Phase, Verdict
from releases.tally import CHOICES


def test_phases_are_called_what_clients_of_the_api_know() -> None:
    assert [str(phase) for phase in Phase] == [
        "release_candidate_draft",
        "release_candidate",
        "release_preview",
        "release",
    ]


def test_every_phase_has_its_moves_and_the_last_has_none() -> None:
    assert set(Release.MOVES) == set(Phase)
    assert Release.MOVES[Phase.RELEASED] == frozenset()


def test_ballots_are_what_the_tally_counts() -> None:
    assert tuple(Choice.values) == CHOICES
    assert Verdict.PENDING.label == "Checks are running"
