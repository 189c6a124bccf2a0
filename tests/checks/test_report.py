"""What there is to say about one file."""

import pytest

from checks import report
from checks.asking import Asked
from checks.engine.model import Level
from tests import make
from tests.checks.made import checked, draft, found

pytestmark = pytest.mark.django_db

TOOL = "tool-1.0.tar.gz"


def places(*members, asked=None):
    release = draft()
    findings = [found(level, member=member) for level, member in members]
    run = checked(release.newest, *findings, found(message="About the archive."))
    return report.places_of(run.findings, asked or Asked())


def test_members_are_gathered_by_folder_the_worst_first():
    found_in = places(
        (Level.NOTE, "top/a/x.c"),
        (Level.CONCERN, "top/b/y.c"),
        (Level.CONCERN, "top/b/z.c"),
        (Level.BLOCKER, "top/w.c"),
    )
    assert found_in.under == "top/"
    assert [(each.name, each.count, each.worst) for each in found_in.listed] == [
        ("w.c", 1, "blocker"),
        ("b/", 2, "concern"),
        ("a/", 1, "note"),
    ]
    assert found_in.listed[1].query == "?under=top%2Fb%2F"
    assert found_in.steps == (("top", "?under=top%2F"),)


def test_a_step_into_a_folder_shows_what_is_in_it():
    members = ((Level.NOTE, "top/a/x.c"), (Level.NOTE, "top/b/y.c"), (Level.NOTE, "top/b/z/z.c"))
    found_in = places(*members, asked=Asked(under="top/b/"))
    assert [each.name for each in found_in.listed] == ["z/", "y.c"]
    assert [name for name, _ in found_in.steps] == ["top", "b"]


def test_a_folder_without_findings_is_empty():
    assert places((Level.NOTE, "a/b"), asked=Asked(under="c/")).listed == ()


def test_a_file_without_findings_about_members_has_no_places():
    assert places() is None


def test_more_places_than_one_reads_are_counted(monkeypatch):
    monkeypatch.setattr(report, "PLACES", 2)
    found_in = places(*((Level.NOTE, f"top/{n}.c") for n in range(5)))
    assert (len(found_in.listed), found_in.more) == (2, 3)


def test_the_signers_of_a_file_are_those_of_the_signature_beside_it():
    facts = {"user_id": "Alice <a@x.org>", "certificate_fingerprint": "ab" * 20}
    run = checked(
        draft().newest,
        found(Level.NOTE, f"{TOOL}.asc", "Signed by Alice.", rule="signature", data=facts),
        found(Level.BLOCKER, f"{TOOL}.asc", "Bad.", rule="signature"),
        found(Level.NOTE, f"{TOOL}.asc", "Belongs to it.", rule="paths"),
    )
    for path in (TOOL, f"{TOOL}.asc"):
        refused, good = report.signers_of(run, path)
        assert (refused.counts, refused.name, refused.fingerprint) == (False, "", "")
        assert (good.counts, good.name, good.fingerprint) == (True, *facts.values())
    assert report.signers_of(run, "notes.txt") == []


def test_the_kind_is_what_the_rule_about_paths_read():
    run = checked(draft().newest, found(Level.NOTE, rule="paths", data={"class": "source"}))
    assert report.kind_of(run.findings.all()) == "source"
    assert report.kind_of([]) == ""


def test_the_history_of_a_path_has_each_content_with_its_revisions():
    release = draft()
    person = make.member(release)
    release.add_files({"other.txt": make.blob("1")}, by=person)
    release.add_files({"notes.txt": make.blob("changed")}, by=person)
    spans = report.history_of(release, "notes.txt")
    assert [(each.since, each.last) for each in spans] == [(3, None), (1, 2)]
