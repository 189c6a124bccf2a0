"""Who signed this? The page, for everybody: in words, verified with the file, nothing kept."""

import os
from pathlib import Path

import pytest
from django.conf import settings as project_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from keys.models import Certificate
from tests import make, pgp
from trusted_releases.ledger.limits import LIMITS, Limit

pytestmark = pytest.mark.django_db

PAGE = "/signatures/"
NAME = "example-1.0.tar.gz"
QUERIES = 4
BYTES = b"the bytes of a release\n"


@pytest.fixture
def signature(tmp_path: Path) -> bytes:
    return pgp.signer().sign(pgp.artifact(tmp_path, BYTES)).read_bytes()


@pytest.fixture
def released(signature):
    project = make.project("tool")
    alice = make.member(project, username="alice")
    Certificate.objects.import_keys(pgp.signer().public, committee=project.committee, by=alice)
    files = {f"dist/{NAME}.asc": signature, f"dist/{NAME}": BYTES}
    release = make.candidate(project, by=alice, version="1.0", files=files)
    make.vote(release)
    return release


def send(signature: bytes = b"", artifact: bytes | None = None, **more):
    sent = dict(more)
    if signature:
        sent["signature"] = SimpleUploadedFile(f"{NAME}.asc", signature)
    if artifact is not None:
        sent["artifact"] = SimpleUploadedFile(NAME, artifact)
    return Client().post(PAGE, sent)


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_page_asks(client) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert "Who signed this?" in words(answer)


@pytest.mark.parametrize("way", ["file", "text", "browser"])
def test_a_signature_alone_tells_whose_it_claims_to_be_and_where_it_lies(
    released, signature, way: str
) -> None:
    text = signature.decode()
    if way == "browser":  # a form ends its lines so
        text = text.replace("\n", "\r\n")
    answer = send(signature) if way == "file" else send(text=text)
    assert answer.status_code == 200
    text = words(answer)
    for said in (
        "Not verified yet",
        "Alice Archer &lt;alice@apache.org&gt;",
        Certificate.objects.get().spaced,
        released.get_absolute_url(),
        "which has the key",
    ):
        assert said in text
    assert "Genuine" not in text


def test_with_the_file_it_is_verified(released, signature) -> None:
    text = words(send(signature, BYTES))
    assert "Genuine" in text
    assert "is the one of the release" in text


@pytest.mark.parametrize("at", [0, 7, len(BYTES) - 1])
def test_one_bit_less_and_it_is_not_of_this_file(released, signature, at: int) -> None:
    other = bytearray(BYTES)
    other[at] ^= 1
    text = words(send(signature, bytes(other)))
    assert "Not of this file" in text
    assert "Genuine" not in text
    assert "is not the one of the release" in text


def test_a_key_that_nobody_has_is_told_as_such(signature) -> None:
    text = words(send(signature, BYTES))
    assert "By a key that is not known here" in text
    assert "No release that you may see has a file with these bytes" in text


def test_a_signature_that_does_not_count_says_why(released, tmp_path) -> None:
    path = pgp.artifact(tmp_path, BYTES)
    weak = pgp.signer().sign(path, options=["--digest-algo", "SHA1", "--allow-weak-digest-algos"])
    text = words(send(weak.read_bytes(), BYTES))
    assert "Does not count" in text
    assert "SHA1" in text


def test_a_committee_without_the_key_is_pointed_at(released, signature) -> None:
    other = make.member(make.project("other"))
    committee = other.memberships.get().committee
    Certificate.objects.import_keys(pgp.signer().public, committee=committee, by=other)
    released.committee.key_links.get().unlink(by=released.committee.memberships.first().user)
    assert "which does not have the key" in words(send(signature))


def test_a_draft_is_told_to_nobody_else(signature) -> None:
    project = make.project("tool")
    alice = make.member(project)
    files = {f"{NAME}.asc": signature}
    make.release(project, by=alice, version="9.9", files=files)
    assert "9.9" not in words(send(signature))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "one of the two"),
        ({"signature": b"x", "text": "y"}, "one of the two"),
        ({"signature": b"no signature"}, "signature"),
        ({"text": "-----BEGIN PGP SIGNATURE-----\n"}, "signature"),
        ({"signature": b"x" * 2_000_000}, "Is this the file that was signed?"),
        ({"text": "\0"}, "Null characters"),
    ],
)
def test_what_is_no_signature_is_told_beside_its_field(sent, said: str) -> None:
    answer = send(**sent)
    assert answer.status_code == 422
    assert said in words(answer)


def test_a_name_in_a_key_is_text_and_nothing_else(tmp_path) -> None:
    signer = pgp.Signer("<script>alert(1)</script> Eve <eve@apache.org>")
    committee = make.committee()
    Certificate.objects.import_keys(signer.public, committee=committee, by=make.member(committee))
    text = words(send(signer.sign(pgp.artifact(tmp_path)).read_bytes()))
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;" in text


def test_what_is_too_large_is_turned_away_before_it_is_read(settings, signature) -> None:
    settings.MAX_PROVENANCE_SIZE = 1000
    answer = send(signature, b"x" * 2000)
    assert answer.status_code == 413
    assert "more than the 0 MiB" in words(answer)
    assert not answer.wsgi_request._read_started


def test_nothing_of_it_is_kept(released, signature) -> None:
    before = set(os.listdir(project_settings.SCRATCH_DIR))
    assert send(signature, BYTES).status_code == 200
    assert set(os.listdir(project_settings.SCRATCH_DIR)) == before


def test_one_address_may_ask_so_often_and_another_is_not_hindered(
    settings, signature, monkeypatch
) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setitem(LIMITS, "provenance.page", Limit(2))
    here, there = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    sent = {"text": signature.decode()}
    assert [here.post(PAGE, sent).status_code for _ in range(3)] == [200, 200, 429]
    assert there.post(PAGE, sent).status_code == 200
    assert "Try again in" in words(here.post(PAGE, sent))


def test_a_form_of_another_site_is_refused(signature) -> None:
    answer = Client(enforce_csrf_checks=True).post(PAGE, {"text": signature.decode()})
    assert answer.status_code == 403


def test_it_costs_the_same_for_one_release_and_for_many(
    released, signature, django_assert_num_queries
) -> None:
    send(signature)  # what is the same for all is read once
    for count in (0, 5):
        for number in range(count):
            files = {f"{NAME}.asc": signature}
            by = released.committee.memberships.first().user
            more = make.candidate(released.project, by=by, version=f"2.{number}", files=files)
            make.vote(more)
        with django_assert_num_queries(QUERIES):
            text = words(send(signature))
        assert text.count("which has the key") == 1 + count
