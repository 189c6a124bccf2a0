"""Runs with findings, as if a worker had come to them."""

from itertools import count

from django.test import Client
from django.urls import reverse

from checks.engine.model import Finding, Level, UnitResult
from checks.models import Result, Run
from releases.models import Release, Revision
from releases.phases import Verdict
from tests import make

_keys = count(1)
FILES = {"tool-1.0.tar.gz": "bytes", "notes.txt": "text"}


def found(
    level: Level = Level.CONCERN,
    path: str = "tool-1.0.tar.gz",
    message: str = "It has no header.",
    *,
    rule: str = "license.headers",
    **more,
) -> Finding:
    return Finding(rule, 1, level, path, message, **more)


def result(*findings: Finding, error: str = "", version: str = "1.0") -> Result:
    """A result of its own, which no other revision has."""
    key = f"{next(_keys):064}"
    rules = tuple(sorted({each.rule for each in findings})) or ("paths",)
    path = findings[0].path if findings else "tool-1.0.tar.gz"
    return Result.objects.keep(UnitResult(key, path, rules, findings, error, 1.0), version)


def checked(revision: Revision, *findings: Finding, error: str = "", shared: tuple = ()) -> Run:
    """The finished run of a revision; `shared` are results that another one has too."""
    run = Run.objects.create(revision=revision, state=Run.State.DONE)
    own = [result(*findings, error=error, version=revision.release.version)]
    run.results.set([*shared, *own])
    blocked = any(each.level == Level.BLOCKER for each in findings)
    revision.record_verdict(
        Verdict.FAILED if blocked or error else Verdict.PASSED,
        counts=run.findings.counts() | {"error": int(bool(error))},
        concerns=(),
        basis=revision.release.check_basis(),
    )
    return Run.objects.select_related("revision__release").get(pk=run.pk)


def draft(version: str = "1.0", **fields) -> Release:
    return make.release(make.project("tool"), version=version, files=FILES, **fields)


def next_revision(release: Release) -> Revision:
    """One more revision of the draft, with a file that is new."""
    files = {f"more-{release.last_revision}.txt": make.blob("more")}
    release.add_files(files, by=make.member(release))
    return release.newest


def member_of(release: Release) -> Client:
    client = Client()
    client.force_login(make.member(release))
    return client


def url(release: Release, name: str, *more: object) -> str:
    return reverse(f"checks:{name}", args=[*release.url_args, *more])
