"""Who comes in, and who no more: each way to end an account's rights, by each way in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils.timezone import now

from keys import jwts
from keys.models import AccessToken
from projects.models import User
from projects.roles import Reach
from releases.models import Release
from tests import make
from tests.api import Api, refused, token
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Release:
    return make.release(files={"a.tar.gz": "bytes"}, version="1.0")


def address(draft: Release) -> str:
    return f"/release/get/{draft.project.slug}/{draft.version}"


def by_jwt(person: User, draft: Release) -> Callable[[], int]:
    program = Api(person)
    return lambda: program.get(address(draft)).status_code


def switch_off(person: User) -> None:
    person.switch_off(by=make.operator(), reason="Has left.")


def test_switched_on_again_the_token_works_again(draft) -> None:
    person = make.member(draft)
    ask = by_jwt(person, draft)
    switch_off(person)
    assert ask() == 401
    person.switch_on(by=make.operator(), reason="Is back.")
    assert ask() == 200


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer ", "Basic YTpi", "x", "bearerx y"])
def test_a_header_that_is_none_is_refused_also_where_nobody_would_be_let_in(said: str) -> None:
    answer = Api().client.get("/api/projects/list", headers={"Authorization": said})
    assert refused(answer, 401) == (
        "Authentication required. Please provide a valid Bearer token in the Authorization header"
    )
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_is_known_in_any_case(draft) -> None:
    person = make.member(draft)
    said = {"Authorization": f"bEARER {jwts.make(token(person))}"}
    assert Api().client.get(f"/api{address(draft)}", headers=said).status_code == 200


def test_a_session_opens_nothing_in_the_api(draft, settings) -> None:
    settings.API_SHOWS_DRAFTS = False
    browser = logged_in(make.member(draft))
    assert browser.get(f"/api{address(draft)}").status_code == 404


def test_an_access_token_itself_is_no_bearer(draft) -> None:
    _, secret = AccessToken.objects.make(by=make.member(draft), label="x", days=1)
    assert refused(Api(jwt=secret).get(address(draft)), 401) == "Invalid Bearer JWT format"


def test_it_may_not_be_used_from_elsewhere(draft) -> None:
    bound = token(make.member(draft), network="192.0.2.0/24")
    program = Api(jwt=jwts.make(bound), REMOTE_ADDR="198.51.100.1")
    assert "address" in refused(program.get(address(draft)), 401)
    assert Api(jwt=jwts.make(bound), REMOTE_ADDR="192.0.2.9").get(address(draft)).status_code == 200


def test_a_token_narrows_and_never_widens(draft) -> None:
    member, stranger = make.member(draft), make.user()
    rights = {
        Reach.READ: ["releases.view_draft"],
        Reach.COMPOSE: ["releases.view_draft", "releases.change_files"],
        Reach.ALL: ["releases.view_draft", "releases.change_files", "releases.start_vote"],
    }
    for reach in Reach:
        person: Any = token(member, reach).person()
        held = [perm for perm in rights[Reach.ALL] if person.has_perm(perm, draft)]
        assert held == rights[reach]
        nobody = token(stranger, reach).person()
        assert not any(nobody.has_perm(perm, draft) for perm in rights[Reach.ALL])


def test_a_token_opens_nothing_of_the_console(settings) -> None:
    settings.ADMIN_MFA = True
    person = token(make.operator()).person()
    assert person.is_unproven
    assert not person.has_perm("projects.manage_committee", make.committee())


def test_an_event_says_which_token_it_was(draft) -> None:
    known = token(make.member(draft))
    revision = draft.add_files({"b.txt": make.blob("b")}, by=known.person())
    event = Event.objects.about(revision).get()
    assert (event.actor, event.facts["by_token"]) == (known.owner.username, str(known.pk))


def test_the_token_is_looked_at_with_every_request(draft) -> None:
    program = Api(make.member(draft))
    with time_machine.travel(now() + timedelta(minutes=40), tick=False):
        assert refused(program.get(address(draft)), 401) == "Token has expired"
