import json

from checks.engine.child import run_in_child
from checks.engine.document import NOT_RUN, document
from checks.engine.plan import plan
from checks.engine.run import run
from tests.checks.engine import made
from trusted_releases.lib.canonical import canonical


def release(folder, **extra):
    content = {name: b"x" for name in made.signed("r.tar.gz")}
    content["r.tar.gz"] = made.tar(made.source("r"))
    return made.candidate(folder, {**content, **extra})


def test_a_child_and_this_process_write_the_same_document(tmp_path):
    one, two = release(tmp_path / "one"), release(tmp_path / "two")
    here = document(one, run(one, plan(one)))
    there = document(two, reversed(list(run_in_child(two, plan(two)))))
    assert canonical(here) == canonical(there)
    assert "took_ms" not in json.dumps(here)
    assert str(tmp_path) not in json.dumps(here)


def test_it_lists_files_with_digests_and_classes_and_counts_what_was_found(tmp_path):
    candidate = release(tmp_path)
    made_document = document(candidate, run(candidate, plan(candidate)))
    classes = {each["path"]: each["class"] for each in made_document["files"]}
    assert classes["r.tar.gz"] == "source"
    assert classes["r.tar.gz.asc"] == "metadata"
    assert made_document["counts"]["blocker"] > 0  # the checksum is no checksum
    assert made_document["verdict"] == "failed"


def test_a_unit_that_has_not_run_has_not_passed(tmp_path):
    candidate = release(tmp_path)
    made_document = document(candidate, [])
    assert {each["error"] for each in made_document["results"]} == {NOT_RUN}
    assert made_document["verdict"] == "failed"


def test_only_blockers_and_errors_fail(tmp_path):
    candidate = made.candidate(tmp_path, {"notes.txt": b"", "src.rst": b""})
    results = [r for r in run(candidate, plan(candidate))]
    levels = {finding.level for result in results for finding in result.findings}
    assert "blocker" in levels  # no source
    calm = [
        type(result)(
            result.key,
            result.path,
            result.rules,
            tuple(each for each in result.findings if each.level != "blocker"),
        )
        for result in results
    ]
    assert document(candidate, calm)["verdict"] == "passed"
    assert document(candidate, calm)["counts"]["concern"] == 2


def test_what_the_content_says_is_the_class_in_the_document(tmp_path):
    manifest = json.dumps({"name": "thing", "version": "1"}).encode()
    content = made.tar({"package/package.json": manifest})
    files = dict.fromkeys(made.signed("thing-1.tgz"), b"") | {"thing-1.tgz": content}
    candidate = made.candidate(tmp_path, files)
    made_document = document(candidate, run(candidate, plan(candidate)))
    assert {each["class"] for each in made_document["files"] if each["path"] == "thing-1.tgz"} == {
        "binary"
    }
