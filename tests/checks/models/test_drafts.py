"""The drafts of a project, and what the checks of each came to."""

import pytest

from checks.models.drafts import drafts_of, newest_run, results_of
from tests import make
from tests.checks.made import checked, draft, found, next_revision

pytestmark = pytest.mark.django_db


def test_a_draft_without_files_and_what_is_at_a_vote_are_no_drafts_to_count() -> None:
    release = draft()
    make.release(release.project, version="2.0")
    make.vote(make.candidate(release.project, version="3.0"))
    assert list(drafts_of(release.project)) == [release]


def test_the_newest_run_is_that_of_the_newest_revision() -> None:
    release = draft()
    assert newest_run(release) is None
    first = checked(release.newest, found())
    assert newest_run(release) == first
    next_revision(release)
    release.refresh_from_db()
    assert newest_run(release) is None


def test_the_results_of_all_revisions_are_a_draft_s() -> None:
    release = draft()
    first = checked(release.newest, found())
    second = checked(next_revision(release), found(message="Other."))
    keys = {row["result"] for row in results_of(release)}
    assert keys == {*first.results.values_list("pk", flat=True)} | {
        *second.results.values_list("pk", flat=True)
    }
