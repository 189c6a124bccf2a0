"""What an ignore would hide, and the ignore that a finding suggests."""

import pytest

from checks.engine.model import Level
from checks.models import Finding, Ignore, Run
from checks.previewing import SHOWN, Preview, suggested, token_of
from tests import make
from tests.checks.made import checked, draft, found, next_revision

pytestmark = pytest.mark.django_db


def ignore(release, **given) -> Ignore:
    return Ignore(project=release.project, reason="So.", **given)


def fitted(run: Run, finding: Finding, *, alike: bool = False) -> list[str]:
    """The members of all findings that the ignore suggested for this one names."""
    given = suggested(run, finding.mark, alike=alike)
    made = Ignore(project=run.revision.release.project, **given)
    return [each.member for each in run.findings.order_by("pk") if made.fits(each)]


def test_it_counts_all_and_shows_the_first() -> None:
    release = draft()
    rows = [found(member=f"a/{n}") for n in range(30)]
    checked(release.newest, *rows, found(Level.SUGGESTION), found(Level.BLOCKER), found(rule="x"))
    preview = Preview.of(ignore(release, rule="license.headers"))
    assert (preview.count, len(preview.shown), preview.left_out) == (31, SHOWN, 31 - SHOWN)
    assert preview.levels == {"concern": 30, "suggestion": 1}
    assert preview.kept == 1
    assert [count for _, count in preview.runs] == [31]


def test_it_looks_at_the_newest_revision_of_each_draft_only() -> None:
    release = draft()
    checked(release.newest, found(), found())
    checked(next_revision(release), found())
    other = make.release(release.project, version="2.0", files={"tool-2.0.tar.gz": "x"})
    checked(other.newest, found(path="tool-2.0.tar.gz"))
    assert Preview.of(ignore(release, rule="license.headers")).count == 2
    assert Preview.of(ignore(release, rule="license.headers", releases="tool-2.")).count == 1


def test_a_token_says_which_findings_are_named_and_nothing_else() -> None:
    release = draft()
    one = token_of(ignore(release, rule="paths"))
    assert one == token_of(Ignore(project=release.project, rule="paths", reason="Another."))
    assert one != token_of(ignore(release, rule="paths", member="a"))
    assert one != token_of(ignore(release, path="paths"))


def test_what_a_finding_suggests_names_it_and_its_like_in_later_versions() -> None:
    release = draft()
    run = checked(
        release.newest,
        found(path="tool-1.0-src.zip", member="tool-1.0/lib/a.c", message="4 KiB of tool-1.0."),
        found(path="tool-1.0-src.zip", member="tool-1.0/lib/a.cc", message="4 KiB of tool-1.0."),
        found(path="tool-1.0-src.zip", message="4 KiB of tool-1.0."),
    )
    first = run.findings.order_by("pk")[0]
    given = suggested(run, first.mark)
    assert given == {
        "rule": "license.headers",
        "level": "concern",
        "path": "tool-*-src.zip",
        "member": r"/lib/a\.c$",
        "message": "* KiB of tool-*.",
    }
    assert fitted(run, first) == ["tool-1.0/lib/a.c"]
    later = Finding(
        rule=first.rule,
        level="concern",
        path="tool-1.1-src.zip",
        member="tool-1.1/lib/a.c",
        message="8 KiB of tool-1.1.",
    )
    assert Ignore(project=release.project, **given).fits(later)


def test_what_is_said_of_a_file_itself_names_no_member() -> None:
    run = checked(draft().newest, found(message="Sum (12 files)."), found(member="a/b"))
    assert fitted(run, run.findings.order_by("pk")[0]) == [""]
    assert suggested(run, run.findings.order_by("pk")[0].mark)["message"] == "Sum*."


def test_for_many_that_say_the_same_it_names_their_folder() -> None:
    rows = [found(member=f"tool-1.0/lib/x/{n}.c") for n in range(3)]
    run = checked(draft().newest, *rows, found(member="tool-1.0/src/a.c", message="Other."))
    first = run.findings.order_by("pk")[0]
    assert suggested(run, first.mark, alike=True)["member"] == "/lib/x/"
    assert len(fitted(run, first, alike=True)) == 3


STRANGE = ["a$", "^b", "!c", "x*y", "d/[e](f)$", "z" * 300, "q/" + "\\" * 90]


@pytest.mark.parametrize("member", STRANGE)
@pytest.mark.parametrize("message", ["It costs 5$", "^Odd.", "!Not.", "Long " * 60])
def test_a_strange_name_or_sentence_is_named_all_the_same(member: str, message: str) -> None:
    run = checked(draft().newest, found(path="1.0", member=member, message=message))
    only = run.findings.get()
    assert fitted(run, only) == [member]


def test_a_mark_that_nothing_has_suggests_nothing() -> None:
    assert suggested(checked(draft().newest, found()), "0" * 16) == {}
