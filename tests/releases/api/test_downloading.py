"""`download`: the file as it is, at the address that clients know."""

import pytest
from django.test import Client

from tests import make

pytestmark = pytest.mark.django_db

PATH = "apache-tool-1.0-src.tar.gz"


@pytest.fixture
def release():
    draft = make.candidate(make.project("tool"), version="0.3+cli", files={PATH: b"\x00bytes"})
    return make.vote(draft).release


def test_a_file_is_its_bytes_and_of_no_other_type(release) -> None:
    answer = Client().get(f"/download/path/tool/0.3+cli/{PATH}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Length"] == "6"
    assert answer.streaming
    assert answer.getvalue() == b"\x00bytes"


@pytest.mark.parametrize("path", ["other.txt", "apache-tool", "../x", f"{PATH}/"])
def test_what_is_no_file_is_not_there(release, path: str) -> None:
    assert Client().get(f"/download/path/tool/0.3+cli/{path}").status_code == 404


def test_a_draft_is_there_for_clients_and_where_it_is_not_for_those_who_may_see_it(
    settings,
) -> None:
    draft = make.candidate(make.project("tool"), version="1.0", files={PATH: "x"})
    address = f"/download/path/tool/1.0/{PATH}"
    assert Client().get(address).status_code == 200
    settings.API_SHOWS_DRAFTS = False
    assert Client().get(address).status_code == 404
    member = Client()
    member.force_login(make.member(draft.project))
    assert member.get(address).status_code == 200
    settings.PUBLIC_DRAFTS = True
    assert Client().get(address).status_code == 200
