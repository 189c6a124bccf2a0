"""Whatever a repository does, it does to a process that can be ended."""

import os
import time

import pytest

from checks.engine.source import child
from checks.engine.source.child import FetchLimits, fetch_in_child
from checks.engine.source.fetch import Wanted
from checks.engine.source.git import Problem
from checks.engine.source.inventory import read
from tests.checks.engine.source import repos


@pytest.fixture
def tool(tmp_path):
    return repos.repository(tmp_path / "served/tool.git", {"a": b"1\n"})


@pytest.fixture
def server(tmp_path, tool):
    with repos.serving(tmp_path / "served") as made:
        yield made


def wanted(server, path="tool.git", **more):
    address = f"{server.url}/{path}"
    return Wanted(address, hosts=(server.host,), schemes=("http",), private=True, **more)


def test_the_inventory_is_written_where_it_is_wanted(tmp_path, server, tool):
    target = tmp_path / "inventory"
    assert fetch_in_child(wanted(server, commit=tool), target) == tool
    assert list(read(target).files) == ["a"]


def test_a_problem_comes_out_of_the_child_as_it_went_in(tmp_path, server, tool):
    with pytest.raises(Problem, match="no tag v9") as caught:
        fetch_in_child(wanted(server, tag="v9"), tmp_path / "inventory")
    assert not caught.value.again
    assert not (tmp_path / "inventory").exists()


def test_a_slow_repository_is_given_up_in_time(tmp_path, server, tool):
    head = {"Content-Type": "application/x-git-upload-pack-advertisement"}
    server.answers["/slow"] = 200, head, lambda out: time.sleep(20)
    started = time.monotonic()
    with pytest.raises(Problem, match="more than 4 seconds") as caught:
        fetch_in_child(
            wanted(server, "slow", commit=tool), tmp_path / "inventory", FetchLimits(seconds=4)
        )
    assert caught.value.again
    assert time.monotonic() - started < 15


def test_nothing_of_a_fetch_that_was_ended_goes_on(tmp_path, server, tool):
    head = {"Content-Type": "application/x-git-upload-pack-advertisement"}
    server.answers["/slow"] = 200, head, lambda out: time.sleep(20)
    with pytest.raises(Problem):
        fetch_in_child(
            wanted(server, "slow", commit=tool), tmp_path / "inventory", FetchLimits(seconds=4)
        )
    commands = []
    for each in os.listdir("/proc"):
        if each.isdecimal():
            try:
                with open(f"/proc/{each}/cmdline", "rb") as stream:
                    commands.append(stream.read())
            except OSError:
                continue
    assert not [each for each in commands if f"{server.url}/slow".encode() in each]


def test_a_commit_that_is_too_large_is_given_up(tmp_path, server):
    folder = tmp_path / "served/large.git"
    commit = repos.repository(folder, {"large": os.urandom(3 << 20)})
    with pytest.raises(Problem, match="larger than 1 MB") as caught:
        fetch_in_child(
            wanted(server, "large.git", commit=commit, max_bytes=1 << 20), tmp_path / "inventory"
        )
    assert not caught.value.again


def test_a_commit_that_grows_when_it_is_unpacked_is_given_up(tmp_path, server):
    """A megabyte in the pack, a gigabyte as an export."""
    folder = tmp_path / "served/bomb.git"
    files = {".gitattributes": b"* text\n", **{f"f{each}": bytes(8 << 20) for each in range(4)}}
    commit = repos.repository(folder, files)
    with pytest.raises(Problem, match=r"cannot be read here|more than is compared"):
        fetch_in_child(
            wanted(server, "bomb.git", commit=commit, max_bytes=2 << 20), tmp_path / "inventory"
        )


def test_too_little_memory_is_a_problem_and_no_crash_of_ours(tmp_path, server, tool):
    with pytest.raises(Problem):
        fetch_in_child(
            wanted(server, commit=tool),
            tmp_path / "inventory",
            FetchLimits(memory_bytes=1 << 20),
        )


def test_a_child_that_dies_is_told_with_how_it_died(tmp_path, server, tool, monkeypatch):
    monkeypatch.setattr(child, "MODULE", "no.such.module")
    with pytest.raises(Problem, match="was ended with code 1"):
        fetch_in_child(wanted(server, commit=tool), tmp_path / "inventory")


def test_the_child_knows_no_secret_of_ours(tmp_path, server, tool, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hidden")
    monkeypatch.setenv("GIT_ASKPASS", "/bin/false")
    seen = {}
    real = child.subprocess.Popen

    def watched(*args, **kwargs):
        if child.MODULE in args[0]:  # and not the server's git
            seen.update(kwargs["env"])
        return real(*args, **kwargs)

    monkeypatch.setattr(child.subprocess, "Popen", watched)
    fetch_in_child(wanted(server, commit=tool), tmp_path / "inventory")
    assert set(seen) == {"PATH", "LC_ALL", "TMPDIR", "HOME", "PYTHONDONTWRITEBYTECODE"}
