"""The public keys of the issuer whose tokens workflows bring, fetched from there and kept.

The issuer is trusted to say who runs a workflow, and with nothing else: it is asked as any service
elsewhere is (`lib.outbound`), in bounded time and size, and keys are taken from its own host only.
"""

import time
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.conf import settings
from django.core.cache import cache

from trusted_releases.lib.outbound import Bounds, Service, Unreachable, Unusable

SECONDS = 5.0  # for both documents, however slowly they drip
MOST_BYTES = 1 << 20  # of one document; the issuer's have some ten thousand
MOST_KEYS = 50
LEAST_BITS = 2048
KEPT = 3600  # seconds for which keys are believed without asking again
AGAIN = 60  # seconds before an unknown key id makes us ask once more
PAUSE = 10  # seconds before we ask one that did not answer again
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
DISCOVERY = "/.well-known/openid-configuration"
ALGORITHM = "RS256"

Keys = dict[str, dict[str, Any]]


class Unavailable(Exception):
    """The issuer does not answer as it should; `str()` is a sentence."""


def key_of(kid: str) -> Any | None:
    """The public key of this id, or None when the issuer has none. Raises Unavailable.

    An id that is not known may be a new key, so the issuer is asked again, but not each time:
    whoever sends made-up ids must not have us ask on and on.
    """
    known = cache.get(_name())
    if known is None or (kid not in known["keys"] and time.time() - known["at"] > AGAIN):
        known = _asked()
    row = known["keys"].get(kid)
    return None if row is None else jwt.PyJWK(row, algorithm=ALGORITHM).key


def _asked() -> dict[str, Any]:
    """What the issuer says, kept. One that is slow is not to hold all of our threads in turn."""
    failed = f"{_name()}:failed"
    if (said := cache.get(failed)) is not None:
        raise Unavailable(said)
    try:
        known = {"keys": _fetched(), "at": time.time()}
    except Unavailable as error:
        cache.set(failed, str(error), PAUSE)
        raise
    cache.set(_name(), known, KEPT)
    return known


def is_safe(url: str) -> bool:
    """Whether nobody on the way can change what is said there. On this machine nobody is."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return settings.DEBUG and parts.scheme == "http" and parts.hostname in LOOPBACK


def _name() -> str:
    return f"issuer-keys:{settings.GITHUB_OIDC_ISSUER}"


def _fetched() -> Keys:
    """Its keys, as it says now. Raises Unavailable."""
    issuer: str = settings.GITHUB_OIDC_ISSUER
    if not is_safe(issuer):
        raise Unavailable("The issuer of workflow tokens is not reached over https.")
    try:
        with _service(issuer) as service:
            return _keys(service, issuer)
    except Unreachable as error:
        raise Unavailable(f"The issuer of workflow tokens does not answer: {error}.") from error
    except Unusable as error:
        raise Unavailable(f"The issuer of workflow tokens cannot be used: {error}.") from error


def _service(issuer: str) -> Service:
    host = urlsplit(issuer).hostname
    return Service(
        "://".join(_origin(issuer)),
        agent=f"trusted-releases/{settings.VERSION}",
        private=settings.GITHUB_OIDC_PRIVATE or (settings.DEBUG and host in LOOPBACK),
        bounds=Bounds(seconds=SECONDS, total_bytes=2 * MOST_BYTES, connections=1),
    )


def _keys(service: Service, issuer: str) -> Keys:
    about = _document(service, issuer + DISCOVERY)
    if about.get("issuer") != issuer:
        raise Unavailable("The issuer of workflow tokens calls itself by another name.")
    place = str(about.get("jwks_uri"))
    if _origin(place) != _origin(issuer):
        raise Unavailable("The issuer of workflow tokens keeps its keys at another place.")
    rows = _document(service, place).get("keys")
    if not isinstance(rows, list) or len(rows) > MOST_KEYS:
        raise Unavailable("The issuer of workflow tokens names no keys, or too many.")
    return {row["kid"]: row for row in rows if _is_usable(row)}


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _is_usable(row: Any) -> bool:
    """An RSA key for signatures, long enough, with an id."""
    if not isinstance(row, dict) or not isinstance(row.get("kid"), str):
        return False
    if row.get("kty") != "RSA" or row.get("use", "sig") != "sig":
        return False
    if row.get("alg", ALGORITHM) != ALGORITHM:
        return False
    try:
        return bool(jwt.PyJWK(row, algorithm=ALGORITHM).key.key_size >= LEAST_BITS)
    except (jwt.PyJWTError, ValueError, TypeError):
        return False


def _document(service: Service, url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    found = service.ask(path or "/", most=MOST_BYTES)
    if not isinstance(found, dict):
        raise Unavailable("The issuer of workflow tokens answers with something else.")
    return found
