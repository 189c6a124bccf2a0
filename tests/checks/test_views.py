"""Findings, progress, the document and the rules, as people see them."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from checks import rules
from checks.engine.model import Finding as Found
from checks.engine.model import Level
from checks.engine.run import UnitResult
from checks.models import Result, Run
from releases.models import Release
from releases.phases import Verdict
from tests import make
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def release() -> Release:
    files = {"tool-1.0.tar.gz": "bytes", "notes.txt": "text"}
    return make.release(make.project("tool"), version="1.0", files=files)


@pytest.fixture
def owner(release):
    return logged_in(make.member(release.project))


def found(level, path, message, **more) -> Found:
    return Found("paths", 1, level, path, message, **more)


def checked(release, *findings, error="") -> Run:
    """As if a worker had come to these findings."""
    result = Result.objects.keep(
        UnitResult("k" * 64, "tool-1.0.tar.gz", ("paths",), findings, error, 1.0)
    )
    run = Run.objects.create(revision=release.newest, state=Run.State.DONE)
    run.results.set([result])
    blocked = any(each.level == Level.BLOCKER for each in findings)
    release.newest.record_verdict(
        Verdict.FAILED if blocked or error else Verdict.PASSED,
        counts={str(level): 0 for level in Level} | {"error": int(bool(error))},
        concerns=(),
        basis=release.check_basis(),
    )
    return run


def url(release, name):
    return reverse(f"checks:{name}", args=release.url_args)


class TestFindings:
    def test_the_worst_come_first_each_with_where_why_and_how_to_see_it(self, owner, release):
        checked(
            release,
            found(Level.NOTE, "notes.txt", "Fine."),
            found(
                Level.BLOCKER,
                "tool-1.0.tar.gz",
                "Damaged <here>.",
                member="a/b",
                see="tar tf tool-1.0.tar.gz",
            ),
        )
        page = owner.get(url(release, "findings"))
        text = page.content.decode()
        assert [path for path, _ in page.context["files"]] == ["tool-1.0.tar.gz", "notes.txt"]
        assert "Damaged &lt;here&gt;." in text
        assert "tar tf tool-1.0.tar.gz" in text
        assert reverse("checks:rules") + "#paths" in text

    def test_one_level_can_be_asked_for(self, owner, release):
        checked(release, found(Level.NOTE, "notes.txt", "Fine."))
        page = owner.get(url(release, "findings"), {"level": "blocker"})
        assert "No blockers." in page.content.decode()

    def test_a_check_that_failed_is_our_fault_and_said_so(self, owner, release):
        checked(release, error="Traceback: KeyError")
        text = owner.get(url(release, "findings")).content.decode()
        assert "This is the platform&#x27;s fault" in text or "the platform's fault" in text
        assert "Traceback: KeyError" in text

    def test_while_they_run_the_page_asks_again(self, owner, release):
        text = owner.get(url(release, "findings")).content.decode()
        assert 'hx-trigger="every 2s"' in text
        assert "wait for a worker" in text

    def test_strangers_see_them_from_the_vote_on(self, client, release):
        assert client.get(url(release, "findings")).status_code == 404
        checked(release, found(Level.NOTE, "notes.txt", "Fine."))
        make.vote(release)
        assert "Fine." in client.get(url(release, "findings")).content.decode()

    def test_they_cost_as_many_questions_for_many_as_for_one(
        self, owner, release, django_assert_max_num_queries
    ):
        many = [found(Level.CONCERN, f"f{n}.txt", f"Finding {n}") for n in range(300)]
        checked(release, *many)
        with django_assert_max_num_queries(14):
            assert "Finding 299" in owner.get(url(release, "findings")).content.decode()

    def test_a_revision_that_never_was_is_not_found(self, owner, release):
        assert owner.get(url(release, "findings"), {"revision": "9"}).status_code == 404
        assert owner.get(url(release, "findings"), {"revision": "x"}).status_code == 404

    def test_an_empty_draft_has_nothing_to_check(self, release):
        empty = make.release(release.project)
        client = logged_in(make.member(release.project))
        assert "nothing to check" in client.get(url(empty, "findings")).content.decode()


class TestProgress:
    def test_it_says_how_far_with_numbers(self, owner, release):
        Run.objects.create(
            revision=release.newest,
            state=Run.State.RUNNING,
            units_total=4,
            units_done=1,
            bytes_total=200,
            bytes_done=50,
            attempt=2,
        )
        answer = owner.get(url(release, "progress"))
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "<b>25 %</b>" in text
        assert "1 of 4 done" in text
        assert "the worker before was lost" in text

    def test_when_their_job_has_failed_it_does_not_pretend_to_go_on(self, owner, release):
        Job.objects.about(release.newest).update(state="failed", error="The disk is full.")
        text = owner.get(url(release, "progress")).content.decode()
        assert "do not go on by themselves" in text
        assert "The disk is full." in text
        assert "wait for a worker" not in text

    def test_when_they_are_done_it_stops_asking_and_says_what_stands_in_the_way(
        self, owner, release
    ):
        checked(release, found(Level.BLOCKER, "notes.txt", "No."))
        answer = owner.get(url(release, "progress"))
        assert answer.status_code == 286
        assert answer["HX-Trigger"] == "checked"
        assert "has blockers" in answer.content.decode()
        assert "every 2s" not in answer.content.decode()

    def test_the_state_of_each_file_is_shown_on_the_draft(self, owner, release):
        checked(release, found(Level.BLOCKER, "notes.txt", "No."))
        text = owner.get(release.get_absolute_url()).content.decode()
        assert "1 blocker</a>" in text


class TestDocument:
    def test_it_is_what_the_engine_says(self, owner, release):
        document = owner.get(url(release, "document"))
        assert document["Content-Type"] == "application/json"
        assert json.loads(document.content)["type"] == "trusted-releases/findings/v1"

    def test_a_draft_without_files_has_none(self, release):
        empty = make.release(release.project)
        client = logged_in(make.member(release.project))
        assert client.get(url(empty, "document")).status_code == 404


def test_every_rule_has_its_place_on_the_page_that_findings_link_to(client):
    text = client.get(reverse("checks:rules")).content.decode()
    for rule in rules.ALL:
        assert f'id="{rule.slug}"' in text


@pytest.mark.django_db(transaction=True)
def test_real_checks_end_up_on_the_page(owner, release):
    while run_pending():
        pass
    text = owner.get(url(release, "findings")).content.decode()
    assert "notes.txt" in text
    assert 'class="level' in text
