"""What is told of jobs whose rows are gone, or that make nothing."""

import pytest

from releases.api.task_made import Made, made_by
from releases.models import Import
from tests import make
from trusted_releases.ledger.models import Event, Job

pytestmark = pytest.mark.django_db


def test_what_is_gone_or_makes_nothing_says_nothing() -> None:
    release = make.release(files={"a.zip": "a"})
    checks = Job.objects.filter(name="checks.run").first()
    assert made_by(checks, Event.objects.latest("pk")) == Made()
    by = make.member(release)
    row = release.import_files("web", "https://dist.apache.org/x/", by=by)
    job, event = Job.objects.about(row).get(), Event.objects.about(row).get()
    assert made_by(job, event).args["url"] == row.url
    assert made_by(job, None) == Made()
    Import.objects.all().delete()
    assert made_by(job, event) == Made()
    bom = release.generate_sbom("a.zip", by=by)
    job, event = Job.objects.about(bom).get(), Event.objects.about(bom).get()
    assert made_by(job, event).path == "a.zip"
    bom.delete()
    assert made_by(job, event) == Made()
