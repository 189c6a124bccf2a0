"""OpenPGP keys over the API: what clients send, what they get, and what changes nothing."""

import logging

import pytest

from keys import jwts
from keys.models import Certificate, KeyLink
from projects.roles import Reach, Role
from tests import make
from tests.api import Api, refused, token
from tests.pgp import signer
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib import testing

pytestmark = pytest.mark.django_db

KEY = {
    *("fingerprint", "algorithm", "length", "created", "latest_self_signature", "expires"),
    *("primary_declared_uid", "secondary_declared_uids", "apache_uid", "ascii_armored_key"),
    *("deleted", "historic_use"),
}
ALICE = "Alice Archer <alice@apache.org>"
BOB = "Bob Builder <bob@example.org>"


@pytest.fixture
def tool():
    return make.committee("tool")


@pytest.fixture
def alice(tool):
    return make.member(tool, Role.PARTICIPANT, username="alice", email="alice@apache.org")


def add(person, key: bytes, *committees: str, **more):
    body = {"asfuid": "alice", "key": key.decode(), "committees": list(committees), **more}
    return Api(person).post("/key/add", body)


def told() -> list[str]:
    """What happened to keys, the newest first."""
    return list(Event.objects.filter(tag__startswith="key").values_list("tag", flat=True))


def test_adding_a_key_links_it_and_answers_in_upper_case(alice, tool) -> None:
    answer = add(alice, signer(ALICE).public, "tool")
    assert answer.status_code == 200
    name = signer(ALICE).fingerprint
    assert answer.json() == {"endpoint": "/key/add", "fingerprint": name.upper(), "warnings": []}
    kept = Certificate.objects.get()
    assert (kept.owner, kept.fingerprint) == (alice, name.lower())
    assert list(kept.committees.all()) == [tool]
    assert told() == [Tag.KEY_OWNED, Tag.KEYS_IMPORTED]


def test_the_same_again_changes_nothing(alice) -> None:
    add(alice, signer(ALICE).public, "tool")
    before = told()
    assert add(alice, signer(ALICE).public, "tool", "tool").status_code == 200
    assert (Certificate.objects.count(), KeyLink.objects.count()) == (1, 1)
    assert told() == before


def test_a_key_needs_no_committee(alice) -> None:
    assert add(alice, signer(ALICE).public).status_code == 200
    assert not KeyLink.objects.exists()


def test_a_key_has_the_keys_that_clients_know(alice, tool) -> None:
    add(alice, signer(ALICE).public, "tool")
    name = signer(ALICE).fingerprint
    for written in (name.lower(), name.upper()):
        body = Api().get(f"/key/get/{written}").json()
        assert set(body) == {"endpoint", "key"}
        assert body["endpoint"] == "/key/get"
        key = body["key"]
        assert set(key) == KEY
        assert key == key | {
            "fingerprint": name.lower(),
            "algorithm": 22,
            "length": 255,
            "created": "2026-05-20T00:00:00.000000Z",
            "expires": None,
            "primary_declared_uid": ALICE,
            "secondary_declared_uids": [],
            "apache_uid": "alice",
            "deleted": None,
            "historic_use": False,
        } | {"length": key["length"]}
        assert key["ascii_armored_key"].startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    for path in ("/keys/user/alice", "/committee/keys/tool"):
        body = Api().get(path).json()
        assert set(body) == {"endpoint", "keys"}
        assert body["endpoint"] == "/" + "/".join(path.split("/")[1:3])
        assert body["keys"] == [key]
    assert Api().get("/keys/user/nobody").json()["keys"] == []


def test_a_deleted_key_is_nobodys_and_may_be_added_again(alice, tool) -> None:
    add(alice, signer(ALICE).public, "tool")
    name = signer(ALICE).fingerprint
    answer = Api(alice).post("/key/delete", {"fingerprint": name.upper()})
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"endpoint", "success", "warnings"}
    assert (body["endpoint"], body["success"]) == ("/key/delete", True)
    assert body["warnings"] == [
        "It stands no more in the KEYS file of tool. Releases that it has signed are verified "
        "with it."
    ]
    assert refused(Api().get(f"/key/get/{name}"), 404) == f"Key '{name}' not found"
    assert Api().get("/committee/keys/tool").json()["keys"] == []
    assert Event.objects.filter(tag=Tag.KEY_UNLINKED, committee="tool").count() == 1
    again = Api(alice).post("/key/delete", {"fingerprint": name.upper()})
    assert refused(again, 404) == f"Key '{name.upper()}' not found"
    assert add(alice, signer(ALICE).public, "tool").status_code == 200


def test_that_of_somebody_else_is_not_found_and_stays(alice, tool) -> None:
    bob = make.member(tool, username="bob", email="bob@example.org")
    add(bob, signer(BOB).public, "tool")
    body = {"fingerprint": signer(BOB).fingerprint}
    assert refused(Api(alice).post("/key/delete", body), 404)
    assert (Certificate.objects.get().owner, KeyLink.objects.count()) == (bob, 1)


def test_a_key_that_names_somebody_else_is_not_ones_own(alice) -> None:
    said = refused(add(alice, signer(BOB).public), 400)
    assert "No user id of this key has the mail address of your account" in said
    assert not Certificate.objects.exists()


def test_a_key_that_is_anothers_already_is_a_conflict(alice, tool) -> None:
    add(alice, signer(ALICE).public)
    twin = make.member(tool, username="alice2", email="ALICE@apache.org")
    assert "belongs to another account" in refused(add(twin, signer(ALICE).public, "tool"), 409)
    assert (Certificate.objects.get().owner, KeyLink.objects.count()) == (alice, 0)


def test_the_test_key_is_anybodys_in_test_mode_and_nobodys_elsewhere(alice, settings) -> None:
    assert refused(add(alice, signer(testing.KEY_OWNER).public), 400)
    settings.TEST_MODE = settings.DEBUG = True
    assert add(alice, signer(testing.KEY_OWNER).public).status_code == 200


def test_in_which_committees_one_may(alice, tool) -> None:
    make.committee("loom")
    assert "keys.add_keys" in refused(add(alice, signer(ALICE).public, "tool", "loom"), 403)
    said = refused(add(alice, signer(ALICE).public, "tool", "none"), 404)
    assert said == "Committee 'none' was not found"
    assert not Certificate.objects.exists()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (lambda: b"nothing", "no public key"),
        (lambda: signer(ALICE).public + signer(BOB).public, "This holds 2 keys"),
        (lambda: signer(ALICE).public[:-60], "cut or changed"),
    ],
)
def test_what_is_not_one_key_is_told_why(alice, key, said: str) -> None:
    assert said in refused(add(alice, key()), 400)
    assert not Certificate.objects.exists()


@pytest.mark.parametrize("path", ["/key/add", "/keys/upload"])
def test_a_private_key_is_neither_kept_nor_repeated_nor_logged(alice, path, caplog) -> None:
    secret = signer(ALICE).secret.decode()
    body = {"asfuid": "alice", "key": secret, "committees": ["tool"]}
    if path == "/keys/upload":
        body = {"filetext": secret, "committee": "tool"}
    with caplog.at_level(logging.DEBUG):
        answer = Api(alice).post(path, body)
    assert "PRIVATE KEY" in refused(answer, 400)
    line = secret.splitlines()[4]
    told = answer.content.decode() + caplog.text + str(list(Event.objects.values_list("facts")))
    assert line not in told
    assert not Certificate.objects.exists()


WRONG = [
    ("/key/add", {"asfuid": "alice", "key": "x"}, "committees", "missing"),
    ("/key/add", {"asfuid": "alice", "key": "x", "committees": "tool"}, "committees", "list_type"),
    ("/key/add", {"asfuid": 7, "key": "x", "committees": []}, "asfuid", "string_type"),
    ("/key/add", {"asfuid": "a", "key": "", "committees": []}, "key", "string_too_short"),
    ("/key/add", {"asfuid": "a", "key": "x", "committees": [], "y": 1}, "y", "extra_forbidden"),
    ("/key/add", {"asfuid": "a", "key": "s" * 1_100_000, "committees": []}, "key", None),
    ("/key/delete", {}, "fingerprint", "missing"),
    ("/key/delete", {"fingerprint": "xyz"}, "fingerprint", None),
    ("/keys/upload", {"filetext": "x"}, "committee", "missing"),
    ("/keys/upload", {"filetext": ["x"], "committee": "tool"}, "filetext", "string_type"),
    ("/keys/upload", {"filetext": "x", "committee": "a b"}, "committee", None),
]


@pytest.mark.parametrize(("path", "body", "name", "kind"), WRONG)
def test_what_is_not_taken_is_refused_with_its_place(alice, path, body, name, kind) -> None:
    answer = Api(alice).post(path, body)
    assert refused(answer, 400) == "Input validation failed"
    (detail,) = answer.json()["validation_details"]
    assert detail["loc"][0] == name
    assert kind in (None, detail["type"])
    assert "sss" not in answer.content.decode()


def test_uploading_a_keys_file_tells_of_each_key(alice, tool) -> None:
    text = b"Keys of the tool\n" + signer(ALICE).public + signer(BOB).public[:-60] + b"\n"
    body = {"filetext": text.decode(), "committee": "tool"}
    answer = Api(alice).post("/keys/upload", body)
    assert answer.status_code == 200
    said = answer.json()
    assert set(said) == {
        *("endpoint", "results", "success_count", "error_count", "submitted_committee"),
        "warnings",
    }
    assert (said["endpoint"], said["submitted_committee"]) == ("/keys/upload", "tool")
    assert (said["success_count"], said["error_count"]) == (1, 1)
    good, bad = said["results"]
    assert set(good) == {"status", "key"}
    assert (good["status"], set(good["key"])) == ("success", KEY)
    assert set(bad) == {"status", "key", "error", "error_type"}
    assert (bad["status"], bad["key"], bad["error_type"]) == ("error", None, "BadInput")
    assert "cut or changed" in bad["error"]
    assert tool.certificates.get().owner is None


def test_who_may_not_import_imports_nothing(alice) -> None:
    make.committee("loom")
    body = {"filetext": signer(ALICE).public.decode(), "committee": "loom"}
    assert refused(Api().post("/keys/upload", body), 401)
    assert "keys.add_keys" in refused(Api(alice).post("/keys/upload", body), 403)
    body["committee"] = "none"
    assert refused(Api(alice).post("/keys/upload", body), 404) == "Committee 'none' was not found"
    assert not Certificate.objects.exists()


def test_a_token_must_reach_so_far(alice) -> None:
    name = signer(ALICE).fingerprint
    for reach, status in ((Reach.READ, 403), (Reach.COMPOSE, 200)):
        program = Api(jwt=jwts.make(token(alice, reach)))
        body = {"asfuid": "x", "key": signer(ALICE).public.decode(), "committees": []}
        assert program.post("/key/add", body).status_code == status
        assert Api().post("/key/add", body).status_code == 401
    assert Api().post("/key/delete", {"fingerprint": name}).status_code == 401


def test_names_that_cannot_be_are_refused() -> None:
    for path in ("/key/get/xyz", "/keys/user/A", "/committee/keys/a_b"):
        assert refused(Api().get(path), 400).startswith("Parameter '")
    assert refused(Api().get("/committee/keys/none"), 404) == "Committee 'none' was not found"


@pytest.mark.parametrize(("path", "most"), [("/committee/keys/tool", 5), ("/keys/user/alice", 3)])
def test_what_it_costs_does_not_grow_with_the_rows(
    alice, tool, path: str, most: int, django_assert_num_queries
) -> None:
    Api().get(path)
    for key in (ALICE, "Alice Two <alice@apache.org>"):
        add(alice, signer(key).public, "tool")
        with django_assert_num_queries(most):
            assert Api().get(path).status_code == 200
