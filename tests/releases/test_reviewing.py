"""Closed votes counted again from what was kept: they agree, and what was changed is told."""

import copy
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from releases.models import Ballot, KeptMail, Vote
from releases.phases import Choice, Outcome
from releases.reviewing import problems_of
from tests import make
from tests.releases.archive import answer, put, read, served, vote_by_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def passed() -> Vote:
    return make.passed().vote


@pytest.fixture
def by_mail(tmp_path, settings) -> Vote:
    with served(tmp_path / "mails", settings):
        vote = vote_by_mail()
        people = [make.member(vote.project) for _ in range(3)]
        put(tmp_path / "mails", vote, *(answer(vote, f"X <{each.email}>") for each in people))
        read(vote)
        people[0].email = "moved@example.org"  # what changes later changes no result
        people[0].save()
        return vote.release.resolve_vote(Outcome.PASSED, by=make.member(vote.project))


def said(*words: str) -> str:
    out = StringIO()
    call_command("tally", *words, stdout=out)
    return out.getvalue()


def test_a_vote_that_was_just_closed_agrees(passed, by_mail) -> None:
    for vote in (passed, by_mail):
        assert list(problems_of(vote)) == []
        told = said(f"{vote.project.slug}/{vote.release.version}", "--verify")
        assert f"passed, 3 +1 and 0 -1 binding, {vote.bundle_digest}, agrees" in told


def test_what_happens_to_people_later_changes_no_result(passed, by_mail) -> None:
    for vote in (passed, by_mail):
        for membership in vote.committee.memberships.all():
            membership.delete()
        assert list(problems_of(vote)) == []


def test_the_bundle_is_the_same_bytes_for_good(passed) -> None:
    before = passed.bundle
    assert Vote.objects.get(pk=passed.pk).bundle == before
    assert passed.bundle_digest == Vote.objects.get(pk=passed.pk).bundle_digest
    assert make.vote().bundle_digest == ""


def changed(vote: Vote, change) -> list[str]:
    kept = copy.deepcopy(vote.counted)
    change(kept)
    Vote.objects.filter(pk=vote.pk).update(counted=kept)
    return list(problems_of(Vote.objects.get(pk=vote.pk)))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda kept: kept["ballots"].pop(), "the rows (3) are not the same"),
        (lambda kept: kept["ballots"][0].update(choice="-1"), "binding votes"),
        (lambda kept: kept["binding_voters"].clear(), "counted again"),
        (lambda kept: kept.update(manifest="sha256:0"), "manifest: the bundle says"),
        (lambda kept: kept["tally"]["binding"].update(for_it=9), "The vote's columns say"),
        (lambda kept: kept.clear(), "has kept no count"),
    ],
)
def test_a_bundle_that_somebody_changed_is_told(passed, change, told) -> None:
    assert told in " ".join(changed(passed, change))


def test_a_ballot_that_somebody_changed_in_the_database_is_told(passed) -> None:
    Ballot.objects.filter(vote=passed).update(choice=Choice.AGAINST)
    with pytest.raises(CommandError, match="1 votes do not agree"):
        said(f"{passed.project.slug}-{passed.release.version}", "--verify")


def test_a_mail_that_is_gone_or_damaged_is_told(by_mail) -> None:
    KeptMail.objects.order_by("-pk").first().delete()
    assert "missing or damaged" in " ".join(problems_of(by_mail))
    by_mail.readings.all().delete()
    assert "is gone" in " ".join(problems_of(by_mail))


def test_a_thread_that_somebody_counted_otherwise_is_told(by_mail) -> None:
    def change(kept):
        kept["mail"]["entries"][1]["choice"] = "0"

    assert "The mails, counted again" in " ".join(changed(by_mail, change))


def test_all_votes_there_ever_were(passed) -> None:
    make.vote()
    told = said("--all", "--verify")
    assert (told.count("agrees"), told.count("open")) == (1, 1)


@pytest.mark.parametrize("words", [(), ("tool/1.0", "--all"), ("nothing/1.0",), ("nothing",)])
def test_a_release_that_there_is_not_is_told(words) -> None:
    with pytest.raises(CommandError):
        said(*words)
