"""Tokens of workflow runs: what a good one says, and every way in which one is not good."""

import time
from functools import partial
from typing import Any

import jwt
import pytest

from keys import issuer as keys_of
from keys import workflow_tokens
from keys.models import SpentToken
from keys.workflow_tokens import Rejected
from tests import issuer as fake
from tests.issuer import ACTOR, KEY, REPOSITORY, WORKFLOW, Issuer
from tests.test_races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def issuer(settings: Any):
    with fake.serving() as found:
        settings.DEBUG, settings.GITHUB_OIDC_ISSUER = True, found.address
        yield found


def rejected(token: str) -> str:
    with pytest.raises(Rejected) as caught:
        workflow_tokens.accept(token)
    assert not SpentToken.objects.exists()
    return str(caught.value)


def test_a_good_one_names_the_run(issuer: Issuer) -> None:
    run = workflow_tokens.accept(issuer.token())
    assert (run.repository, run.path, run.ref) == (REPOSITORY, WORKFLOW, "refs/heads/main")
    assert run.actor_id == ACTOR
    assert str(run) == f"run 99 of {WORKFLOW} in {REPOSITORY}"


def test_what_it_says_of_the_run_is_kept_and_nothing_else_of_it(issuer: Issuer) -> None:
    said = {"sha": "c0ffee", "sub": "x" * 5000, "environment": "", "secret": "s", "ref_type": None}
    claims = workflow_tokens.accept(issuer.token(**said, event_name="push\0")).claims
    assert (claims["sha"], claims["run_id"], claims["actor"]) == ("c0ffee", "99", "alice-at-github")
    assert len(claims["sub"]) == workflow_tokens.LONGEST_CLAIM
    assert "\0" not in claims["event_name"]
    assert not {"secret", "environment", "ref_type", "exp"} & set(claims)


def test_it_is_good_once(issuer: Issuer) -> None:
    token = issuer.token()
    workflow_tokens.accept(token)
    with pytest.raises(Rejected, match="used already"):
        workflow_tokens.accept(token)
    workflow_tokens.accept(issuer.token())


def test_a_used_one_is_forgotten_when_it_would_have_expired(issuer: Issuer) -> None:
    workflow_tokens.accept(issuer.token())
    assert not SpentToken.objects.expired().exists()
    spent = SpentToken.objects.get()
    assert 300 < spent.expires_at.timestamp() - time.time() < 400
    assert SpentToken.objects.expired(spent.expires_at.replace(year=2100)).exists()


def test_one_that_is_over_or_to_come_opens_nothing(issuer: Issuer) -> None:
    at = int(time.time())
    assert rejected(issuer.token(exp=at - 120)) == workflow_tokens.EXPIRED
    assert rejected(issuer.token(nbf=at + 120)) == workflow_tokens.EARLY
    assert rejected(issuer.token(iat=at + 120)) == workflow_tokens.EARLY
    assert rejected(issuer.token(exp=at + 10 * 24 * 3600)) == workflow_tokens.MALFORMED
    assert workflow_tokens.accept(issuer.token(exp=at - 30))  # clocks differ


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "jti"])
def test_one_that_leaves_something_out_opens_nothing(issuer: Issuer, name: str) -> None:
    assert rejected(issuer.token(**{name: None}))


@pytest.mark.parametrize("aud", ["https://other.example.org/", "atr-test-v1", [fake.HOST, "x"]])
def test_one_for_somebody_else_opens_nothing(issuer: Issuer, aud: Any) -> None:
    assert "ask for one for https://testserver/" in rejected(issuer.token(aud=aud))


def test_the_audience_can_be_another(issuer: Issuer, settings: Any) -> None:
    settings.GITHUB_OIDC_AUDIENCE = "releases"
    assert workflow_tokens.accept(issuer.token(aud="releases"))
    rejected_now = partial(workflow_tokens.accept, issuer.token())
    with pytest.raises(Rejected):
        rejected_now()


def test_another_issuer_is_nobody(issuer: Issuer) -> None:
    assert rejected(issuer.token(iss="https://gitlab.example.org"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("enterprise", "somebody"),
        ("enterprise_id", None),
        ("repository_owner", "apache-fork"),
        ("runner_environment", "self-hosted"),
    ],
)
def test_what_the_foundation_asks_for_must_be_said(issuer: Issuer, name: str, value: Any) -> None:
    assert f"must say {name}=" in rejected(issuer.token(**{name: value}))


def test_another_foundation_asks_for_other_things(issuer: Issuer, settings: Any) -> None:
    settings.GITHUB_OIDC_CLAIMS = {"repository_owner_id": "42"}
    assert workflow_tokens.accept(issuer.token(repository_owner_id=42, enterprise="other"))
    settings.GITHUB_OIDC_CLAIMS = {"repository_owner_id": "43"}
    with pytest.raises(Rejected, match="repository_owner_id=43"):
        workflow_tokens.accept(issuer.token(repository_owner_id=42))


def test_one_that_is_signed_by_nobody_or_by_somebody_else_opens_nothing(issuer: Issuer) -> None:
    claims = issuer.claims()
    public = KEY.public_key()
    pem = workflow_tokens.hashlib.sha256(str(public).encode()).hexdigest()
    none = jwt.encode(claims, None, algorithm="none", headers={"kid": "1"})
    shared = jwt.encode(claims, pem, algorithm="HS256", headers={"kid": "1"})
    forged = jwt.encode(claims, fake.key(), algorithm="RS256", headers={"kid": "1"})
    stranger = jwt.encode(claims, fake.key(), algorithm="RS256", headers={"kid": "7"})
    nameless = jwt.encode(claims, KEY, algorithm="RS256")
    assert rejected(none) == workflow_tokens.MALFORMED
    assert rejected(shared) == workflow_tokens.MALFORMED
    assert rejected(forged) == workflow_tokens.FORGED
    assert rejected(stranger) == workflow_tokens.FORGED
    assert rejected(nameless) == workflow_tokens.FORGED


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c", "crit"])
def test_one_that_brings_its_own_key_opens_nothing_and_nobody_looks_there(
    issuer: Issuer, name: str
) -> None:
    with fake.serving() as evil:
        headers = {name: [f"{evil.address}/jwks"]}
        assert rejected(issuer.token(headers=headers)) == workflow_tokens.MALFORMED
        assert evil.asked == []
    assert issuer.asked == []


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", "é.é.é", "e30.e30.", "x" * 20_000, "." * 300, "bnVsbA.e30.AA"]
)
def test_what_is_no_token_is_refused(text: str) -> None:
    assert rejected(text) in (workflow_tokens.MALFORMED, workflow_tokens.FORGED)


@pytest.mark.parametrize(
    "said",
    [
        {"workflow_ref": None},
        {"workflow_ref": "apache/other/.github/workflows/release.yml@refs/heads/main"},
        {"workflow_ref": f"{REPOSITORY}/{WORKFLOW}"},
        {"workflow_ref": f"{REPOSITORY}/{WORKFLOW}@refs/pull/3/merge"},
        {"repository": None},
        {"actor_id": None},
        {"actor_id": "-1"},
        {"actor_id": "٣"},
        {"actor_id": "9" * 40},
    ],
)
def test_one_that_does_not_say_which_run_it_is_opens_nothing(issuer: Issuer, said: Any) -> None:
    assert rejected(issuer.token(**said))


def test_the_case_of_a_repository_does_not_matter(issuer: Issuer) -> None:
    said = {"repository": "Apache/Tool", "workflow_ref": f"Apache/Tool/{WORKFLOW}@refs/tags/1"}
    assert workflow_tokens.accept(issuer.token(**said)).repository == "apache/tool"


def test_a_new_key_of_the_issuer_is_good_at_once(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow_tokens.accept(issuer.token())
    issuer.keys["2"] = fake.key()
    monkeypatch.setattr(keys_of, "AGAIN", -1)
    assert workflow_tokens.accept(issuer.token("2"))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_who_bring_the_same_one_at_once_one_gets_in(issuer: Issuer) -> None:
    token = issuer.token()
    workflow_tokens.accept(issuer.token())  # the keys are known

    def bring() -> str:
        try:
            return str(workflow_tokens.accept(token).run_id)
        except Rejected as error:
            return str(error)

    done, _, _ = at_once([bring] * 12)
    assert sorted(done) == sorted(["99"] + [workflow_tokens.USED] * 11)
