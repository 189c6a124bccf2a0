"""The exchange of an access token for a short one."""

import jwt
import pytest
import time_machine

from keys import jwts, token_text
from keys.models import AccessToken
from tests import make
from tests.api import Api, refused
from trusted_releases.ledger.limits import LIMITS

pytestmark = pytest.mark.django_db

PATH = "/jwt/create"


@pytest.fixture
def secret() -> str:
    return AccessToken.objects.make(by=make.user("alice"), label="script", days=30)[1]


def ask(secret: str, person: str = "alice", **meta):
    return Api(**meta).post(PATH, {"asfuid": person, "pat": secret})


def test_the_answer_has_exactly_what_clients_read(secret) -> None:
    answer = ask(secret)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert set(body) == {"endpoint", "asfuid", "jwt"}
    assert (body["endpoint"], body["asfuid"]) == ("/jwt/create", "alice")
    assert jwt.get_unverified_header(body["jwt"]) == {"alg": "HS256", "typ": "JWT"}
    assert jwts.read(body["jwt"], address="127.0.0.1").label == "script"


def test_wrong_expired_and_foreign_look_alike(secret) -> None:
    make.user("bob")
    said = {
        refused(ask(token_text.make()), 401),
        refused(ask(secret, "bob"), 401),
        refused(ask(secret, "nobody"), 401),
        refused(ask("x"), 401),
    }
    AccessToken.objects.get().revoke(by=AccessToken.objects.get().owner)
    assert said | {refused(ask(secret), 401)} == {"Authentication failed"}


def test_a_switched_off_account_gets_nothing(secret) -> None:
    AccessToken.objects.get().owner.switch_off(by=make.operator(), reason="Has left.")
    assert refused(ask(secret), 401) == "Authentication failed"


def test_a_header_is_not_looked_at(secret) -> None:
    """A client that has an old short token exchanges all the same."""
    assert Api(jwt="old.old.old").post(PATH, {"asfuid": "alice", "pat": secret}).status_code == 200


def test_ten_an_hour_by_account_and_address(secret) -> None:
    assert LIMITS["jwt.create"].times == 10
    with time_machine.travel(2_000_000_000, tick=False):
        for _ in range(10):
            assert refused(ask("wrong"), 401)
        answer = ask(secret)
        assert refused(answer, 429).startswith("Rate limit exceeded")
        assert answer.json()["retry_after"] == int(answer.headers["Retry-After"]) > 300
        assert ask("wrong", "bob").status_code == 401
        assert ask("wrong", REMOTE_ADDR="192.0.2.9").status_code == 401


def test_the_secret_is_not_repeated_when_the_form_is_wrong() -> None:
    body = {"asfuid": 7, "pat": ["trt_secret"], "more": True}
    answer = Api().post(PATH, body)
    assert refused(answer, 400) == "Input validation failed"
    details = {each["loc"][0]: each for each in answer.json()["validation_details"]}
    assert {name: each["type"] for name, each in details.items()} == {
        "asfuid": "string_type",
        "pat": "string_type",
        "more": "extra_forbidden",
    }
    assert details["asfuid"]["input"] == 7
    assert "trt_secret" not in answer.content.decode()
    long = Api().post(PATH, {"asfuid": "a", "pat": "trt_secret" * 50})
    assert "trt_secret" not in long.content.decode()


def test_what_is_too_large_is_not_read() -> None:
    said = refused(Api().post(PATH, b"x" * 10_001), 413)
    assert said.startswith("The body is larger than 10,000 bytes")
