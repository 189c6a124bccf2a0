"""The pages of a seeded database, for whoever measures them: the same kinds at every scale."""

from collections.abc import Iterator

from django.db.models import Count
from django.test import Client
from django.urls import reverse

from checks.models import Run
from keys.models import Certificate
from projects.models import Committee, Project, User
from projects.roles import Role
from releases.models import Entry, Release, Vote
from releases.phases import Phase, Verdict
from tests import seeded_console as consoled
from tests import seeded_large as large
from tests.visitors import Page, logged_in
from trusted_releases.seeding import names
from trusted_releases.seeding.people import OPERATOR


def visitors() -> dict[str, Client]:
    """Nobody, the member of the most committees, one of the large committee, one of the oldest
    release that can be published, and an operator."""
    large = Committee.objects.get(slug=names.slug(names.LARGE))
    manager = large.memberships.filter(role=Role.MEMBER).order_by("pk")[0].user
    member = _most(User.objects.filter(is_superuser=False), "memberships")
    operator = logged_in(User.objects.get(username=OPERATOR))
    finish = Release.objects.in_phase(Phase.FINISH).order_by("pk")[0]
    finisher = finish.committee.memberships.filter(role=Role.MEMBER).order_by("pk")[0].user
    return {
        "anonymous": Client(),
        "member": logged_in(member),
        "manager": logged_in(manager),
        "finisher": logged_in(finisher),
        "operator": operator,
    }


def pages() -> Iterator[Page]:
    yield from _lists()
    yield from _of_projects()
    yield from _of_releases()
    yield from _of_members()
    yield from large.pages()
    yield from consoled.pages()


def _most(rows: object, related: str) -> object:
    """The row with the most of what is related to it; the oldest of these."""
    counted = rows.order_by().annotate(_many=Count(related))  # type: ignore[attr-defined]
    return counted.order_by("-_many", "pk")[0]


def _lists() -> Iterator[Page]:
    releases, projects = reverse("releases:list"), reverse("projects:list")
    for visitor in ("anonymous", "member"):
        yield Page("home", reverse("home"), visitor)
        yield Page("releases", releases, visitor)
        yield Page("releases-at-the-vote", f"{releases}?phase={Phase.VOTE}", visitor)
        yield Page("releases-found", f"{releases}?q=a+1.0", visitor)
    yield Page("home", reverse("home"), "operator")
    yield Page("releases-not-found", f"{releases}?q=nothing+is+called+so")
    yield Page("releases-last", f"{releases}?page=last")
    yield Page("projects", projects)
    yield Page("projects-last", f"{projects}?page=last")
    yield Page("projects-mine", f"{projects}?mine=1", "member")
    yield Page("projects-found", f"{projects}?q=amber")
    yield Page("committees", reverse("projects:committees"))
    yield Page("committees-last", reverse("projects:committees") + "?page=last")
    yield Page("rules", reverse("checks:rules"))
    yield Page("rule", reverse("checks:rule", args=["signature"]))
    yield from _searches()
    yield Page("guides", reverse("docs"))
    yield Page("guides-found", reverse("docs") + "?q=binding")
    yield Page("feed", reverse("releases:feed"))
    yield Page("votes-feed", reverse("releases:votes-feed"))
    yield Page("log-in", reverse("account_login"))
    yield Page("second-factors", reverse("mfa_index"), "member")


def _searches() -> Iterator[Page]:
    search, file = reverse("search"), Entry.objects.order_by("pk")[0]
    key, person = Certificate.objects.order_by("pk")[0], User.objects.exclude(full_name="")[0]
    asked = {
        "a-prefix": file.blob.sha512[:12],
        "a-manifest": file.release.newest.manifest_digest,
        "a-fingerprint": key.fingerprint,
        "a-key-id": key.key_id,
        "a-person": person.full_name.replace(" ", "+"),
        "common-words": "a+1",
    }
    for name, words in asked.items():
        yield Page(f"search-{name}", f"{search}?q={words}&all=1", "member")
    yield Page("search-a-word", f"{search}?q=amber&all=1")
    yield Page("search-a-file", f"{search}?q={file.path}&all=1")
    yield Page("search-a-digest", f"{search}?q={file.blob.sha512}&all=1")
    yield Page("search-nothing", f"{search}?q=nothing-is-called-so")
    yield Page("search-a-word", f"{search}?q=amber&all=1", "member")
    yield Page("search-files-page-5", f"{search}?q=amber&kind=files&page=5", "member")


def _of_projects() -> Iterator[Page]:
    project, committee = (
        _most(Project.objects.all(), "releases"),
        _most(Committee.objects.all(), "memberships"),
    )
    certificate = _most(Certificate.objects.all(), "links")
    yield Page("project", project.get_absolute_url())
    for part in ("keys", "people", "policy"):
        yield Page(f"project-{part}", reverse(f"projects:{part}", args=[project.slug]))
    yield Page("committee", committee.get_absolute_url())
    yield Page("keys", reverse("keys:committee", args=[committee.slug]))
    yield Page("keys-file", reverse("keys:document", args=[committee.slug]))
    yield Page("key", reverse("keys:detail", args=[certificate.fingerprint]))


def _of_releases() -> Iterator[Page]:
    vote = _most(Vote.objects.open(), "ballots").release
    done = _most(Release.objects.in_phase(Phase.RELEASED), "entries")
    run = _most(Run.objects.filter(revision__release__phase=Phase.RELEASED), "results")
    worst = run.revision.release
    yield Page("vote", reverse("releases:vote", args=vote.url_args))
    yield Page("ballots", reverse("releases:ballots", args=vote.url_args))
    yield Page("download", reverse("releases:download", args=done.url_args))
    yield Page("revisions", reverse("releases:revisions", args=done.url_args))
    yield Page("revision", reverse("releases:revision", args=[*done.url_args, 1]))
    yield Page("findings", reverse("checks:findings", args=worst.url_args))
    yield Page("findings-document", reverse("checks:document", args=worst.url_args))
    yield Page("release-events", reverse("release-events", args=done.url_args))


def _of_members() -> Iterator[Page]:
    drafts = Release.objects.in_phase(Phase.COMPOSE)
    draft = drafts.filter(revisions__verdict=Verdict.PASSED).order_by("pk")[0]
    finish = Release.objects.in_phase(Phase.FINISH).order_by("pk")[0]
    events = reverse("events")
    yield Page("draft", draft.get_absolute_url(), "member")
    yield Page("draft-findings", reverse("checks:findings", args=draft.url_args), "member")
    yield Page("finish", finish.get_absolute_url(), "operator")
    for name in ("publish", "announce"):
        yield Page(name, reverse(f"releases:{name}", args=finish.url_args), "finisher")
    yield Page("events", events, "member")
    yield Page("events-found", f"{events}?q=revision", "member")
    yield Page("events-not-found", f"{events}?q=nothing-is-called-so", "member")
    yield Page("events-of-a-kind", f"{events}?tag=vote.failed", "member")
    yield Page("events-last", f"{events}?page=last", "member")
    yield Page("events-of-a-person", f"{events}?by={OPERATOR}", "member")
