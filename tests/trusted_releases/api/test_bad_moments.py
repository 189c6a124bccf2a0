"""Good bodies at the wrong time, by the wrong person, or once more: the right status, a sentence,
and nothing has changed."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from keys import jwts
from projects.models import Project
from projects.roles import GRANTS, Reach, Role
from releases.api import announcing
from releases.models import Release
from releases.phases import Phase
from tests import make, ssh
from tests.api import Api, refused, token
from tests.trusted_releases.api.test_others import rows
from tests.trusted_releases.api.test_schema import endpoints
from trusted_releases.api.endpoint import Access, Endpoint

pytestmark = pytest.mark.django_db

ARCHIVE = "apache-tool-1.0.zip"
LIST = "dev@tool.example.org"
CONTENT = base64.b64encode(b"more").decode()
FILE = {"relpath": "more.txt", "content": CONTENT, "expected_revision": None}
MANY = {"files": [{"relpath": "more.txt", "size": 4, "sha256": None}], "expected_revision": None}
MAIL = {"email_to": LIST, "body": "Out.", "path_suffix": None, "revision": None}
LOOK = {"expected_revision": None, "preview": False}
SITE = "https://dist.apache.org/repos/dist/dev/tool/1.0/"
CALL = {"email_to": LIST, "body": "Please vote.", "subject": "[VOTE] Tool", "revision": None}
# What each endpoint about a release is sent, and the phases in which that is taken.
BODIES: dict[str, tuple[dict[str, Any], set[Phase]]] = {
    "api/release/upload": (FILE, {Phase.COMPOSE}),
    "api/release/upload/begin": (MANY, {Phase.COMPOSE}),
    "api/sbom/generate": ({"relpath": ARCHIVE}, {Phase.COMPOSE}),
    "api/release/import": (
        {"kind": "svn", "url": SITE, "expected_revision": None},
        {Phase.COMPOSE},
    ),
    "api/release/files/delete": (LOOK | {"paths": ["NOTICE"]}, {Phase.COMPOSE}),
    "api/release/files/move": (LOOK | {"paths": ["NOTICE"], "folder": "docs"}, {Phase.COMPOSE}),
    "api/release/files/rename": (
        LOOK | {"relpath": "NOTICE", "becomes": "NOTICE.txt"},
        {Phase.COMPOSE},
    ),
    "api/release/files/strip-tags": (LOOK, {Phase.COMPOSE}),
    "api/release/files/checksums": (
        {"paths": ["NOTICE"], "expected_revision": None},
        {Phase.COMPOSE},
    ),
    "api/release/revision/restore": (
        {"revision": "00001", "expected_revision": None},
        {Phase.COMPOSE},
    ),
    "api/release/revision/tag": ({"revision": "00001", "tag": "rc1"}, {Phase.COMPOSE}),
    "api/release/draft/delete": ({}, {Phase.COMPOSE}),
    "api/release/delete": ({}, {Phase.COMPOSE}),
    "api/vote/start": (CALL, {Phase.COMPOSE}),
    "api/vote/cast": ({"choice": "+1", "comment": ""}, {Phase.VOTE}),
    "api/vote/resolve": ({"resolution": "cancelled"}, {Phase.VOTE}),
    "api/vote/tabulate": ({}, {Phase.VOTE, Phase.FINISH, Phase.RELEASED}),
    "api/release/announce": (MAIL, {Phase.FINISH}),
}
# About an upload of one's own: what somebody else has begun is not there.
OF_ONES_OWN = {"api/release/upload/cancel", "api/release/upload/finish"}
COMPARE = "checks.compare_archives"  # any account may: nothing of the release changes
ALL = sorted(endpoints(), key=lambda found: found[0])
# About something of a project; in all others one acts for oneself, or one must be a service.
BY_ROLE = {
    route: view
    for route, view in ALL
    if view.access is Access.BEARER and view.Ask is not None and not view.policy.startswith("keys.")
    if view.policy not in ("public", "releases.cast_vote", "releases.view_release", COMPARE)
    if route not in OF_ONES_OWN
}


@pytest.fixture
def project(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Project:
    settings.RATE_LIMITS = False
    monkeypatch.setattr(announcing, "WAIT", 0)
    made = make.project("tool")
    made.policy.vote_recipients = made.policy.announce_recipients = LIST
    made.policy.save()
    return made


def release_in(project: Project, phase: Phase) -> Release:
    draft = make.candidate(project, version="1.0", files={ARCHIVE: "a", "NOTICE": "b"})
    steps: dict[Phase, Callable[[Release], Any]] = {
        Phase.COMPOSE: lambda it: it,
        Phase.VOTE: make.vote,
        Phase.FINISH: make.passed,
        Phase.RELEASED: _announced,
    }
    steps[phase](draft)
    return Release.objects.get()


def _announced(draft: Release) -> None:
    publication = make.publication(make.passed(draft))
    publication.record_published("tool/tool/1.0")
    by = make.member(draft.project)
    Release.objects.get().announce(by=by, subject="Out", body="It is out.")


def send(program: Api, route: str, **more: Any) -> Any:
    body = {"project": "tool", "version": "1.0"} | BODIES[route][0] | more
    return program.post("/" + route.removeprefix("api/"), body)


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("route", BODIES)
def test_a_release_in_another_phase_is_left_as_it_is(
    project, settings, route: str, phase: Phase
) -> None:
    settings.ADMIN_MFA = False
    release_in(project, phase)
    program = Api(make.member(project, is_superuser=True))
    before = rows()
    answer = send(program, route)
    if phase in BODIES[route][1]:
        assert answer.status_code in (200, 201, 202, 409), answer.content
        return
    assert refused(answer, 404 if route == "api/vote/resolve" else answer.status_code)
    assert answer.status_code in (404, 409)
    assert rows() == before


def test_every_endpoint_about_a_release_is_tried_in_every_phase() -> None:
    about = {
        route
        for route, view in ALL
        if view.Ask and {"project", "version"} <= set(view.Ask().fields)
    }
    # Comparing looks at revisions, and has no time at which it may not.
    assert about - {"api/release/create", "api/archives/compare"} == set(BODIES)


def asked(view: type[Endpoint], named: dict[str, Any]) -> dict[str, Any]:
    assert view.Ask is not None
    return {name: named.get(name, value) for name, value in view.Ask.sample.items()}


# Deleting a release takes an administrator, whatever else one is.
LACKING = [
    (route, role)
    for route, view in BY_ROLE.items()
    for role in (None, *Role)
    if role is None or view.policy not in GRANTS[role] or route == "api/release/delete"
]
# What a token for reading must not do.
WRITING = [
    route
    for route, view in ALL
    if view.access is Access.BEARER and view.Ask is not None
    if view.policy not in ("public", "releases.view_release")
]


@pytest.mark.parametrize(("route", "role"), LACKING)
def test_who_lacks_the_right_does_nothing(project, route: str, role: str | None) -> None:
    """Of the committee itself, and of it alone: others are another table."""
    view = BY_ROLE[route]
    phases = BODIES.get(route, ({}, {Phase.COMPOSE}))[1]
    release_in(project, sorted(phases)[0])
    ignore = make.ignore(project).set(by=make.member(project))
    person = make.member(project, role) if role else make.user(is_committer=True)
    named = {"project": "tool", "version": "1.0", "project_key": "tool", "id": ignore.pk}
    body = asked(view, named | BODIES.get(route, ({}, set()))[0])
    if route == "api/release/create":
        body["version"] = "2.0"
    program = Api(person)
    before = rows()
    answer = program.post("/" + route.removeprefix("api/"), body)
    assert refused(answer, 403)
    assert rows() == before


@pytest.mark.parametrize("route", WRITING)
def test_a_token_for_reading_does_nothing(project, route: str) -> None:
    phases = BODIES.get(route, ({}, {Phase.COMPOSE}))[1]
    release_in(project, sorted(phases)[0])
    member = make.member(project)
    ignore = make.ignore(project).set(by=member)
    named = {"project": "tool", "version": "1.0", "project_key": "tool", "id": ignore.pk}
    named |= {"committees": ["tool"], "committee": "tool", "text": ssh.ed25519_key()}
    body = asked(dict(ALL)[route], named | BODIES.get(route, ({}, set()))[0])
    if route == "api/release/create":
        body["version"] = "2.0"
    program = Api(jwt=jwts.make(token(member, Reach.READ)))
    before = rows()
    answer = program.post("/" + route.removeprefix("api/"), body)
    # What is not there looks the same to whoever asks.
    absent = route.endswith("/delete") and not route.startswith("api/release/files")
    absent |= route in OF_ONES_OWN | {"api/archives/compare"}
    assert answer.status_code == 403 or absent, answer.content
    assert answer.status_code in (403, 404)
    assert rows() == before


@pytest.mark.parametrize(
    ("route", "more", "code"),
    [
        ("api/release/upload", {"expected_revision": "00001"}, "newer_revision"),
        ("api/vote/start", {"revision": "00001"}, "newer_revision"),
        *(
            (route, {"expected_revision": "00001"}, "newer_revision")
            for route, (body, _) in BODIES.items()
            if "expected_revision" in body and not route.startswith("api/release/upload")
        ),
    ],
)
def test_who_has_seen_another_revision_changes_nothing(
    project, route: str, more: dict[str, str], code: str
) -> None:
    draft = release_in(project, Phase.COMPOSE)
    member = make.member(project)
    draft.add_files({"late.txt": make.blob("late")}, by=member)
    make.checked(Release.objects.get().newest)
    program = Api(member)
    before = rows()
    answer = send(program, route, **more)
    assert refused(answer, 409)
    assert answer.headers["Refusal-Codes"] == code
    assert rows() == before


TWICE: list[tuple[str, dict[str, Any], int, int]] = [
    ("/release/create", {"project": "tool", "version": "2.0"}, 201, 409),
    ("/release/upload", {"project": "tool", "version": "1.0"} | FILE, 201, 409),
    ("/sbom/generate", {"project": "tool", "version": "1.0", "relpath": ARCHIVE}, 202, 409),
    *(
        (path.removeprefix("api"), {"project": "tool", "version": "1.0"} | BODIES[path][0], *codes)
        for path, *codes in (
            ("api/release/import", 202, 409),
            ("api/release/files/delete", 201, 400),
            ("api/release/files/move", 201, 400),
            ("api/release/files/rename", 201, 400),
            ("api/release/files/checksums", 201, 400),
            ("api/release/revision/tag", 200, 409),
        )
    ),
    ("/vote/start", {"project": "tool", "version": "1.0"} | CALL, 201, 409),
    ("/release/draft/delete", {"project": "tool", "version": "1.0"}, 200, 404),
    ("/ssh-key/add", {"text": ssh.ed25519_key()}, 201, 409),
]


@pytest.mark.parametrize(("path", "body", "first", "second"), TWICE)
def test_the_same_again_changes_nothing(project, path: str, body: Any, first, second) -> None:
    release_in(project, Phase.COMPOSE)
    program = Api(make.member(project))
    assert program.post(path, body).status_code == first
    before = rows()
    assert refused(program.post(path, body), second)
    assert rows() == before
