"""The pages that put a draft in order: a look before, one revision after."""

import pytest
from django.test import Client

from projects.roles import Role
from releases.models import Release
from tests import make
from tests.releases.views.test_files import logged_in, url

pytestmark = pytest.mark.django_db

FILES = {"t-1.0-rc1.zip": "z", "t-1.0-rc1.zip.asc": "s", "README": "r"}


@pytest.fixture
def release() -> Release:
    return make.release(make.project("tool"), version="1.0", files=FILES)


@pytest.fixture
def owner(release) -> Client:
    return logged_in(make.member(release.project, Role.PARTICIPANT))


def paths(release: Release) -> set[str]:
    release.refresh_from_db()
    return {each.path for each in release.newest.entries}


@pytest.mark.parametrize("name", ["move-files", "strip-tags", "checksums", "tag-revision"])
def test_who_may_not_is_turned_away(release, name) -> None:
    asked = {"number": "1", "paths": "README"}
    committer = logged_in(make.user(is_committer=True))
    assert committer.get(url(release, name), asked).status_code == 403
    assert committer.post(url(release, name), asked | {"seen": 1, "tag": "x"}).status_code == 403
    assert release.revisions.get().tag == ""


@pytest.mark.parametrize("name", ["move-files", "strip-tags", "checksums", "tag-revision"])
def test_where_the_files_are_frozen_nothing_is_asked(name) -> None:
    frozen = make.vote().release
    owner = logged_in(make.member(frozen.project, Role.PARTICIPANT))
    answer = owner.get(url(frozen, name), {"number": "1"})
    assert "cannot be" in answer.content.decode()
    assert b'type="hidden"' not in answer.content.partition(b"<main")[2]


def test_moving_shows_the_new_names_and_then_gives_them(owner, release) -> None:
    asked = {"paths": "t-1.0-rc1.zip"}
    assert b"What changes" not in owner.get(url(release, "move-files"), asked).content
    page = owner.get(url(release, "move-files"), asked | {"folder": "bin"}).content.decode()
    assert "bin/t-1.0-rc1.zip.asc" in page
    assert "Move 2 files" in page
    assert release.revisions.count() == 1
    sent = asked | {"folder": "bin", "seen": 1}
    answer = owner.post(url(release, "move-files"), sent, follow=True)
    assert "Undo: restore revision 1" in answer.content.decode()
    assert paths(release) == {"bin/t-1.0-rc1.zip", "bin/t-1.0-rc1.zip.asc", "README"}


def test_moving_what_is_not_there_is_not_found_and_nothing_chosen_says_what_to_do(
    owner, release
) -> None:
    assert owner.get(url(release, "move-files"), {"paths": "gone"}).status_code == 404
    assert b"No file was chosen" in owner.get(url(release, "move-files")).content


def test_stripping_lists_every_name_and_then_gives_them(owner, release) -> None:
    page = owner.get(url(release, "strip-tags")).content.decode()
    assert page.count("t-1.0.zip") == 2
    answer = owner.post(url(release, "strip-tags"), {"seen": 1}, follow=True)
    assert "Took release-candidate tags out of 2 names" in answer.content.decode()
    assert paths(release) == {"t-1.0.zip", "t-1.0.zip.asc", "README"}
    assert b"No name has such a tag" in owner.get(url(release, "strip-tags")).content


def test_a_name_that_is_taken_is_told_before_anything_is_asked(owner, release) -> None:
    release.add_files({"t-1.0.zip": make.blob("other")}, by=make.member(release))
    page = owner.get(url(release, "strip-tags")).content.decode()
    assert "t-1.0.zip exists already" in page
    assert "Give these names" not in page
    assert owner.post(url(release, "strip-tags"), {"seen": 2}).status_code == 422


def test_an_older_look_is_refused(owner, release) -> None:
    release.add_files({"x": make.blob("x")}, by=make.member(release))
    assert owner.post(url(release, "strip-tags"), {"seen": 1}).status_code == 409


def test_checksums_are_offered_for_what_lacks_them(owner, release) -> None:
    form = owner.get(url(release, "checksums")).context["form"]
    assert [value for value, _ in form.fields["paths"].choices] == ["README", "t-1.0-rc1.zip"]
    assert form.initial["paths"] == ["t-1.0-rc1.zip"]
    sent = {"seen": 1, "paths": ["README", "t-1.0-rc1.zip"]}
    assert owner.post(url(release, "checksums"), sent).status_code == 303
    assert {"README.sha512", "t-1.0-rc1.zip.sha512"} <= paths(release)
    assert b"Every file has a checksum" in owner.get(url(release, "checksums")).content


def test_a_tag_stands_beside_its_revision_everywhere(owner, release) -> None:
    release.add_files({"x": make.blob("x")}, by=make.member(release))
    page = owner.get(url(release, "tag-revision"), {"number": "1"}).content.decode()
    assert "nothing takes it back" in page
    answer = owner.post(url(release, "tag-revision"), {"number": 1, "tag": "rc1"}, follow=True)
    assert '<span class="tag">rc1</span>' in answer.content.decode()
    assert '<span class="tag">rc1</span>' in owner.get(url(release, "revisions")).content.decode()
    assert "Revision 1 (rc1)" in owner.get(url(release, "revision", 2)).content.decode()
    again = owner.get(url(release, "tag-revision"), {"number": "1"}).content.decode()
    assert "tags never change" in again
    said = owner.get("/api/release/revisions/tool/1.0").json()["revisions"]
    assert [each["tag"] for each in said] == ["rc1", None]


@pytest.mark.parametrize("number", ["", "7", "x", "9" * 30])
def test_a_revision_that_is_not_there_cannot_be_tagged(owner, release, number) -> None:
    assert owner.get(url(release, "tag-revision"), {"number": number}).status_code == 404


# --- Whole folders ---

DEEP = {
    "out/a-1.0.zip": "a",
    "out/a-1.0.zip.asc": "s",
    "out/win/b.exe": "b",
    "lib/c.jar": "c",
    "README": "r",
}


@pytest.fixture
def deep(release) -> Release:
    release.add_files(
        {path: make.blob(text) for path, text in DEEP.items()}, by=make.member(release)
    )
    return release


def test_a_draft_with_folders_offers_them_and_says_how_many_files_go(owner, deep) -> None:
    draft = owner.get(deep.get_absolute_url()).content.decode()
    assert f'href="{url(deep, "move-files")}">Move a folder…' in draft
    page = owner.get(url(deep, "move-files"))
    assert [(row["value"], row["count"]) for row in page.context["folders"]] == [
        ("lib/", 1),
        ("out/", 3),
        ("out/win/", 1),
    ]
    assert page.context["deeper"] == 0
    assert b"What changes" not in page.content


def test_a_folder_moves_with_all_below_it_in_one_revision(owner, deep) -> None:
    asked = {"paths": ["out/", "README"], "folder": "dist"}
    page = owner.get(url(deep, "move-files"), asked).content.decode()
    for name in ("dist/out/a-1.0.zip.asc", "dist/out/win/b.exe", "dist/README", "Move 4 files"):
        assert name in page
    assert page.count('value="out/" checked') == 1
    assert deep.revisions.count() == 2
    answer = owner.post(url(deep, "move-files"), asked | {"seen": 2}, follow=True)
    assert "Undo: restore revision 2" in answer.content.decode()
    assert deep.revisions.count() == 3
    moved = {"dist/out/a-1.0.zip", "dist/out/a-1.0.zip.asc", "dist/out/win/b.exe", "dist/README"}
    assert paths(deep) == moved | {"lib/c.jar", "t-1.0-rc1.zip", "t-1.0-rc1.zip.asc"}


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ("dist/out/win/b.exe", "dist/out/win/b.exe exists already"),
        ("dist/OUT/a-1.0.zip", "differ in case only"),
        ("dist/out", "is a file, so"),
    ],
)
def test_what_collides_is_told_before_anything_is_asked(owner, deep, there: str, said) -> None:
    deep.add_files({there: make.blob("other")}, by=make.member(deep))
    asked = {"paths": "out/", "folder": "dist"}
    page = owner.get(url(deep, "move-files"), asked).content.decode()
    assert "These names cannot be given" in page
    assert said in page
    assert "Move 3 files" not in page
    assert owner.post(url(deep, "move-files"), asked | {"seen": 3}).status_code == 422
    assert deep.revisions.count() == 3


def test_a_folder_that_is_gone_is_not_found_and_none_chosen_is_told_beside_them(
    owner, deep
) -> None:
    assert owner.get(url(deep, "move-files"), {"paths": "gone/"}).status_code == 404
    page = owner.get(url(deep, "move-files"), {"folder": "dist"}).content.decode()
    assert "Choose at least one folder" in page
    assert 'aria-describedby="folders-help folders-error"' in page
    sent = {"paths": "gone/", "folder": "dist", "seen": 2}
    assert owner.post(url(deep, "move-files"), sent).status_code == 422
    itself = {"paths": "out/", "folder": "out/win"}
    assert "cannot go into itself" in owner.get(url(deep, "move-files"), itself).content.decode()


def test_of_very_many_folders_those_near_the_top_are_listed(owner, release) -> None:
    many = {f"d{n}/x/y": make.blob("y") for n in range(150)}
    release.add_files(many, by=make.member(release))
    page = owner.get(url(release, "move-files"), {"paths": "d7/x/"})
    assert len(page.context["folders"]) == 200
    assert (page.context["folders"][0]["value"], page.context["deeper"]) == ("d7/x/", 100)
    assert b"100 deeper folders are not listed" in page.content
