"""Git does what we say, and nothing that a repository or a machine says."""

import pytest

from checks.engine.source import git as module
from checks.engine.source.git import Git, GitFailed, Problem
from tests.checks.engine.source import repos


@pytest.fixture
def folder(tmp_path):
    repos.repository(tmp_path / "tool", {"a": b"1\n"})
    return tmp_path / "tool"


def test_answers_are_text(folder, tmp_path):
    assert Git(folder, tmp_path)("rev-parse", "--is-bare-repository") == "false"


def test_a_failure_tells_what_git_said(folder, tmp_path):
    with pytest.raises(GitFailed, match="Needed a single revision"):
        Git(folder, tmp_path)("rev-parse", "--verify", "nothing")


def test_a_failure_without_a_word_tells_its_code(folder, tmp_path):
    with pytest.raises(GitFailed, match="ended with code 1"):
        Git(folder, tmp_path)("config", "--get", "no.such")


def test_what_the_machine_configures_does_not_count(folder, tmp_path, monkeypatch):
    configured = tmp_path / "config"
    configured.write_text("[alias]\n\tours = rev-parse HEAD\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configured))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(GitFailed, match="not a git command"):
        Git(folder, tmp_path)("ours")


def test_no_transport_is_allowed_that_was_not_named(folder, tmp_path):
    with pytest.raises(GitFailed, match="transport 'file' not allowed"):
        Git(folder, tmp_path)("ls-remote", f"file://{folder}")
    named = Git(folder, tmp_path, schemes=["file"])
    assert "refs/heads/main" in named("ls-remote", f"file://{folder}")


def test_a_transport_helper_is_no_transport(folder, tmp_path):
    touched = tmp_path / "touched"
    with pytest.raises(GitFailed, match="transport 'ext' not allowed"):
        Git(folder, tmp_path, schemes=["https"])("ls-remote", f"ext::touch {touched}")
    assert not touched.exists()


def test_a_machine_without_git_is_a_problem_with_a_sentence(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(Problem, match="git is not installed"):
        Git(folder, tmp_path)


def test_an_answer_that_nobody_reads_to_its_end_leaves_no_process(folder, tmp_path):
    git = Git(folder, tmp_path)
    with pytest.raises(KeyError), git.reading("cat-file", "--batch", "--batch-all-objects"):
        raise KeyError
