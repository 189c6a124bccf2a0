"""Uploads by web form: streamed, bounded, hashed on the way, and refused in a sentence."""

from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from projects.roles import Role
from releases.intake import LONGEST_NAME, Receiver, receive
from releases.models import Blob, Release
from tests import make, uploads
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db

GOOD = ("x-1.0.run", b"bytes")


@pytest.fixture
def release() -> Release:
    return make.release()


@pytest.fixture
def person(release):
    return make.member(release, Role.PARTICIPANT)


@pytest.fixture(autouse=True)
def scratch(settings, tmp_path) -> Path:
    settings.SCRATCH_DIR = tmp_path / "scratch"
    return settings.SCRATCH_DIR


def held(release: Release) -> dict[str, bytes]:
    newest = Release.objects.get(pk=release.pk).newest
    return {e.path: b"".join(e.blob.stream()) for e in newest.entries} if newest else {}


def leftovers(scratch: Path) -> list[Path]:
    return list(scratch.iterdir()) if scratch.exists() else []


def test_files_of_one_form_are_one_revision(release, person, scratch) -> None:
    files = [GOOD, ("docs/readme.txt", b"\r\n--not-a-boundary\r\n"), ("empty", b"")]
    revision = receive(uploads.request(person, files=files), release)
    assert held(release) == dict(files)
    assert (revision.number, revision.made_by) == (1, person)
    assert leftovers(scratch) == []


def test_a_directory_goes_before_every_name(release, person) -> None:
    fields = [("directory", " /java/bin/ ")]
    receive(uploads.request(person, files=[GOOD], fields=fields), release)
    assert held(release) == {"java/bin/x-1.0.run": b"bytes"}


def test_other_fields_and_an_empty_file_field_are_no_files(release, person) -> None:
    request = uploads.request(person, files=[("", b""), GOOD], fields=[("note", "x")])
    receive(request, release)
    assert held(release) == {"x-1.0.run": b"bytes"}
    assert request.POST["note"] == "x"
    assert list(request.FILES) == ["files"]


def test_a_file_larger_than_a_block_is_written_as_it_comes(release, person, monkeypatch) -> None:
    largest: list[int] = []
    feed = Receiver.receive_data_chunk
    monkeypatch.setattr(
        Receiver,
        "receive_data_chunk",
        lambda self, raw, start: (largest.append(len(raw)), feed(self, raw, start))[1],
    )
    content = bytes(range(256)) * 20_000
    receive(uploads.request(person, files=[("big", content)]), release)
    assert held(release) == {"big": content}
    assert max(largest) <= Receiver.chunk_size < len(content)


NAMES = {
    "../x": "'..' is not allowed",
    "a/../../x": "'..' is not allowed",
    "/etc/passwd": "not with '/'",
    "..\\x": "backslash",
    "C:\\x": "backslash",
    "a\x00b": "control character",
    "a\x1bb": "control character",
    "\u0430pache.zip": "CYRILLIC SMALL LETTER A",
    "a\u202egnp": "RIGHT-TO-LEFT OVERRIDE",
    b"\xff\xfe": "a name that is not UTF-8",
    "&#46;&#46;/x": "AMPERSAND",
    "a//b": "empty segment",
    ".htaccess": "hidden files",
    "_proof/KEYS": "is reserved",
    "x" * 300: "longer than 255",
    "y" * (LONGEST_NAME + 100): "header size exceeded",
}


@pytest.mark.parametrize(("name", "sentence"), NAMES.items())
def test_a_name_is_taken_as_it_was_sent_and_refused(
    release, person, scratch, name: str | bytes, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        receive(uploads.request(person, files=[GOOD, (name, b"evil")]), release)
    assert held(release) == {}
    assert leftovers(scratch) == []
    assert not Blob.objects.exists()
    event = Event.objects.get(refused=True)
    assert (event.actor, event.facts["verb"]) == (person.username, "add_files")


def test_one_path_sent_twice_is_not_guessed_about(release, person) -> None:
    with pytest.raises(BadInput, match=r"x-1.0.run was sent twice"):
        receive(uploads.request(person, files=[GOOD, ("x-1.0.run", b"other")]), release)


def test_a_form_without_a_file_says_so(release, person) -> None:
    for request in (
        uploads.request(person),
        uploads.request(person, b"", CONTENT_LENGTH="0"),
        uploads.request(person, CONTENT_LENGTH="many"),
        uploads.request(person, b"{}", CONTENT_TYPE="application/json"),
    ):
        with pytest.raises(BadInput, match="Choose at least one file"):
            receive(request, release)


def test_a_part_that_cannot_be_read_is_not_passed_over(release, person, scratch) -> None:
    """A file whose content has the boundary in it, a part without a name, one without headers."""
    for part in (b"\r\n--" + uploads.BOUNDARY.encode() + b"\r\nx", b"x"):
        body = uploads.body_of([GOOD, ("y", part)])
        if part == b"x":
            body = body.replace(b'name="files"; filename="y"', b'filename="y"')
        with pytest.raises(BadInput, match=r"cannot be read"):
            receive(uploads.request(person, body), release)
    assert held(release) == {}
    assert leftovers(scratch) == []


def whole(person) -> bytes:
    return uploads.body_of([GOOD, ("y", b"y" * 5000)])


@pytest.mark.parametrize("lost", [1, 3, 40, 2000, 5100])
def test_a_body_that_was_cut_is_refused_whole(release, person, scratch, lost: int) -> None:
    body = whole(person)
    request = uploads.request(person, body[:-lost], CONTENT_LENGTH=str(len(body)))
    with pytest.raises(BadInput, match=r"cut short|damaged"):
        receive(request, release)
    assert held(release) == {}
    assert leftovers(scratch) == []


@pytest.mark.parametrize("lost", [4, 8, 40, 2000])
def test_a_body_without_its_last_boundary_is_refused_whole(release, person, lost: int) -> None:
    with pytest.raises(BadInput, match=r"cut short|damaged"):
        receive(uploads.request(person, whole(person)[:-lost]), release)
    assert held(release) == {}


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=" + "b" * 300]
)
def test_a_body_that_cannot_be_read_is_damaged(release, person, kind: str) -> None:
    with pytest.raises(BadInput, match="The upload is damaged"):
        receive(uploads.request(person, whole(person), CONTENT_TYPE=kind), release)


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [("MAX_FILE_SIZE", "is larger than 10 bytes"), ("MAX_UPLOAD_SIZE", "are allowed at once")],
)
def test_too_much_is_refused(release, person, settings, scratch, limit, sentence) -> None:
    setattr(settings, limit, 10)
    with pytest.raises(BadInput, match=sentence):
        receive(uploads.request(person, files=[("x", b"x" * 11)]), release)
    assert leftovers(scratch) == []


def test_what_is_announced_as_too_large_is_not_read(release, person, settings) -> None:
    request = uploads.request(
        person, files=[GOOD], CONTENT_LENGTH=str(settings.MAX_UPLOAD_SIZE + 1)
    )
    with pytest.raises(BadInput, match="Send the files in several uploads"):
        receive(request, release)
    assert request.META["wsgi.input"].read(3) == b"--7"


def test_a_body_longer_than_its_parts_may_be_is_stopped_on_the_way(
    release, person, settings, scratch
) -> None:
    settings.MAX_UPLOAD_SIZE = 10_000
    request = uploads.request(person, files=[(f"f{n}", b"x" * 4000) for n in range(3)])
    request.META["CONTENT_LENGTH"] = "9999"
    with pytest.raises(BadInput):
        receive(request, release)
    assert leftovers(scratch) == []


def test_more_files_than_one_form_may_have_are_refused(release, person, settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    files = [(f"f{n}", b"x") for n in range(3)]
    with pytest.raises(BadInput, match="One upload takes 2 files"):
        receive(uploads.request(person, files=files), release)
    assert held(release) == {}


def test_a_field_larger_than_memory_may_be_is_refused(release, person, settings) -> None:
    fields = [("note", "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))]
    with pytest.raises(BadInput, match="fields, beside its files, are too large"):
        receive(uploads.request(person, files=[GOOD], fields=fields), release)


@pytest.mark.parametrize("who", ["nobody", "visitor", "committer", "stranger", "switched off"])
def test_who_may_not_is_told_before_the_body_is_read(release, who: str) -> None:
    person = {
        "nobody": AnonymousUser,
        "visitor": make.user,
        "committer": lambda: make.user(is_committer=True),
        "stranger": lambda: make.member(make.project()),
        "switched off": lambda: make.member(release, is_active=False),
    }[who]()
    request = uploads.request(person, files=[GOOD])
    with pytest.raises(PermissionDenied):
        receive(request, release)
    assert request.META["wsgi.input"].read(3) == b"--7"
    assert Event.objects.filter(refused=True).count() == 1


def test_a_frozen_release_is_told_before_the_body_is_read() -> None:
    release = make.vote().release
    request = uploads.request(make.member(release), files=[GOOD])
    with pytest.raises(NotReady, match="are frozen"):
        receive(request, release)
    assert request.META["wsgi.input"].read(3) == b"--7"


def test_a_form_from_elsewhere_stores_nothing(release, person, scratch) -> None:
    requests = [
        uploads.request(person, files=[GOOD], with_token=False),
        uploads.request(
            person, files=[GOOD], with_token=False, fields=[("csrfmiddlewaretoken", "x" * 64)]
        ),
    ]
    for request in requests:
        with pytest.raises(PermissionDenied, match="token is missing or too old"):
            receive(request, release)
    assert held(release) == {}
    assert not Blob.objects.exists()
    assert leftovers(scratch) == []


def test_the_same_upload_twice_is_one_revision(release, person) -> None:
    receive(uploads.request(person, files=[GOOD]), release)
    with pytest.raises(BadInput, match="Nothing changes"):
        receive(uploads.request(person, files=[GOOD]), release)
    assert release.revisions.count() == 1
    assert Event.objects.filter(refused=True).count() == 1
