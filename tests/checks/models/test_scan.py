"""Who may have a bill of materials scanned, and what a scan says afterwards."""

import pytest
from django.core.exceptions import PermissionDenied

from checks.models import Scan
from checks.sbom.osv import Found
from checks.sbom.osv_read import Vulnerability
from projects.roles import Role
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import NotReady

pytestmark = pytest.mark.django_db

SBOM = "tool-1.0.tar.gz.cdx.json"


@pytest.fixture(autouse=True)
def service(settings):
    settings.OSV_URL = "https://osv.example.org"


@pytest.fixture
def release():
    return make.release(make.project("tool"), version="1.0", files={SBOM: "{}", "a.txt": "a"})


def scan_of(release, path=SBOM) -> Scan:
    entry = release.newest.entries.get(path=path)
    return Scan(release=release, path=path, blob=entry.blob)


def codes(caught) -> list[str]:
    return [each.code for each in caught.value.obstacles]


def test_it_leaves_a_row_an_event_and_a_job(release):
    person = make.member(release.project, Role.PARTICIPANT)
    scan = scan_of(release).ask(by=person)
    assert (scan.state, scan.asked_by, scan.is_in_hand) == ("waiting", person, True)
    event = Event.objects.get(tag=Tag.SCAN_ASKED)
    assert event.facts == {"path": SBOM, "sbom": f"sha256:{scan.blob.sha256}"}
    job = Job.objects.get(name="checks.scan_sbom")
    assert (job.queue, job.args) == ("source", {"event": event.pk})


def test_others_may_not(release):
    for person in (make.user(is_committer=True), make.operator(), make.member(make.project())):
        with pytest.raises(PermissionDenied):
            scan_of(release).ask(by=person)
    assert not Scan.objects.exists()


def test_without_a_service_nobody_is_asked(release, settings):
    settings.OSV_URL = ""
    with pytest.raises(NotReady, match="OSV_URL") as caught:
        scan_of(release).ask(by=make.member(release))
    assert codes(caught) == ["no_service"]


def test_only_bills_of_materials_are_scanned(release):
    with pytest.raises(NotReady) as caught:
        scan_of(release, "a.txt").ask(by=make.member(release))
    assert codes(caught) == ["no_sbom"]


def test_nobody_asks_twice_at_once_unless_the_worker_was_lost(release):
    first = scan_of(release).ask(by=make.member(release))
    with pytest.raises(NotReady) as caught:
        scan_of(release).ask(by=make.member(release))
    assert codes(caught) == ["scan_pending"]
    Job.objects.update(state=Job.State.FAILED)
    second = scan_of(release).ask(by=make.member(release))
    first.refresh_from_db()
    assert (first.state, second.state) == ("failed", "waiting")


def test_what_was_released_can_still_be_scanned():
    release = make.passed(make.candidate(files={SBOM: "{}"}))
    assert scan_of(release).ask(by=make.member(release)).is_waiting


def test_the_worst_comes_first(release):
    scan = scan_of(release).ask(by=make.member(release))
    every = [("L", "low", 2.0), ("U", "unknown", None), ("H1", "high", 7.0), ("H2", "high", 8.9)]
    found = tuple(Vulnerability(i, severity=word, score=score) for i, word, score in every)
    assert scan.record_done(Found(found, 3, {"L": ("a 1",) * 200}), components=4)
    assert [each.ident for each in scan.worst_first] == ["H2", "H1", "L", "U"]
    assert scan.counts() == {"high": 2, "low": 1, "unknown": 1}
    assert (scan.count, scan.left_out, scan.components) == (4, 3, 4)
    low = scan.vulnerabilities.get(ident="L")
    assert (len(low.affected), low.affected_count) == (100, 200)
    assert [each.ident for each in scan.first_ten] == ["H2", "H1", "L", "U"]


def test_what_was_settled_stays(release):
    scan = scan_of(release).ask(by=make.member(release))
    assert scan.record_failed("Nobody\x00 there." + "x" * 5000)
    assert not scan.record_failed("again")
    assert not scan.record_done(Found((Vulnerability("X"),)))
    assert scan.vulnerabilities.count() == 0
    assert "\x00" not in scan.problem
    assert len(scan.problem) <= 1_000


def test_text_that_no_database_takes_is_cleaned(release):
    scan = scan_of(release).ask(by=make.member(release))
    scan.record_done(Found((Vulnerability("X", summary="a\x00b"),), components={"X": ("n\x00",)}))
    found = scan.vulnerabilities.get()
    assert "\x00" not in found.summary + "".join(found.affected)


def test_the_same_bytes_in_another_release_have_the_same_scan(release):
    scan = scan_of(release).ask(by=make.member(release))
    scan.record_done(Found())
    other = make.release(make.project("other"), files={SBOM: "{}"})
    blob = other.newest.entries.get(path=SBOM).blob
    assert Scan.objects.last_done(blob) == Scan.objects.newest_of(blob) == scan
    assert Scan.objects.last_done(None) is None
