"""The page of what differs inside an archive."""

import pytest
from django.test import Client
from django.urls import reverse

from checks.engine.inside.child import Outcome
from checks.engine.inside.members import Line
from checks.models import Comparison
from releases.models import Release
from tests import make
from tests.checks.engine.inside.packed import tar
from tests.releases.views.test_files import logged_in

pytestmark = pytest.mark.django_db

OLD, NEW = tar({"t/a": b"1"}), tar({"t/a": b"2"})


@pytest.fixture
def release() -> Release:
    made = make.release(make.project("tool"), version="1.0", files={"t.tgz": OLD, "r-rc1.tgz": OLD})
    files = {"t.tgz": make.blob(NEW)}
    made.add_files(files, by=make.member(made))
    made.rename_file("r-rc1.tgz", "r-rc2.tgz", by=make.member(made))
    made.add_files({"r-rc2.tgz": make.blob(NEW)}, by=make.member(made))
    return made


def url(release: Release, number: int = 2, path: str = "t.tgz", query: str = "") -> str:
    return reverse("checks:inside", args=[*release.url_args, number, path]) + query


@pytest.fixture
def owner(release) -> Client:
    return logged_in(make.member(release.project))


def test_the_page_of_a_revision_leads_there_also_for_another_candidate(owner, release) -> None:
    page = owner.get(reverse("releases:revision", args=[*release.url_args, 4]) + "?against=1")
    told = page.content.decode()
    assert "/revisions/4/inside/t.tgz?against=1" in told
    assert "/revisions/4/inside/r-rc2.tgz?against=1&amp;was=r-rc1.tgz" in told
    assert owner.get(url(release, 4, "r-rc2.tgz", "?against=1&was=r-rc1.tgz")).status_code == 200


def test_nothing_is_begun_by_looking_and_asking_begins_it(owner, release) -> None:
    assert "Compare what is inside" in owner.get(url(release)).content.decode()
    assert not Comparison.objects.exists()
    answer = owner.post(url(release), follow=True)
    assert "A worker will read both archives" in answer.content.decode()
    assert owner.post(url(release)).status_code == 409


def test_what_was_found_is_a_table_in_pages_with_the_kinds_to_choose_from(owner, release) -> None:
    row = Comparison.objects.of(make.blob(OLD), make.blob(NEW), "t.tgz")
    row.save()
    lines = [Line("added", f"n{number:03}", new_size=1, new_mode=0o644) for number in range(60)]
    lines.append(Line("mode", "run", "", "file", 2, 2, 0o644, 0o755))
    row.record_done(lines, Outcome({"added": 60, "mode": 1}, "o", "t"))
    page = owner.get(url(release)).content.decode()
    assert page.count("<tr>") == 51
    assert "was <code>o</code> and is <code>t</code>" in page
    assert "0644 → 0755" in owner.get(url(release, query="?page=2")).content.decode()
    one = owner.get(url(release, query="?show=mode")).content.decode()
    assert "n000" not in one
    assert "0644 → 0755" in one


def test_the_number_of_questions_does_not_grow(
    owner, release, django_assert_max_num_queries
) -> None:
    row = Comparison.objects.of(make.blob(OLD), make.blob(NEW), "t.tgz")
    row.save()
    lines = [Line("added", str(number)) for number in range(200)]
    row.record_done(lines, Outcome({"added": 200}, "", ""))
    with django_assert_max_num_queries(22):
        owner.get(url(release))


def test_why_nothing_came_of_it_is_said(owner, release) -> None:
    row = Comparison.objects.of(make.blob(OLD), make.blob(NEW), "t.tgz")
    row.save()
    row.record_failed("t.tgz could not be read to its end.")
    page = owner.get(url(release)).content.decode()
    assert "could not be read to its end" in page
    assert "Compare what is inside" in page


@pytest.mark.parametrize(
    ("number", "path", "query"),
    [
        (9, "t.tgz", ""),
        (1, "t.tgz", ""),  # there is no revision before it
        (2, "gone.tgz", ""),
        (2, "t.tgz", "?against=x"),
        (2, "t.tgz", "?against=99999999999"),
        (2, "t.tgz", "?was=gone"),
        (2, "t.tgz", "?was=%00gone"),
    ],
)
def test_what_is_not_there_is_not_found(owner, release, number, path, query) -> None:
    assert owner.get(url(release, number, path, query)).status_code == 404


def test_a_file_that_is_no_archive_has_no_inside(owner, release) -> None:
    release.add_files({"R": make.blob("1")}, by=make.member(release))
    release.add_files({"R": make.blob("2")}, by=make.member(release))
    assert owner.get(url(release, 6, "R")).status_code == 404


def test_strangers_see_no_draft_and_voters_may_ask(release) -> None:
    assert logged_in(make.user()).get(url(release)).status_code == 404
    assert logged_in(make.user()).post(url(release)).status_code == 404
    committer = logged_in(make.user(is_committer=True))
    assert committer.post(url(release)).status_code == 303


def test_without_an_account_one_reads_and_is_sent_to_log_in_to_ask() -> None:
    voted = make.candidate()
    voted.add_files({"z.tgz": make.blob(OLD)}, by=make.member(voted))
    voted.add_files({"z.tgz": make.blob(NEW)}, by=make.member(voted))
    make.checked(voted.newest)
    make.vote(voted)
    there = url(voted, voted.last_revision, "z.tgz")
    page = Client().get(there)
    assert page.status_code == 200
    assert "Log in" in page.content.decode()
    assert "Compare what is inside" not in page.content.decode()
    assert Client().post(there).status_code in (302, 403)
    assert not Comparison.objects.exists()
