import gc

import pytest

from checks.engine import plan
from checks.engine import run as run_module
from checks.engine.model import Level, UnitResult
from checks.engine.plan import Unit
from checks.engine.plan import plan as plan_of
from checks.engine.rule import ArchiveRule, Examination, FileRule
from checks.engine.run import run
from tests.checks.engine import made


class Counting(Examination):
    """Counts bytes, and breaks where its rule says so."""

    def __init__(self, rule, path):
        self.rule, self.path, self.fed = rule, path, 0

    def member(self, member):
        self.break_at("member")
        return self

    def feed(self, block):
        self.break_at("feed")
        self.fed += len(block)

    def close(self):
        self.break_at("close")

    def finish(self):
        self.break_at("finish")

    def findings(self):
        self.break_at("findings")
        message = f"{self.fed} bytes in {self.report.files} files"
        return [self.rule.finding(Level.NOTE, self.path, message)]

    def break_at(self, step):
        if self.rule.broken == step:
            raise RuntimeError(f"broken at {step}")


class Counter(ArchiveRule):
    version = 1
    title = policy = cost = "For tests."

    def __init__(self, slug, broken=""):
        self.slug, self.broken = slug, broken

    def applies_to(self, file, candidate):
        return True

    def start(self, file, candidate):
        if self.broken == "start":
            raise RuntimeError("broken at start")
        return Counting(self, file.path)


@pytest.fixture
def archive(tmp_path):
    return made.candidate(tmp_path, {"a.tar.gz": made.tar({"a/x": b"12345", "a/y": b"678"})})


def run_with(monkeypatch, candidate, *rules, progress=None):
    monkeypatch.setattr(plan, "ALL", rules)
    (result,) = run(candidate, plan_of(candidate), progress)
    return result


def test_all_rules_of_an_archive_share_one_reading(monkeypatch, archive):
    readings = []
    real = run_module.walk
    monkeypatch.setattr(run_module, "walk", lambda *each: readings.append(each) or real(*each))
    result = run_with(monkeypatch, archive, Counter("one"), Counter("two"))
    assert len(readings) == 1
    assert [each.message for each in result.findings] == ["8 bytes in 2 files"] * 2


@pytest.mark.parametrize("step", ["start", "member", "feed", "close", "finish", "findings"])
def test_a_rule_that_breaks_does_not_keep_the_others_from_their_answer(monkeypatch, archive, step):
    result = run_with(monkeypatch, archive, Counter("bad", step), Counter("good"))
    assert [each.rule for each in result.findings] == ["good"]
    assert "'bad' failed" in result.error
    assert f"broken at {step}" in result.error


@pytest.mark.parametrize("was_on", [True, False])
@pytest.mark.parametrize("step", ["", "member"])
def test_the_search_for_cycles_rests_while_an_archive_is_read_and_no_longer(
    monkeypatch, archive, step, was_on
):
    seen = []
    real = run_module.walk
    monkeypatch.setattr(run_module, "walk", lambda *a: seen.append(gc.isenabled()) or real(*a))
    said = run_module._Watcher.findings
    monkeypatch.setattr(
        run_module._Watcher,
        "findings",
        lambda *a: seen.append(gc.isenabled()) or said(*a),
    )
    (gc.enable if was_on else gc.disable)()
    try:
        run_with(monkeypatch, archive, Counter("one", step))
        assert (set(seen), len(seen) > 1, gc.isenabled()) == ({False}, True, was_on)
    finally:
        gc.enable()


def test_a_file_that_is_not_what_was_planned_is_not_judged(monkeypatch, archive):
    archive.files[0].location.write_bytes(made.tar({"a/other": b"x"}))
    result = run_with(monkeypatch, archive, Counter("one"))
    assert result.findings == ()
    assert "the file changed meanwhile" in result.error


def test_a_file_that_is_not_there_is_an_error(monkeypatch, archive):
    archive.files[0].location.unlink()
    result = run_with(monkeypatch, archive, Counter("one"))
    assert "FileNotFoundError" in result.error


def test_a_rule_that_says_too_much_is_cut_to_the_worst(monkeypatch, archive):
    class Chatty(Counter):
        def start(self, file, candidate):
            examination = super().start(file, candidate)
            many = [self.finding(Level.NOTE, file.path, "x")] * 5000
            worst = self.finding(Level.BLOCKER, file.path, "bad")
            examination.findings = lambda: [*many, worst]
            return examination

    result = run_with(monkeypatch, archive, Chatty("chatty"))
    assert len(result.findings) == run_module.MAX_FINDINGS + 1
    assert result.findings[0].level == Level.BLOCKER
    assert result.findings[-1].data == {"left_out": 4001}


def test_progress_names_the_unit_and_the_bytes(monkeypatch, archive):
    seen = []
    progress = lambda *each: seen.append(each)  # noqa: E731
    result = run_with(monkeypatch, archive, Counter("one"), progress=progress)
    assert all(key == result.key and total == archive.files[0].size for key, _, total in seen)


class Breaking(FileRule):
    slug = "breaking"
    version = 1
    title = policy = cost = "For tests."

    def applies_to(self, file, candidate):
        return True

    def run(self, file, candidate):
        yield self.finding(Level.BLOCKER, file.path, "Half a thought.")
        raise RuntimeError("boom")


def test_a_rule_about_a_file_that_breaks_says_nothing_about_it(monkeypatch, archive):
    result = run_with(monkeypatch, archive, Breaking())
    assert result.findings == ()
    assert "RuntimeError: boom" in result.error


@pytest.mark.parametrize("kind", ["file", "archive"])
def test_a_unit_that_names_a_rule_of_another_kind_or_an_unknown_file_is_an_error(archive, kind):
    wrong = {"file": "license.files", "archive": "checksum"}[kind]
    for path, says in (("a.tar.gz", "is no rule about"), ("gone.tar.gz", "not among the files")):
        right = "checksum" if kind == "file" else "license.files"
        slug = wrong if path == "a.tar.gz" else right
        (result,) = run(archive, [Unit("key", kind, path, (slug,), 1)])
        assert says in result.error


def test_a_result_survives_the_way_through_json(monkeypatch, archive):
    result = run_with(monkeypatch, archive, Counter("one"))
    assert UnitResult.from_json(result.as_json()) == result
