"""Workers that make bills of materials and have them scanned, and die on the way."""

import json
from datetime import timedelta

import pytest
from django.utils.timezone import now

from checks import generating
from checks.models import KnownVulnerability, Scan
from checks.scanning import OFF, UNREACHABLE
from releases.models import Generated, Release, Revision
from tests import make
from tests.checks.sbom.generate.archives import tar_of
from tests.checks.sbom.osv_server import LOG4SHELL, Osv, running
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run as run_job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)

ARCHIVE = "apache-tool-1.0.tar.gz"
SBOM = f"{ARCHIVE}.cdx.json"
PURL = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.0"
POM = """<project><groupId>g</groupId><artifactId>a</artifactId><version>1.0</version><dependencies>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId>
<version>2.14.0</version></dependency><dependency><groupId>x</groupId><artifactId>y</artifactId>
</dependency></dependencies></project>"""


@pytest.fixture
def release() -> Release:
    files = {ARCHIVE: tar_of({"t/pom.xml": POM, "t/bad/pom.xml": "<"})}
    return make.release(make.project("tool"), version="1.0", files=files)


@pytest.fixture
def osv(settings):
    with running(Osv({PURL: [LOG4SHELL["id"]]}, LOG4SHELL)) as service:
        settings.OSV_URL = service.url
        yield service


def again(release) -> Release:
    return Release.objects.get(pk=release.pk)


def work(name: str) -> None:
    """Have one kind of job done, and not the checks of all that was uploaded."""
    for waiting in Job.objects.filter(name=name, state=Job.State.QUEUED):
        run_job(waiting.pk)


def made(release) -> Generated:
    row = release.generate_sbom(ARCHIVE, by=make.member(release))
    work("checks.generate_sbom")
    row.refresh_from_db()
    return row


def asked(release) -> Scan:
    entry = again(release).newest.entries.get(path=SBOM)
    return Scan(release=again(release), path=SBOM, blob=entry.blob).ask(by=make.member(release))


def scanned(release) -> Scan:
    scan = asked(release)
    work("checks.scan_sbom")
    scan.refresh_from_db()
    return scan


def job(name: str) -> Job:
    return Job.objects.get(name=name)


def test_a_bill_of_materials_becomes_a_revision_that_is_checked(release):
    row = made(release)
    assert (row.state, row.revision, row.told["components"]) == ("made", 2, 3)
    assert row.told["unread"] == [["t/bad/pom.xml", "it is no XML"]]
    entry = again(release).newest.entries.get(path=SBOM)
    assert entry.blob == row.output
    assert json.loads(b"".join(entry.blob.stream()))["bomFormat"] == "CycloneDX"
    assert job("checks.generate_sbom").result["unread"] == 1
    run_pending()
    assert again(release).newest.run.state == "done"


def test_a_job_that_runs_twice_finds_all_done(release):
    row = made(release)
    Job.objects.filter(name="checks.generate_sbom").update(state="queued")
    run_job(job("checks.generate_sbom").pk)
    assert job("checks.generate_sbom").result == {"settled": True}
    assert again(release).last_revision == 2
    assert Event.objects.filter(tag=Tag.SBOM_MADE).count() == 1
    assert row.state == "made"


def test_a_worker_that_dies_after_making_it_doubles_nothing(release, monkeypatch):
    """The bytes are kept, the draft is not changed yet: another worker does it again."""
    real = generating.generate

    def dying(row, progress):
        result = real(row, progress)
        Job.objects.filter(name="checks.generate_sbom").update(claim="of another worker")
        return result

    monkeypatch.setattr(generating, "generate", dying)
    row = made(release)
    assert (row.state, again(release).last_revision) == ("waiting", 1)
    monkeypatch.setattr(generating, "generate", real)
    Job.objects.filter(name="checks.generate_sbom").update(lease_until=now() - timedelta(seconds=1))
    run_job(job("checks.generate_sbom").pk)
    row.refresh_from_db()
    assert (row.state, row.revision) == ("made", 2)
    assert Revision.objects.filter(release=release).count() == 2


def test_an_archive_that_cannot_be_described_is_a_sentence_on_the_row():
    release = make.release(files={ARCHIVE: "no archive"})
    row = made(release)
    assert row.state == "failed"
    assert "cannot be read to its end" in row.problem
    assert again(release).last_revision == 1


def test_a_draft_that_was_deleted_meanwhile_is_the_end_of_it(release):
    release.generate_sbom(ARCHIVE, by=make.member(release))
    release.delete_draft(by=make.member(release))
    work("checks.generate_sbom")
    assert job("checks.generate_sbom").result["gone"]


def test_a_draft_that_goes_on_meanwhile_gets_it_all_the_same(release, monkeypatch):
    real = generating.generate

    def slow(row, progress):
        again(release).add_files({"more.txt": make.blob("more")}, by=make.member(release))
        return real(row, progress)

    monkeypatch.setattr(generating, "generate", slow)
    assert made(release).revision == 3


def test_a_scan_keeps_what_was_found_beside_the_file(release, osv):
    output = made(release).output
    scan = scanned(release)
    assert (scan.state, scan.components, scan.service) == ("done", 2, "127.0.0.1")
    assert (scan.ignored, scan.ignored_count) == (["x/y"], 1)
    found = scan.vulnerabilities.get()
    assert (found.ident, found.severity, found.score) == (LOG4SHELL["id"], "critical", 10.0)
    assert found.affected == ["org.apache.logging.log4j/log4j-core 2.14.0"]
    assert again(release).newest.entries.get(path=SBOM).blob == output
    assert Event.objects.get(tag=Tag.SCAN_DONE).facts["found"] == 1


def test_a_scan_can_be_repeated_and_the_one_before_stays(release, osv):
    made(release)
    first = scanned(release)
    osv.known.clear()
    second = scanned(release)
    assert [first.count, second.count] == [1, 0]
    assert Scan.objects.last_done(second.blob) == second


def test_a_scan_that_runs_twice_finds_all_done(release, osv):
    made(release)
    scanned(release)
    Job.objects.filter(name="checks.scan_sbom").update(state="queued")
    run_job(job("checks.scan_sbom").pk)
    assert job("checks.scan_sbom").result == {"settled": True}
    assert KnownVulnerability.objects.count() == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_is_busy_is_tried_again_later_by_people(release, osv, status):
    made(release)
    osv.status = status
    scan = scanned(release)
    assert (scan.state, scan.problem) == ("failed", UNREACHABLE)
    assert job("checks.scan_sbom").state == "done"
    osv.status = 200
    assert scanned(release).state == "done"


def test_a_service_that_says_something_else_is_a_sentence(release, osv):
    made(release)
    osv.body = b"<html>"
    scan = scanned(release)
    assert scan.problem.startswith("The OSV service cannot be used: it answers with something")
    assert not KnownVulnerability.objects.exists()


def test_a_service_that_was_switched_off_is_not_asked(release, osv, settings):
    made(release)
    scan = asked(release)
    settings.OSV_URL = ""
    work("checks.scan_sbom")
    scan.refresh_from_db()
    assert (scan.state, scan.problem) == ("failed", OFF)


def test_a_file_that_is_no_bill_of_materials_is_not_asked_about(osv):
    release = make.release(files={SBOM: '{"bomFormat": "other"}'})
    scan = scanned(release)
    assert scan.state == "failed"
    assert scan.problem.startswith(f"{SBOM} cannot be read. ")
    assert osv.asked == []


def test_a_draft_that_was_deleted_before_its_scan_is_the_end_of_it(release, osv):
    made(release)
    asked(release)
    release.delete_draft(by=make.member(release))
    work("checks.scan_sbom")
    assert job("checks.scan_sbom").result["gone"]
