"""How many bytes a project may hold: what counts, what is kept out, and who may still do what."""

import threading

import pytest
from django.db import connections

from releases import resuming
from releases.expecting import Wanted
from releases.models import Arrival, OpenUpload, Release, Usage, Way
from releases.models.usage import room_of
from releases.phases import Phase
from tests import make
from tests.api import Api, refused
from tests.archives import tar_gz
from tests.releases.test_resuming import sha
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import NotReady

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(settings) -> Release:
    settings.PROJECT_QUOTA = 100
    return make.release(make.project("tool"), version="1.0", files={"a.txt": "x" * 10})


@pytest.fixture
def member(release):
    return make.member(release)


def send(release: Release, by, size: int, path: str = "b.bin", letter: str = "b") -> object:
    return release.receive({path: make.blob(letter * size)}, by=by, way=Way.API)


def full(release: Release, by, size: int, **more: str) -> str:
    with pytest.raises(NotReady) as error:
        send(release, by, size, **more)
    assert error.value.obstacles[0].code == "quota"
    return str(error.value)


def test_it_takes_what_there_is_room_for_and_no_byte_more(release, member) -> None:
    said = full(release, member, 91)
    assert "may hold 100 bytes together" in said
    assert "They hold 10 bytes, and this is 91 bytes more." in said
    assert "Delete drafts" in said
    assert Event.objects.get(refused=True).facts["obstacles"] == ["quota"]
    assert send(release, member, 90)
    assert room_of(release).left == 0


def test_every_revision_counts_and_each_file_once(release, member) -> None:
    send(release, member, 20, letter="b")
    send(release, member, 20, letter="c")
    assert room_of(release).used == 50
    other = make.release(release.project, version="2.0", by=member)
    assert send(other, member, 20, letter="b")
    assert room_of(other).used == 50


def test_what_is_out_counts_no_more_and_deleted_drafts_make_room(release, member) -> None:
    other = make.release(release.project, version="2.0", by=member)
    send(other, member, 90)
    full(release, member, 1, letter="c")
    other.delete_draft(by=member)
    assert send(release, member, 1, letter="c")
    assert room_of(release).used == 11


def test_what_is_out_counts_no_more(release, member, settings) -> None:
    make.checked(release.newest)
    passed = make.passed(release)
    assert room_of(passed).used == 10
    make.publication(passed).record_published("tool/tool/1.0")
    out = Release.objects.get()
    out.announce(by=member, subject="Out", body="It is out.")
    assert Release.objects.get().phase == Phase.RELEASED
    assert room_of(out).used == 0


def test_other_projects_have_room_of_their_own(release, member) -> None:
    send(release, member, 90)
    other = make.release(make.project("other"))
    assert send(other, make.member(other), 100, letter="c")


def test_a_full_project_may_be_tidied_and_gets_what_it_has_again(release, member) -> None:
    send(release, member, 90)
    release.rename_file("b.bin", "c.bin", by=member)
    release.delete_files(["c.bin"], by=member)
    release.restore_revision(2, by=member)
    assert send(release, member, 90, path="d.bin")
    assert room_of(release).left == 0


def test_what_waits_has_its_room_and_what_is_refused_gives_it_back(
    release, member, settings
) -> None:
    settings.PROJECT_QUOTA = 10 + len(tar_gz("../evil"))
    release.receive({"x.tar.gz": make.blob(tar_gz("../evil"))}, by=member, way=Way.API)
    assert room_of(release).left == 0
    full(release, member, 1)
    run_pending()
    assert release.arrivals.get().state == Arrival.State.REFUSED
    assert room_of(release).used == 10
    assert send(release, member, 1)


def test_what_was_taken_becomes_a_revision_though_the_limit_fell_meanwhile(
    release, member, settings
) -> None:
    settings.PROJECT_QUOTA = 10 + len(tar_gz())
    release.receive({"x.tar.gz": make.blob(tar_gz())}, by=member, way=Way.API)
    settings.PROJECT_QUOTA = 1
    run_pending()
    release.refresh_from_db()
    assert release.last_revision == 2


def test_operators_give_a_project_more_room_or_less(release, member) -> None:
    project = release.project
    project.upload_quota = 200
    project.save()
    assert send(release, member, 150)
    project.upload_quota = 50
    project.save()
    assert "may hold 50 bytes" in full(release, member, 1, letter="c")


def test_nobody_learns_from_it_of_what_is_under_embargo(release, member) -> None:
    secret = Release.objects.start(release.project, "3.0", by=member, expedited=True)
    send(secret, member, 80, letter="s")
    assert room_of(release).used == 10
    assert room_of(secret).used == 90
    assert send(release, member, 90)
    assert Usage.objects.get().size == 100
    full(secret, member, 1, letter="t")


def test_it_is_refused_before_a_byte_is_sent_where_sizes_are_known(release, member) -> None:
    large = {"relpath": "b.bin", "size": 91}
    of = {"project": "tool", "version": "1.0"}
    api = Api(member)
    answer = api.post("/release/upload/begin", of | {"files": [large]})
    assert "may hold 100 bytes" in refused(answer, 409)
    assert not OpenUpload.objects.exists()
    query = "project=tool&version=1.0&relpath=b.bin"
    kind = "application/octet-stream"
    answer = api.post(f"/release/store?{query}", b"b" * 101, content_type=kind)
    assert "may hold 100 bytes" in refused(answer, 409)
    page = logged_in(member).post(
        "/releases/tool/1.0/upload/ask/", {"files": [large]}, "application/json"
    )
    assert (page.status_code, "may hold 100 bytes" in page.json()["refused"][0]) == (409, True)


def test_what_the_project_has_need_not_find_room_once_more(release, member) -> None:
    send(release, member, 90)
    known = Wanted("c.bin", 90, sha(b"b" * 90))
    assert resuming.begin(release, [known], by=member, way=Way.API)
    with pytest.raises(NotReady, match="may hold"):
        resuming.begin(release, [Wanted("c.bin", 90, sha(b"c"))], by=member, way=Way.API)
    assert resuming.begin(release, [Wanted("b.bin", 90)], by=member, way=Way.API)


def test_an_import_is_not_begun_where_there_is_no_room(release, member, settings) -> None:
    settings.IMPORT_HOSTS = ["dist.example.org"]
    ask = ("web", "https://dist.example.org/r/")
    send(release, member, 90)
    with pytest.raises(NotReady, match="may hold"):
        release.import_files(*ask, by=member)
    settings.PROJECT_QUOTA = 101
    assert release.import_files(*ask, by=member)


def test_the_page_says_how_much_there_is(release, member) -> None:
    page = logged_in(member).get(release.get_absolute_url()).content.decode()
    assert "hold 10\xa0bytes of the 100\xa0bytes that they may." in page
    assert "Nothing more can be added" not in page
    send(release, member, 90)
    page = logged_in(member).get(release.get_absolute_url()).content.decode()
    assert "Nothing more can be added" in page


@pytest.mark.django_db(transaction=True)
def test_of_two_uploads_at_once_one_finds_no_room(release, member) -> None:
    other = make.release(release.project, version="2.0", by=member)
    blobs = {each.pk: make.blob(letter * 60) for each, letter in ((release, "b"), (other, "c"))}
    begun, answers = threading.Barrier(2), []

    def one(release: Release) -> None:
        try:
            row = Release.objects.get(pk=release.pk)
            begun.wait()
            row.receive({"b.bin": blobs[row.pk]}, by=member, way=Way.API)
            answers.append("taken")
        except NotReady as error:
            answers.append(error.obstacles[0].code)
        finally:
            connections.close_all()

    both = [threading.Thread(target=one, args=(each,)) for each in (release, other)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(answers) == ["quota", "taken"]
    assert room_of(release).used == 70
