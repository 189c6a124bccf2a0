"""Which archives have a bill of materials, for lists that are not long."""

import pytest

from checks.models import Scan
from checks.sbom.osv import Found
from checks.sbom.osv_read import Vulnerability
from checks.templatetags.sboms import (
    SHOWN,
    sbom_beside,
    sboms_of,
    scan_of,
    scans_are_offered,
    severity,
)
from tests import make

pytestmark = pytest.mark.django_db


def revision(*paths: str):
    return make.release(files=dict.fromkeys(paths, "bytes")).newest


def test_each_archive_is_counted_once_with_what_describes_it():
    found = sboms_of(revision("a.zip", "a.zip.cdx.json", "b.tar.gz", "b.tar.gz.asc", "c.txt"))
    assert [(each.path, each.sbom) for each in found.having] == [("a.zip", "a.zip.cdx.json")]
    assert [each.path for each in found.lacking] == ["b.tar.gz"]
    assert (found.count, found.more, found.in_hand) == (2, 0, False)


def test_only_the_first_are_named():
    found = sboms_of(revision(*(f"{n:02}.zip" for n in range(SHOWN + 3))))
    assert (len(found.shown), found.more) == (SHOWN, 3)


def test_without_archives_there_is_nothing_to_say():
    assert sboms_of(revision("a.txt")) is None
    assert sboms_of(None) is None
    assert sbom_beside(None, "a.zip") is None


def test_questions_do_not_grow_with_the_files(django_assert_num_queries):
    many = revision(*(f"{n}.zip" for n in range(50)))
    with django_assert_num_queries(2):
        sboms_of(many)


def test_what_is_being_generated_is_named_with_its_row():
    made = revision("a.zip")
    row = made.release.generate_sbom("a.zip", by=make.member(made.release))
    found = sboms_of(made)
    assert found.in_hand
    assert found.shown[0].row == row
    assert found.shown[0].name == "a.zip"


def test_the_last_scan_of_a_file_is_found_by_its_bytes(settings):
    settings.OSV_URL = "https://osv.example.org"
    made = revision("a.zip.cdx.json")
    blob = made.entries.get().blob
    scan = Scan(release=made.release, path="a.zip.cdx.json", blob=blob)
    scan.ask(by=make.member(made.release))
    assert scan_of(blob) is None
    scan.record_done(Found((Vulnerability("X"),)))
    assert scan_of(blob) == scan
    assert scan_of(None) is None


def test_scans_are_offered_where_a_service_is_set(settings):
    assert not scans_are_offered()
    settings.OSV_URL = "https://osv.example.org"
    assert scans_are_offered()


def test_how_bad_it_is_is_a_word_with_a_colour():
    assert severity("high", 3) == {"word": "high", "level": "blocker", "count": 3}
    assert severity("unknown")["level"] == "note"
