"""The page of an import, and what other pages say of one."""

import pytest
from django.test import Client

from projects.roles import Role
from releases.models import Import, Release
from tests import make
from tests.releases.views.test_files import logged_in, url
from trusted_releases.ledger.models import Job

pytestmark = pytest.mark.django_db

URL = "https://dist.apache.org/repos/dist/dev/tool/1.0/"
SENT = {
    "seen": 1,
    "kind": "svn",
    "url": URL,
    "at": "",
    "folder": "",
    "commit": "",
    "source_tag": "",
}


@pytest.fixture
def release() -> Release:
    return make.release(make.project("tool"), version="1.0", files={"a": "1"})


@pytest.fixture
def owner(release) -> Client:
    return logged_in(make.member(release.project, Role.PARTICIPANT))


def page(client: Client, release: Release) -> str:
    return client.get(release.get_absolute_url()).content.decode()


def test_who_may_not_is_turned_away(release) -> None:
    committer = logged_in(make.user(is_committer=True))
    assert committer.get(url(release, "import")).status_code == 403
    assert committer.post(url(release, "import"), SENT).status_code == 403
    assert not Import.objects.exists()


def test_the_page_names_the_hosts_and_asking_leads_to_how_far_it_is(owner, release) -> None:
    told = owner.get(url(release, "import")).content.decode()
    assert "dist.apache.org" in told
    answer = owner.post(url(release, "import"), SENT, follow=True)
    assert "Files are being imported" in answer.content.decode()
    row = Import.objects.get()
    row.record_progress(3, 7, 500, 1000)
    told = page(owner, release)
    assert "3 of 7 files so far" in told
    assert "500" in told
    assert 'hx-trigger="every 2s"' in told


def test_a_refused_address_is_told_on_the_same_page(owner, release) -> None:
    answer = owner.post(url(release, "import"), SENT | {"url": "https://example.org/x"})
    assert answer.status_code == 422
    assert "not imported from example.org" in answer.content.decode()


def test_while_one_is_under_way_no_other_is_asked_for(owner, release) -> None:
    owner.post(url(release, "import"), SENT)
    told = owner.get(url(release, "import")).content.decode()
    assert "Files cannot be imported now." in told
    assert owner.post(url(release, "import"), SENT).status_code == 409


def test_why_nothing_came_is_told_until_the_files_change(owner, release) -> None:
    owner.post(url(release, "import"), SENT | {"folder": "bin"})
    row = Import.objects.get()
    row.record_failed("The repository has no such revision. Correct its number.")
    told = page(owner, release)
    assert "Correct its number." in told
    again = owner.get(url(release, "import"), {"again": row.pk}).content.decode()
    assert f'value="{URL}"' in again
    assert 'value="bin"' in again
    release.add_files({"b": make.blob("b")}, by=make.member(release))
    assert "Nothing was imported" not in page(owner, release)


def test_one_that_was_lost_is_told(owner, release) -> None:
    owner.post(url(release, "import"), SENT)
    Job.objects.about(Import.objects.get()).delete()
    assert "An import was lost" in page(owner, release)


@pytest.mark.parametrize("again", ["x", "999", "9" * 30])
def test_an_import_that_is_not_there_fills_nothing(owner, release, again) -> None:
    assert owner.get(url(release, "import"), {"again": again}).status_code == 200


def test_the_history_says_where_it_came_from(owner, release) -> None:
    owner.post(url(release, "import"), SENT | {"commit": "c" * 40, "source_tag": "v1.0"})
    row = Import.objects.get()
    row.record_fetched({"x": make.blob("x")}, found="17", left_out=[".h"])
    told = owner.get(url(release, "revision", 2)).content.decode()
    for said in (URL, "revision 17", "c" * 40, "v1.0", ".h"):
        assert said in told
    told = owner.get(url(release, "revisions")).content.decode()
    assert f"Imported x, from {URL}, revision 17, built from commit {'c' * 12}, tag v1.0" in told
