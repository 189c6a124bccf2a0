"""The rules in words: each says what holds, and whether it was set here."""

import pytest

from projects.models import Policy, Rules
from projects.terms import terms_of
from tests import make

pytestmark = pytest.mark.django_db


def told(**fields):
    project = make.project()
    rules = Rules(Policy(project=project, **fields), [], project.committee)
    told = terms_of(rules, members=True)
    return {term.name: term for terms in told.values() for term in terms}


def test_without_a_policy_everything_is_the_default():
    assert [term.name for term in told().values() if term.origin != "default"] == []
    assert told()["A vote runs at least"].value == "72 hours"


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"min_hours": 96}, "A vote runs at least", "96 hours"),
        ({"min_hours": 0}, "A vote runs at least", "Until the count is enough for a pass"),
        ({"binding_needed": 5}, "A release needs", "5 binding +1, and more binding +1 than -1"),
        ({"pause_on_minus_one": False}, "When anybody votes -1", "Nobody is asked to look twice"),
        ({"vote_recipients": "a@example.org\n"}, "Votes are called on", "a@example.org"),
        ({"vote_subject": "[VOTE]"}, "Subject of the vote mail", "[VOTE]"),
        ({"source_paths": "*-src.zip"}, "Source artifacts", "*-src.zip"),
    ],
)
def test_what_is_set_is_told_as_set_here(fields, name, value):
    term = told(**fields)[name]
    assert (term.value, term.origin) == (value, "set here")


def test_every_rule_that_people_set_is_told():
    places = ("id", "project", "committee", "release", "is_foundation", "version")
    assert len(told()) == len(Policy._meta.concrete_fields) - len(places)


def test_blind_copies_are_told_to_those_who_may_change_them():
    project = make.project()
    told = terms_of(Rules(Policy(vote_bcc="b@example.org"), [], project.committee))
    assert "b@example.org" not in str(told)
