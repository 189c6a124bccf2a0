"""What differs between two revisions, as a script reads it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from releases.models import Release
from tests import make
from tests.api import Api, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Release:
    made = make.release(
        make.project("tool"),
        version="1.0",
        files={"a.zip": "1", "t-rc1.zip": "t", "old": "o", "gone": "g"},
    )
    by = make.member(made)
    made.add_files({"a.zip": make.blob("2"), "t-rc2.zip": make.blob("u")}, by=by)
    made.rename_file("old", "new", by=by)
    made.delete_files(["gone", "t-rc1.zip"], by=by)
    return made


def changes(at: str, **query: Any) -> dict[str, Any]:
    answer = Api().get(f"/release/changes/tool/1.0/{at}", **query)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert set(body) == {"endpoint", "revision_number", "against_number", "count", "changes"}
    return body


def test_every_kind_of_change_is_told_key_by_key(draft) -> None:
    body = changes("4", against="1")
    assert (body["endpoint"], body["count"]) == ("/release/changes", 5)
    assert (body["revision_number"], body["against_number"]) == ("00004", "00001")
    none = {"was": None, "inside_was": None, "size": 1}
    assert body["changes"] == [
        none | {"change": "added", "relpath": "t-rc2.zip", "inside_was": "t-rc1.zip"},
        none | {"change": "changed", "relpath": "a.zip", "inside_was": "a.zip"},
        none | {"change": "renamed", "relpath": "new", "was": "old"},
        none | {"change": "removed", "relpath": "gone"},
        none | {"change": "removed", "relpath": "t-rc1.zip"},
    ]


def test_without_another_it_is_the_one_before_and_0_is_no_files(draft) -> None:
    assert changes("00004")["against_number"] == "00003"
    assert [each["change"] for each in changes("4")["changes"]] == ["removed", "removed"]
    assert changes("1")["against_number"] == "00000"
    assert changes("1", against="0")["count"] == 4
    assert {each["change"] for each in changes("1", against="4")["changes"]} > {"added"}


def test_a_part_of_them_is_asked_for_and_leads_to_the_next(draft) -> None:
    path = "/release/changes/tool/1.0/4"
    answer = Api().get(path, against="1", limit="2", offset="1")
    body = answer.json()
    assert [each["relpath"] for each in body["changes"]] == ["a.zip", "new"]
    assert body["count"] == 5
    assert answer.headers["Link"] == (
        '</api/release/changes/tool/1.0/4?against=1&limit=2&offset=3>; rel="next"'
    )


def test_what_is_not_there_or_not_for_everybody_is_not_found(draft, settings) -> None:
    assert refused(Api().get("/release/changes/tool/1.0/5"), 404)
    assert refused(Api().get("/release/changes/tool/1.0/0"), 404)
    said = refused(Api().get("/release/changes/tool/1.0/4", against="5"), 404)
    assert said == "Revision 00005 of release tool-1.0 not found"
    settings.API_SHOWS_DRAFTS = False
    assert refused(Api().get("/release/changes/tool/1.0/4"), 404)
    member = Api(make.member(draft.project))
    assert member.get("/release/changes/tool/1.0/4").status_code == 200


def test_it_costs_the_same_however_much_differs(draft) -> None:
    def asked(at: str) -> int:
        with CaptureQueriesContext(connection) as found:
            changes(at)
        return len(found)

    asked("4")
    few = asked("4")
    by = make.member(draft)
    draft.add_files({f"x/{n}": make.blob(str(n)) for n in range(60)}, by=by)
    assert asked("5") == few
    assert changes("5")["count"] == 60
