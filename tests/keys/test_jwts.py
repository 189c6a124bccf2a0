"""Short tokens: what they say, and everything that makes one worthless."""

from datetime import timedelta

import jwt
import pytest
import time_machine
from django.utils.timezone import now

from keys import jwts
from keys.models import AccessToken, SigningKey
from tests import make
from tests.api import token

pytestmark = pytest.mark.django_db

HERE = "192.0.2.1"


@pytest.fixture
def known():
    return token(make.user("alice"))


def claims_of(text: str) -> dict:
    return jwt.decode(text, options={"verify_signature": False})


def signed(claims: dict, key: bytes | None = None, **header) -> str:
    key = SigningKey.objects.current().secret if key is None else key
    return jwt.encode(claims, key, algorithm="HS256", headers=header or None)


def why(text: str, address: str = HERE) -> str:
    with pytest.raises(jwts.Rejected) as caught:
        jwts.read(text, address=address)
    return str(caught.value)


def test_it_says_what_clients_read(known, settings) -> None:
    settings.SITE_URL = "https://releases.example.org"
    text = jwts.make(known)
    assert jwt.get_unverified_header(text) == {"alg": "HS256", "typ": "JWT"}
    claims = claims_of(text)
    assert set(claims) == {"sub", "iss", "aud", "iat", "nbf", "exp", "jti", "atr_th"}
    assert claims["sub"] == "alice"
    assert claims["iss"] == "https://releases.example.org/"
    assert claims["aud"] == "atr-api-pat-test-v1"
    assert claims["iat"] == claims["nbf"] == claims["exp"] - 30 * 60
    assert len(bytes.fromhex(claims["jti"])) == 16
    assert claims["atr_th"] == known.digest
    assert jwts.read(text, address=HERE) == known


def test_one_of_the_system_says_so() -> None:
    system, _ = AccessToken.objects.make_system(
        by=make.operator(), label="x", days=1, reason="Metadata."
    )
    text = jwts.make(system)
    assert claims_of(text)["atr_sys"] is True
    assert jwts.read(text, address=HERE).is_system


def test_nobody_makes_a_system_token_of_their_own(known) -> None:
    assert why(signed(claims_of(jwts.make(known)) | {"atr_sys": True})) == jwts.MALFORMED


def test_it_lasts_half_an_hour_and_what_clocks_differ(known) -> None:
    text = jwts.make(known)
    with time_machine.travel(now() + timedelta(minutes=31), tick=False):
        assert jwts.read(text, address=HERE) == known
    with time_machine.travel(now() + timedelta(minutes=33), tick=False):
        assert why(text) == "Token has expired"


def test_what_others_signed_is_no_token_of_ours(known) -> None:
    claims = claims_of(jwts.make(known))
    assert why(signed(claims, b"x" * 32)) == "Token signature verification failed"
    text = jwts.make(known)
    body, tail = text.rsplit(".", 1)
    assert why(f"{body}.{tail[1]}{tail[0]}{tail[2:]}") == "Token signature verification failed"


def test_another_algorithm_or_header_is_not_read(known) -> None:
    claims = claims_of(jwts.make(known))
    assert why(jwt.encode(claims, None, algorithm="none")) == jwts.MALFORMED
    key = SigningKey.objects.current().secret + b"x" * 32
    assert why(jwt.encode(claims, key, algorithm="HS512")) == jwts.MALFORMED
    assert why(signed(claims, kid="1")) == jwts.MALFORMED
    assert why(signed(claims, jku="https://evil.example/")) == jwts.MALFORMED


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "x" * 10_000, "\u00e4.\u00e4.\u00e4", "..."])
def test_what_is_no_token_at_all_is_not_read(text: str) -> None:
    assert why(text) == "Invalid Bearer JWT format"


@pytest.mark.parametrize("name", jwts.CLAIMS)
def test_every_claim_has_to_be_there(known, name: str) -> None:
    claims = claims_of(jwts.make(known))
    del claims[name]
    assert why(signed(claims)) == jwts.MALFORMED


@pytest.mark.parametrize(
    "other", [{"aud": "somebody"}, {"iss": "https://evil.example/"}, {"sub": "bob"}]
)
def test_one_for_others_is_not_for_us(known, other: dict) -> None:
    make.user("bob")
    assert why(signed(claims_of(jwts.make(known)) | other)) in (jwts.MALFORMED, jwts.WORTHLESS)


def test_one_of_tomorrow_is_not_for_today(known) -> None:
    later = {"nbf": now() + timedelta(hours=1)}
    assert why(signed(claims_of(jwts.make(known)) | later)) == jwts.MALFORMED


def test_a_new_signing_key_ends_all(known) -> None:
    text = jwts.make(known)
    SigningKey.objects.rotate(by=make.operator(), reason="A laptop was lost.")
    assert why(text) == "Token signature verification failed"
    assert jwts.read(jwts.make(known), address=HERE) == known


def test_it_is_good_only_where_its_access_token_is() -> None:
    bound = token(make.user(), network="192.0.2.0/24")
    text = jwts.make(bound)
    assert jwts.read(text, address=HERE) == bound
    assert why(text, "198.51.100.1") == jwts.ELSEWHERE
    assert why(text, "") == jwts.ELSEWHERE
