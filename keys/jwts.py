"""Short tokens: what an access token is exchanged for, and what requests carry.

The form is the contract's (HS256, no key id, half an hour). Nothing in one grants anything: it
names an access token and its owner, and both are looked at anew with every request.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.conf import settings
from django.utils.timezone import now

from keys.models import AccessToken, SigningKey

ALGORITHM = "HS256"
HEADER = {"alg": ALGORITHM, "typ": "JWT"}
LASTS = timedelta(minutes=30)
LEEWAY = timedelta(minutes=2)  # between the clocks of servers
CLAIMS = ["sub", "iss", "aud", "iat", "nbf", "exp", "jti", "atr_th"]
LONGEST = 4096  # characters; ours have some five hundred

EXPIRED = "Token has expired"
FORGED = "Token signature verification failed"
MALFORMED = "Invalid Bearer JWT format"
WORTHLESS = "The access token behind this token has been revoked or has expired"
SWITCHED_OFF = "The account of this token is disabled"
ELSEWHERE = "The access token behind this token may not be used from this address"


class Rejected(Exception):
    """The short token opens nothing; `str()` says why, in words that clients know."""


def issuer() -> str:
    return f"https://{urlsplit(settings.SITE_URL).netloc}/"


def make(token: AccessToken, at: datetime | None = None) -> str:
    """A short token for the owner of this access token."""
    at = (at or now()).replace(microsecond=0)
    claims: dict[str, Any] = {
        "sub": token.owner.username,
        "iss": issuer(),
        "aud": settings.API_AUDIENCE,
        "iat": at,
        "nbf": at,
        "exp": at + LASTS,
        "jti": secrets.token_hex(16),
        "atr_th": token.digest,
    }
    if token.is_system:
        claims["atr_sys"] = True
    return jwt.encode(claims, SigningKey.objects.current().secret, algorithm=ALGORITHM)


def read(text: str, *, address: str) -> AccessToken:
    """The access token that this short one came of, if all is still as it was; else Rejected."""
    claims = _verified(text)
    tokens = AccessToken.objects.select_related("owner")
    token = tokens.filter(digest=str(claims["atr_th"])).first()
    if token is None or token.owner.username != claims["sub"]:
        raise Rejected(WORTHLESS)
    if bool(claims.get("atr_sys")) != token.is_system:
        raise Rejected(MALFORMED)
    if not token.owner.is_active:
        raise Rejected(SWITCHED_OFF)
    if not token.is_good():
        raise Rejected(WORTHLESS)
    if not token.is_good_from(address):
        raise Rejected(ELSEWHERE)
    return token


def _verified(text: str) -> dict[str, Any]:
    """The claims of a token that we have signed, and that is not over."""
    try:
        if len(text) > LONGEST or jwt.get_unverified_header(text) != HEADER:
            raise Rejected(MALFORMED)
        return jwt.decode(
            text,
            SigningKey.objects.current().secret,
            algorithms=[ALGORITHM],
            audience=settings.API_AUDIENCE,
            issuer=issuer(),
            leeway=LEEWAY,
            options={"require": CLAIMS},
        )
    except jwt.ExpiredSignatureError as error:
        raise Rejected(EXPIRED) from error
    except jwt.InvalidSignatureError as error:
        raise Rejected(FORGED) from error
    except (jwt.PyJWTError, ValueError) as error:
        raise Rejected(MALFORMED) from error
