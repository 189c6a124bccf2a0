"""SSH keys over the API: what clients send, what they get, and what changes nothing."""

import json
import logging

import pytest

from keys import jwts
from keys.models import SshKey
from projects.roles import Reach
from tests import make, ssh
from tests.api import Api, refused, token

pytestmark = pytest.mark.django_db

ADD, DELETE = "/ssh-key/add", "/ssh-key/delete"


@pytest.fixture
def alice():
    return make.user("alice")


def test_adding_answers_the_fingerprint(alice) -> None:
    line = ssh.ed25519_key()
    answer = Api(alice).post(ADD, {"text": line})
    assert answer.status_code == 201
    kept = SshKey.objects.get()
    assert answer.json() == {"endpoint": "/ssh-key/add", "fingerprint": kept.fingerprint}
    assert (kept.key, kept.owner) == (line, alice)


def test_deleting_answers_success(alice) -> None:
    kept = SshKey.objects.add(ssh.ed25519_key(), by=alice)
    answer = Api(alice).post(DELETE, {"fingerprint": kept.fingerprint})
    assert answer.status_code == 201
    assert answer.json() == {"endpoint": "/ssh-key/delete", "success": True}
    said = refused(Api(alice).post(DELETE, {"fingerprint": kept.fingerprint}), 404)
    assert said == f"SSH key '{kept.fingerprint}' not found"


def test_the_list_is_of_one_person_by_fingerprint(alice) -> None:
    for _ in range(3):
        SshKey.objects.add(ssh.ed25519_key(), by=alice)
    SshKey.objects.add(ssh.ed25519_key(), by=make.user("bob"))
    body = Api().get("/ssh-keys/list/alice").json()
    assert set(body) == {"endpoint", "data", "count"}
    assert (body["endpoint"], body["count"]) == ("/ssh-keys/list", 3)
    assert all(set(row) == {"fingerprint", "key", "asf_uid"} for row in body["data"])
    assert {row["asf_uid"] for row in body["data"]} == {"alice"}
    names = [row["fingerprint"] for row in body["data"]]
    assert names == sorted(names)
    page = Api().get("/ssh-keys/list/alice", offset=1, limit=1).json()
    assert ([row["fingerprint"] for row in page["data"]], page["count"]) == (names[1:2], 3)
    assert Api().get("/ssh-keys/list/nobody").json()["data"] == []


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 1001}, {"offset": -1}, {"offset": "x"}])
def test_a_page_that_cannot_be_is_refused(wrong: dict) -> None:
    assert refused(Api().get("/ssh-keys/list/alice", **wrong), 400) == "Input validation failed"


def test_in_test_mode_a_malformed_key_is_the_error_that_clients_tests_pin(
    alice, settings, caplog
) -> None:
    settings.TEST_MODE = True
    caplog.set_level(logging.CRITICAL)
    answer = Api(alice).post(ADD, {"text": "nonsense"})
    assert answer.status_code == 500
    body = answer.json()
    assert list(body) == ["error", "exception_type", "request_id", "traceback"]
    assert body["error"] == "Invalid SSH key format"
    assert body["exception_type"] == "SshFingerprintError"
    assert "SshFingerprintError: Invalid SSH key format" in body["traceback"]
    assert answer.content.decode() == json.dumps(body, indent=2, sort_keys=True) + "\n"
    assert not SshKey.objects.exists()


def test_elsewhere_a_malformed_key_is_the_senders_error(alice) -> None:
    answer = Api(alice).post(ADD, {"text": "nonsense"})
    assert refused(answer, 400) == "Invalid SSH key format"
    assert answer.headers["Refusal-Codes"] == "ssh_key_format"


def test_a_key_that_is_known_is_a_conflict_whosever_it_is(alice) -> None:
    line = ssh.ed25519_key()
    assert Api(alice).post(ADD, {"text": line}).status_code == 201
    for person in (alice, make.user()):
        answer = Api(person).post(ADD, {"text": line})
        assert "is known already" in refused(answer, 409)
        assert answer.headers["Refusal-Codes"] == "ssh_key_known"
    assert SshKey.objects.count() == 1


def test_that_of_somebody_else_is_not_found_and_stays(alice) -> None:
    kept = SshKey.objects.add(ssh.ed25519_key(), by=make.user())
    refused(Api(alice).post(DELETE, {"fingerprint": kept.fingerprint}), 404)
    assert SshKey.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "missing"),
        ({"text": None}, "none_not_allowed"),
        ({"text": 7}, "string_type"),
        ({"text": ""}, "string_too_short"),
        ({"text": "x" * 8001}, "string_too_long"),
        ({"text": "ssh-rsa x", "more": 1}, "extra_forbidden"),
    ],
)
def test_what_is_not_taken_is_refused_and_not_repeated(alice, body: dict, kind: str) -> None:
    answer = Api(alice).post(ADD, body)
    assert refused(answer, 400) == "Input validation failed"
    assert {each["type"] for each in answer.json()["validation_details"]} == {kind}
    assert "xxxx" not in answer.content.decode()
    assert not SshKey.objects.exists()


def test_a_private_key_is_neither_kept_nor_repeated_nor_logged(alice, caplog) -> None:
    sent = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----"
    with caplog.at_level(logging.DEBUG):
        answer = Api(alice).post(ADD, {"text": sent})
    assert "PRIVATE KEY" in refused(answer, 400)
    assert "c2VjcmV0" not in answer.content.decode() + caplog.text


@pytest.mark.parametrize("path", [ADD, DELETE])
def test_it_takes_a_token_that_reaches_so_far(alice, path: str) -> None:
    body = {"text": ssh.ed25519_key()}
    if path == DELETE:
        body = {"fingerprint": SshKey.objects.add(body["text"], by=alice).fingerprint}
    before = SshKey.objects.count()
    assert refused(Api().post(path, body), 401)
    for reach in (Reach.READ, Reach.COMPOSE):
        program = Api(jwt=jwts.make(token(alice, reach)))
        assert "keys.own_ssh_keys" in refused(program.post(path, body), 403)
    assert SshKey.objects.count() == before


def test_the_list_costs_the_same_however_long_it_is(alice, django_assert_num_queries) -> None:
    Api().get("/ssh-keys/list/alice")
    for count in (1, 10):
        for _ in range(count):
            SshKey.objects.add(ssh.ed25519_key(), by=alice)
        with django_assert_num_queries(4):
            assert Api().get("/ssh-keys/list/alice").status_code == 200
