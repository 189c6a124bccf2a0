"""All about one file, on one page."""

import pytest

from checks.engine.model import Level
from tests import make
from tests.checks.made import FILES, checked, draft, found, member_of, next_revision, url

pytestmark = pytest.mark.django_db

TOOL = "tool-1.0.tar.gz"


@pytest.fixture
def release():
    return draft()


@pytest.fixture
def owner(release):
    return member_of(release)


def page_of(client, release, path=TOOL, **query) -> str:
    return client.get(url(release, "report", path), query).content.decode()


def test_it_has_facts_findings_and_history(owner, release):
    checked(
        release.newest,
        found(member="top/a.c"),
        found(Level.NOTE, "notes.txt", "Of another file."),
    )
    text = page_of(owner, release)
    entry = release.newest.entries.get(path=TOOL)
    assert entry.blob.sha512 in text
    assert entry.blob.sha256 in text
    assert f"{len(FILES[TOOL])} bytes)" in text
    assert "source" in text
    assert "since revision 1" in text
    assert "top/a.c" in text
    assert "Of another file." not in text


def test_the_signer_is_named_with_a_link_to_the_key(owner, release):
    facts = {"user_id": "Alice", "certificate_fingerprint": "ab" * 20}
    message = "Signed by Alice."
    signed = found(Level.NOTE, f"{TOOL}.asc", message, rule="signature", data=facts)
    checked(release.newest, signed)
    text = page_of(owner, release)
    assert message in text
    assert f"/keys/{'ab' * 20}/" in text


def test_one_goes_down_into_members_by_folder(owner, release):
    checked(
        release.newest,
        *(found(member=f"top/a/{n}.c") for n in range(3)),
        found(Level.NOTE, member="top/b/x.c", message="Fine."),
    )
    text = page_of(owner, release)
    assert 'href="?under=top%2Fa%2F"' in text
    below = page_of(owner, release, under="top/b/")
    assert "Fine." in below
    assert "It has no header." not in below
    assert "<b>1</b> finding of 4 is listed, in <code>top/b/</code>" in below


def test_a_file_is_found_in_its_revision_only(owner, release):
    revision = next_revision(release)
    path = "more-1.txt"
    assert path in [each.path for each in revision.entries]
    assert owner.get(url(release, "report", path)).status_code == 200
    old = owner.get(url(release, "report", path), {"revision": "1"})
    assert old.status_code == 404


def test_a_signature_says_what_it_is_of_and_the_file_names_what_lies_beside_it(owner, release):
    release.add_files({f"{TOOL}.asc": make.blob("sig")}, by=make.member(release))
    assert url(release, "report", TOOL) in page_of(owner, release, f"{TOOL}.asc")
    assert url(release, "report", f"{TOOL}.asc") in page_of(owner, release)


def test_before_the_checks_it_says_so(owner, release):
    text = page_of(owner, release)
    assert "under way" in text
    assert "Being checked." in text


@pytest.mark.parametrize("count", [10, 1000])
def test_it_costs_the_same_for_few_and_for_many(owner, release, count, django_assert_num_queries):
    checked(release.newest, *(found(member=f"top/{n % 9}/{n}.c") for n in range(count)))
    page_of(owner, release)
    with django_assert_num_queries(25):
        page_of(owner, release)
