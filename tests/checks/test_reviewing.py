"""What comes of a candidate from elsewhere: fetched from where one may, checked as releases are."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks import review_files, reviewing
from checks.engine.folder import MAX_KEYS
from checks.laptop import main as laptop
from checks.models import Review
from checks.reviewing import Abandoned, Problem
from keys.models import Certificate
from projects.models import Committee
from tests import make, pgp
from tests.archives import tar_gz
from tests.checks.reviewed import asked
from tests.releases.importing import servers
from tests.releases.importing.servers import Web, listing, moved, page

pytestmark = pytest.mark.django_db

NAME = "tool-1.0-src.tar.gz"


def told(done: int, total: int) -> bool:
    return True


@pytest.fixture
def web(settings) -> Iterator[Web]:
    with servers.web() as made:
        settings.IMPORT_HOSTS, settings.IMPORT_SCHEMES = [made.host], ["http"]
        settings.IMPORT_PRIVATE = True
        yield made


@pytest.fixture
def signed(tmp_path: Path) -> dict[str, bytes]:
    """An archive and its signature."""
    file = tmp_path / NAME
    file.write_bytes(tar_gz("tool-1.0/README"))
    return {NAME: file.read_bytes(), f"{NAME}.asc": pgp.signer().sign(file).read_bytes()}


def fetched(web: Web, path: str, **about: str) -> dict[str, bytes]:
    row = asked(url=web.url + path, **about)
    found = {}
    for each in reviewing.fetch(row, told):
        with review_files.local(each) as place:
            found[each.path] = place.read_bytes()
    return found


def is_genuine(row: Review) -> bool:
    """Whether the signature was made by a key that it was held against."""
    said = [
        each.message for each in reviewing.check(row, told).findings if each.rule == "signature"
    ]
    assert len(said) == 1
    return "is genuine" in said[0]


def test_a_listing_comes_with_its_signatures(web) -> None:
    web.pages |= {"/rc/": listing("a.zip", "a.zip.asc", "KEYS", ".hidden")}
    web.pages |= {f"/rc/{name}": page(name.encode()) for name in ("a.zip", "a.zip.asc", "KEYS")}
    assert fetched(web, "/rc/") == {n: n.encode() for n in ("a.zip", "a.zip.asc", "KEYS")}


def test_keys_from_another_address_replace_those_of_the_folder(web) -> None:
    web.pages |= {"/rc/": listing("a", "KEYS"), "/rc/a": page(b"a"), "/rc/KEYS": page(b"theirs")}
    web.pages["/KEYS.txt"] = page(b"mine")
    assert fetched(web, "/rc/", keys_url=f"{web.url}/KEYS.txt") == {"a": b"a", "KEYS": b"mine"}


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("http://example.org/x", "not imported from example.org"),
        ("http://169.254.169.254/latest/meta-data", "not imported from 169.254.169.254"),
        ("file:///etc/passwd", "begins with http://"),
    ],
)
def test_a_redirect_off_the_list_is_refused(web, to: str, why: str) -> None:
    web.pages |= {"/a": moved(to), "/b": page(b"b")}
    with pytest.raises(Problem, match=why):
        fetched(web, "/a")
    with pytest.raises(Problem, match=why):
        reviewing.fetch(asked(url=f"{web.url}/b", keys_url=f"{web.url}/a"), told)


def test_a_redirect_on_the_list_is_followed(web) -> None:
    web.pages |= {"/a": moved("/b"), "/b": page(b"b")}
    assert fetched(web, "/a") == {"b": b"b"}


def test_a_private_address_is_refused(web, settings) -> None:
    web.pages["/a"] = page(b"a")
    row = asked(url=f"{web.url}/a")
    settings.IMPORT_PRIVATE = False
    with pytest.raises(Problem, match="private network"):
        reviewing.fetch(row, told)
    assert not web.asked


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("MAX_REVIEW_SIZE", 15, "more than 15 bytes"),
        ("MAX_REVIEW_FILES", 1, "more than 1 files"),
        ("MAX_FILE_SIZE", 9, "larger than 9 bytes"),
    ],
)
def test_more_than_is_allowed_ends_it(web, settings, name: str, value: int, why: str) -> None:
    web.pages |= {"/r/": listing("a", "b"), "/r/a": page(bytes(10)), "/r/b": page(bytes(10))}
    assert len(fetched(web, "/r/")) == 2
    setattr(settings, name, value)
    with pytest.raises(Problem, match=why):
        fetched(web, "/r/")


def test_a_page_is_no_keys_file_for_its_size(web, monkeypatch) -> None:
    web.pages |= {"/a": page(b"a"), "/KEYS": page(bytes(MAX_KEYS + 1))}
    with pytest.raises(Problem, match="KEYS is larger"):
        fetched(web, "/a", keys_url=f"{web.url}/KEYS")


def test_an_empty_folder_is_no_candidate(web) -> None:
    web.pages |= {"/r/": listing(), "/k/": listing("KEYS"), "/k/KEYS": page(b"k")}
    for path in ("/r/", "/k/"):
        with pytest.raises(Problem, match="There is no file at"):
            fetched(web, path)


def test_what_nobody_waits_for_is_not_fetched_to_its_end(web, monkeypatch) -> None:
    monkeypatch.setattr(reviewing, "TICK", 0)
    web.pages |= {"/r/": listing("a", "b"), "/r/a": page(b"a"), "/r/b": page(b"b")}
    with pytest.raises(Abandoned):
        reviewing.fetch(asked(url=f"{web.url}/r/"), lambda *_: False)
    assert len(web.asked) == 2


def test_it_is_what_the_offline_checks_say(signed, tmp_path, capsysbinary, settings) -> None:
    folder = tmp_path / "candidate"
    folder.mkdir()
    keys = folder / "KEYS"
    keys.write_bytes(pgp.signer().public)
    for name, content in signed.items():
        (folder / name).write_bytes(content)
    policy = tmp_path / "policy.json"
    row = asked(files=signed | {"KEYS": keys.read_bytes()}, version="1.0", podling=True)
    policy.write_text(json.dumps(reviewing.policy_of(row).as_json()))
    laptop.main([str(folder), "--keys", str(keys), "--policy", str(policy), "--json"])
    offline = json.loads(capsysbinary.readouterr().out)
    ours = json.loads(reviewing.check(row, told).as_bytes())
    assert ours.pop("review")["keys"] == {"from": "files", "name": "KEYS"}
    assert ours == offline


def test_keys_are_those_that_were_asked_for(signed) -> None:
    committee: Committee = make.committee()
    by = make.member(committee)
    Certificate.objects.import_keys(pgp.signer().public, committee=committee, by=by)
    other = {"KEYS": pgp.signer("Mallory <m@example.org>").public}
    assert is_genuine(asked(files=signed, keys_committee=committee))
    # The committee's keys count, and not those that lie beside the files.
    assert is_genuine(asked(files=signed | other, keys_committee=committee))
    assert not is_genuine(asked(files=signed | other))
    assert not is_genuine(asked(files=signed))


def test_keys_among_the_files_are_not_checked_themselves(signed) -> None:
    row = asked(files=signed | {"KEYS": pgp.signer().public})
    report = reviewing.check(row, told)
    assert [each.path for each in report.files] == sorted(signed)


def test_keys_that_are_too_large_are_not_read(signed, monkeypatch) -> None:
    monkeypatch.setattr(reviewing, "MAX_KEYS", 2)
    with pytest.raises(Problem, match="KEYS is larger"):
        reviewing.check(asked(files=signed | {"KEYS": b"long"}), told)


def test_files_that_are_gone_are_said_to_be(signed) -> None:
    row = asked(files=signed)
    review_files.remove(row.key)
    with pytest.raises(Problem, match="gone before they were checked"):
        reviewing.check(row, told)


def test_progress_ends_at_all_there_is_to_read(signed, monkeypatch) -> None:
    monkeypatch.setattr(reviewing, "TICK", 0)
    steps: list[tuple[int, int]] = []
    reviewing.check(asked(files=signed), lambda *step: bool(steps.append(step) or True))
    assert steps[-1][0] == steps[-1][1] > 0
    assert [step[0] for step in steps] == sorted(step[0] for step in steps)


def test_a_check_that_nobody_waits_for_ends(signed, monkeypatch) -> None:
    monkeypatch.setattr(reviewing, "TICK", 0)
    with pytest.raises(Abandoned):
        reviewing.check(asked(files=signed), lambda *_: False)
