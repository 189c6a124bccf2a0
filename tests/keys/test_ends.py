"""Each way to end what somebody may do, by each way in: all end at once, and no others."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from keys import jwts
from keys.models import AccessToken, SigningKey, SshKey
from projects.models import Membership, User, Workflow
from projects.roles import Role
from releases.models import Release
from releases.ssh import commands, guests, session
from tests import issuer as fake
from tests import make, ssh, workflows
from tests.api import Api
from tests.issuer import ACTOR, REPOSITORY, WORKFLOW, Issuer
from tests.visitors import logged_in
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.django_db
PASSWORD = "right-1-Horse"


@pytest.fixture
def issuer(settings: Any):
    with fake.serving() as found:
        settings.DEBUG, settings.GITHUB_OIDC_ISSUER = True, found.address
        yield found


@pytest.fixture
def draft(settings: Any) -> Release:
    settings.API_SHOWS_DRAFTS = False  # so that a draft tells who has come in
    return make.release(make.project("tool"), files={"a.tar.gz": "bytes"}, version="1.0")


@pytest.fixture
def person(draft: Release) -> User:
    """A release manager with every credential there is."""
    alice = make.member(
        draft.project, Role.RELEASE_MANAGER, username="alice", github_id=ACTOR, password=PASSWORD
    )
    AccessToken.objects.make(by=alice, label="script", days=30)
    grant = Workflow(project=draft.project, repository=REPOSITORY, path=WORKFLOW, phase="vote")
    grant.grant(by=alice)
    make.robot(draft.project)
    make.vote(make.candidate(draft.project, version="2.0"))
    return alice


# --- Ways in: each gives what asks again, and what the answer says ---


def by_session(person: User, draft: Release, issuer: Issuer) -> Callable[[], int]:
    browser = logged_in(person)
    return lambda: browser.get(reverse("releases:revisions", args=draft.url_args)).status_code


def by_password(person: User, draft: Release, issuer: Issuer) -> Callable[[], int]:
    def log_in() -> int:
        cache.clear()
        browser = Client()
        browser.post(reverse("account_login"), {"login": person.username, "password": PASSWORD})
        return 200 if "_auth_user_id" in browser.session else 401

    return log_in


def by_jwt(person: User, draft: Release, issuer: Issuer) -> Callable[[], int]:
    program = Api(jwt=jwts.make(person.access_tokens.get()))
    return lambda: program.get("/release/get/tool/1.0").status_code


def by_exchange(person: User, draft: Release, issuer: Issuer) -> Callable[[], int]:
    """The whole way of a program: an access token, a short one, and the draft."""
    person.access_tokens.all().delete()
    _, secret = AccessToken.objects.make(by=person, label="script", days=30)

    def come() -> int:
        answer = Api().post("/jwt/create", {"asfuid": person.username, "pat": secret})
        if answer.status_code != 200:
            return answer.status_code
        return Api(jwt=answer.json()["jwt"]).get("/release/get/tool/1.0").status_code

    return come


def by_workflow(person: User, draft: Release, issuer: Issuer) -> Callable[[], int]:
    """409 says that the run was let in: only that the vote cannot pass yet."""

    def run() -> int:
        said = {"publisher": "github", "jwt": issuer.token(), "version": "2.0"}
        return Api().post("/publisher/vote/resolve", said | {"resolution": "passed"}).status_code

    return run


def by_ssh(person: User, draft: Release, issuer: Issuer) -> Callable[[], int]:
    """What a connection asks before rsync begins."""
    SshKey.objects.filter(owner=person).delete()
    key = SshKey.objects.add(ssh.ed25519_key(), by=person)

    def come() -> int:
        if not guests.is_known(person.username, key.fingerprint):
            return 401
        wanted = commands.read("rsync --server -vlogDtpr . /tool/1.0/")
        try:
            came = guests.person_of(person.username, key.fingerprint, "192.0.2.1")
            session.begin(came, wanted).discard()
        except PermissionDenied:
            return 403
        except BadInput:
            return 404
        return 200

    return come


def by_register(person: User, draft: Release, issuer: Issuer) -> Callable[[], int]:
    """A run that asks for a key to upload with."""
    workflows.let(draft.project, person)

    def run() -> int:
        said = {"publisher": "github", "jwt": issuer.token(), "ssh_key": ssh.ed25519_key()}
        return Api().post("/publisher/ssh/register", said).status_code

    return run


def by_run_key(person: User, draft: Release, issuer: Issuer) -> Callable[[], int]:
    """What a connection of a run asks before rsync begins, with a key that it had before."""
    key = workflows.key(draft.project, person)

    def come() -> int:
        if not guests.is_known("github", key.fingerprint):
            return 401
        wanted = commands.read("rsync --server -vlogDtpr . /tool/1.0/")
        session.begin(guests.person_of("github", key.fingerprint, "192.0.2.1"), wanted).discard()
        return 200

    return come


def by_ticket(person: User, draft: Release, issuer: Issuer) -> Callable[[], int]:
    """An upload over HTTP. A ticket is good once, so the run has one for each time before."""
    secrets = [workflows.ticket(draft.project, person)[1] for _ in range(2)]

    def come() -> int:
        said = {"project": "tool", "version": "1.0", "content": "eA=="}
        said["relpath"] = f"{len(secrets)}.txt"
        return Api(jwt=secrets.pop()).post("/release/upload", said).status_code

    return come


WAYS = {
    "ssh": (by_ssh, 200),
    "register": (by_register, 200),
    "run_key": (by_run_key, 200),
    "ticket": (by_ticket, 201),
    "session": (by_session, 200),
    "password": (by_password, 200),
    "jwt": (by_jwt, 200),
    "exchange": (by_exchange, 200),
    "workflow": (by_workflow, 409),
}


# --- Ends ---


def switch_off(person: User) -> None:
    person.switch_off(by=make.operator(), reason="Has left.")


def credentials_revoked(person: User) -> None:
    person.revoke_credentials(by=make.operator(), reason="Lost laptop.", switch_off=False)


def role_lost(person: User) -> None:
    Membership.objects.filter(user=person).delete()


def token_revoked(person: User) -> None:
    person.access_tokens.get().revoke(by=person)


def operator_revokes_token(person: User) -> None:
    person.access_tokens.get().revoke(by=make.operator(), reason="In a repository.")


def token_expired(person: User) -> None:
    AccessToken.objects.filter(owner=person).update(
        made_at=now() - timedelta(days=2), expires_at=now() - timedelta(seconds=1)
    )


def signing_key_changed(person: User) -> None:
    SigningKey.objects.rotate(by=make.operator(), reason="Lost laptop.")


def grant_taken(person: User) -> None:
    for each in Workflow.objects.all():
        each.revoke(by=person)


def pass_revoked(person: User) -> None:
    for each in workflows.all_good():
        each.revoke(by=person, reason="Not wanted.")


def pass_expired(person: User) -> None:
    workflows.expire_all()


# What is answered afterwards. What is not named here goes on as before.
# A page tells a stranger of a draft 404; a credential that is worthless is told so.
RUNS_END = {"register": 403, "run_key": 401, "ticket": 401}
ALL_END = {
    **{"session": 404, "password": 401, "jwt": 401, "exchange": 401, "workflow": 403, "ssh": 401},
    **RUNS_END,
}
ENDS: dict[Callable[[User], None], dict[str, int]] = {
    switch_off: ALL_END,
    credentials_revoked: ALL_END,
    role_lost: {
        "session": 404,
        "jwt": 404,
        "exchange": 404,
        "workflow": 403,
        "ssh": 403,
        **RUNS_END,
    },
    token_revoked: {"jwt": 401, "exchange": 401},
    operator_revokes_token: {"jwt": 401, "exchange": 401},
    token_expired: {"jwt": 401, "exchange": 401},
    signing_key_changed: {"jwt": 401},  # an access token is exchanged again
    grant_taken: {"workflow": 403, **RUNS_END},
    pass_revoked: {"run_key": 401, "ticket": 401},  # another run asks for another one
    pass_expired: {"run_key": 401, "ticket": 401},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_what_ends_a_right_ends_it_at_once(person, draft, issuer, end, way: str) -> None:
    come, good = WAYS[way]
    ask = come(person, draft, issuer)
    assert ask() == good
    end(person)
    assert ask() == ENDS[end].get(way, good)


@pytest.mark.parametrize("end", [operator_revokes_token, token_expired, signing_key_changed])
def test_a_token_of_a_machine_ends_like_any_other(end) -> None:
    operator = make.operator()
    token, _ = AccessToken.objects.make_system(
        by=operator, reason="For tests.", label="config", days=30
    )
    program = Api(jwt=jwts.make(token))
    body = {"project_key": "tool", "committee_key": "none", "project": {}, "policy": {}}
    assert program.post("/project/config", body).status_code != 401
    end(token.owner)
    assert program.post("/project/config", body).status_code == 401


def test_an_operator_takes_a_grant_back_and_it_ends_at_once(person, draft, issuer) -> None:
    ask = by_workflow(person, draft, issuer)
    assert ask() == 409
    Workflow.objects.get().revoke(by=make.operator(), reason="Stolen repository.")
    assert ask() == 403


def test_feeds_know_nobody(person, draft) -> None:
    """They show the same to all, so that there is nothing in them to end."""
    with time_machine.travel(now(), tick=False):
        for name in ("releases:feed", "releases:votes-feed"):
            stranger = Client().get(reverse(name)).content
            assert logged_in(person).get(reverse(name)).content == stranger
