"""rsync over SSH, with the real programs on the other side."""

import os

import pytest

from projects.models import User
from projects.roles import Role
from releases.models import Arrival, Release, Way
from releases.ssh.server import MOST_CONNECTIONS, MOST_OF_NETWORK, Service
from tests import make
from tests.archives import tar_gz
from tests.rsync import PLACE, files_of, laptop, left_over
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.timeout(240),
]


def test_the_first_files_begin_a_release_and_the_terminal_says_where_it_is(alice) -> None:
    alice.write(README_txt=b"hello", docs__a_txt=b"a")
    told = alice.send(PLACE)
    assert told.returncode == 0, told.stderr
    release = Release.objects.get()
    assert files_of(release) == {"README.txt": b"hello", "docs/a.txt": b"a"}
    assert release.last_revision == 1
    assert f"Revision 1 of {release}: Uploaded 2 files by rsync." in told.stderr
    assert release.get_absolute_url() in told.stderr
    event = Event.objects.get(tag=Tag.REVISION_MADE)
    assert event.actor == "alice"
    assert event.facts["by_token"].startswith("SSH key SHA256:")
    assert left_over() == []


def test_the_same_again_changes_nothing_and_says_so(alice) -> None:
    alice.write(a_txt=b"a")
    alice.send(PLACE)
    told = alice.send(PLACE)
    assert (told.returncode, "Nothing has changed" in told.stderr) == (0, True)
    assert Release.objects.get().last_revision == 1


def test_archives_are_looked_at_before_all_of_it_is_one_revision(alice) -> None:
    alice.write(tool_tar_gz=tar_gz(), tool_tar_gz_sha512=b"x", a_txt=b"a")
    told = alice.send(PLACE)
    assert (told.returncode, "Received 3 files" in told.stderr) == (0, True)
    arrival = Arrival.objects.get()
    assert (arrival.way, arrival.release.last_revision) == (Way.RSYNC, 0)
    run_pending()
    release = Release.objects.get()
    assert set(files_of(release)) == {"tool.tar.gz", "tool.tar.gz.sha512", "a.txt"}
    assert release.last_revision == 1


def test_delete_takes_out_what_is_not_there_any_more_below_its_folder(alice) -> None:
    alice.write(a_txt=b"a", docs__b_txt=b"b", docs__c_txt=b"c")
    alice.send(PLACE)
    (alice.files / "docs" / "b.txt").unlink()
    alice.send(PLACE)
    assert Release.objects.get().last_revision == 1
    told = alice.send(PLACE, "--delete")
    assert "Revision 2" in told.stderr, told
    assert set(files_of(Release.objects.get())) == {"a.txt", "docs/c.txt"}
    (alice.files / "a.txt").rename(alice.files / "z.txt")
    (alice.files / "docs" / "c.txt").unlink()
    (alice.files / "docs").rmdir()
    alice.send(f"{PLACE}docs/", "--delete")
    assert set(files_of(Release.objects.get())) == {"a.txt", "docs/z.txt"}


def test_delete_leaves_what_is_excluded_and_what_came_or_stayed_the_same(alice) -> None:
    alice.write(a_txt=b"a", empty=b"", docs__b_txt=b"b", docs__c_txt=b"c", odd=b"o", gone__x=b"x")
    alice.send(PLACE)
    alice.write(a_txt_asc=b"made here", docs__b_txt_asc=b"made here")
    alice.send(PLACE)
    for name in ("a.txt.asc", "docs/b.txt.asc", "docs/c.txt", "gone/x", "odd"):
        (alice.files / name).unlink()
    (alice.files / "gone").rmdir()
    alice.write(odd__now_txt=b"a folder")
    told = alice.send(PLACE, "--delete", "--exclude=*.asc")
    assert told.returncode == 0, told.stderr
    assert "deleting docs/c.txt" in told.stdout
    assert files_of(Release.objects.get()) == {
        "a.txt": b"a",
        "a.txt.asc": b"made here",
        "docs/b.txt": b"b",
        "docs/b.txt.asc": b"made here",
        "empty": b"",
        "odd/now.txt": b"a folder",
    }
    told = alice.send(PLACE, "--delete", "--exclude=*.asc")
    assert "Nothing has changed" in told.stderr, told.stderr
    alice.send(PLACE, "--delete")
    assert set(files_of(Release.objects.get())) == {"a.txt", "docs/b.txt", "empty", "odd/now.txt"}
    assert left_over() == []


def test_files_come_back_as_they_went(alice) -> None:
    alice.write(a_txt=b"a" * 100_000, docs__b_txt=b"b")
    alice.send(PLACE)
    got = alice.get(PLACE)
    assert got.returncode == 0, got.stderr
    assert (alice.home / "got" / "a.txt").read_bytes() == b"a" * 100_000
    assert (alice.home / "got" / "docs" / "b.txt").read_bytes() == b"b"
    assert "a.txt" not in alice.get(PLACE).stdout, "what is there is not sent again"
    alice.get(f"{PLACE}docs/")
    assert (alice.home / "got" / "b.txt").read_bytes() == b"b"
    assert left_over() == []


def test_what_is_voted_on_can_be_read_and_not_written(alice, project) -> None:
    draft = make.release(project, version="1.0", files={"a.txt": "a"})
    make.checked(draft.newest)
    vote = make.vote(draft)
    assert alice.get(PLACE).returncode == 0
    assert (alice.home / "got" / "a.txt").read_bytes() == b"a"
    alice.write(b_txt=b"b")
    told = alice.send(PLACE)
    assert told.returncode != 0
    assert "frozen" in told.stderr
    assert vote.release.newest.number == 1


def test_who_may_not_is_refused_before_a_byte_is_sent_and_on_record(
    project, port, tmp_path
) -> None:
    make.release(project, version="1.0", files={"a.txt": "a"})
    committer = laptop(tmp_path / "c", port, make.user(username="carol", is_committer=True))
    committer.write(b_txt=b"b")
    told = committer.send(PLACE)
    assert told.returncode != 0
    assert "Refused." in told.stderr
    assert Release.objects.get().last_revision == 1
    assert {each.actor for each in Event.objects.filter(tag=Tag.REFUSED)} == {"carol"}
    assert committer.get(PLACE).returncode == 0, "who may see a draft may have it"
    helper = laptop(tmp_path / "h", port, make.member(project, Role.PARTICIPANT))
    helper.write(b_txt=b"b")
    assert helper.send(PLACE).returncode == 0
    told = committer.send("/tool/2.0/")
    assert "Refused." in told.stderr
    assert not Release.objects.filter(version="2.0").exists()
    for place in ("/nothing/1.0/", "/tool/1.0", "/tool/../1.0/"):
        assert "Refused." in helper.send(place).stderr


def test_only_the_key_of_an_account_that_is_switched_on_opens_it(alice, project, port, tmp_path):
    stranger = laptop(tmp_path / "s", port)
    for name in ("alice", "nobody", "root", "github", "a" * 300):
        stranger.name = name
        assert "Permission denied" in stranger.send(PLACE).stderr
    bob = laptop(tmp_path / "b", port, make.member(project, username="bob"))
    bob.name = "alice"
    assert "Permission denied" in bob.send(PLACE).stderr
    officer = make.user(is_superuser=True, username="officer")
    User.objects.get(username="alice").switch_off(by=officer, reason="Gone")
    assert "Permission denied" in alice.send(PLACE).stderr
    assert not Release.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("ls",),
        ("rsync --server -vlogDtpre.iLsfxCIvu . /tool/1.0/; id",),
        ("rsync --server --daemon .",),
        ("-s", "sftp"),
        ("-tt", "sh"),
        ("scp", "-t", "/tmp"),
        (),
    ],
)
def test_nothing_but_rsync_is_there(alice, words) -> None:
    told = alice.ssh("alice@127.0.0.1", *words) if words else alice.ssh("alice@127.0.0.1")
    assert told.returncode != 0
    assert "uid=" not in told.stdout + told.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("-o", "KexAlgorithms=diffie-hellman-group14-sha1"),
        ("-o", "Ciphers=aes128-cbc"),
        ("-o", "MACs=hmac-sha1", "-o", "Ciphers=aes128-ctr"),
    ],
)
def test_old_algorithms_are_not_spoken(alice, options) -> None:
    told = alice.ssh(*options, "alice@127.0.0.1", "ls")
    assert "no matching" in told.stderr or "Unsupported" in told.stderr, told.stderr


def test_nothing_is_forwarded(alice) -> None:
    told = alice.ssh("-W", "127.0.0.1:22", "alice@127.0.0.1")
    assert "administratively prohibited" in told.stderr or "open failed" in told.stderr


def test_links_pipes_and_bad_names_are_refused_whole(alice) -> None:
    alice.write(a_txt=b"a")
    for name, make_it in (
        ("link", lambda place: place.symlink_to("/etc/passwd")),
        ("up", lambda place: place.symlink_to("..")),
        ("pipe", os.mkfifo),
        (".hidden", lambda place: place.write_bytes(b"x")),
        ("with space", lambda place: place.write_bytes(b"x")),
        ("new\nline", lambda place: place.write_bytes(b"x")),
        ("é", lambda place: place.write_bytes(b"x")),
    ):
        place = alice.files / name
        make_it(place)
        told = alice.send(PLACE)
        assert told.returncode != 0, name
        assert "Nothing was taken." in told.stderr, name
        place.unlink()
    assert not Release.objects.exists()
    assert left_over() == []


def test_modes_and_owners_of_theirs_mean_nothing_here(alice) -> None:
    alice.write(deep__er__a_txt=b"a", b_sh=b"#!/bin/sh\n")
    (alice.files / "b.sh").chmod(0o6755)
    (alice.files / "deep" / "er").chmod(0o500)
    told = alice.send(PLACE)
    assert told.returncode == 0, told.stderr
    assert set(files_of(Release.objects.get())) == {"deep/er/a.txt", "b.sh"}
    assert left_over() == []


def test_a_household_of_ipv6_is_one_and_leaves_room_for_others() -> None:
    service = Service()
    assert sum(service.comes(f"2001:db8::{number:x}") for number in range(100)) == MOST_OF_NETWORK
    assert service.comes("2001:db8:0:1::1")
    service.goes("2001:db8::1")
    assert service.comes("2001:db8::ffff"), "a place that was left is free for all of them"


def test_nothing_is_kept_of_those_for_whom_there_is_no_room() -> None:
    service = Service()
    came = [f"192.0.2.{number}" for number in range(200)]
    assert [service.comes(each) for each in came].count(True) == MOST_CONNECTIONS
    assert len(service.there) == MOST_CONNECTIONS
    for each in came[:MOST_CONNECTIONS]:
        service.goes(each)
    assert not service.there
