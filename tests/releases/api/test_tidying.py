"""Putting a draft in order by a script: each verb of the pages, and a look before."""

import hashlib
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.roles import Role
from releases.models import Release
from tests import make
from tests.api import Api, refused
from tests.shapes import REVISION

pytestmark = pytest.mark.django_db

ZIP, NEW = "tool-1.0-rc1.zip", "tool-1.0.zip"
SUM = f"{hashlib.sha512(b'z').hexdigest()}  {ZIP}\n"
FILES = {ZIP: "z", f"{ZIP}.asc": "s", f"{ZIP}.sha512": SUM, "docs/a.txt": "a", "docs/x/b.jar": "b"}
AT = {"project": "tool", "version": "1.0"}
PREVIEW = {"endpoint", "revision_number", "changes", "conflicts"}


@pytest.fixture
def draft() -> Release:
    return make.release(make.project("tool"), version="1.0", files=FILES)


@pytest.fixture
def alice(draft):
    return make.member(draft.project, Role.PARTICIPANT, username="alice")


def ask(person: Any, path: str, **more: Any) -> Any:
    return Api(person).post(f"/release/{path}", AT | more)


def sealed(answer: Any, number: str, status: int = 201) -> dict[str, Any]:
    body = answer.json()
    assert answer.status_code == status, body
    assert set(body) == {"endpoint", "revision"}
    assert set(body["revision"]) == REVISION
    assert body["revision"]["number"] == number
    return body["revision"]


def foreseen(answer: Any) -> tuple[dict[str, Any], list[str]]:
    """The new names, and what stands in the way; and nothing has happened."""
    body = answer.json()
    assert answer.status_code == 200, body
    assert set(body) == PREVIEW
    assert body["revision_number"] == "00001"
    assert Release.objects.get().last_revision == 1
    return {each["relpath"]: each["becomes"] for each in body["changes"]}, body["conflicts"]


def paths(draft: Release) -> set[str]:
    return {each.path for each in Release.objects.get(pk=draft.pk).newest.entries}


def test_a_file_goes_with_its_companions_and_is_told_of_before(draft, alice) -> None:
    told = foreseen(ask(alice, "files/delete", paths=[ZIP], preview=True))
    assert told == (dict.fromkeys([ZIP, f"{ZIP}.asc", f"{ZIP}.sha512"]), [])
    made = sealed(ask(alice, "files/delete", paths=[ZIP]), "00002")
    assert (made["description"], made["asfuid"]) == ("Deleted 3 files", "alice")
    assert paths(draft) == {"docs/a.txt", "docs/x/b.jar"}


def test_a_folder_moves_with_all_below_it_and_files_with_theirs(draft, alice) -> None:
    asked = {"paths": ["docs", ZIP], "folder": "out"}
    names, wrong = foreseen(ask(alice, "files/move", preview=True, **asked))
    assert names == {path: f"out/{path}" for path in FILES}
    assert wrong == []
    sealed(ask(alice, "files/move", **asked), "00002")
    assert paths(draft) == set(names.values())
    sealed(ask(alice, "files/move", paths=["out/docs"], folder=None), "00003")
    assert "docs/x/b.jar" in paths(draft)


def test_a_file_gets_another_name_and_a_checksum_that_names_it_is_written_anew(
    draft, alice
) -> None:
    asked = {"relpath": ZIP, "becomes": NEW}
    answer = ask(alice, "files/rename", preview=True, **asked)
    assert foreseen(answer)[0][f"{ZIP}.asc"] == f"{NEW}.asc"
    anew = {each["becomes"] for each in answer.json()["changes"] if each["rewritten"]}
    assert anew == {f"{NEW}.sha512"}
    sealed(ask(alice, "files/rename", **asked), "00002")
    entry = draft.entries.at(2).get(path=f"{NEW}.sha512")
    assert b"".join(entry.blob.stream()).endswith(f"  {NEW}\n".encode())


def test_candidate_tags_are_shown_before_they_go(draft, alice) -> None:
    names, wrong = foreseen(ask(alice, "files/strip-tags", preview=True))
    assert names == {ZIP + end: NEW + end for end in ("", ".asc", ".sha512")}
    assert wrong == []
    sealed(ask(alice, "files/strip-tags"), "00002")
    assert {NEW, f"{NEW}.asc"} < paths(draft)
    assert "Nothing changes" in refused(ask(alice, "files/strip-tags"), 409)


def test_what_stands_in_the_way_is_in_the_preview_and_refuses_the_act(alice, draft) -> None:
    draft.add_files({NEW: make.blob("other")}, by=alice)
    body = ask(alice, "files/strip-tags", preview=True).json()
    assert body["conflicts"] == [f"{NEW} exists already. Delete it first, or choose another."]
    assert "exists already" in refused(ask(alice, "files/strip-tags"), 400)
    case = {"paths": [NEW], "folder": "DOCS"}
    body = ask(alice, "files/move", preview=True, **case).json()
    assert body["conflicts"] == []
    clash = {"relpath": NEW, "becomes": "docs"}
    body = ask(alice, "files/rename", preview=True, **clash).json()
    assert "docs is a file, so docs/a.txt cannot lie below it." in body["conflicts"]
    assert "is a file, so" in refused(ask(alice, "files/rename", **clash), 400)
    assert Release.objects.get().last_revision == 2


def test_checksums_come_beside_named_files_or_all_that_lack_one(draft, alice) -> None:
    sealed(ask(alice, "files/checksums", paths=["docs/a.txt"]), "00002")
    sealed(ask(alice, "files/checksums", paths=None), "00003")
    assert {"docs/a.txt.sha512", "docs/x/b.jar.sha512"} < paths(draft)
    said = refused(ask(alice, "files/checksums", paths=None), 409)
    assert said == "Every file that people download has a checksum already."
    assert "is there already" in refused(ask(alice, "files/checksums", paths=[ZIP]), 400)


LOOKS: list[tuple[str, dict[str, Any]]] = [
    ("files/delete", {"paths": [ZIP]}),
    ("files/move", {"paths": [ZIP], "folder": "out"}),
    ("files/rename", {"relpath": ZIP, "becomes": NEW}),
    ("files/strip-tags", {}),
]


@pytest.mark.parametrize(("path", "more"), LOOKS)
def test_a_look_is_for_who_may_when_they_may_at_what_they_have_seen(
    draft, alice, path: str, more: dict[str, Any]
) -> None:
    look = more | {"preview": True}
    assert refused(ask(make.user(is_committer=True), path, **look), 403)
    assert refused(ask(None, path, **look), 401)
    assert refused(ask(make.member(make.project("other")), path, **look), 404)
    assert refused(ask(alice, path, **look, expected_revision="0"), 409)
    assert ask(alice, path, **look, expected_revision="1").status_code == 200
    make.checked(draft.newest)
    make.vote(draft)
    assert "frozen" in refused(ask(alice, path, **look), 409)


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("files/delete", {"paths": ["gone"]}),
        ("files/move", {"paths": ["gone"], "folder": "out"}),
        ("files/rename", {"relpath": "gone", "becomes": "x"}),
        ("files/checksums", {"paths": ["gone"]}),
    ],
)
def test_what_is_not_there_is_named_with_a_look_or_without(draft, alice, path, more) -> None:
    assert "There is no file" in refused(ask(alice, path, **more), 400)
    if path != "files/checksums":
        assert "There is no file" in refused(ask(alice, path, **more, preview=True), 400)
    assert draft.revisions.count() == 1


def test_a_look_costs_the_same_however_many_files_there_are(draft, alice) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            answer = ask(alice, "files/move", paths=["docs"], folder="out", preview=True)
            assert answer.status_code == 200
        return len(found)

    asked()
    few = asked()
    draft.add_files({f"docs/{n}": make.blob("x") for n in range(60)}, by=alice)
    assert asked() == few
