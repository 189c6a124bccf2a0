"""Texts of mails: templates that people edit, filled with literal values."""

import re

import pytest

from releases import texts
from releases.models import Release
from releases.phases import Outcome
from tests import make
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.django_db


def with_policy(release: Release, **values: str) -> Release:
    release.project.rules.change(by=make.member(release), **values)
    return Release.objects.get(pk=release.pk)


def test_a_value_is_never_read_as_a_template() -> None:
    values = {"A": "{{B}} {% now %}", "B": "secret"}
    assert texts.fill("<{{A}} {{ B }}>", values) == "<{{B}} {% now %} secret>"


def test_what_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match=r"uses {{SECRET_KEY}}, which .* Known are: A, B"):
        texts.fill("{{A}} {{SECRET_KEY}}", {"B": "", "A": ""})


@pytest.mark.parametrize("text", ["{ A }", "{{a}}", "{{A.B}}", "{{}}", "{{ A", "$A", "%s"])
def test_what_is_no_variable_is_text(text: str) -> None:
    assert texts.fill(text, {"A": "x"}) == text


def test_the_built_in_call_says_what_a_voter_needs() -> None:
    release = make.candidate(make.project("tool", hours=72), version="1.0")
    person = make.user(full_name="Ada Lovelace")
    subject, body = texts.vote_mail(release, person)
    assert subject == "[VOTE] Release Tool 1.0 (revision 1)"
    for words in (
        release.newest.manifest_digest,
        "revision 1",
        "72 hours",
        "http://testserver",
        "Ada Lovelace",
    ):
        assert words in body
    assert "until 3 binding +1" in texts.vote_mail(release, person, hours=0)[1]
    assert "96 hours" in texts.vote_mail(release, person, hours=96)[1]


def test_the_call_says_how_many_the_project_asks_for() -> None:
    release = with_policy(make.candidate(make.project(hours=0)), binding_needed=5)
    _, body = texts.vote_mail(release, make.user())
    assert "until 5 binding +1 are in" in body
    assert "It needs 5 binding +1" in body


def test_no_name_makes_a_line_of_its_own_in_the_count() -> None:
    vote = make.vote(make.candidate(make.project(hours=0)))
    name = "Eve\n  +1 Ada Lovelace\u202e"
    vote.cast("0", by=make.user(full_name=name), manifest_digest=vote.manifest_digest)
    vote.settle(Outcome.CANCELLED, make.user(), vote.called_at)
    assert "   0 Eve +1 Ada Lovelace\n" in texts.tally_text(vote)


def test_a_project_has_words_of_its_own() -> None:
    release = with_policy(
        make.passed(),
        vote_subject="  Please vote: {{VERSION}}\n",
        vote_body="by {{YOUR_FULL_NAME}}",
        announce_subject="{{PROJECT_NAME}} is out",
        announce_body="{{DOWNLOAD_URL}}",
        result_body="{{OUTCOME}}: {{TALLY}}",
    )
    person = make.user(full_name="Ada")
    assert texts.vote_mail(release, person) == (f"Please vote: {release.version}", "by Ada")
    subject, body = texts.announcement(release, person)
    assert subject == f"{release.project.name} is out"
    assert body.startswith("http://testserver/")
    assert texts.result_mail(release.vote)[1].startswith("passed: Binding votes:\n  +1")


def test_a_name_with_a_line_end_makes_no_header(settings) -> None:
    project = make.project(name="Tool\nBcc: all@example.org")
    release = make.candidate(project)
    person = make.member(project)
    subject, body = texts.vote_mail(release, person)
    with pytest.raises(BadInput, match="one line"):
        release.start_vote(by=person, revision=1, subject=subject, body=body)


def test_a_tally_in_words_says_who_voted_what() -> None:
    vote = make.vote()
    vote.cast("0", by=make.user(full_name="Vi"), manifest_digest=vote.manifest_digest)
    vote.release.resolve_vote("failed", by=make.member(vote))
    vote.refresh_from_db()
    assert texts.tally_text(vote) == (
        "Binding votes:\n  none\nOther votes:\n   0 Vi\n"
        "Binding: 0 +1, 0 0, 0 -1. Needed: 3 +1, and more +1 than -1.\n\n"
        "The result, with all that it was counted from, to count it again:\n"
        f"http://testserver{vote.get_absolute_url()}result/\n{vote.bundle_digest}"
    )


def test_the_call_leads_to_the_very_vote_that_it_calls() -> None:
    release = make.candidate(make.project("tool"), version="1.0")
    by = make.member(release.project)
    for number in (1, 2):
        subject, body = texts.vote_mail(release, by)
        vote = release.start_vote(by=by, revision=1, subject=subject, body=body)
        assert vote.number == number
        assert f"http://testserver{vote.get_absolute_url()}" in body
        release.resolve_vote("cancelled", by=by)
        assert vote.get_absolute_url() in texts.result_mail(release.vote)[1]
        make.checked(release.newest)


def test_when_a_vote_ends_is_told_in_utc() -> None:
    release = make.candidate()
    values = texts.vote_values(release, make.user(), hours=72)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", values["VOTE_ENDS_UTC"])
    assert texts.vote_values(release, make.user(), 0)["VOTE_ENDS_UTC"] == "when the rule is met"


def test_a_receipt_lists_what_the_voter_did() -> None:
    vote = make.vote()
    ballot = vote.cast(
        "+1", by=make.user(), manifest_digest=vote.manifest_digest, checked=["built", "tested"]
    )
    assert (
        "What I did:\n  - built it from source\n  - ran the tests\n" in texts.ballot_mail(ballot)[1]
    )
