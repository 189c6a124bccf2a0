"""Importing by a script: it is asked for, polled until it ends, and told of for good."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keys import jwts
from projects.roles import Reach, Role
from releases.models import Import, Release
from tests import make
from tests.api import Api, refused, token
from tests.archives import tar_gz
from tests.releases.importing import servers
from tests.releases.importing.servers import Web, listing, page
from tests.shapes import TASK
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)

AT = {"project": "tool", "version": "1.0"}
ITEM = {
    *("id", "kind", "url", "at", "found", "folder", "commit", "source_tag", "state", "problem"),
    *("asf_uid", "added", "completed", "revision_number", "files_done", "bytes_done"),
    *("left_out", "left_out_count"),
}
SVN = "https://dist.apache.org/repos/dist/dev/tool/1.0-rc1/"
COMMIT = "a" * 40


@pytest.fixture
def web(settings) -> Iterator[Web]:
    with servers.web() as made:
        settings.IMPORT_HOSTS, settings.IMPORT_PRIVATE = [made.host], True
        settings.IMPORT_SCHEMES = ["http"]
        made.pages |= {"/r/": listing("x", "y"), "/r/x": page(b"x"), "/r/y": page(b"y")}
        yield made


@pytest.fixture
def draft() -> Release:
    return make.release(make.project("tool"), version="1.0", files={"a": "a"})


@pytest.fixture
def alice(draft):
    return make.member(draft.project, Role.PARTICIPANT, username="alice")


def ask(person: Any, url: str, **more: Any) -> Any:
    return Api(person).post("/release/import", AT | {"kind": "web", "url": url} | more)


def task(person: Any, answer: Any) -> dict[str, Any]:
    told: dict[str, Any] = Api(person).get(f"/task/get/{answer.json()['task']['id']}").json()
    return dict(told["task"])


def imports() -> list[dict[str, Any]]:
    answer = Api().get("/release/imports/tool/1.0")
    assert answer.status_code == 200
    assert set(answer.json()) == {"endpoint", "imports"}
    return list(answer.json()["imports"])


def test_it_is_accepted_and_told_key_by_key(draft, alice) -> None:
    more = {"kind": "svn", "at": "r17", "folder": "out", "commit": COMMIT, "source_tag": "v1.0"}
    answer = ask(alice, SVN, **more)
    assert answer.status_code == 202, answer.content
    assert set(answer.json()) == {"endpoint", "task"}
    told = answer.json()["task"]
    assert set(told) == TASK
    args = more | {"url": SVN, "at": "17"}
    assert told == told | {
        **{"status": "queued", "task_type": "svn_import_files", "task_args": args},
        **{"asf_uid": "alice", "project_key": "tool", "version_key": "1.0"},
        **{"result": None, "error": None, "revision_number": None, "primary_rel_path": None},
    }
    (item,) = imports()
    assert set(item) == ITEM
    assert item == item | {
        **{"state": "fetching", "url": SVN, "at": "17", "commit": COMMIT, "asf_uid": "alice"},
        **{"completed": None, "problem": None, "revision_number": None, "found": None},
        **{"files_done": 0, "bytes_done": 0},
    }


def test_who_waits_sees_it_end_in_a_revision(draft, alice, web) -> None:
    answer = ask(alice, web.url + "/r/", folder="out")
    run_pending()
    told = task(alice, answer)
    assert (told["status"], told["error"]) == ("completed", None)
    assert told["revision_number"] == "00002"
    assert told["result"] == {
        "kind": "svn_import",
        "msg": f"{web.url}/r/ is revision 00002.",
    }
    (item,) = imports()
    assert (item["state"], item["revision_number"]) == ("done", "00002")
    assert item["completed"]
    assert item["files_done"] is None
    found = Api(alice).get("/release/paths/tool/1.0").json()["rel_paths"]
    assert found == ["a", "out/x", "out/y"]


def test_one_with_archives_goes_on_until_they_were_looked_into(draft, alice, web) -> None:
    web.pages |= {"/r/": listing("t.tar.gz"), "/r/t.tar.gz": page(tar_gz("t/a"))}
    answer = ask(alice, web.url + "/r/")
    run_pending("source")
    assert (task(alice, answer)["status"], imports()[0]["state"]) == ("active", "looking")
    run_pending()
    assert (task(alice, answer)["status"], imports()[0]["state"]) == ("completed", "done")
    assert task(alice, answer)["revision_number"] == "00002"


def test_one_whose_archive_is_refused_is_a_failed_task_that_says_why(draft, alice, web) -> None:
    web.pages |= {"/r/": listing("t.tar.gz"), "/r/t.tar.gz": page(tar_gz("../evil"))}
    answer = ask(alice, web.url + "/r/")
    run_pending()
    told, (item,) = task(alice, answer), imports()
    assert (told["status"], item["state"]) == ("failed", "failed")
    assert told["error"] == item["problem"] != ""
    assert "climbs out" in told["error"]
    assert draft.revisions.count() == 1


def test_one_that_cannot_be_fetched_is_a_failed_task_that_says_why(draft, alice, web) -> None:
    answer = ask(alice, web.url + "/nowhere/")
    run_pending()
    told = task(alice, answer)
    assert (told["status"], told["result"]) == ("failed", None)
    assert told["error"] == imports()[0]["problem"] == Import.objects.get().problem != ""


def test_one_whose_worker_is_lost_has_failed_and_can_be_asked_for_again(draft, alice, web) -> None:
    answer = ask(alice, web.url + "/r/")
    Job.objects.filter(name="releases.import_files").update(state=Job.State.FAILED)
    assert (task(alice, answer)["status"], task(alice, answer)["error"]) == (
        "failed",
        "Its worker was lost.",
    )
    assert ask(alice, web.url + "/r/").status_code == 202


def refuses(person: Any, status: int, url: str = SVN, **more: Any) -> str:
    """The sentence; and nothing has begun."""
    said = refused(ask(person, url, **more), status)
    assert not Import.objects.exists()
    assert not Job.objects.filter(name="releases.import_files").exists()
    return said


def test_what_cannot_be_is_refused(draft, alice) -> None:
    assert "not imported from example.org" in refuses(alice, 400, "https://example.org/x/")
    assert "begins with https://" in refuses(alice, 400, "file:///etc/passwd")
    assert "is a number, or HEAD" in refuses(alice, 400, kind="svn", at="x")
    assert "full id" in refuses(alice, 400, commit="abc")
    assert refuses(alice, 400, kind="ftp") == "Input validation failed"
    assert refuses(alice, 400, folder="../x") == "Input validation failed"
    assert "Revision 1 has appeared" in refuses(alice, 409, expected_revision="0")
    assert refuses(alice, 404, version="9.9") == "Release tool-9.9 not found"


def test_who_may_not_change_files_has_none_fetched(draft, alice) -> None:
    assert "may not do this" in refuses(make.user(is_committer=True), 403)
    assert refuses(make.member(make.project("other")), 404)
    assert refuses(None, 401)
    reading = Api(jwt=jwts.make(token(alice, Reach.READ)))
    assert refused(reading.post("/release/import", AT | {"kind": "svn", "url": SVN}), 403)
    assert not Import.objects.exists()


def test_one_at_a_time(draft, alice) -> None:
    assert ask(alice, SVN).status_code == 202
    answer = ask(alice, SVN)
    assert refused(answer, 409)
    assert answer.headers["Refusal-Codes"] == "import_pending"


def test_a_task_is_for_who_asked_and_for_the_committee(draft, alice) -> None:
    answer = ask(alice, SVN)
    assert task(make.member(draft.project), answer)["asf_uid"] == "alice"
    stranger = Api(make.member(make.project("other")))
    assert refused(stranger.get(f"/task/get/{answer.json()['task']['id']}"), 404)


def test_those_of_a_draft_that_is_kept_are_for_those_who_see_it(draft, alice, settings) -> None:
    ask(alice, SVN)
    settings.API_SHOWS_DRAFTS = False
    assert refused(Api().get("/release/imports/tool/1.0"), 404)
    assert len(Api(alice).get("/release/imports/tool/1.0").json()["imports"]) == 1


def test_the_list_costs_the_same_however_long_and_is_had_in_parts(draft, alice) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            imports()
        return len(found)

    def one_more() -> None:
        ask(alice, SVN)
        Import.objects.latest("pk").record_failed("It is gone.")

    one_more()
    asked()
    few = asked()
    for _ in range(5):
        one_more()
    assert asked() == few
    answer = Api().get("/release/imports/tool/1.0", limit="2", offset="1")
    numbers = [each["id"] for each in answer.json()["imports"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 2
    assert "offset=3" in answer.headers["Link"]
