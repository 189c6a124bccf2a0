"""What a workflow brings instead of a credential: a token that GitHub has signed for one run.

It says which repository and workflow run, and who started it. It is good once, for this site only,
and opens nothing by itself: what it may do, a project has granted (`projects.models.Workflow`).
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.conf import settings

from keys import issuer
from keys.models import SpentToken
from trusted_releases.ledger.facts import clean

LONGEST = 16_384  # characters; GitHub's have some two thousand
LEEWAY = 60  # seconds between the issuer's clock and ours
LONGEST_LIFE = 24 * 3600  # seconds; GitHub's live for minutes
ELSEWHERE = frozenset({"jku", "x5u", "jwk", "x5c", "crit"})  # headers that would bring their key
CLAIMS = ("iss", "aud", "exp", "iat", "jti")
NAMES = ("repository", "workflow_ref", "actor_id", "run_id")
# What is kept of a token beside what the run is known by: for people who ask what that run was.
KEPT = (
    *("actor", "actor_id", "environment", "event_name", "head_ref", "base_ref", "jti"),
    *("job_workflow_ref", "ref", "ref_type", "ref_protected", "repository", "run_attempt"),
    *("run_id", "run_number", "runner_environment", "sha", "sub", "workflow_ref", "workflow_sha"),
)
LONGEST_CLAIM = 300  # characters that are kept of one

MALFORMED = "The workflow token is malformed."
FORGED = "The signature of the workflow token is not the issuer's."
EXPIRED = "The workflow token has expired: fetch a new one right before each call."
EARLY = "The workflow token is not valid yet."
USED = "The workflow token has been used already: fetch a new one for each call."
FOR_ANOTHER = "The workflow token is for another audience: ask for one for {}"


class Rejected(Exception):
    """The token opens nothing; `str()` says why, for the log of the workflow."""


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """Who asks: a run of a workflow, as its issuer describes it."""

    repository: str  # owner/name, in lower case
    path: str  # of the workflow's file in the repository
    ref: str  # the branch or tag that the workflow was read from
    actor_id: int  # of the account at GitHub that started the run
    run_id: str
    claims: dict[str, str] = field(default_factory=dict, compare=False)  # those of KEPT

    def __str__(self) -> str:
        return f"run {self.run_id} of {self.path} in {self.repository}"


def audience() -> str:
    """What tokens must be made for: this site, unless the installation says otherwise."""
    said: str = settings.GITHUB_OIDC_AUDIENCE
    return said or f"https://{urlsplit(settings.SITE_URL).netloc}/"


def accept(text: str) -> WorkflowRun:
    """The run that the token speaks of. The token is used up by this, whatever follows.

    Rejected when it is not good; issuer.Unavailable when nobody can say.
    """
    claims = _verified(text)
    for name, wanted in settings.GITHUB_OIDC_CLAIMS.items():
        if str(claims.get(name)) != wanted:
            raise Rejected(f"The workflow token must say {name}={wanted}.")
    run = _run_of(claims)
    if not SpentToken.objects.spend(_digest(claims), until=int(claims["exp"]) + LEEWAY):
        raise Rejected(USED)
    return run


def _verified(text: str) -> dict[str, Any]:
    """The claims, if the issuer has signed them for us and for now."""
    try:
        if len(text) > LONGEST:
            raise Rejected(MALFORMED)
        key = issuer.key_of(_key_id(jwt.get_unverified_header(text)))
        if key is None:
            raise Rejected(FORGED)
        claims: dict[str, Any] = jwt.decode(
            text,
            key,
            algorithms=[issuer.ALGORITHM],
            audience=audience(),
            issuer=settings.GITHUB_OIDC_ISSUER,
            leeway=LEEWAY,
            options={"require": [*CLAIMS], "strict_aud": True},
        )
    except jwt.PyJWTError as error:
        raise Rejected(_reason(error)) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise Rejected(MALFORMED) from error
    if claims["exp"] - claims["iat"] > LONGEST_LIFE:
        raise Rejected(MALFORMED)
    return claims


def _key_id(header: dict[str, Any]) -> str:
    """The id of the key in a header that is as the issuer writes them."""
    if header.get("alg") != issuer.ALGORITHM or ELSEWHERE & set(header):
        raise Rejected(MALFORMED)
    return str(header.get("kid"))


def _reason(error: jwt.PyJWTError) -> str:
    kinds: list[tuple[type[jwt.PyJWTError], str]] = [
        (jwt.ExpiredSignatureError, EXPIRED),
        (jwt.ImmatureSignatureError, EARLY),
        (jwt.InvalidAudienceError, FOR_ANOTHER.format(audience())),
        (jwt.InvalidSignatureError, FORGED),
    ]
    return next((said for kind, said in kinds if isinstance(error, kind)), MALFORMED)


def _run_of(claims: dict[str, Any]) -> WorkflowRun:
    repository, workflow, actor, run = (str(claims.get(name) or "") for name in NAMES)
    path, at, ref = workflow.removeprefix(f"{repository}/").partition("@")
    if not (repository and at and workflow.startswith(f"{repository}/")):
        raise Rejected("The workflow token does not say which workflow runs.")
    if ref.startswith("refs/pull/"):
        raise Rejected("A run for a pull request acts for nobody: anybody may have written it.")
    if not (actor.isascii() and actor.isdecimal() and len(actor) <= 18):
        raise Rejected("The workflow token does not say who has started the run.")
    return WorkflowRun(repository.lower(), path, ref[:255], int(actor), run[:40], _kept(claims))


def _kept(claims: dict[str, Any]) -> dict[str, str]:
    """The claims that say what ran, as text."""
    said = {name: str(claims[name]) for name in KEPT if claims.get(name) not in (None, "")}
    return {name: clean(text, LONGEST_CLAIM) for name, text in said.items()}


def _digest(claims: dict[str, Any]) -> str:
    return hashlib.sha256(f"{claims['iss']}\n{claims['jti']}".encode()).hexdigest()
