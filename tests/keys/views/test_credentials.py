"""The page of one's credentials: all kinds in one place, each with the way to end it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from keys.models import AccessToken, Certificate, KeyLink, Login, SshKey
from projects.models import User
from tests import make, pgp, ssh
from tests.api import token
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db

PAGE = "/accounts/credentials/"


@pytest.fixture(autouse=True)
def _domain(settings) -> None:
    settings.MAIL_DOMAIN = "apache.org"


@pytest.fixture
def alice() -> User:
    return make.user("alice")


def text_of(person: User, page: str = PAGE) -> str:
    return logged_in(person).get(page).content.decode()


def test_who_has_none_is_told_what_each_kind_is_for(alice) -> None:
    text = text_of(alice)
    for words in (
        "You have added no OpenPGP key.",
        "You have no SSH keys.",
        "You have no access tokens.",
        "no account at GitHub is linked",
        "this one",
    ):
        assert words in text


def test_all_kinds_stand_on_one_page_with_the_way_to_end_each(alice) -> None:
    key = Certificate.objects.add_own(pgp.signer().public, by=alice)
    ssh_key = SshKey.objects.add(ssh.ed25519_key("laptop"), by=alice)
    known = token(alice, label="nightly", network="192.0.2.0/24")
    other = logged_in(alice).session["login"]
    text = text_of(alice)
    for name, argument in (
        ("keys:take-back", key.fingerprint),
        ("keys:remove-ssh-key", ssh_key.pk),
        ("keys:revoke-token", known.pk),
        ("keys:end-login", other),
    ):
        assert reverse(name, args=[argument]) in text
    assert text.count("Never") == 2
    assert "192.0.2.0/24" in text


def test_last_use_is_told(alice) -> None:
    SshKey.objects.add(ssh.ed25519_key(), by=alice).record_used()
    token(alice).record_used("192.0.2.7")
    text = text_of(alice)
    assert "Never" not in text


def test_tokens_that_ended_stand_apart(alice) -> None:
    token(alice, label="gone").revoke(by=alice)
    text = text_of(alice)
    assert "gone: revoked" in text
    assert "You have no access tokens." in text


def test_those_of_others_are_not_shown(alice) -> None:
    bob = make.user("bob")
    Certificate.objects.add_own(pgp.Signer("Bob <bob@apache.org>").public, by=bob)
    token(bob, label="bobs")
    ssh_key = SshKey.objects.add(ssh.ed25519_key(), by=bob)
    text = text_of(alice)
    for words in ("bobs", "Bob &lt;", ssh_key.fingerprint):
        assert words not in text


@pytest.mark.parametrize(
    ("old", "place"),
    [("tokens", "tokens"), ("ssh-keys", "ssh-keys"), ("keys", "openpgp-keys")],
)
def test_old_addresses_lead_to_their_place(alice, old: str, place: str) -> None:
    answer = logged_in(alice).get(f"/accounts/{old}/")
    assert answer.headers["Location"] == f"{PAGE}#{place}"
    assert f'id="{place}"' in text_of(alice)


def test_workflows_are_those_of_projects_in_which_one_acts(alice) -> None:
    project = make.project("tool")
    make.workflow(project).grant(by=make.member(project))
    alice.github_id = 583231
    alice.save()
    assert "No project of yours lets a workflow act" in text_of(alice)
    project.committee.memberships.create(user=alice, role="release_manager")
    text = text_of(alice)
    assert "583231" in text
    assert reverse("projects:workflows", args=["tool"]) in text


def test_another_browser_is_logged_out_after_asking(alice) -> None:
    there, here = logged_in(alice), logged_in(alice)
    page = reverse("keys:end-login", args=[there.session["login"]])
    assert "What will happen" in here.get(page).content.decode()
    answer = here.post(page)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert there.get(PAGE).status_code == 302
    assert here.get(page).status_code == 404


def test_a_key_is_added_for_the_committees_that_were_ticked(alice) -> None:
    tool, other = make.committee("tool"), make.committee("other")
    tool.memberships.create(user=alice, role="participant")
    client = logged_in(alice)
    page = client.get(reverse("keys:add-own")).content.decode()
    assert f'value="{tool.pk}"' in page
    assert f'value="{other.pk}"' not in page
    sent = {"text": pgp.signer().public.decode(), "committees": [tool.pk]}
    answer = client.post(reverse("keys:add-own"), sent)
    key = Certificate.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, key.get_absolute_url())
    assert (key.owner, KeyLink.objects.get().committee) == (alice, tool)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "This field is required"),
        ("nonsense", "There is no public key in this file"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nxyz\n", "PRIVATE KEY"),
    ],
)
def test_what_is_no_key_is_told_and_not_repeated(alice, text: str, said: str) -> None:
    answer = logged_in(alice).post(reverse("keys:add-own"), {"text": text})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "xyz" not in answer.content.decode()
    assert not Certificate.objects.exists()


def test_that_of_somebody_else_is_refused(alice) -> None:
    sent = {"text": pgp.Signer("Bob <bob@apache.org>").public.decode()}
    answer = logged_in(alice).post(reverse("keys:add-own"), sent)
    assert answer.status_code == 422
    assert "No user id of this key has the mail address" in answer.content.decode()


def test_a_key_is_taken_back_after_asking(alice) -> None:
    tool = make.committee("tool")
    tool.memberships.create(user=alice, role="member")
    key = Certificate.objects.add_own(pgp.signer().public, by=alice, committees=[tool])
    client, page = logged_in(alice), reverse("keys:take-back", args=[key.fingerprint])
    assert str(tool) in client.get(page).content.decode()
    assert KeyLink.objects.exists()
    assert client.post(page).headers["Location"] == PAGE
    assert not KeyLink.objects.exists()
    assert client.get(page).status_code == 404


@pytest.mark.parametrize(
    "name", ["keys:credentials", "keys:tokens", "keys:ssh-keys", "keys:own", "keys:add-own"]
)
def test_who_is_nobody_is_sent_to_log_in(name: str) -> None:
    assert Client().get(reverse(name)).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(("name", "what"), [("keys:end-login", 1), ("keys:take-back", "ab" * 20)])
def test_what_ends_something_is_nobodys_and_never_somebody_elses(alice, name: str, what) -> None:
    Login.objects.create(pk=1, owner=make.user(), session_key="x")
    page = reverse(name, args=[what])
    for method in ("get", "post"):
        assert getattr(Client(), method)(page).status_code == 302
        assert getattr(logged_in(alice), method)(page).status_code == 404


def test_the_page_costs_the_same_for_few_and_for_many(alice, django_assert_num_queries) -> None:
    client = logged_in(alice)
    key = Certificate.objects.add_own(pgp.signer().public, by=alice)
    at = now()
    for count in (1, 20):
        for number in range(count):
            token(alice, label=f"script {count} {number}")
            SshKey.objects.create(owner=alice, fingerprint=f"{count} {number}", key="ssh-x y")
            logged_in(alice)
            key.pk, key.fingerprint = None, f"{count:020d}{number:020d}"
            key.save(force_insert=True)
            AccessToken.objects.create(
                owner=alice,
                label="old",
                digest=f"{count} {number}",
                reach="all",
                made_at=at - timedelta(days=9),
                expires_at=at - timedelta(days=1),
            )
        with django_assert_num_queries(10):
            assert client.get(PAGE).status_code == 200
