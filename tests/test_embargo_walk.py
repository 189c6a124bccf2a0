"""Every address of the site, asked about an embargoed release by people who may not know of it:
nothing tells it apart from one that does not exist."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from projects.models import Project, User
from projects.roles import Role
from releases.models import Release
from tests import make
from tests.api import Api
from tests.embargoed import FILE, Secrets, secrets
from tests.visitors import logged_in
from trusted_releases.api.endpoint import Endpoint
from trusted_releases.ledger.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

ABSENT = "8.888.8"
NO_ROW = "99999999"
# The console is for operators, who look after all there is.
NOT_WALKED = ("admin/", "accounts/", "jobs/")
# Who may start releases learns that a version is taken, and nothing more: see `test_embargo`.
STARTING = {"projects/<slug:project>/start/", "api/release/create"}
# Where the addresses below do not lead to one release.
LISTS = [
    "/",
    "/releases/?q={version}",
    "/releases/?mine=1",
    "/releases/?phase=release_candidate",
    "/search/?q={project}+{version}",
    "/search/?q={project}-{version}&all=1",
    "/search/?q={file}",
    "/search/?q={digest}",
    "/search/?q={sha512}",
    "/events/",
    "/events/?q={version}",
    "/events/?by={member}",
    "/projects/{project}/",
    "/projects/{project}/events/",
    "/projects/{project}/start/",
    "/committees/{committee}/",
    "/downloads/{committee}/{project}/{version}/{file}",
    "/downloads/.embargoed/{committee}/{project}/{version}/{file}",
    "/downloads/{committee}/KEYS",
    "/notices/",
]
# Tokens of forms, numbers of requests, and times: new with each answer.
CHANGING = re.compile(
    r"\b[A-Za-z0-9]{64}\b|\b[0-9a-f]{32}\b|\b[0-9a-f]{20,128}…"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(\+00:00|Z)?"
)


def routes(patterns: Any = None, before: str = "") -> Iterator[tuple[str, Any]]:
    for each in get_resolver().url_patterns if patterns is None else patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, here)
        elif isinstance(each, URLPattern) and not here.startswith((*NOT_WALKED, "^")):
            yield here, getattr(each.callback, "view_class", each.callback)


def names_of(release: Release) -> dict[str, str]:
    """What addresses call what belongs to the release."""
    vote, message = release.vote, release.messages.first()
    entry = release.newest.entries.first()
    return {
        "project": release.project.slug,
        "version": release.version,
        "committee": release.committee.slug,
        "number": "1",
        "revision": "1",
        "path": FILE,
        "file": FILE,
        "mail": str(message.pk) if message else NO_ROW,
        "job": str(Job.objects.of_release(release.pk).first().pk),
        "digest": release.newest.manifest_digest,
        "sha512": entry.blob.sha512,
        "member": release.created_by.username,
        "vote": str(vote.number) if vote else "1",
    }


def absent(like: dict[str, str]) -> dict[str, str]:
    """The same of a release that nobody has ever started."""
    digits = "0" * 64
    none = {"version": ABSENT, "mail": NO_ROW, "job": NO_ROW, "file": "no-such.tar.gz"}
    none |= {"path": none["file"], "digest": f"sha256:{digits}", "sha512": digits * 2}
    return like | none


def filled(route: str, names: dict[str, str]) -> str:
    """The address; what it wants beside a release is something that nobody has."""
    if "task/get" in route:  # a job of the release
        names = names | {"number": names["job"]}

    def value(found: re.Match[str]) -> str:
        kind, name = found[1] or "str", found[2]
        return names.get(name, "1" if kind in ("int", "str") else "none")

    return "/" + re.sub(r"<(?:(\w+):)?(\w+)>", value, route)


def asked_away(answer: Any, names: dict[str, str]) -> list[str]:
    """Way on and body, with nothing in it that the question itself has brought."""
    texts = [answer.headers.get("Location", ""), answer.getvalue().decode(errors="replace")]
    texts = [text.replace(answer.request["PATH_INFO"], "<here>") for text in texts]
    texts = [text.replace(f"Task {names.get('job')} ", "Task <job> ") for text in texts]
    for name in sorted(names, key=lambda name: -len(names[name])):
        if len(names[name]) > 3:
            texts = [text.replace(names[name], f"<{name}>") for text in texts]
    return [text.replace(names["digest"][7:], "<digest>") for text in texts]


def plain(answer: Any, names: dict[str, str]) -> list[Any]:
    """The same with its status, and without what is new in each answer."""
    texts = [CHANGING.sub("*", text) for text in asked_away(answer, names)]
    return [answer.status_code, *texts]


def difference(here: list[Any], there: list[Any]) -> str:
    """Where two answers begin to differ; empty for the same."""
    for one, other in zip(map(str, here), map(str, there), strict=True):
        if one != other:
            pairs = zip(one, other, strict=False)
            at = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
            return f"{one[max(0, at - 60) : at + 60]!r} is not {other[max(0, at - 60) : at + 60]!r}"
    return ""


class Visitor:
    def __init__(self, person: User | None) -> None:
        self.pages = logged_in(person) if person else Client()
        self.program = Api(person)

    def get(self, path: str) -> Any:
        if path.startswith("/api/"):
            return self.program.get(path.removeprefix("/api"))
        return self.pages.get(path)

    def post(self, path: str, view: Any, names: dict[str, str]) -> Any:
        if path.startswith("/api/"):
            asked = getattr(view, "Ask", None)
            sample = asked.sample if asked else {}
            sent = {name: names.get(name, value) for name, value in sample.items()}
            return self.program.post(path.removeprefix("/api"), sent)
        sent = {"typed": names["version"], "version": names["version"], "reason": "x", "seen": "1"}
        return self.pages.post(path, sent)


def visitors(project: Project) -> dict[str, User | None]:
    elsewhere = make.member(make.project("elsewhere"), is_committer=True)
    return {
        "nobody": None,
        "account": make.user(),
        "member of another committee": elsewhere,
        "member of the foundation": make.user(is_committer=True, is_foundation_member=True),
        "participant": make.member(project, Role.PARTICIPANT),
        "release manager": make.member(project, Role.RELEASE_MANAGER),
        "superuser": make.operator(),
        "auditor": make.staff("auditor"),
    }


WHO = [
    *("nobody", "account", "member of another committee", "member of the foundation"),
    *("participant", "release manager", "superuser", "auditor"),
]


# For these with drafts that everybody sees, for the others with drafts for their people.
SHOWN_DRAFTS = {"nobody", "member of another committee", "participant", "superuser"}


@pytest.fixture
def secret(settings) -> Secrets:
    settings.RATE_LIMITS = False
    return secrets()


@pytest.mark.parametrize("who", WHO)
def test_nothing_tells_an_embargoed_release_from_none(secret, settings, who) -> None:
    settings.PUBLIC_DRAFTS = settings.API_SHOWS_DRAFTS = who in SHOWN_DRAFTS
    visitor = Visitor(visitors(secret.project)[who])
    told = [
        difference
        for route, view in routes()
        for release in secret.releases
        for difference in differing(visitor, route, view, names_of(release))
    ]
    assert not told, "\n".join(told)
    told = [*words_told(visitor, secret), *searches(visitor, secret)]
    assert not told, "\n".join(told)


def differing(visitor: Visitor, route: str, view: Any, names: dict[str, str]) -> list[str]:
    """The ways in which this address tells that there is such a release."""
    found, other = [], absent(names)
    asked, alike = filled(route, names), filled(route, other)
    if asked == alike:
        return []  # it names no release: the test below looks at it
    ways = {"GET": lambda path, _: visitor.get(path)}
    takes = issubclass(view, Endpoint) if isinstance(view, type) else False
    if route not in STARTING and (not takes or hasattr(view, "post")):
        ways["POST"] = lambda path, of: visitor.post(path, view, of)
    for method, ask in ways.items():
        here, there = plain(ask(asked, names), names), plain(ask(alike, other), other)
        if told := difference(here, there):
            found.append(f"{method} {asked}: {told}")
    return found


def words_told(visitor: Visitor, secret: Secrets) -> Iterator[str]:
    """Pages that hold what only members know: lists, and whatever is of no single release."""
    general = [
        filled(route, absent(names_of(secret.draft)))
        for route, _ in routes()
        if "version" not in route
    ]
    for address in general:
        texts = asked_away(visitor.get(address), {"digest": "sha256:-"})
        yield from (f"{address}: {word}" for word in secret.words if word in "".join(texts))
    for release in secret.releases:
        names = names_of(release)
        for address in LISTS:
            texts = asked_away(visitor.get(address.format(**names)), names)
            yield from (f"{address}: {word}" for word in secret.words if word in "".join(texts))


def searches(visitor: Visitor, secret: Secrets) -> Iterator[str]:
    """Lists and searches that answer otherwise than for what nobody has ever started."""
    for release in secret.releases:
        names, other = names_of(release), absent(names_of(release))
        for address in LISTS:
            here = plain(visitor.get(address.format(**names)), names)
            there = plain(visitor.get(address.format(**other)), other)
            if told := difference(here, there):
                yield f"{address}: {told}"


def test_a_member_sees_every_page_of_it(secret) -> None:
    member = Visitor(secret.member)
    for release, pages in (
        (secret.draft, ["", "findings/", "revisions/", "revisions/1/", "call-vote/", "events/"]),
        (secret.voting, ["vote/", "votes/1/", "votes/1/thread/", "votes/1/verify.sh", "mails/"]),
        (secret.finished, ["", "votes/1/result/", "votes/1/result.json", "announce/"]),
    ):
        for page in [*pages, "lift-embargo/", "policy/", f"files/{FILE}"]:
            path = f"/releases/{release.project.slug}/{release.version}/{page}"
            assert member.get(path).status_code == 200, path
        here = f"{release.project.slug}/{release.version}"
        for path in (f"/api/release/get/{here}", f"/download/path/{here}/{FILE}"):
            assert member.get(path).status_code == 200, path
        for place in ("/", "/releases/", f"/projects/{release.project.slug}/"):
            assert release.version in member.get(place).content.decode(), place


def test_the_walk_leaves_no_address_of_a_release_out() -> None:
    known = {route for route, _ in routes()}
    assert len([route for route in known if "version" in route]) > 60
    assert known >= STARTING
