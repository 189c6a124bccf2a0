"""The pages of what is largest: the committee, the project and the two releases of the seed that
have the most of everything."""

from collections.abc import Iterator

from django.urls import reverse

from checks.models import Run
from projects.models import Project
from releases.models import Release
from releases.phases import Phase
from tests.visitors import Page
from trusted_releases.seeding import names


def pages() -> Iterator[Page]:
    project = Project.objects.get(slug=names.slug(names.LARGE))
    # The newest, where a larger scale was made beside a smaller one.
    draft = project.releases.in_phase(Phase.COMPOSE).order_by("-pk")[0]
    candidate = project.releases.in_phase(Phase.VOTE).order_by("-pk")[0]
    yield from _of_the_committee(project)
    yield from _of_the_draft(draft)
    yield from _of_changes(draft)
    yield from _of_findings(draft, candidate)
    yield from _of_the_vote(candidate)


def _of_the_committee(project: Project) -> Iterator[Page]:
    committee = project.committee
    keys = reverse("keys:committee", args=[committee.slug])
    link = committee.key_links.select_related("certificate").order_by("pk")[0]
    key = link.certificate.fingerprint
    for visitor in ("anonymous", "manager"):
        yield Page("large-project", project.get_absolute_url(), visitor)
        yield Page("large-committee", committee.get_absolute_url(), visitor)
        yield Page("large-keys", keys, visitor)
        yield Page("large-key", reverse("keys:detail", args=[key]), visitor)
    yield Page("large-keys-last", f"{keys}?page=last")
    yield Page("large-keys-found", f"{keys}?q={key}")
    yield Page("large-keys-file", reverse("keys:document", args=[committee.slug]))
    yield Page("large-keys-import", reverse("keys:import", args=[committee.slug]), "manager")
    yield Page("large-key-unlink", reverse("keys:unlink", args=[committee.slug, key]), "manager")
    yield Page("large-feed", reverse("releases:project-feed", args=[project.slug]))
    for part in ("keys", "people", "policy"):
        yield Page(f"large-project-{part}", reverse(f"projects:{part}", args=[project.slug]))
    yield Page("large-events", reverse("project-events", args=[project.slug]), "manager")
    found = reverse("project-events", args=[project.slug]) + "?q=nothing-is-called-so"
    yield Page("large-events-not-found", found, "manager")
    yield Page("large-start", reverse("releases:start", args=[project.slug]), "manager")
    change = reverse("projects:change-policy", args=[project.slug])
    yield Page("large-policy-change", change, "manager")
    yield Page("large-home", reverse("home"), "manager")


def _of_the_draft(draft: Release) -> Iterator[Page]:
    yield Page("large-draft", draft.get_absolute_url(), "manager")
    yield Page("large-draft-page-9", f"{draft.get_absolute_url()}?page=9", "manager")
    for name in ("upload", "call-vote", "delete-draft", "revisions"):
        yield Page(f"large-{name}", at(draft, f"releases:{name}"), "manager")
    yield Page("large-progress", at(draft, "checks:progress"), "manager")
    yield Page("large-draft-events", at(draft, "release-events"), "manager")
    yield Page("large-revision", at(draft, "releases:revision", 2), "manager")
    yield Page("large-revision-first", at(draft, "releases:revision", 1), "manager")
    all_of_it = at(draft, "releases:revision", 2) + "?against=0"
    yield Page("large-revision-against-nothing", all_of_it, "manager")
    yield Page("large-manifest", at(draft, "releases:manifest", 2), "manager")


def _of_changes(draft: Release) -> Iterator[Page]:
    path = draft.newest.entries.filter(path__endswith=".jar")[0].path
    yield Page(
        "large-delete-files", at(draft, "releases:delete-files") + f"?paths={path}", "manager"
    )
    yield Page("large-rename-file", at(draft, "releases:rename-file") + f"?path={path}", "manager")
    yield Page("large-restore", at(draft, "releases:restore") + "?number=1", "manager")
    yield Page("large-draft-report", at(draft, "checks:report", path), "manager")


def _of_findings(draft: Release, candidate: Release) -> Iterator[Page]:
    ours, theirs = at(draft, "checks:findings"), at(candidate, "checks:findings")
    path = candidate.newest.entries.filter(path__endswith="-src.tar.gz")[0].path
    report = at(candidate, "checks:report", path)
    asked = {
        "": "",
        "-page-9": "?page=9",
        "-each": "?every=yes",
        "-each-page-100": "?every=yes&page=100",
        "-notes": "?level=note",
        "-of-a-rule": "?rule=license.headers",
        "-of-a-rule-each": "?rule=license.headers&every=yes",
    }
    for name, query in asked.items():
        yield Page(f"large-draft-findings{name}", ours + query, "manager")
        yield Page(f"large-findings{name}", theirs + query)
        yield Page(f"large-report{name}", report + query)
    yield Page("large-findings-of-a-file", f"{theirs}?file={path}")
    yield Page("large-draft-findings-news", f"{ours}?new=yes", "manager")
    yield Page("large-report-folder", f"{report}?under={_folder(candidate)}")
    mark = Run.objects.get(revision=candidate.newest).findings.order_by("-pk")[0].mark
    yield Page("large-finding", at(candidate, "checks:finding", mark))
    yield Page("large-document", at(candidate, "checks:document"))
    yield Page("large-sarif", at(candidate, "checks:sarif"))
    yield Page("large-live", at(candidate, "checks:live"))


def _folder(candidate: Release) -> str:
    found = Run.objects.get(revision=candidate.newest).findings.exclude(member="")
    return found.order_by("member")[0].member.rpartition("/")[0] + "/"


def _of_the_vote(candidate: Release) -> Iterator[Page]:
    ballots = at(candidate, "releases:ballots")
    for visitor in ("anonymous", "manager"):
        yield Page("large-vote", at(candidate, "releases:vote"), visitor)
    yield Page("large-vote-page-5", at(candidate, "releases:vote") + "?page=5")
    yield Page("large-ballots", ballots)
    yield Page("large-ballots-page-5", f"{ballots}?page=5")
    yield Page("large-vote-script", at(candidate, "releases:vote-script", 1))
    yield Page("large-vote-events", at(candidate, "release-events"))
    yield Page("large-resolve", at(candidate, "releases:resolve"), "manager")


def at(release: Release, name: str, *more: object) -> str:
    return reverse(name, args=[*release.url_args, *more])
