"""The result of a vote, public and for good, and what counts it again."""

import hashlib
import json
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.urls import reverse

from releases.phases import Outcome
from tests import make
from tests.ballots import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def vote():
    return make.passed().vote


def test_anybody_sees_who_voted_what_and_the_digest(client, vote) -> None:
    page = client.get(url(vote.release, "result", 1)).content.decode()
    assert vote.bundle_digest in page
    assert vote.manifest_digest in page
    for ballot in vote.ballots.all():
        assert ballot.voter.get_full_name() in page
    assert "recount.py" in page


def test_the_bundle_is_the_bytes_that_the_digest_is_of(client, vote) -> None:
    answer = client.get(url(vote.release, "bundle", 1))
    assert answer["Content-Type"] == "application/json"
    assert f"sha256:{hashlib.sha256(answer.content).hexdigest()}" == vote.bundle_digest
    bundle = json.loads(answer.content)
    assert bundle["outcome"] == "passed"
    assert len(bundle["ballots"]) == 3
    assert answer.content == client.get(url(vote.release, "bundle", 1)).content


def test_what_is_downloaded_counts_itself_again(client, vote, tmp_path) -> None:
    for name, file in (("bundle", "result.json"), ("recount", "recount.py")):
        (tmp_path / file).write_bytes(client.get(url(vote.release, name, 1)).content)
    command = [sys.executable, "-I", "recount.py", "result.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert vote.bundle_digest in done.stdout
    assert done.stdout.endswith("agrees\n")


def test_an_open_vote_has_no_result_yet(client) -> None:
    open_one = make.vote()
    for name in ("result", "bundle"):
        assert client.get(url(open_one.release, name, 1)).status_code == 404
    assert client.get(url(open_one.release, "result", 2)).status_code == 404


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.CANCELLED])
def test_a_vote_that_did_not_pass_keeps_its_result_in_public(client, outcome) -> None:
    vote = make.vote()
    vote.release.resolve_vote(outcome, by=make.member(vote.project))
    assert client.get(url(vote.release, "result", 1)).status_code == 200
    assert client.get(url(vote.release, "bundle", 1)).status_code == 200


def test_the_page_asks_as_many_questions_for_many_voters_as_for_few(
    client, vote, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(14):
        client.get(url(vote.release, "result", 1))


def test_the_page_of_the_vote_leads_to_its_result(client, vote) -> None:
    page = client.get(vote.get_absolute_url()).content.decode()
    assert reverse("releases:result", args=[*vote.release.url_args, 1]) in page


def test_the_numbers_are_those_that_the_command_tells(vote, capsys) -> None:
    call_command("tally", f"{vote.project.slug}/{vote.release.version}", "--verify")
    assert vote.bundle_digest in capsys.readouterr().out
