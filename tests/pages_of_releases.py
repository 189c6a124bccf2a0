"""The pages of releases, from the first file to the announcement; see `tests.pages`."""

from collections.abc import Iterator

from django.urls import reverse

from releases.models import Release
from tests.page import Page
from tests.world import World


def of_composing(there: World) -> Iterator[Page]:
    yield Page("releases", reverse("releases:list"))
    yield Page("releases-member", reverse("releases:list"), "alice")
    yield Page("releases-none", reverse("releases:list") + "?q=nothing")
    yield Page("start", reverse("releases:start", args=[there.project.slug]), "alice")
    yield Page("compose-embargoed", there.embargoed.get_absolute_url(), "alice")
    yield Page("lift-embargo", at(there.embargoed, "releases:lift-embargo"), "alice")
    yield Page("compose-empty", there.empty.get_absolute_url(), "alice")
    yield Page("compose-blocked", there.blocked.get_absolute_url(), "alice")
    yield Page("compose-ready", there.ready.get_absolute_url(), "alice")
    yield Page("findings-blocked", at(there.blocked, "checks:findings"), "alice")
    yield Page("findings", at(there.ready, "checks:findings"), "alice")
    path = there.ready.newest.entries.get(path__endswith=".tar.gz").path
    yield Page("report", at(there.ready, "checks:report", path), "alice")
    yield Page("revisions", at(there.ready, "releases:revisions"), "alice")
    yield Page("revision", at(there.ready, "releases:revision", 1), "alice")
    inside = (there.ready.last_revision, path)
    yield Page("inside", at(there.ready, "checks:inside", *inside), "alice")
    yield Page("upload", at(there.ready, "releases:upload"), "alice")
    yield Page("delete-files", at(there.ready, "releases:delete-files") + f"?paths={path}", "alice")
    yield Page("rename-file", at(there.ready, "releases:rename-file") + f"?path={path}", "alice")
    yield Page("import", at(there.ready, "releases:import"), "alice")
    move = at(there.ready, "releases:move-files")
    yield Page("move-files", f"{move}?paths={path}&folder=binaries", "alice")
    yield Page("strip-tags", at(there.ready, "releases:strip-tags"), "alice")
    yield Page("checksums", at(there.ready, "releases:checksums"), "alice")
    yield Page("tag-revision", at(there.ready, "releases:tag-revision") + "?number=1", "alice")
    yield Page("restore", at(there.ready, "releases:restore") + "?number=1", "alice")
    refused = there.empty.arrivals.get()
    yield Page("arrival", at(there.empty, "releases:arrival", refused.pk), "alice")
    yield Page("source", at(there.ready, "releases:source"), "alice")
    yield Page("source-failed", at(there.empty, "releases:source"), "alice")
    yield Page("fetch-source", at(there.empty, "releases:fetch-source"), "alice")
    yield Page("forget-source", at(there.empty, "releases:forget-source"), "alice")
    yield Page("generate-sbom", at(there.ready, "checks:generate-sbom", path), "alice")
    sbom = there.blocked.newest.entries.get(path__endswith=".cdx.json").path
    archive = sbom.removesuffix(".cdx.json")
    yield Page("generated-sbom", at(there.blocked, "checks:generate-sbom", archive), "alice")
    yield Page("scan-sbom", at(there.blocked, "checks:scan-sbom", sbom), "alice")
    yield Page("release-policy", at(there.ready, "releases:policy"), "alice")
    yield Page("release-policy-change", at(there.ready, "releases:change-policy"), "alice")
    yield Page("delete-draft", at(there.ready, "releases:delete-draft"), "alice")
    yield Page("release-events", at(there.ready, "release-events"), "alice")


def of_bills(there: World) -> Iterator[Page]:
    path = there.released.candidate.entries.get(path__endswith=".cdx.json").path
    yield Page("sboms", at(there.released, "checks:sboms"))
    yield Page("sboms-none", at(there.ready, "checks:sboms"), "alice")
    yield Page("sbom", at(there.released, "checks:sbom", path))
    voted = there.voting.candidate.entries.get(path__endswith=".cdx.json").path
    for show in ("licences", "vulnerabilities", "quality", "changes"):
        yield Page(f"sbom-{show}", at(there.voting, "checks:sbom", voted) + f"?show={show}")


def of_voting(there: World) -> Iterator[Page]:
    yield Page("call-vote", at(there.ready, "releases:call-vote"), "alice")
    yield Page("call-vote-blocked", at(there.blocked, "releases:call-vote"), "alice")
    yield Page("vote", at(there.voting, "releases:vote"))
    yield Page("vote-member", at(there.voting, "releases:vote"), "carol")
    yield Page("vote-cast", at(there.voting, "releases:vote"), "bob")
    yield Page("vote-findings", at(there.voting, "checks:findings"))
    yield Page("vote-events", at(there.voting, "release-events"))
    yield Page("resolve", at(there.voting, "releases:resolve"), "alice")
    yield Page("vote-numbered", at(there.voting, "releases:one-vote", 1))
    yield Page("thread", at(there.voting, "releases:thread", 1))
    yield Page("thread-read", at(there.voting, "releases:read-thread", 1), "alice")
    yield Page("result", at(there.released, "releases:result", 1))
    yield Page("vote-passed", at(there.passed, "releases:vote"))


def of_finishing(there: World) -> Iterator[Page]:
    yield Page("finish", there.passed.get_absolute_url(), "alice")
    yield Page("publish", at(there.passed, "releases:publish"), "alice")
    yield Page("finish-published", there.published.get_absolute_url(), "alice")
    yield Page("finish-anybody", there.published.get_absolute_url())
    yield Page("announce", at(there.published, "releases:announce"), "alice")
    yield Page("download", at(there.released, "releases:download"))
    yield Page("released-vote", at(there.released, "releases:vote"))
    yield Page("released-revision", at(there.released, "releases:revision", 2))
    yield Page("released-folder", at(there.released, "releases:raw-files"))
    mail = there.released.messages.order_by("pk").first()
    assert mail is not None
    yield Page("mails", at(there.released, "releases:mails"), "alice")
    yield Page("mails-none", at(there.ready, "releases:mails"), "alice")
    yield Page("mail-resend", at(there.released, "releases:resend", mail.pk), "alice")
    yield Page("released-events", at(there.released, "release-events"))


def at(release: Release, name: str, *more: object) -> str:
    return reverse(name, args=[*release.url_args, *more])
