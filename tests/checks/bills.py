"""Releases with bills of materials, as if a worker had read them."""

from typing import Any

from django.utils.timezone import now

from checks.models import Run, Sbom
from checks.rules.sbom_content import SbomContent
from checks.sbom.content import content_of
from checks.sbom.reading import bom_from, parse
from checks.sbom.score import gaps
from checks.sbom.tools import outdated
from checks.sbom.validate import validate
from projects.models import Project
from releases.models import Release
from releases.phases import Phase
from tests import make
from tests.checks.made import checked, found, result

NAME = "tool-{}-src.tar.gz.cdx.json"


def content(data: bytes) -> dict[str, Any]:
    raw = parse(data)
    bom = bom_from(raw)
    return content_of(bom, validate(raw), gaps(bom), outdated(bom), of_source=True)


def kept(data: bytes | str, path: str = "") -> Sbom:
    """What is kept of a document; of text, that it could not be read."""
    told = {"unreadable": data} if isinstance(data, str) else content(data)
    row = result(found(path=path or NAME.format("1.0"), rule=SbomContent.slug))
    return Sbom.objects.keep(row, told)


def release(
    where: Project, version: str, *documents: bytes | str, name: str = NAME, released: bool = False
) -> Release:
    """A draft, or a release, with these documents; the names of others than the first begin with
    numbers."""
    names = [f"{place or ''}{name.format(version)}" for place, _ in enumerate(documents)]
    files = dict.fromkeys(names, b"the bytes") | {"notes.txt": b"text"}
    made = make.release(where, version=version, files=files)
    bills = [kept(each, path).result for each, path in zip(documents, names, strict=True)]
    checked(made.newest, shared=tuple(bills))
    if released:
        fields = {"phase": Phase.RELEASED, "candidate": made.newest, "released_at": now()}
        Release.objects.filter(pk=made.pk).update(**fields)
        made.refresh_from_db()
    return made


def run_of(made: Release) -> Run:
    return Run.objects.get(revision=made.newest)
