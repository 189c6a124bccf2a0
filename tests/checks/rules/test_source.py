"""Source archives against the commit they were made from: from the repository to the finding."""

import io
import tarfile
from dataclasses import replace

import pytest

from checks.engine.model import Candidate, Level, Source
from checks.engine.plan import plan
from checks.engine.run import run
from checks.engine.source.inventory import Inventory
from checks.engine.source.local import inventory_of
from checks.rules import source as module
from tests.checks.engine import made
from tests.checks.engine.source import repos

FILES = {"LICENSE": b"licence\n", "configure.ac": b"AC_INIT\n", "src/main.c": b"int main;\n"}
NAME = "tool-1.0-src.tar.gz"


def below(root, files):
    return {f"{root}/{name}": content for name, content in files.items()}


def with_source(tmp_path, candidate: Candidate, inventory: Inventory) -> Candidate:
    location = tmp_path / "inventory"
    return replace(candidate, source=Source(inventory.write(location), location))


@pytest.fixture
def checkout(tmp_path):
    repos.repository(tmp_path / "checkout", FILES)
    return tmp_path / "checkout"


def judged(tmp_path, checkout, archive, name=NAME, **policy):
    candidate = made.candidate(tmp_path / "files", {name: archive}, **policy)
    found = with_source(tmp_path, candidate, inventory_of(checkout))
    return made.findings(found, "source.tree")


def by_member(found):
    return {each.member: each.level for each in found if each.member}


def whole(found):
    """What is said of the archive as a whole."""
    return next(each for each in found if "kind" in each.data)


def test_without_a_recorded_source_nothing_is_said(tmp_path):  # K01
    archive = made.tar(below("tool-1.0", FILES))
    assert made.findings(made.candidate(tmp_path, {NAME: archive}), "source.tree") == []


def test_an_archive_that_holds_the_commit_is_identical(tmp_path, checkout):
    (found,) = judged(tmp_path, checkout, made.tar(below("tool-1.0", FILES)))
    assert (found.level, found.data["kind"], found.data["same"]) == (Level.NOTE, "identical", 3)
    assert "It holds exactly the files of the commit: 3." in found.message
    assert found.data["commit"] in found.see


def test_what_git_archive_writes_is_identical_or_a_subset(tmp_path, checkout):
    files = {
        ".gitattributes": b"version export-subst\nbuild export-ignore\n*.bat text eol=crlf\n",
        "version": b"$Format:%H %D$\n",
        "build/x": b"no",
        "run.bat": b"a\nb\n",
    }
    repos.commit(checkout, files, tag="v2.0")
    for kind in ("tar.gz", "zip"):
        archive = repos.git(checkout, "archive", f"--format={kind}", "--prefix=tool-2.0/", "v2.0")
        found = judged(tmp_path, checkout, archive, name=f"tool-2.0-src.{kind}")
        assert whole(found).data["kind"] == "subset"
        assert by_member(found) == {"tool-2.0/build/x": Level.NOTE}
        assert any("export-ignore" in each.message for each in found)


def test_one_file_that_differs_is_a_concern(tmp_path, checkout):  # K03
    changed = {**FILES, "src/main.c": b"int evil;\n"}
    found = judged(tmp_path, checkout, made.tar(below("tool-1.0", changed)))
    assert by_member(found) == {"tool-1.0/src/main.c": Level.CONCERN}
    assert whole(found).data["counts"] == {"changed": 1}
    (concern,) = [each for each in found if each.member]
    assert concern.see.startswith("git show ")


def test_a_generated_file_is_a_concern_unless_the_policy_names_it(tmp_path, checkout):  # K04
    archive = made.tar(below("tool-1.0", {**FILES, "configure": b"#!/bin/sh\n"}))
    found = judged(tmp_path, checkout, archive)
    assert by_member(found) == {"tool-1.0/configure": Level.CONCERN}
    named = judged(tmp_path, checkout, archive, generated_paths=("/configure",))
    assert by_member(named) == {"tool-1.0/configure": Level.NOTE}
    assert whole(named).data["kind"] == "subset"


@pytest.mark.parametrize(
    ("members", "told"),
    [
        (below("a", FILES) | below("b", FILES), "one folder"),
        (FILES, "one folder|Beside"),
        (below("tool-1.0", FILES) | {"extra": b""}, "Beside its one folder"),
    ],
)
def test_two_roots_or_a_file_beside_the_root_are_a_concern(
    tmp_path, checkout, members, told
):  # K06
    found = judged(tmp_path, checkout, made.tar(members))
    assert made.worst(found) == Level.CONCERN
    assert any(word in each.message for each in found for word in told.split("|"))


def test_what_macos_leaves_does_not_count(tmp_path, checkout):
    members = below("tool-1.0", FILES) | {"._tool-1.0": b"x"}
    assert whole(judged(tmp_path, checkout, made.tar(members))).data["kind"] == "identical"


def test_a_lost_mode_is_a_note(tmp_path, checkout):  # K07
    repos.commit(checkout, {"run": b"#!/bin/sh\n"}, runs=("run",))
    archive = made.tar(below("tool-1.0", {**FILES, "run": b"#!/bin/sh\n"}))
    found = judged(tmp_path, checkout, archive)
    assert by_member(found) == {"tool-1.0/run": Level.NOTE}
    assert made.worst(found) == Level.NOTE


def test_times_and_kept_modes_say_nothing(tmp_path, checkout):
    repos.commit(checkout, {"run": b"#!/bin/sh\n"}, runs=("run",))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in {**FILES, "run": b"#!/bin/sh\n"}.items():
            info = tarfile.TarInfo(f"tool-1.0/{name}")
            info.mode, info.mtime, info.size = 0o775, 12345, len(content)
            archive.addfile(info, io.BytesIO(content))
    (found,) = judged(tmp_path, checkout, buffer.getvalue())
    assert found.data["kind"] == "identical"


def test_line_ends_links_and_submodules(tmp_path, checkout):
    repos.add_submodule(checkout, "lib")
    repos.commit(checkout, {"link": "LICENSE"})
    archive = made.tar(
        below(
            "tool-1.0",
            {**FILES, "LICENSE": b"licence\r\n", "link": "/etc/passwd", "lib/x.c": b"x"},
        )
    )
    found = judged(tmp_path, checkout, archive)
    told = {each.member: each.message for each in found if each.member}
    assert "line ends only" in told["tool-1.0/LICENSE"]
    assert "not that of the commit" in told["tool-1.0/link"]
    assert "submodule" in told["tool-1.0/lib/x.c"]


def test_a_git_folder_in_an_archive_is_not_in_the_commit(tmp_path, checkout):
    archive = made.tar(below("tool-1.0", {**FILES, ".git/config": b"[core]\n"}))
    found = judged(tmp_path, checkout, archive)
    assert by_member(found) == {"tool-1.0/.git/config": Level.CONCERN}


def test_a_tag_that_leads_elsewhere_is_a_concern(tmp_path, checkout):
    inventory = replace(inventory_of(checkout), tag="v1.0", tag_commit="9" * 40)
    candidate = made.candidate(tmp_path, {NAME: made.tar(below("tool-1.0", FILES))})
    found = made.findings(with_source(tmp_path, candidate, inventory), "source.tree")
    assert [each.message for each in found if each.level == Level.CONCERN] == [
        f"The tag v1.0 is commit 999999999999, and the release records commit "
        f"{inventory.commit[:12]}."
    ]


def test_binary_archives_and_npm_packages_are_not_compared(tmp_path, checkout):
    for name in ("tool-1.0-bin.tar.gz", "tool-1.0.jar", "notes.txt"):
        assert judged(tmp_path, checkout, made.tar(below("x", FILES)), name=name) == []
    package = {"package/package.json": b'{"name": "tool", "version": "1.0"}'}
    assert judged(tmp_path, checkout, made.tar(package), name="tool-1.0.tgz") == []


def test_an_archive_that_is_cut_off_is_not_compared(tmp_path, checkout):
    found = judged(tmp_path, checkout, made.tar(below("tool-1.0", FILES))[:60])
    assert [each.level for each in found] == [Level.NOTE]
    assert "not compared" in found[0].message


def test_a_plain_folder_will_do(tmp_path):
    folder = tmp_path / "src"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (found,) = judged(tmp_path, folder, made.tar(below("tool-1.0", FILES)))
    assert found.data["kind"] == "identical"
    assert found.see.startswith("diff -r ")


def test_long_lists_are_cut_and_the_sum_says_so(tmp_path, checkout, monkeypatch):
    monkeypatch.setattr(module, "LISTED", 2)
    extra = {f"new{number}": b"" for number in range(5)}
    found = judged(tmp_path, checkout, made.tar(below("tool-1.0", {**FILES, **extra})))
    assert len(by_member(found)) == 2
    assert whole(found).data["more"] == 3
    assert "not in the commit 5" in whole(found).message


def test_an_archive_is_read_once_for_all_that_look_into_it(tmp_path, checkout, monkeypatch):
    from checks.engine import run as engine

    walked = []
    real = engine.walk
    monkeypatch.setattr(engine, "walk", lambda *args: walked.append(args[1]) or real(*args))
    candidate = made.candidate(tmp_path / "files", {NAME: made.tar(below("tool-1.0", FILES))})
    complete = with_source(tmp_path, candidate, inventory_of(checkout))
    units = plan(complete)
    assert [unit.kind for unit in units if unit.path == NAME][-2:] == ["archive", "source"]
    results = list(run(complete, units))
    assert [result.key for result in results] == [unit.key for unit in units]
    assert walked == [NAME]


def test_another_commit_asks_the_other_rules_nothing(tmp_path, checkout):
    candidate = made.candidate(tmp_path / "files", {NAME: made.tar(below("tool-1.0", FILES))})
    keys = {
        unit.key: unit.kind
        for unit in plan(with_source(tmp_path, candidate, inventory_of(checkout)))
    }
    repos.commit(checkout, {"later": b"1"})
    after = {
        unit.key: unit.kind
        for unit in plan(with_source(tmp_path, candidate, inventory_of(checkout)))
    }
    assert {keys[each] for each in keys.keys() - after.keys()} == {"source"}


def test_an_inventory_that_changed_meanwhile_is_a_failure_of_the_check_alone(tmp_path, checkout):
    candidate = made.candidate(tmp_path / "files", {NAME: made.tar(below("tool-1.0", FILES))})
    complete = with_source(tmp_path, candidate, inventory_of(checkout))
    complete.source.location.write_text("{}")
    results = list(run(complete, plan(complete)))
    assert ["source.tree" in result.rules for result in results if result.error] == [True]
