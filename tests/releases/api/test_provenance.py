"""Whose key made a signature: what clients send, what they get, and what they do not learn."""

import hashlib
from pathlib import Path

import pytest

from keys.models import Certificate
from releases.models import Release
from tests import make
from tests.api import Api, refused
from tests.pgp import artifact, signer

pytestmark = pytest.mark.django_db

ASK = "/signature/provenance"
NAME = "example-1.0.tar.gz.asc"


@pytest.fixture
def text(tmp_path: Path) -> str:
    return signer().sign(artifact(tmp_path)).read_text()


@pytest.fixture
def alice():
    return make.member(make.project("tool"), username="alice")


@pytest.fixture
def draft(alice, text) -> Release:
    project = alice.memberships.get().committee.projects.get()
    Certificate.objects.import_keys(signer().public, committee=project.committee, by=alice)
    files = {f"dist/{NAME}": text.encode(), "dist/example-1.0.tar.gz": b"x"}
    return make.candidate(project, by=alice, version="1.0", files=files)


def body(text: str, **more):
    return {
        "signature_file_name": NAME,
        "signature_asc_text": text,
        "signature_sha3_256": hashlib.sha3_256(text.encode()).hexdigest(),
        **more,
    }


def test_the_key_and_the_committees_that_have_both_are_told(draft, alice, text) -> None:
    for more in ({}, {"project_key": "tool"}, {"project_key": "tool", "version_key": "1.0"}):
        answer = Api(alice).post(ASK, body(text, **more))
        assert answer.status_code == 200
        said = answer.json()
        assert set(said) == {
            *("endpoint", "fingerprint", "key_asc_text", "committees_with_artifact")
        }
        assert said["endpoint"] == ASK
        assert said["fingerprint"] == signer().fingerprint.lower()
        assert said["key_asc_text"] == Certificate.objects.get().armored
        assert said["committees_with_artifact"] == [{"committee": "tool"}]


def test_upper_case_of_the_digest_and_nulls_are_taken(draft, alice, text) -> None:
    sent = body(text, project_key=None, version_key=None)
    sent["signature_sha3_256"] = sent["signature_sha3_256"].upper()
    assert Api(alice).post(ASK, sent).status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        {"signature_file_name": "other.asc"},
        {"project_key": "none"},
        {"project_key": "tool", "version_key": "2.0"},
    ],
)
def test_what_no_release_has_is_not_found(draft, alice, text, more: dict) -> None:
    assert "No committee has a release" in refused(Api(alice).post(ASK, body(text, **more)), 404)


def test_a_draft_that_is_not_shown_says_nothing_to_others_and_a_candidate_does(
    draft, text, settings
) -> None:
    settings.API_SHOWS_DRAFTS = False
    stranger = Api(make.member(make.project("other")))
    assert refused(stranger.post(ASK, body(text)), 404)
    make.vote(draft)
    assert stranger.post(ASK, body(text)).status_code == 200


def test_a_key_that_signs_for_the_committee_no_more_is_not_found(draft, alice, text) -> None:
    draft.project.committee.key_links.get().unlink(by=alice)
    assert refused(Api(alice).post(ASK, body(text)), 404)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"version_key": "1.0"}, "say project_key as well"),
        ({"signature_sha3_256": "0" * 64}, "is not the digest"),
    ],
)
def test_what_does_not_fit_together_is_refused(draft, alice, text, more, said: str) -> None:
    assert said in refused(Api(alice).post(ASK, body(text, **more)), 400)


@pytest.mark.parametrize(
    ("content", "said"), [("nonsense", "no signature"), (" ", "empty"), ("x" * 100, "no signature")]
)
def test_what_is_no_signature_is_told_why(alice, content: str, said: str) -> None:
    assert said in refused(Api(alice).post(ASK, body(content)), 400)


def test_a_private_key_is_not_repeated(alice) -> None:
    answer = Api(alice).post(ASK, body(signer().secret.decode()))
    assert "PRIVATE KEY" in refused(answer, 400)
    assert signer().secret.decode().splitlines()[4] not in answer.content.decode()


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"signature_asc_text": 7}, "string_type"),
        ({"signature_asc_text": "x" * 70_000}, "string_too_long"),
        ({"signature_file_name": "x" * 256}, "string_too_long"),
        ({"signature_sha3_256": "xyz"}, None),
        ({"project_key": "A B"}, None),
        ({"more": 1}, "extra_forbidden"),
    ],
)
def test_what_is_not_taken_is_refused_with_its_place(alice, text, more, kind) -> None:
    answer = Api(alice).post(ASK, body(text, **more))
    assert refused(answer, 400) == "Input validation failed"
    (detail,) = answer.json()["validation_details"]
    assert detail["loc"] == list(more)
    assert kind in (None, detail["type"])


def test_it_takes_a_token(text) -> None:
    assert refused(Api().post(ASK, body(text)), 401)


def test_it_costs_the_same_however_many_keys_there_are(
    draft, alice, text, django_assert_num_queries
) -> None:
    program = Api(alice)
    for name in ("A <a@example.org>", "B <b@example.org>"):
        program.post(ASK, body(text))
        with django_assert_num_queries(7):
            assert program.post(ASK, body(text)).status_code == 200
        key = signer(name).public
        Certificate.objects.import_keys(key, committee=draft.project.committee, by=alice)
