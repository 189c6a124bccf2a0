"""The page of findings, as people see it."""

import pytest
from django.test import Client
from django.urls import reverse

from checks.engine.model import Level
from tests import make
from tests.checks.made import checked, draft, found, member_of, next_revision, result, url
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def release():
    return draft()


@pytest.fixture
def owner(release):
    return member_of(release)


def page_of(client, release, **query) -> str:
    return client.get(url(release, "findings"), query).content.decode()


def test_each_finding_says_where_why_and_how_to_see_it(owner, release):
    checked(
        release.newest,
        found(Level.BLOCKER, message="Damaged <here>.", member="a/b", see="tar tf tool.tar.gz"),
    )
    text = page_of(owner, release)
    assert "Damaged &lt;here&gt;." in text
    assert "In <code>a/b</code>" in text
    assert "tar tf tool.tar.gz" in text
    assert reverse("checks:rule", args=["license.headers"]) in text
    assert "Each source file holds the header" in text
    assert url(release, "report", "tool-1.0.tar.gz") in text
    assert "You must mend: 1 blocker" in text


def test_what_is_new_has_a_section_of_its_own_before_the_rest(owner, release):
    old = found(message="Old one.")
    checked(release.newest, old, found(message="Mended one."))
    checked(next_revision(release), old, found(message="New one."))
    text = page_of(owner, release)
    new, known, fixed = (text.index(each) for each in ("New one.", "Old one.", "Mended one."))
    assert text.index("New since revision 1: 1") < new
    assert new < text.index("Known from revision 1: 1") < known
    assert known < text.index("Fixed since revision 1: 1") < fixed
    assert "1 new problem" in text


def test_of_many_fixed_ones_the_first_are_named_and_the_rest_are_a_link_away(owner, release):
    others = (found(path=f"z{n}.txt") for n in range(25))
    checked(release.newest, *(found(member=f"m{n}") for n in range(30)), *others)
    checked(next_revision(release))
    text = page_of(owner, release)
    assert "Fixed since revision 1: 55" in text
    assert "30 members" in text
    assert text.count("<s>") == 20
    assert url(release, "findings") + "?revision=1" in text


def test_what_nobody_can_know_of_a_list_that_was_cut_is_said(owner, release):
    rows = [found(member=f"m{n}") for n in range(100)]
    checked(release.newest, *rows[40:], found(member="gone"))
    checked(next_revision(release), *rows)
    text = page_of(owner, release)
    assert "The list of <code>license.headers</code> about tool-1.0.tar.gz is cut" in text
    assert "Fixed since" not in text


def test_filters_stay_in_the_address_and_say_what_they_leave(owner, release):
    checked(release.newest, found(), found(Level.NOTE, "notes.txt", "Fine.", rule="paths"))
    text = page_of(owner, release, level="note", rule="paths")
    assert "<b>1</b> finding of 2 is listed" in text
    assert 'href="?rule=paths"' in text
    assert 'href="?level=note"' in text
    assert "It has no header." not in text
    text = page_of(owner, release, level="blocker")
    assert "No finding is all of this at once." in text
    assert "Show all findings" in text


def test_a_flood_is_folded_and_one_link_shows_it_all(owner, release):
    checked(release.newest, *(found(member=f"src/{n:03}.c") for n in range(204)))
    text = page_of(owner, release)
    assert "You must read: 204 concerns" in text
    assert "In 204 members, of which these are the first 20" in text
    assert text.count("src/") - text.count("src/000.c") >= 19
    assert "Show all 204" in text
    every = page_of(owner, release, every="yes", page="9")
    assert "Page 9 of 9" in every
    assert "src/203.c" in every
    assert "Gather those that say the same" in every


def test_a_link_to_a_finding_leads_to_the_page_that_has_it(owner, release):
    run = checked(release.newest, *(found(member=f"src/{n:03}.c") for n in range(60)))
    mark = run.findings.get(member="src/055.c").mark
    answer = owner.get(url(release, "finding", mark))
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"&page=3#finding-{mark}")
    assert f'id="finding-{mark}"' in owner.get(answer["Location"]).content.decode()


def test_the_link_is_the_same_in_the_next_revision(owner, release):
    old = checked(release.newest, found(member="a.c"))
    new = checked(next_revision(release), found(member="a.c"))
    assert old.findings.get().mark == new.findings.get().mark
    answer = owner.get(url(release, "finding", old.findings.get().mark))
    assert "revision=2" in answer["Location"]


def test_a_link_to_a_finding_that_was_mended_leads_to_the_last_revision_that_had_it(owner, release):
    old = checked(release.newest, found())
    checked(next_revision(release))
    answer = owner.get(url(release, "finding", old.findings.get().mark))
    assert "revision=1" in answer["Location"]
    assert owner.get(url(release, "finding", "0" * 16)).status_code == 404


def test_a_check_that_failed_is_our_fault_and_looks_like_no_finding(owner, release):
    checked(release.newest, error="Traceback: KeyError")
    text = page_of(owner, release)
    assert "through no fault of yours" in text
    assert "What happens next" in text
    assert "Traceback: KeyError" in text
    assert 'class="notice fault"' in text


def test_from_the_vote_on_anybody_reads_them_and_before_nobody_else(client, release):
    run = checked(release.newest, found(Level.NOTE, "notes.txt", "Fine."))
    path = release.newest.entries[0].path
    pages = [
        url(release, "findings"),
        url(release, "document"),
        url(release, "sarif"),
        url(release, "report", path),
        url(release, "live"),
        url(release, "finding", run.findings.get().mark),
    ]
    assert [client.get(each).status_code for each in pages] == [404] * 6
    make.vote(release)
    assert [client.get(each).status_code for each in pages] == [200, 200, 200, 200, 286, 302]
    assert "Fine." in page_of(client, release)


@pytest.mark.parametrize("count", [10, 1000])
def test_it_costs_as_many_questions_for_many_as_for_few(
    owner, release, count, django_assert_num_queries
):
    shared = result(found(message="Same."))
    checked(release.newest, found(message="Old."), shared=(shared,))
    rows = [found(path=f"f{n}-1.0.tar.gz", member=f"{n % 7}") for n in range(count)]
    alone = found(Level.BLOCKER, message="Alone.")
    checked(next_revision(release), alone, *rows, *rows, shared=(shared,))
    page_of(owner, release)
    with django_assert_num_queries(28):
        page_of(owner, release)


def test_a_page_of_a_thousand_floods_stays_light(owner, release):
    rows = [
        found(path=f"f{n % 40}.tar.gz", member=f"some/folder/with/a/name/of/some/length/{n}.java")
        for n in range(1000)
    ]
    checked(release.newest, *rows)
    assert len(page_of(owner, release)) < 95_000


@pytest.mark.django_db(transaction=True)
def test_real_checks_end_up_on_the_page():
    release = draft()
    while run_pending():
        pass
    text = page_of(member_of(release), release)
    assert "notes.txt" in text
    assert "You must mend" in text


def test_a_visitor_of_a_draft_is_told_nothing(release):
    checked(release.newest, found())
    client = Client()
    client.force_login(make.user())
    assert client.get(url(release, "findings")).status_code == 404
