"""Every page of the product but the console's, over a world in which each has something to show.

For tests that walk all pages, and for the script that takes their pictures: `pages()` says what is
where in the world that `world()` makes, and who looks at it.
"""

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse

from notices.mail import DIGEST, link_to_stop
from tests import pages_of_releases
from tests.page import NOBODY, Page
from tests.pages_of_releases import at
from tests.world import World, world
from trusted_releases import guides

__all__ = ["NOBODY", "NO_PAGE", "Page", "World", "pages", "world"]

# --- Where everything is --------------------------------------------------------------------------


def pages(there: World) -> list[Page]:
    return [
        *_of_the_site(there),
        *_of_projects(there),
        *pages_of_releases.of_composing(there),
        *pages_of_releases.of_bills(there),
        *pages_of_releases.of_voting(there),
        *pages_of_releases.of_finishing(there),
        *_of_accounts(there),
    ]


def _of_the_site(there: World) -> Iterator[Page]:
    digest = there.released.voted.manifest_digest
    yield Page("home", "/")
    yield Page("home-member", "/", "alice")
    yield Page("home-visitor", "/", "erin")
    yield Page("events", reverse("events"), "alice")
    yield Page("events-found", reverse("events") + "?q=tool", "alice")
    yield Page("events-refused", reverse("events"), "erin", 403)
    yield Page("mailbox", reverse("mailbox"), status=200 if settings.DEMO else 404)
    yield Page("checks", reverse("checks:rules"))
    yield Page("rule", reverse("checks:rule", args=["signature"]))
    yield from _of_reviews(there)
    yield from _of_search_and_guides(there)
    yield Page("components", reverse("components"))
    yield Page("notices", reverse("notices:list"), "alice")
    yield Page("preferences", reverse("notices:preferences"), "alice")
    slug = there.released.project.slug
    yield Page("preferences-project", reverse("notices:project-preferences", args=[slug]), "alice")
    yield Page("stop", reverse("notices:stop", args=[_token_of_stop(there)]))
    yield Page("policy-foundation", reverse("projects:foundation-policy"))
    yield Page("policy-foundation-form", reverse("projects:change-foundation-policy"), "admin")
    committee = there.released.committee.slug
    yield Page("policy-committee", reverse("projects:committee-policy", args=[committee]))
    form = reverse("projects:change-committee-policy", args=[committee])
    yield Page("policy-committee-form", form, "alice")
    yield Page("act-on-behalf", _act(there), "admin")
    yield Page("act-on-behalf-refused", _act(there), "alice", 403)
    yield Page("not-found", "/nothing/here/", status=404)
    yield Page("not-found-digest", f"/{digest}/", "alice", 404)


def _of_reviews(there: World) -> Iterator[Page]:
    yield Page("reviews", reverse("checks:reviews"), "erin")
    yield Page("reviews-none", reverse("checks:reviews"), "alice")
    yield Page("review-upload", reverse("checks:review-upload"), "alice")
    yield Page("review-fetch", reverse("checks:review-fetch"), "alice")
    for name, row in there.reviews.items():
        yield Page(f"review-{name}", row.address, "erin")
    done = there.reviews["done"]
    yield Page("review-of-others", done.address, "alice", 404)
    yield Page("review-delete", f"{done.address}delete/", "erin")


def _token_of_stop(there: World) -> str:
    return link_to_stop(there.people["alice"], DIGEST).rstrip("/").rpartition("/")[2]


def _act(there: World) -> str:
    return reverse("act-on-behalf", args=[there.people["erin"].pk])


def _of_search_and_guides(there: World) -> Iterator[Page]:
    artifact = there.released.entries.get(path__endswith=".tar.gz")
    search = reverse("search")
    yield Page("search", search)
    yield Page("search-words", f"{search}?q=tool&all=1", "alice")
    yield Page("search-digest", f"{search}?q={artifact.blob.sha512}&all=1")
    yield Page("search-other", f"{search}?q={'0' * 128}++{artifact.name}")
    yield Page("search-kind", f"{search}?q=apache-tool&kind=files", "alice")
    yield Page("search-nothing", f"{search}?q=nothing+at+all")
    for slug in guides.ORDER:
        yield Page(f"guide-{slug.rpartition('/')[2]}", guides.url_of(slug))
    yield Page("guides-found", reverse("docs") + "?q=binding")
    yield Page("guides-none", reverse("docs") + "?q=zzzz")


def _of_projects(there: World) -> Iterator[Page]:
    project, committee = there.project, there.project.committee
    key = there.fingerprint
    yield Page("projects", reverse("projects:list"))
    yield Page("projects-none", reverse("projects:list") + "?q=nothing")
    yield Page("project", project.get_absolute_url())
    yield Page("project-member", project.get_absolute_url(), "alice")
    yield Page("project-podling", there.podling.get_absolute_url())
    yield Page("project-keys", reverse("projects:keys", args=[project.slug]))
    yield Page("project-people", reverse("projects:people", args=[project.slug]))
    yield Page("policy", reverse("projects:policy", args=[project.slug]))
    yield Page("policy-member", reverse("projects:policy", args=[project.slug]), "alice")
    yield Page("policy-change", reverse("projects:change-policy", args=[project.slug]), "alice")
    yield from _of_ignores(there)
    yield from _of_workflows(there)
    yield Page("project-events", reverse("project-events", args=[project.slug]), "alice")
    yield Page("committees", reverse("projects:committees"))
    yield Page("committee", committee.get_absolute_url())
    yield Page("committee-member", committee.get_absolute_url(), "alice")
    yield Page("committee-podling", there.podling.committee.get_absolute_url())
    yield Page("keys", reverse("keys:committee", args=[committee.slug]))
    yield Page("keys-member", reverse("keys:committee", args=[committee.slug]), "alice")
    yield Page("keys-none", reverse("keys:committee", args=["seedling"]))
    yield Page("keys-import", reverse("keys:import", args=[committee.slug]), "alice")
    yield Page("keys-unlink", reverse("keys:unlink", args=[committee.slug, key]), "alice")
    yield Page("key", reverse("keys:detail", args=[key]))
    yield Page("key-own", reverse("keys:detail", args=[there.own_key]), "alice")
    yield Page("keys-care", reverse("keys:care", args=[committee.slug]))
    yield Page("keys-care-none", reverse("keys:care", args=["seedling"]))
    yield Page("keys-history", reverse("keys:history", args=[committee.slug]) + "?on=2030-01-01")
    yield Page("keys-history-none", reverse("keys:history", args=["seedling"]))
    yield Page("keys-mode", reverse("keys:set-mode", args=[committee.slug]), "alice")
    yield Page("keys-publish", reverse("keys:publish", args=[committee.slug]), "alice")
    yield Page("keys-fetch", reverse("keys:fetch", args=[committee.slug]), "alice")
    yield Page("key-link", reverse("keys:link", args=[committee.slug, there.own_key]), "alice")
    yield Page("provenance", reverse("releases:provenance"))


def _of_workflows(there: World) -> Iterator[Page]:
    slug, grant = there.project.slug, there.project.workflows.get(phase="vote")
    none = reverse("projects:workflows", args=[there.podling.slug])
    yield Page("workflows", reverse("projects:workflows", args=[slug]))
    yield Page("workflows-member", reverse("projects:workflows", args=[slug]), "alice")
    yield Page("workflows-none", none)
    yield Page("workflow-grant", reverse("projects:grant-workflow", args=[slug]), "alice")
    for name, given in (("workflow-key", there.run_key), ("workflow-ticket", there.ticket)):
        yield Page(f"{name}-revoke", given.revoke_address, "alice")
    yield Page(
        "workflow-revoke", reverse("projects:revoke-workflow", args=[slug, grant.pk]), "alice"
    )


def _of_ignores(there: World) -> Iterator[Page]:
    slug, made = there.project.slug, there.project.ignores.get()
    concern = there.ready.newest.run.findings.filter(level="concern")[0]
    asked = f"?release={there.ready.version}&mark={concern.mark}"
    yield Page("ignores", reverse("checks:ignores", args=[slug]))
    yield Page("ignores-member", reverse("checks:ignores", args=[slug]), "alice")
    yield Page("ignores-none", reverse("checks:ignores", args=[there.podling.slug]))
    yield Page("ignore-set", reverse("checks:set-ignore", args=[slug]), "alice")
    yield Page("ignore-a-finding", reverse("checks:set-ignore", args=[slug]) + asked, "alice")
    yield Page("ignore-refused", reverse("checks:set-ignore", args=[slug]), "dave", 403)
    yield Page("ignore-lift", reverse("checks:lift-ignore", args=[slug, made.pk]), "alice")
    yield Page("findings-ignored", at(there.ready, "checks:findings") + "?ignored=yes", "alice")


def _of_accounts(there: World) -> Iterator[Page]:
    yield Page("login", reverse("account_login"))
    yield Page("logout", reverse("account_logout"), "erin")
    yield Page("signup-closed", reverse("account_signup"))
    yield Page("password-reset", reverse("account_reset_password"))
    yield Page("password-reset-sent", reverse("account_reset_password_done"))
    yield Page("password-change", reverse("account_change_password"), "erin")
    yield Page("addresses", reverse("account_email"), "erin")
    yield Page("second-factors", reverse("mfa_index"), "erin")
    yield Page("credentials", reverse("keys:credentials"), "alice")
    yield Page("credentials-none", reverse("keys:credentials"), "erin")
    yield Page("key-add", reverse("keys:add-own"), "alice")
    yield Page("key-take-back", reverse("keys:take-back", args=[there.own_key]), "alice")
    yield Page("browser-end", reverse("keys:end-login", args=[there.login.pk]), "alice")
    yield Page("ssh-key-remove", reverse("keys:remove-ssh-key", args=[there.ssh_key.pk]), "alice")
    yield Page("token-revoke", reverse("keys:revoke-token", args=[there.token.pk]), "alice")


# --- What is no page ------------------------------------------------------------------------------

# Routes that nobody looks at as a page, each with the reason.
NO_PAGE = {
    "keys:tokens": "leads to the page of credentials",
    "keys:ssh-keys": "leads to the page of credentials",
    "keys:own": "leads to the page of credentials",
    "keys:wkd-key": "a key for programs",
    "keys:wkd-policy": "text for programs",
    "keys:wkd-domain-key": "a key for programs",
    "keys:wkd-domain-policy": "text for programs",
    "keys:add-ssh-key": "asks for the password first",
    "releases:raw-file": "a file",
    "releases:urls": "text",
    "releases:sh": "a script",
    "releases:zip": "a file",
    "keys:make-token": "asks for the password first",
    "healthz": "text for load balancers",
    "readyz": "JSON for load balancers",
    "retry-job": "takes POST only",
    "icon": "a picture",
    "end-acting": "takes POST only",
    "keys:document": "a KEYS file",
    "keys:document-on": "a KEYS file",
    "keys:export": "a KEYS file",
    "keys:file": "a key",
    "checks:document": "JSON",
    "checks:policy": "JSON",
    "checks:review-json": "JSON",
    "checks:review-sarif": "JSON",
    "checks:sarif": "JSON",
    "checks:progress": "a fragment",
    "checks:live": "a fragment",
    "checks:finding": "leads to the finding on its page",
    "releases:feed": "Atom",
    "releases:committee-feed": "Atom",
    "releases:project-votes-feed": "Atom",
    "releases:committee-votes-feed": "Atom",
    "notices:open": "takes POST only",
    "projects:preview-policy": "the page of the form, or a fragment",
    "projects:preview-committee-policy": "the page of the form, or a fragment",
    "projects:preview-foundation-policy": "the page of the form, or a fragment",
    "releases:preview-policy": "the page of the form, or a fragment",
    "releases:project-feed": "Atom",
    "releases:votes-feed": "Atom",
    "releases:published-file": "a file",
    "releases:file": "a file",
    "releases:manifest": "JSON",
    "releases:cast": "takes POST only; refusals look like the vote page",
    "releases:one-cast": "takes POST only; refusals look like the vote page",
    "releases:ballots": "a fragment",
    "releases:one-ballots": "a fragment",
    "releases:call-vote-preview": "a fragment",
    "releases:resolve-preview": "a fragment",
    "releases:announce-preview": "a fragment",
    "releases:upload-ask": "JSON for the page's script",
    "releases:upload-begin": "JSON for the page's script",
    "releases:upload-part": "JSON for the page's script",
    "releases:upload-finish": "JSON for the page's script",
    "releases:upload-discard": "JSON for the page's script",
    "releases:vote-script": "a shell script",
    "releases:bundle": "JSON",
    "releases:recount": "a Python program",
    "releases:download-script": "a shell script",
    "releases:publication": "a fragment",
}
