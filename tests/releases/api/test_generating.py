"""`sbom generate`: a job that makes a bill of materials, and how it tells of itself."""

from typing import Any

import pytest

from projects.roles import Role
from releases.models import Generated, Release
from tests import make, signed
from tests.api import Api, refused
from tests.releases.api.test_tasks import TASK
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

ARCHIVE = "apache-tool-1.0.tar.gz"
ASKED = {"project": "tool", "version": "1.0", "relpath": ARCHIVE}


@pytest.fixture
def draft() -> Release:
    files = {ARCHIVE: signed.archive(), "notes.txt": "text"}
    return make.release(make.project("tool"), version="1.0", files=files)


@pytest.fixture
def alice(draft):
    return make.member(draft.project, Role.PARTICIPANT, username="alice")


def generate(person: Any, **more: Any) -> Any:
    return Api(person).post("/sbom/generate", ASKED | more)


def task(person: Any, answer: Any) -> dict[str, Any]:
    return Api(person).get(f"/task/get/{answer.json()['task']['id']}").json()["task"]


def test_it_is_accepted_and_told_key_by_key(draft, alice) -> None:
    answer = generate(alice)
    assert answer.status_code == 202
    body = answer.json()
    assert set(body) == {"endpoint", "task"}
    assert body["endpoint"] == "/sbom/generate"
    assert set(body["task"]) == TASK
    assert body["task"] == body["task"] | {
        "status": "queued",
        "task_type": "sbom_generate",
        "task_args": {"relpath": ARCHIVE},
        "asf_uid": "alice",
        "project_key": "tool",
        "version_key": "1.0",
        "primary_rel_path": ARCHIVE,
        "result": None,
        "error": None,
    }


def test_who_waits_sees_it_end_with_the_file_in_a_revision_of_its_own(draft, alice) -> None:
    answer = generate(alice)
    run_pending()
    told = task(alice, answer)
    assert (told["status"], told["error"]) == ("completed", None)
    assert told["result"] == {
        "kind": "sbom_generate",
        "path": f"{ARCHIVE}.cdx.json",
        "bom_version": None,
        "revision_number": "00002",
    }
    paths = Api(alice).get("/release/paths/tool/1.0").json()["rel_paths"]
    assert f"{ARCHIVE}.cdx.json" in paths


def test_one_that_cannot_be_made_is_a_failed_task_that_says_why(draft, alice) -> None:
    broken = "apache-tool-1.0-bin.zip"
    draft.add_files({broken: make.blob(b"PK no archive")}, by=alice)
    answer = generate(alice, relpath=broken)
    run_pending()
    told = task(alice, answer)
    assert (told["status"], told["result"]) == ("failed", None)
    assert told["error"] == Generated.objects.get().problem != ""


def refuses(person: Any, status: int, **more: Any) -> str:
    """The sentence; and nothing has begun."""
    said = refused(generate(person, **more), status)
    assert not Job.objects.filter(name="checks.generate_sbom").exists()
    assert not Generated.objects.exists()
    return said


def test_what_is_no_archive_or_not_there_is_refused(draft, alice) -> None:
    assert "is no archive" in refuses(alice, 409, relpath="notes.txt")
    assert "There is no file gone.zip" in refuses(alice, 400, relpath="gone.zip")
    assert refuses(alice, 404, version="9.9") == "Release tool-9.9 not found"
    assert refuses(alice, 400, relpath="../x.zip") == "Input validation failed"


def test_twice_is_once(draft, alice) -> None:
    assert generate(alice).status_code == 202
    assert "is being generated already" in refused(generate(alice), 409)
    run_pending()
    assert "is there already" in refused(generate(alice), 409)
    assert Generated.objects.count() == 1


def test_what_is_at_the_vote_gets_none(draft, alice) -> None:
    make.vote(make.candidate(draft.project, by=alice, version="2.0", files={ARCHIVE: "x"}))
    assert "frozen" in refuses(alice, 409, version="2.0")


def test_who_may_not_change_files_has_none_made(draft) -> None:
    assert "may not do this" in refuses(make.user(is_committer=True), 403)
    assert refuses(make.member(make.project("other")), 404)
    refuses(None, 401)
