"""What the platform tells the engine of an archive, and what it keeps of the answer."""

import json
from datetime import timedelta

import pytest

from checks.generating import Problem, about_of, generate
from checks.sbom.generate.about import About
from releases.models import Blob, Generated, Revision
from tests import make
from tests.checks.sbom.generate.archives import refs, tar_of

pytestmark = pytest.mark.django_db

ARCHIVE = "apache-tool-1.0.tar.gz"
FILES = {"t/package.json": '{"name": "web", "version": "1.0"}'}


@pytest.fixture
def row() -> Generated:
    project = make.project("tool", name="Apache Tool", homepage="https://tool.apache.org/")
    release = make.release(project, version="1.0", files={ARCHIVE: tar_of(FILES)})
    release.add_files({"notes.txt": make.blob("later")}, by=make.member(release))
    return release.generate_sbom(ARCHIVE, by=make.member(release))


def test_facts_are_those_of_the_release_and_its_time_that_of_the_archive(row, settings):
    settings.FOUNDATION, settings.SITE_NAME = "A Foundation", "A Site"
    first = row.release.revisions.get(number=1)
    Revision.objects.filter(pk=first.pk).update(made_at=first.made_at - timedelta(days=1))
    first.refresh_from_db()
    about = about_of(row)
    assert about == About(
        path=ARCHIVE,
        sha256=row.input.sha256,
        sha512=row.input.sha512,
        project="tool",
        title="Apache Tool",
        version="1.0",
        supplier="A Foundation",
        publisher=row.release.committee.name,
        made_at=first.made_at.replace(microsecond=0).isoformat(),
        tool="A Site",
        tool_version=settings.VERSION,
        homepage="https://tool.apache.org/",
    )


def test_what_is_made_is_kept_and_nothing_else_is_left(row, settings):
    output, outcome = generate(row)
    assert outcome.components == 1
    assert refs(json.loads(b"".join(output.stream()))) == ["pkg:npm/web@1.0"]
    assert generate(row)[0] == output
    assert Blob.objects.filter(pk=output.pk).exists()
    assert not list(settings.SCRATCH_DIR.glob("sbom-*"))


def test_what_cannot_be_made_leaves_nothing(row, settings):
    settings.CHECK_MEMORY = 32 << 20
    with pytest.raises(Problem, match=r"could not be described|takes more memory"):
        generate(row)
    assert not list(settings.SCRATCH_DIR.glob("sbom-*"))
