"""What the upload form's script asks for, step by step, and who gets an answer."""

import hashlib
import json
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from projects.roles import Role
from releases.models import OpenUpload
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db

CONTENT = b"0123456789abcdefghijXYZ"
FILE = {"relpath": "b.bin", "size": 23, "sha256": hashlib.sha256(CONTENT).hexdigest()}


@pytest.fixture(autouse=True)
def small_parts(settings):
    settings.UPLOAD_PART_SIZE = 10


@pytest.fixture
def release():
    return make.release(make.project("tool"), version="1.0", files={"a.txt": "a"})


@pytest.fixture
def owner(release):
    return logged_in(make.member(release.project, Role.PARTICIPANT))


def url(release, name):
    return reverse(f"releases:upload-{name}", args=release.url_args)


def post(client, release, name, body):
    sent = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(url(release, name), sent, "application/json")


def put(client, release, key, part, **more):
    piece = CONTENT[part * 10 : part * 10 + 10]
    query = {"upload": key, "file": 0, "offset": part * 10} | more
    query.setdefault("sha256", hashlib.sha256(piece).hexdigest())
    return client.post(
        f"{url(release, 'part')}?{urlencode(query)}", piece, "application/octet-stream"
    )


def begin(client, release):
    return post(client, release, "begin", {"files": [FILE]}).json()


def test_asked_begun_sent_and_ended(owner, release):
    assert post(owner, release, "ask", {"files": [FILE]}).json() == {"oddities": []}
    begun = begin(owner, release)
    assert begun["files"] == [{"known": False, "present": [], "parts": 3}]
    key = begun["upload"]
    assert [put(owner, release, key, part).json() for part in (2, 0)] == [{"new": True}] * 2
    assert put(owner, release, key, 0).json() == {"new": False}
    assert begin(owner, release) == {
        "upload": key,
        "files": [{"known": False, "present": [0, 2], "parts": 3}],
    }
    put(owner, release, key, 1)
    answer = post(owner, release, "finish", {"upload": key})
    assert answer.json() == {"location": release.get_absolute_url()}
    release.refresh_from_db()
    assert release.newest.entries.get(path="b.bin").blob.size == 23
    assert "Uploaded b.bin" in owner.get(release.get_absolute_url()).content.decode()


def test_what_could_not_be_taken_is_told_before_it_is_sent(owner, release, settings):
    settings.MAX_FILE_SIZE = 20
    answer = post(owner, release, "ask", {"files": [FILE, {"relpath": "../x", "size": 1}]})
    assert answer.status_code == 422
    assert answer.json()["refused"][0].startswith("b.bin has 23 bytes; the limit")
    assert not Event.objects.filter(refused=True).exists()


def test_what_is_no_question_is_refused(owner, release):
    for body in (b"", b"[]", {"files": 7}, {}):
        for name in ("ask", "begin"):
            assert post(owner, release, name, body).status_code == 422
    assert post(owner, release, "finish", {"upload": "x"}).status_code == 404


@pytest.mark.parametrize(
    "more", [{"file": "x"}, {"offset": "-1"}, {"sha256": "../x"}, {"offset": 5}]
)
def test_a_part_that_is_none_is_refused(owner, release, more):
    key = begin(owner, release)["upload"]
    assert put(owner, release, key, 0, **more).status_code == 422


@pytest.mark.parametrize("key", ["\0", "x\0y", "\ud800", 7, None, [], {}])
def test_what_can_be_no_key_is_none(owner, release, key):
    for name in ("finish", "discard"):
        assert post(owner, release, name, {"upload": key}).status_code == 404
    assert put(owner, release, "\0", 0).status_code == 404


def test_who_may_not_is_told_no_and_begins_nothing(release):
    committer = logged_in(make.user(is_committer=True))
    for name in ("ask", "begin"):
        answer = post(committer, release, name, {"files": [FILE]})
        assert answer.status_code == 403
        assert "takes the right" in answer.json()["refused"][0]
    for client in (Client(), logged_in(make.user())):
        assert post(client, release, "begin", {"files": [FILE]}).status_code == 404
    assert not OpenUpload.objects.exists()


def test_nobody_reaches_the_upload_of_somebody_else(owner, release):
    key = begin(owner, release)["upload"]
    other = logged_in(make.member(release))
    assert put(other, release, key, 0).status_code == 404
    for name in ("finish", "discard"):
        assert post(other, release, name, {"upload": key}).status_code == 404
    assert OpenUpload.objects.exists()


def test_an_upload_is_one_of_its_release(owner, release):
    key = begin(owner, release)["upload"]
    sibling = make.release(release.project, version="2.0")
    assert put(owner, sibling, key, 0).status_code == 404


def test_each_step_takes_the_token_of_the_form(release):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.member(release))
    for name in ("ask", "begin", "part", "finish", "discard"):
        assert post(client, release, name, {"files": [FILE]}).status_code == 403
    assert not OpenUpload.objects.exists()


def test_the_page_tells_of_what_has_not_ended_and_discards_it(owner, release):
    key = begin(owner, release)["upload"]
    put(owner, release, key, 0)
    page = owner.get(release.get_absolute_url()).content.decode()
    assert "An upload of yours has not ended" in page
    assert "43 % of it is here" in page
    assert (
        "has not ended"
        not in logged_in(make.member(release)).get(release.get_absolute_url()).content.decode()
    )
    answer = owner.post(url(release, "discard"), {"upload": key})
    assert (answer.status_code, answer["Location"]) == (303, release.get_absolute_url())
    assert not OpenUpload.objects.exists()
    assert "has not ended" not in owner.get(release.get_absolute_url()).content.decode()


def test_a_script_discards_too(owner, release):
    key = begin(owner, release)["upload"]
    assert post(owner, release, "discard", {"upload": key}).json() == {}
    assert not OpenUpload.objects.exists()


def test_who_lost_their_role_discards_nothing(release):
    person = make.member(release.project, Role.PARTICIPANT)
    person.is_committer = True
    person.save()
    owner = logged_in(person)
    key = begin(owner, release)["upload"]
    person.memberships.all().delete()
    assert post(owner, release, "discard", {"upload": key}).status_code == 403
    assert owner.post(url(release, "discard"), {"upload": key}).status_code == 403
    assert OpenUpload.objects.exists()


def test_a_frozen_draft_is_a_conflict(release, owner):
    make.checked(release.newest)
    make.vote(release)
    answer = post(owner, release, "begin", {"files": [FILE]})
    assert (answer.status_code, "frozen" in answer.json()["refused"][0]) == (409, True)
