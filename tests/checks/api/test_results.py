"""What the checks found, over the API: row by row, and however many there are."""

import json
import time
import tracemalloc

import pytest
from django.db import transaction

from checks.api.results import ResultItem
from checks.engine.model import Level
from checks.models import Finding, Ignore, Result, Run
from releases.models import Revision, Way
from tests import make
from tests.api import Api, refused
from tests.checks.made import checked, found, result
from trusted_releases.ledger.models import Job

pytestmark = pytest.mark.django_db

ROW = {
    *("id", "release_key", "revision_number", "checker", "checker_version", "primary_rel_path"),
    *("member_rel_path", "created", "status", "message", "data", "inputs_hash", "cached"),
}
LIST, ONGOING = "/checks/list/tool/1.0", "/checks/ongoing/tool/1.0"
FILE = "tool-1.0.tar.gz"


@pytest.fixture
def member():
    return make.member(make.project("tool"), username="alice")


@pytest.fixture
def release(member):
    project = member.memberships.get().committee.projects.get()
    return make.release(project, by=member, version="1.0", files={FILE: "bytes"})


def body(answer):
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    return json.loads(answer.getvalue())


def test_the_rows_have_the_keys_that_clients_know(release, member) -> None:
    run = checked(
        release.newest,
        found(Level.NOTE, FILE, "A source archive.", rule="paths", data={"class": "source"}),
        found(member="tool-1.0/a.c", message="It has no header."),
    )
    said = body(Api(member).get(LIST))
    assert {key: said[key] for key in said if key != "checks"} == {
        "endpoint": "/checks/list",
        "checks_revision": "00001",
        "current_phase": "release_candidate_draft",
    }
    assert all(set(row) == ROW == set(ResultItem().fields) for row in said["checks"])
    worst, note = said["checks"]
    kept = run.findings.get(rule="license.headers")
    assert worst == {
        "id": kept.pk,
        "release_key": "tool-1.0",
        "revision_number": "00001",
        "checker": "license.headers",
        "checker_version": "1",
        "primary_rel_path": FILE,
        "member_rel_path": "tool-1.0/a.c",
        "created": f"{kept.result.made_at:%Y-%m-%dT%H:%M:%S.%f}Z",
        "status": "concern",
        "message": "It has no header.",
        "data": {},
        "inputs_hash": kept.result.key,
        "cached": False,
    }
    assert (note["status"], note["member_rel_path"], note["data"]) == (
        "note",
        None,
        {"class": "source"},
    )


def test_a_check_that_failed_is_an_exception(release, member) -> None:
    run = checked(release.newest, error="It ended by signal 9.")
    (row,) = body(Api(member).get(LIST))["checks"]
    assert row == row | {
        "id": -run.errors().get().pk,
        "checker": "paths",
        "checker_version": None,
        "status": "exception",
        "message": "It ended by signal 9.",
        "primary_rel_path": FILE,
    }


def test_what_is_about_the_release_has_no_path(release, member) -> None:
    checked(release.newest, found(path="", message="There is no source."))
    (row,) = body(Api(member).get(LIST))["checks"]
    assert row["primary_rel_path"] is None


def test_what_was_known_before_says_so(release, member) -> None:
    run = checked(release.newest, found())
    Run.objects.filter(pk=run.pk).update(started_at=run.results.get().made_at.replace(year=2199))
    assert body(Api(member).get(LIST))["checks"][0]["cached"] is True


def test_what_is_ignored_is_left_out_unless_asked_for(release, member) -> None:
    run = checked(release.newest, found(), found(Level.BLOCKER, rule="paths", message="Bad."))
    Ignore(project=release.project, rule="*", reason="Agreed.").set(by=member)
    assert [row["status"] for row in body(Api(member).get(LIST))["checks"]] == ["blocker"]
    every = body(Api(member).get(LIST, ignored="true"))["checks"]
    assert [row["status"] for row in every] == ["blocker", "concern"]
    assert refused(Api(member).get(LIST, ignored="x"), 400) == "Input validation failed"
    assert run.findings.count() == 2


def test_an_older_revision_is_named(release, member) -> None:
    checked(release.newest, found(message="Old."))
    release.add_files({"b.zip": make.blob("b")}, by=member)
    checked(release.newest, found(message="New."))
    for number in ("1", "00001"):
        said = body(Api(member).get(f"{LIST}/{number}"))
        assert (said["checks_revision"], said["checks"][0]["message"]) == ("00001", "Old.")
    said = body(Api(member).get(LIST))
    assert (said["checks_revision"], said["checks"][0]["message"]) == ("00002", "New.")


def test_after_the_vote_began_it_is_for_everybody(release, member, settings) -> None:
    settings.API_SHOWS_DRAFTS = False
    checked(release.newest, found(Level.NOTE))
    assert refused(Api().get(LIST), 404) == "Release tool-1.0 not found"
    make.vote(release)
    said = body(Api().get(LIST))
    assert (said["current_phase"], len(said["checks"])) == ("release_candidate", 1)


def test_checks_that_have_not_begun_have_found_nothing(release, member) -> None:
    assert body(Api(member).get(LIST))["checks"] == []


@pytest.mark.parametrize("path", ["list", "ongoing"])
def test_what_is_not_there_or_not_for_them_to_see_is_named(
    release, member, path: str, settings
) -> None:
    settings.API_SHOWS_DRAFTS = False
    program = Api(member)
    assert refused(program.get(f"/checks/{path}/tool/2.0"), 404) == "Release tool-2.0 not found"
    assert refused(program.get(f"/checks/{path}/none/1.0"), 404) == "Release none-1.0 not found"
    said = refused(program.get(f"/checks/{path}/tool/1.0/00009"), 404)
    assert said == "Revision 00009 of release tool-1.0 not found"
    for other in (Api(), Api(make.user())):
        said = refused(other.get(f"/checks/{path}/tool/1.0"), 404)
        assert said == "Release tool-1.0 not found"
    for wrong in ("Tool/1.0", "tool/.0", "tool/1.0/x"):
        assert refused(program.get(f"/checks/{path}/{wrong}"), 400).startswith("Parameter '")
    assert refused(program.get(f"/checks/{path}/tool/1.0", more="1"), 400)


def ongoing(program: Api, more: str = "") -> int:
    said = program.get(ONGOING + more).json()
    assert set(said) == {"endpoint", "ongoing"}
    assert said["endpoint"] == "/checks/ongoing"
    return said["ongoing"]


def test_there_are_checks_from_the_moment_the_revision_is_there(release, member) -> None:
    assert ongoing(Api(member)) == 1
    with transaction.atomic():
        release.add_files({"b.zip": make.blob("b")}, by=member)
        assert ongoing(Api(member)) == 1
        assert ongoing(Api(member), "/2") == 1


def test_files_that_are_left_are_counted_while_checks_run(release, member) -> None:
    Run.objects.create(revision=release.newest, state="running", units_total=9, units_done=2)
    assert ongoing(Api(member)) == 7


def test_an_archive_that_was_sent_is_waited_for(release, member) -> None:
    before = ongoing(Api(member))
    release.receive({"b.tar": make.blob("b")}, by=member, way=Way.API)
    assert ongoing(Api(member)) == before + 1


def test_it_is_none_when_all_is_known_or_has_failed_for_good(release, member) -> None:
    checked(release.newest, found())
    assert ongoing(Api(member)) == 1, "a second job may still find something else"
    jobs = Job.objects.about(release.newest)
    jobs.update(state="done")
    assert ongoing(Api(member)) == 0
    jobs.update(state="failed")
    assert ongoing(Api(member)) == 0


def test_what_waits_for_the_source_is_a_part_of_the_newest_only(release, member) -> None:
    release.add_files({"b.zip": make.blob("b")}, by=member)
    Job.objects.all().update(state="done")
    Job.objects.enqueue("checks.fetch_source", release=release, args={"event": 1})
    assert (ongoing(Api(member)), ongoing(Api(member), "/1")) == (1, 0)


@pytest.mark.parametrize(("path", "most"), [(LIST, 10), (ONGOING, 8)])
def test_what_it_costs_does_not_grow_with_the_rows(
    release, member, path: str, most: int, django_assert_num_queries
) -> None:
    for count in (1, 300):
        Run.objects.filter(revision__release=release).delete()
        checked(release.newest, *(found(member=f"{n}.c") for n in range(count)))
        Ignore(project=release.project, member="^0", reason="Agreed.").set(by=member)
        program = Api(member)
        program.get(path)  # who asks for the first time is written down
        with django_assert_num_queries(most):
            assert program.get(path).status_code == 200


def many(revision: Revision, count: int) -> None:
    """A run with so many findings, as a large archive has them."""
    run = Run.objects.create(revision=revision, state=Run.State.DONE)
    kept: Result = result(version="1.0")
    run.results.set([kept])
    Finding.objects.bulk_create(
        Finding.of(kept, n, found(member=f"tool-1.0/{n}.c", data={"n": n}), f"{n:016x}")
        for n in range(count)
    )


@pytest.mark.slow
def test_ten_thousand_rows_take_little_memory_and_no_more_questions(
    release, member, django_assert_max_num_queries, record_testsuite_property
) -> None:
    many(release.newest, 10_000)
    program = Api(member)
    tracemalloc.start()
    try:
        with django_assert_max_num_queries(14):
            answer = program.get(LIST)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    began = time.perf_counter()
    program.get(LIST)
    took = time.perf_counter() - began
    record_testsuite_property("10,000 findings: seconds", round(took, 2))
    record_testsuite_property("10,000 findings: peak memory, MB", round(peak / 1e6, 1))
    assert peak < 16 << 20
    said = body(answer)["checks"]
    assert len({row["id"] for row in said}) == 10_000
