"""The pages of the console, for those who walk all pages: index, a list, an object, an action."""

from collections.abc import Iterator

from django.urls import reverse

from tests.pages import Page, World

OPERATOR = "admin"


def console_pages(there: World) -> list[Page]:
    return list(_pages(there))


def _pages(there: World) -> Iterator[Page]:
    release = there.released
    yield Page("console", reverse("admin:index"), OPERATOR)
    yield Page("console-anybody", reverse("admin:index"), "alice", 403)
    yield Page("console-releases", reverse("admin:releases_release_changelist"), OPERATOR)
    yield Page(
        "console-releases-found",
        reverse("admin:releases_release_changelist") + "?q=tool",
        OPERATOR,
    )
    yield Page(
        "console-release", reverse("admin:releases_release_change", args=[release.pk]), OPERATOR
    )
    yield Page(
        "console-release-history",
        reverse("admin:releases_release_history", args=[release.pk]),
        OPERATOR,
    )
    voting = there.voting
    yield Page(
        "console-cancel-vote",
        reverse("admin:releases_release_act", args=[voting.pk, "cancel-vote"]),
        OPERATOR,
    )
    yield Page("console-events", reverse("admin:ledger_event_changelist"), OPERATOR)
    yield Page("console-jobs", reverse("admin:ledger_job_changelist"), OPERATOR)
    yield Page("console-people", reverse("admin:projects_user_changelist"), OPERATOR)
