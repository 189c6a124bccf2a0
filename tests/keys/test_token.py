"""Access tokens: made, kept as digests, narrowed, ended."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.timezone import now

from keys import token_text
from keys.models import AccessToken
from keys.models.token import MOST_TOKENS, system_account
from projects.roles import Reach
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make.user("alice")


def made(by, **more):
    return AccessToken.objects.make(by=by, **({"label": "script", "days": 30} | more))


def test_the_secret_is_kept_nowhere(owner) -> None:
    token, secret = made(owner)
    assert token.digest == token_text.digest(secret)
    event = Event.objects.get(tag=Tag.TOKEN_MADE)
    assert secret not in str(token.__dict__) + str(event.facts)
    assert token.digest not in str(event.facts)
    assert (event.actor, event.facts["label"]) == ("alice", "script")


def test_it_expires_when_it_was_said(owner) -> None:
    token, _ = made(owner, days=7)
    assert token.is_good(now() + timedelta(days=6, hours=23))
    assert not token.is_good(now() + timedelta(days=7, hours=1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": 0},
        {"days": 181},
        {"label": "  "},
        {"label": "x" * 101},
        {"label": "a\0b"},
        {"network": "10.0.0.0/99"},
        {"network": "everywhere"},
        {"reach": "wide"},
    ],
)
def test_what_makes_no_sense_is_refused_and_on_record(owner, wrong) -> None:
    with pytest.raises(BadInput):
        made(owner, **wrong)
    assert not AccessToken.objects.exists()
    assert Event.objects.get(tag=Tag.REFUSED).facts["verb"] == "make_token"


def test_a_network_is_kept_in_one_form(owner) -> None:
    token, _ = made(owner, network=" 192.0.2.77/24 ")
    assert token.network == "192.0.2.0/24"
    assert token.is_good_from("192.0.2.1")
    assert not token.is_good_from("192.0.3.1")
    assert not token.is_good_from("")


def test_nobody_has_more_than_fifty_good_ones(owner, monkeypatch) -> None:
    monkeypatch.setattr("keys.models.token.MOST_TOKENS", 2)
    assert MOST_TOKENS == 50
    first, _ = made(owner)
    made(owner)
    with pytest.raises(NotReady, match="2 tokens already"):
        made(owner)
    first.revoke(by=owner)
    made(owner)


def test_who_is_switched_off_makes_none(owner) -> None:
    owner.is_active = False
    owner.save()
    with pytest.raises(PermissionDenied):
        made(owner)


def test_nobody_makes_or_revokes_one_in_the_name_of_somebody_else(owner) -> None:
    token, _ = made(owner)
    owner.acted_by = make.staff("security officer")
    with pytest.raises(PermissionDenied):
        made(owner)
    with pytest.raises(PermissionDenied):
        token.revoke(by=owner)


def test_what_came_by_a_token_makes_no_other(owner) -> None:
    token, _ = made(owner, reach=Reach.ALL)
    with pytest.raises(PermissionDenied, match="access token is for"):
        made(token.person())


def test_the_owner_revokes_once(owner) -> None:
    token, _ = made(owner)
    token.revoke(by=owner)
    assert not AccessToken.objects.get().is_good()
    assert Event.objects.get(tag=Tag.TOKEN_REVOKED).actor == "alice"
    with pytest.raises(Stale):
        token.revoke(by=owner)


def test_an_operator_revokes_with_a_reason_a_stranger_does_not(owner) -> None:
    token, _ = made(owner)
    with pytest.raises(PermissionDenied):
        token.revoke(by=make.user())
    assert AccessToken.objects.get().is_good()
    token.revoke(by=make.operator(), reason="It was in a repository.")
    assert Event.objects.get(tag=Tag.TOKEN_REVOKED).facts["reason"] == "It was in a repository."


def test_a_security_officer_who_revokes_credentials_takes_them_along(owner) -> None:
    made(owner)
    made(owner)
    owner.revoke_credentials(by=make.operator(), reason="A laptop was lost.", switch_off=False)
    assert not AccessToken.objects.good().exists()
    assert Event.objects.get(tag=Tag.CREDENTIALS_REVOKED).facts["access_tokens"] == 2


def test_a_system_token_is_nobodys_and_goes_not_far() -> None:
    operator = make.operator()
    token, _ = AccessToken.objects.make_system(
        by=operator, label="metadata", days=90, reason="Reads .asf.yaml"
    )
    assert (token.is_system, token.owner.username, token.reach) == (True, "system", Reach.READ)
    assert not token.owner.has_usable_password()
    assert Event.objects.get(tag=Tag.TOKEN_MADE).actor == operator.username


def test_only_operators_make_system_tokens_and_only_with_a_second_factor() -> None:
    member, operator = make.member(make.project()), make.operator()
    operator.is_unproven = True
    for person in (member, operator, make.staff("auditor")):
        with pytest.raises(PermissionDenied):
            AccessToken.objects.make_system(by=person, label="x", days=1, reason="y")
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("taken", [{"password": "s3cret-s3cret"}, {"email": "a@example.org"}])
def test_an_account_that_somebody_comes_in_by_is_not_the_systems(taken) -> None:
    make.user("system", **({"email": ""} | taken))
    with pytest.raises(BadInput, match="is a person's"):
        system_account()


def test_the_right_secret_of_the_right_person_is_exchanged(owner) -> None:
    token, secret = made(owner)
    found = AccessToken.objects.exchange(secret, person="alice", address="192.0.2.1")
    assert found == token
    assert AccessToken.objects.get().last_used_at is not None
    assert Event.objects.get(tag=Tag.TOKEN_USED).facts["address"] == "192.0.2.1"


def test_everything_else_is_not_and_the_account_hears_of_it(owner) -> None:
    token, secret = made(owner, network="192.0.2.0/24")
    make.user("bob")

    def offered(what: str, person: str, address: str = "192.0.2.1") -> AccessToken | None:
        return AccessToken.objects.exchange(what, person=person, address=address)

    assert offered(token_text.make(), "alice") is None
    assert offered(secret, "bob") is None
    assert offered(secret, "nobody") is None
    assert offered(secret, "alice", "198.51.100.1") is None
    token.revoke(by=owner)
    assert offered(secret, "alice") is None
    assert AccessToken.objects.get().last_used_at is None
    assert Event.objects.filter(tag=Tag.REFUSED, facts__verb="exchange_token").count() == 4
