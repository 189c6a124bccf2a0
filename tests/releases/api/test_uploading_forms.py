"""Bodies of uploads: JSON of every kind, and the address of a raw one."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests import make
from tests.api import Api, refused
from tests.releases.api.test_uploading import OF, Raw, draft, member, project

pytestmark = pytest.mark.django_db

__all__ = ["draft", "member", "project"]  # fixtures


def upload(person: Any, sent: Any) -> Any:
    return Api(person).post("/release/upload", sent)


def test_the_content_may_come_before_where_it_goes(draft, member) -> None:
    sent = json.dumps({"content": "QUJD", "relpath": "b.txt", "version": "1.0", "project": "tool"})
    assert upload(member, sent).status_code == 201
    assert draft.newest.entries.get(path="b.txt").blob.size == 3


@pytest.mark.parametrize("content", ["QUJ", "QU JD", "QUJD\n", "QU-_", "QQ==QUJD", "=", "\u00e9"])
def test_what_is_no_base64_is_refused(draft, member, content: str) -> None:
    answer = upload(member, {**OF, "relpath": "b.txt", "content": content})
    refused(answer, 400)
    [detail] = answer.json()["validation_details"]
    assert (detail["type"], detail["loc"]) == ("value_error", ["content"])
    draft.refresh_from_db()
    assert draft.last_revision == 1


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"content": None}, "none_not_allowed"),
        ({"content": 5}, "string_type"),
        ({"content": ["QUJD"]}, "string_type"),
        ({"relpath": None}, "none_not_allowed"),
        ({"relpath": 5}, "string_type"),
        ({"project": 5}, "string_type"),
        ({"expected_revision": 1}, "string_type"),
    ],
)
def test_other_types_are_not_turned_into_right_ones(draft, member, more: Any, kind: str) -> None:
    answer = upload(member, {**OF, "relpath": "b.txt", "content": "QUJD"} | more)
    refused(answer, 400)
    assert kind in {each["type"] for each in answer.json()["validation_details"]}


@pytest.mark.parametrize("name", ["project", "version", "relpath", "content"])
def test_every_key_is_needed(draft, member, name: str) -> None:
    sent = {**OF, "relpath": "b.txt", "content": "QUJD"}
    del sent[name]
    answer = upload(member, sent)
    refused(answer, 400)
    [detail] = answer.json()["validation_details"]
    assert (detail["type"], detail["loc"]) == ("missing", [name])


@pytest.mark.parametrize("sent", ["[]", " ", "{", '{"a":', '"x"', "null", '{"content":"QUJD"'])
def test_what_is_no_object_is_refused(draft, member, sent: str) -> None:
    refused(upload(member, sent), 400)


def test_a_key_stands_once(draft, member) -> None:
    for twice in ('"content":"QUJD","content":"QUJE"', '"content":"QUJD","project":"other"'):
        sent = '{"project":"tool","version":"1.0","relpath":"b.txt",' + twice + "}"
        refused(upload(member, sent), 400)
    draft.refresh_from_db()
    assert draft.last_revision == 1


def test_what_stands_beside_the_content_is_bounded(draft, member) -> None:
    sent = {**OF, "relpath": "b.txt", "content": "QUJD", "more": "x" * 70_000}
    refused(upload(member, sent), 413)


def test_who_may_not_is_told_before_the_content_is_read(draft, member) -> None:
    sent = '{"project":"tool","version":"1.0","relpath":"b.txt","content":"###'
    refused(upload(make.user(is_committer=True), sent), 403)
    refused(upload(member, sent), 400)


def test_a_plus_in_a_version_is_written_out_in_a_query(project, member) -> None:
    draft = make.release(project, by=member, version="0.3+cli")
    answer = Raw().send(Api(member), b"x", version="0.3+cli")
    assert answer.status_code == 201
    assert draft.newest.release.version == "0.3+cli"


def test_the_length_of_a_raw_body_is_told(draft, member) -> None:
    path = "/release/store?" + urlencode({"relpath": "b.txt", **OF})
    kind = "application/octet-stream"
    answer = Api(member).post(path, b"x", content_type=kind, CONTENT_LENGTH="")
    assert "Content-Length" in refused(answer, 400)
