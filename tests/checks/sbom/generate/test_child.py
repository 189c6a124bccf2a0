"""Archives are described in a process with limits, and what goes wrong there is a sentence."""

import json

import pytest

from checks.engine.child import ChildLimits
from checks.engine.model import Limits
from checks.sbom.generate.about import Problem
from checks.sbom.generate.child import generate_in_child
from tests.checks.sbom.generate.archives import about, refs, tar_of

pytestmark = pytest.mark.once

FILES = {"t/package.json": '{"name": "web", "version": "1.0", "dependencies": {"a": "1.0.0"}}'}


def run(folder, content: bytes, **more):
    location, target = folder / "archive", folder / "target"
    location.write_bytes(content)
    outcome = generate_in_child(location, about(content), target, **more)
    return json.loads(target.read_bytes()), outcome


def test_it_gives_the_document_and_says_what_is_in_it(tmp_path):
    told: list[tuple[int, int]] = []
    content = tar_of(FILES)
    document, outcome = run(tmp_path, content, on_progress=lambda *each: told.append(each))
    assert refs(document) == ["pkg:npm/a@1.0.0", "pkg:npm/web@1.0"]
    assert outcome.components == 2
    assert told[-1] == (len(content), len(content))


def test_an_archive_that_cannot_be_read_is_a_sentence(tmp_path):
    with pytest.raises(Problem, match="cannot be read to its end"):
        run(tmp_path, b"nothing")
    assert not (tmp_path / "target").exists()


def test_the_limits_of_the_policy_hold(tmp_path):
    with pytest.raises(Problem, match="cannot be read to its end"):
        run(tmp_path, tar_of({**FILES, "b": "", "c": ""}), archive_limits=Limits(members=2))


def test_who_needs_more_memory_than_there_is_is_ended(tmp_path):
    deep = '{"a":' + "[" * 400 + "1," * 450_000 + "1" + "]" * 400 + "}"
    files = {f"{n}/package.json": deep for n in range(60)}
    with pytest.raises(Problem, match=r"more memory|could not be described"):
        run(tmp_path, tar_of(files), limits=ChildLimits(memory_bytes=100 << 20))


def test_who_takes_too_long_is_ended(tmp_path):
    with pytest.raises(Problem, match=r"could not be described.*more than 0\.01 seconds"):
        run(tmp_path, tar_of(FILES), timeout=0.01)


def test_who_takes_too_much_processor_time_is_ended(tmp_path):
    laughs = "".join(f"{n}==1\n" for n in range(19_000))
    files = {f"{n}/requirements.txt": laughs.replace("==", "a==") for n in range(40)}
    with pytest.raises(Problem, match="could not be described"):
        run(tmp_path, tar_of(files), limits=ChildLimits(cpu_seconds=1))
