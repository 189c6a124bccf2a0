"""What is said of files before they are sent."""

from collections import namedtuple

import pytest
from django.utils.timezone import now

from releases import expecting, resuming
from releases.expecting import Wanted, wanted_in
from releases.models import OpenUpload, Release, Way
from releases.phases import Phase
from tests import make
from trusted_releases.lib.errors import BadInput, NotReady
from trusted_releases.lib.sizes import size_in_words

pytestmark = pytest.mark.django_db

MB = 1 << 20


@pytest.fixture
def release() -> Release:
    return make.release(make.project("tool"), version="1.1", files={"a.txt": "a"})


@pytest.fixture
def member(release):
    return make.member(release)


def check(release, *files) -> list[str]:
    with pytest.raises(BadInput) as caught:
        expecting.check(release, files)
    return [each.text for each in caught.value.obstacles] or [str(caught.value)]


def test_what_is_too_large_is_told_with_its_size_and_the_limit(release, settings):
    settings.MAX_FILE_SIZE = 2 << 30
    (said,) = check(release, Wanted("x.bin", int(2.1 * (1 << 30))))
    assert said == "x.bin has 2.1 GB; the limit for one file is 2.0 GB."


def test_each_file_with_something_wrong_is_named(release, settings):
    settings.MAX_FILE_SIZE = 10
    files = [Wanted("../x", 1), Wanted("b", 11), Wanted("c", 1), Wanted("c", 1)]
    said = check(release, *files)
    assert len(said) == 3
    assert "'..' is not allowed" in said[0]
    assert said[2] == "c is there twice in one upload."


def test_of_many_the_first_are_named_and_the_rest_counted(release):
    said = check(release, *(Wanted(f".h{n}", 1) for n in range(25)))
    assert len(said) == expecting.NAMED + 1
    assert said[-1] == "The same holds for 15 more files."


def test_files_that_are_there_count_as_well(release, settings):
    settings.MAX_FILES = 2
    expecting.check(release, [Wanted("b", 1)])
    expecting.check(release, [Wanted("a.txt", 1), Wanted("b", 1)])
    assert "at most 2 files; this has 3" in check(release, Wanted("b", 1), Wanted("c", 1))[0]
    settings.MAX_REVISION_SIZE = 10
    assert "at most 10 bytes" in check(release, Wanted("b", 10))[0]


def test_names_that_clash_with_what_is_there_are_refused(release):
    assert "differ in case only" in check(release, Wanted("A.txt", 1))[0]
    assert "cannot lie below it" in check(release, Wanted("a.txt/b", 1))[0]


def test_no_file_is_no_upload(release):
    assert check(release) == ["Choose at least one file to upload."]


class TestOddities:
    @pytest.fixture
    def before(self, release):
        old = make.release(
            release.project, version="1.0", files={"tool-1.0-src.tar.gz": b"x" * (2 * MB)}
        )
        out = {"phase": Phase.RELEASED, "candidate": old.newest, "released_at": now()}
        Release.objects.filter(pk=old.pk).update(**out)
        return old

    def test_a_file_much_larger_than_in_the_last_release_is_told(self, release, before):
        (said,) = expecting.oddities(release, [Wanted("tool-1.1-src.tar.gz", 58 * MB)])
        assert "29 times larger than in 1.0, where it has 2.0 MB" in said

    def test_and_a_much_smaller_one(self, release, before):
        (said,) = expecting.oddities(release, [Wanted("tool-1.1-src.tar.gz", 1000)])
        assert "times smaller than in 1.0" in said

    def test_about_the_same_is_nothing_to_tell(self, release, before):
        assert expecting.oddities(release, [Wanted("tool-1.1-src.tar.gz", 3 * MB)]) == []

    def test_another_file_is_nothing_to_tell(self, release, before):
        assert expecting.oddities(release, [Wanted("tool-1.1-bin.tar.gz", 99 * MB)]) == []

    def test_the_first_release_has_nothing_before_it(self, release):
        assert expecting.oddities(release, [Wanted("tool-1.1-src.tar.gz", 99 * MB)]) == []


class TestRoom:
    def begin(self, release, by, path="b", size=10):
        return resuming.begin(release, [Wanted(path, size)], by=by, way=Way.API)

    def test_a_person_has_so_many_uploads_open_at_most(self, release, member, settings):
        settings.MAX_OPEN_UPLOADS = 2
        for _ in range(2):
            self.begin(release, member)
        with pytest.raises(NotReady, match="2 uploads of yours have not ended"):
            self.begin(release, member)
        self.begin(release, make.member(release))
        resuming.cancel(OpenUpload.objects.filter(begun_by=member).first())
        self.begin(release, member)

    def test_and_so_many_bytes_together(self, release, member, settings):
        settings.MAX_OPEN_SIZE = 25
        for _ in range(2):
            self.begin(release, member)
        with pytest.raises(NotReady, match="together; with this one they would have 30 bytes"):
            self.begin(release, member)

    def test_a_full_disk_takes_none(self, release, member, monkeypatch):
        usage = namedtuple("usage", "total used free")
        monkeypatch.setattr(expecting.shutil, "disk_usage", lambda _: usage(9, 0, 1 << 20))
        with pytest.raises(NotReady, match="too little room"):
            self.begin(release, member)
        assert not OpenUpload.objects.exists()


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1536, "1.5 KB"),
        (39 * MB, "39.0 MB"),
        (2 << 30, "2.0 GB"),
    ],
)
def test_sizes_are_said_as_people_do(size, said):
    assert size_in_words(size) == said


GOOD = {"relpath": "a", "size": 1, "sha256": "0" * 64}


def test_the_files_of_a_script_are_read():
    assert wanted_in({"files": [GOOD]}) == [Wanted("a", 1, "0" * 64)]


@pytest.mark.parametrize(
    "files",
    [
        None,
        {},
        [None],
        [[]],
        [{"relpath": "a"}],
        [GOOD | {"size": -1}],
        [GOOD | {"size": True}],
        [GOOD | {"size": "1"}],
        [GOOD | {"size": 1 << 60}],
        [GOOD | {"relpath": 1}],
        [GOOD | {"sha256": 7}],
        [GOOD | {"sha256": "../" + "0" * 61}],
    ],
)
def test_what_is_no_list_of_files_is_refused(files):
    with pytest.raises(BadInput):
        wanted_in({"files": files})
