"""Every endpoint of the API, asked about what belongs to somebody else: nothing of it changes."""

import hashlib
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers

from checks.models import Ignore
from keys.models import Certificate, SshKey
from tests import make, ssh
from tests.api import Api
from tests.pgp import signer
from tests.trusted_releases.api.test_schema import endpoints
from trusted_releases.api.endpoint import Access
from trusted_releases.ledger.models import Job

pytestmark = pytest.mark.django_db

ROUTES = sorted(
    ((route, view) for route, view in endpoints() if view.access is not Access.PAT),
    key=lambda found: found[0],
)
# What a request leaves behind by itself: who asked how often, and who was refused what.
TRACES = {"ledger.spending", "ledger.event", "ledger.pending", "ledger.logentry"}
ALICE = "Alice Archer <alice@apache.org>"
# What one does for oneself, whatever else is named: that it does not touch what is theirs is told
# by the rows that stay, and it is no secret that they have it.
FOR_ONESELF = {"api/user/info"}
# What anybody may see of a project that is not theirs.
PUBLIC = {
    *("api/committees/list", "api/projects/list", "api/releases/list", "api/users/list"),
    *("api/committee/get/<str:committee>", "api/committee/projects/<str:committee>"),
    *("api/committee/keys/<str:committee>", "api/project/get/<str:project>"),
    *("api/project/releases/<str:project>", "api/policy/get/<str:project>"),
    *("api/ignore/list/<str:project>", "api/key/get/<str:fingerprint>"),
    *("api/keys/user/<str:person>", "api/ssh-keys/list/<str:person>"),
}


def is_for_reading(view: Any) -> bool:
    """Whether it is asked by its path alone; those that must be told more are not reached by it."""
    asked = view.Query().fields.values()
    return hasattr(view, "get") and not any(field.required for field in asked)


@pytest.fixture
def named(settings) -> dict[str, Any]:
    """What belongs to a project of others, by the names that endpoints have for it."""
    settings.RATE_LIMITS = False
    settings.API_SHOWS_DRAFTS = False
    theirs = make.project("theirs")
    owner = make.member(theirs, username="owner", email="alice@apache.org")
    release = make.candidate(theirs, by=owner, version="1.0", files={"a.txt": "a"})
    ignore = make.ignore(theirs).set(by=owner)
    key = Certificate.objects.add_own(signer(ALICE).public, by=owner, committees=[theirs.committee])
    shell = SshKey.objects.add(ssh.ed25519_key(), by=owner)
    assert Ignore.objects.get() == ignore
    return {
        "project": "theirs",
        "project_key": "theirs",
        "committee": theirs.committee.slug,
        "committee_key": theirs.committee.slug,
        "committees": [theirs.committee.slug],
        "version": "1.0",
        "version_key": "1.0",
        "revision": "1",
        "person": "owner",
        "asfuid": "owner",
        "number": str(Job.objects.about(release.newest).get(name="checks.run").pk),
        "id": ignore.pk,
        "fingerprint": key.fingerprint,
        "text": shell.key,
        "key": signer(ALICE).public.decode(),
        "filetext": signer(ALICE).public.decode(),
    }


def rows() -> str:
    """Everything that is stored, but for what a request leaves by itself."""
    models = [each for each in apps.get_models() if each._meta.label_lower not in TRACES]
    found = [serializers.serialize("json", each._base_manager.order_by("pk")) for each in models]
    return hashlib.sha256("".join(found).encode()).hexdigest()


def path_of(route: str, named: dict[str, Any]) -> str:
    for name, value in named.items():
        route = route.replace(f"<str:{name}>", str(value))
    assert "<" not in route, f"what is it called here? {route}"
    return route.removeprefix("api")


def body_of(view: Any, named: dict[str, Any], route: str) -> dict[str, Any]:
    sent = {name: named.get(name, value) for name, value in view.Ask.sample.items()}
    if route.startswith("api/ssh-key/delete"):
        sent["fingerprint"] = SshKey.objects.get().fingerprint
    return sent


@pytest.mark.parametrize("route", [route for route, _ in ROUTES])
@pytest.mark.parametrize("who", ["member of another", "visitor"])
def test_what_belongs_to_others_is_out_of_reach(named, route: str, who: str) -> None:
    view = dict(ROUTES)[route]
    mine = make.project("mine")
    person = make.member(mine) if who == "member of another" else make.user()
    program = Api(person)
    before = rows()
    if "post" in view.__dict__ or view.Ask is not None:
        answer = program.post(
            path_of(route, named), body_of(view, named, route) if view.Ask else {}
        )
    else:
        answer = program.get(path_of(route, named))
    if route in PUBLIC | FOR_ONESELF:
        assert answer.status_code == 200, answer.content
    elif view.access is Access.OIDC:  # who comes with a token of their own in the header is nobody
        assert answer.status_code == 401, answer.content
    else:
        assert answer.status_code in (400, 403, 404, 409), answer.content
    assert rows() == before


@pytest.mark.parametrize("who", ["member of another", "nobody"])
@pytest.mark.parametrize("route", [route for route, view in ROUTES if is_for_reading(view)])
def test_where_drafts_are_told_to_clients_looking_changes_nothing(
    named, settings, route: str, who: str
) -> None:
    settings.API_SHOWS_DRAFTS = True
    program = Api(make.member(make.project("mine")) if who != "nobody" else None)
    before = rows()
    answer = program.get(path_of(route, named))
    if dict(ROUTES)[route].access is Access.PUBLIC or (route in FOR_ONESELF and program.jwt):
        assert answer.status_code == 200, answer.content
    else:
        assert answer.status_code == (404 if program.jwt else 401), answer.content
    assert rows() == before


def test_every_route_is_asked() -> None:
    assert len(ROUTES) > 35
    assert {route for route, _ in ROUTES} >= PUBLIC | FOR_ONESELF
