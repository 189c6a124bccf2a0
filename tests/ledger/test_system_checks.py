"""Reactions and schedules name what there is, or nothing starts."""

from trusted_releases.ledger.reactions_registry import react
from trusted_releases.ledger.system_checks import reactions_name_jobs
from trusted_releases.ledger.tags import Tag


def test_reactions_that_fit_pass_the_system_check():
    react(Tag.VOTE_CALLED, "test.event")
    assert reactions_name_jobs(None) == []


def test_a_reaction_without_a_job_or_with_a_wrong_tag_is_an_error(monkeypatch):
    react(Tag.VOTE_CALLED, "test.missing")
    react("vote.exploded", "test.event")
    found = {error.id: error.msg for error in reactions_name_jobs(None)}
    assert found == {
        "ledger.E001": "The reaction to vote.called names the job 'test.missing', "
        "which nobody registers.",
        "ledger.E002": "A reaction names the tag 'vote.exploded'.",
    }
