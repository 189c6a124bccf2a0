"""Running the engine over a revision: the same as on a laptop, and nothing twice."""

import json
import os
from pathlib import Path

import pytest

from checks.engine.plan import plan
from checks.engine.run import run
from checks.examine import (
    candidate_of,
    examine,
    findings_document,
    known_results,
    local_files,
    policy_of,
)
from checks.models import Result
from releases.models import Release
from tests import make, processes, signed
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


def test_the_policy_is_the_project_s_as_plain_values() -> None:
    parent = make.committee()
    podling = make.committee("pod", is_podling=True, parent=parent)
    project = make.project("tool", committee=podling)
    project.rules.change(
        by=make.member(project),
        source_paths="*-src.zip\n",
        binary_paths="*.jar\n*.whl",
        license_mode="lightweight",
        header_excludes="/*/third_party/**",
        rat_excludes="*.md",
    )
    policy = policy_of(project, "1.0")
    assert (policy.project, policy.committee, policy.version) == ("tool", "pod", "1.0")
    assert policy.podling is True
    assert policy.source_paths == ("*-src.zip",)
    assert policy.binary_paths == ("*.jar", "*.whl")
    assert policy.license_mode == "lightweight"
    assert policy.header_excludes == ("/*/third_party/**",)
    assert policy.rat_excludes == ("*.md",)


def test_a_revision_is_planned_without_fetching_a_byte(s3) -> None:
    revision = make.release(files={"a-1.0.zip": b"no zip", "a-1.0.zip.sha512": "0"}).newest
    s3.clear()
    candidate = candidate_of(revision)
    assert [file.path for file in candidate.files] == ["a-1.0.zip", "a-1.0.zip.sha512"]
    assert plan(candidate)


def test_only_the_files_that_units_read_are_fetched(s3, settings, tmp_path) -> None:
    settings.SCRATCH_DIR = tmp_path
    files = {"a.zip": "1", "a.zip.asc": "2", "b.zip": "3", "b.zip.sha512": "4"}
    revision = make.release(files=files).newest
    units = [unit for unit in plan(candidate_of(revision)) if unit.path == "a.zip.asc"]
    assert units
    with local_files(revision, units) as locations:
        assert set(locations) == {"a.zip", "a.zip.asc"}
        assert locations["a.zip"].read_bytes() == b"1"
    assert not list(tmp_path.iterdir())


def test_nothing_to_do_starts_no_process() -> None:
    revision = make.release(files={"a": "1"}).newest
    assert list(examine(revision, candidate_of(revision), [])) == []


class Counted:
    """How many bytes this process reads while the block runs, as the system counts them."""

    def __enter__(self) -> "Counted":
        self.bytes, self._before = 0, self._read()
        return self

    def __exit__(self, *error: object) -> None:
        self.bytes = self._read() - self._before

    @staticmethod
    def _read() -> int:
        told = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
        return int(told["rchar"])


def archive_of(size: int, name: str) -> bytes:
    """An archive of about this size, which cannot be packed."""
    return signed.archive(name, **{"data_bin": os.urandom(size)})


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="only Linux counts what is read")
def test_the_second_revision_with_one_changed_file_reads_that_file_once(monkeypatch) -> None:
    size, names = 4_000_000, [f"apache-tool-1.0-{n}.tar.gz" for n in range(5)]
    files = {name: archive_of(size, name[:-7]) for name in names}
    release = make.release(make.project("tool"), version="1.0", files=files)
    release.project.rules.change(by=make.member(release), license_mode="both")
    monkeypatch.setattr(
        "checks.examine.run_in_child", lambda candidate, units, **_: run(candidate, units)
    )

    def check() -> tuple[int, set[str]]:
        """Bytes read, and the archives that were examined."""
        revision = Release.objects.get(pk=release.pk).newest
        candidate = candidate_of(revision)
        units = plan(candidate)
        known = known_results(units)
        missing = [unit for unit in units if unit.key not in known]
        with Counted() as counted:
            results = list(examine(revision, candidate, missing))
        for result in results:
            Result.objects.keep(result, "1.0")
        assert [result.error for result in results if result.error] == []
        return counted.bytes, {unit.path for unit in missing if unit.kind == "archive"}

    everything, examined = check()
    assert examined == set(names)
    assert 5 * size < everything < 5.5 * size
    changed = archive_of(size, names[2][:-7])
    release.add_files({names[2]: make.blob(changed)}, by=make.member(release))
    second, examined = check()
    assert examined == {names[2]}
    assert len(changed) <= second < 1.1 * len(changed)
    assert check() == (pytest.approx(0, abs=50_000), set())


def test_a_result_that_failed_is_not_known() -> None:
    revision = make.release(files={"a-1.0.zip": b"no zip"}).newest
    candidate = candidate_of(revision)
    units = plan(candidate)
    results = list(examine(revision, candidate, list(units)))
    for result in results:
        Result.objects.keep(result)
    assert set(known_results(units)) == {unit.key for unit in units}
    Result.objects.filter(key=units[0].key).update(error="The rule failed.")
    assert set(known_results(units)) == {unit.key for unit in units[1:]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("changed", ["nothing", "the archive", "the policy"])
def test_the_server_and_a_laptop_write_the_same_document(tmp_path: Path, changed: str) -> None:
    """`check_files --json`, without database or account, over the same files, keys and policy."""
    content = signed.archive(evil_class=b"\xca\xfe\xba\xbe") if changed == "the archive" else None
    folder = tmp_path / "files"
    folder.mkdir()
    project = signed.project_with(signed.author())
    if changed == "the policy":
        project.rules.change(by=make.member(project), binary_paths="*-source.tar.gz")
    files = signed.files_of(folder, content=content)
    release = make.release(project, version="1.0", files={**files})
    run_pending()
    revision = Release.objects.get(pk=release.pk).newest
    theirs = json.loads(json.dumps(findings_document(revision)))

    candidate = candidate_of(revision)
    (tmp_path / "KEYS").write_bytes(candidate.keys)
    (tmp_path / "policy.json").write_text(json.dumps(candidate.policy.as_json()))
    said = processes.manage(
        "check_files",
        str(folder),
        "--json",
        f"--keys={tmp_path / 'KEYS'}",
        f"--policy={tmp_path / 'policy.json'}",
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
    )
    assert json.loads(said.stdout) == theirs, said.stderr
    assert said.returncode == (theirs["verdict"] != "passed")
    assert revision.verdict == theirs["verdict"]
    assert {level: revision.counts[level] for level in theirs["counts"]} == theirs["counts"]
    assert all(result["error"] == "" for result in theirs["results"])
