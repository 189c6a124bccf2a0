"""One commit of a repository that nobody trusts: over HTTP, with real git on both ends."""

import dataclasses
import socket
import time

import pytest

from checks.engine.source import fetch as module
from checks.engine.source.fetch import Wanted, fetch
from checks.engine.source.git import Problem
from tests.checks.engine.source import repos

FILES = {"README": b"read me\n", "src/main.c": b"int main;\n"}


@pytest.fixture
def tool(tmp_path):
    """A repository below a folder, and its commit."""
    return repos.repository(tmp_path / "served/tool.git", FILES)


@pytest.fixture
def server(tmp_path, tool):
    with repos.serving(tmp_path / "served") as made:
        yield made


def wanted(server, **more):
    given = {
        "repository": f"{server.url}/tool.git",
        "hosts": (server.host,),
        "schemes": ("http",),
        "private": True,
    }
    return Wanted(**(given | more))


def fetched(tmp_path, what):
    folder = tmp_path / f"copy-{time.monotonic_ns()}"
    folder.mkdir()
    return fetch(what, folder)


def problem(tmp_path, what):
    with pytest.raises(Problem) as caught:
        fetched(tmp_path, what)
    return caught.value


def test_a_commit_is_fetched_without_its_history(tmp_path, server, tool):
    repos.commit(tmp_path / "served/tool.git", {"later": b"1"})
    found = fetched(tmp_path, wanted(server, commit=tool))
    assert sorted(found.files) == sorted(FILES)
    assert (found.commit, found.tag, found.tag_commit) == (tool, "", "")
    assert found.repository == f"{server.url}/tool.git"


def test_history_stays_where_it_is(tmp_path, server, tool):
    latest = repos.commit(tmp_path / "served/tool.git", {"later": b"1"})
    folder = tmp_path / "copy"
    folder.mkdir()
    fetch(wanted(server, commit=latest), folder)
    assert repos.git(folder / "copy.git", "rev-list", "--all", "--objects") == b""
    assert (folder / "copy.git/shallow").read_text().strip() == latest


def test_a_tag_leads_to_its_commit(tmp_path, server, tool):
    found = fetched(tmp_path, wanted(server, tag="v1.0"))
    assert (found.commit, found.tag_commit) == (tool, tool)


def test_a_tag_that_leads_elsewhere_is_known(tmp_path, server, tool):
    other = repos.commit(tmp_path / "served/tool.git", {"later": b"1"}, tag="v2.0")
    found = fetched(tmp_path, wanted(server, commit=tool, tag="v2.0"))
    assert (found.commit, found.tag_commit) == (tool, other)
    assert sorted(found.files) == sorted(FILES)


def test_a_local_repository_is_fetched_where_settings_allow_it(tmp_path, tool):
    address = f"file://{tmp_path}/served/tool.git"
    found = fetched(tmp_path, Wanted(address, commit=tool, schemes=("https", "file")))
    assert sorted(found.files) == sorted(FILES)
    refused = problem(tmp_path, Wanted(address, commit=tool))
    assert "begins with https://" in str(refused)


def test_a_repository_with_sha256(tmp_path, server):
    folder = tmp_path / "served/new.git"
    folder.mkdir()
    repos.git(folder, "init", "--quiet", "--object-format=sha256")
    commit = repos.commit(folder, FILES)
    found = fetched(tmp_path, wanted(server, repository=f"{server.url}/new.git", commit=commit))
    assert (found.algorithm, found.commit) == ("sha256", commit)


@pytest.mark.parametrize(
    ("change", "told", "again"),
    [
        ({"commit": "1" * 40}, "no commit 111111111111", False),
        ({"tag": "v9"}, "no tag v9", False),
        ({"repository": "{url}/none.git"}, "There is no repository", False),
        ({"repository": "{url}/tool.git?x=1"}, "plain URL", False),
        ({"commit": "main"}, "full id", False),
        ({"tag": "v1:refs/heads/x"}, "A tag is named", False),
        ({"hosts": ()}, "are not looked at here", False),
        ({"private": False}, "in a private network", False),
        ({"schemes": ("https",)}, "begins with https://", False),
        ({"repository": "https://nowhere.invalid/a", "hosts": ("nowhere.invalid",)}, "found", True),
    ],
)
def test_what_cannot_be_had_is_said_with_what_to_do(tmp_path, server, tool, change, told, again):
    change = {
        name: value.format(url=server.url) if name == "repository" else value
        for name, value in change.items()
    }
    if "nowhere" in change.get("repository", ""):
        change["schemes"] = ("https",)
    refused = problem(tmp_path, dataclasses.replace(wanted(server, commit=tool), **change))
    assert told in str(refused)
    assert refused.again is again


def test_the_id_of_a_tag_is_no_commit(tmp_path, server, tool):
    tag = repos.git(tmp_path / "served/tool.git", "rev-parse", "v1.0").decode().strip()
    assert "the id of a tag" in str(problem(tmp_path, wanted(server, commit=tag)))


@pytest.mark.parametrize(
    ("answer", "told", "again"),
    [
        ((302, {"Location": "http://169.254.169.254/latest/"}, None), "leads to another", False),
        ((301, {"Location": "{url}/tool.git/info/refs"}, None), "leads to another", False),
        ((401, {"WWW-Authenticate": "Basic realm=x"}, None), "asks for a password", False),
        ((403, {}, None), "asks for a password", False),
        ((404, {}, None), "There is no repository", False),
        ((500, {}, None), "could not be reached", True),
        ((200, {"Content-Type": "text/html"}, lambda out: out.write(b"<html>")), "", True),
        (
            (
                200,
                {"Content-Type": "application/x-git-upload-pack-advertisement"},
                lambda out: out.write(b"001e# service=git-upload-pack\n0000000"),
            ),
            "",
            True,
        ),
    ],
    ids=["elsewhere", "moved", "password", "forbidden", "gone", "error", "page", "broken off"],
)
def test_other_answers_than_a_repository(tmp_path, server, tool, answer, told, again):
    status, headers, write = answer
    headers = {name: value.format(url=server.url) for name, value in headers.items()}
    server.answers["/odd"] = status, headers, write
    refused = problem(tmp_path, wanted(server, repository=f"{server.url}/odd", commit=tool))
    assert told in str(refused)
    assert str(refused)[-1] in ".>'" or "said" in str(refused)


def test_a_redirect_is_not_followed(tmp_path, server, tool):
    server.answers["/odd"] = 302, {"Location": f"{server.url}/tool.git/info/refs"}, None
    problem(tmp_path, wanted(server, repository=f"{server.url}/odd", commit=tool))
    assert [path for path in server.asked if path.startswith("/tool.git")] == []


def test_files_that_lie_on_a_server_are_no_repository_that_one_commit_can_be_had_from(
    tmp_path, server, tool
):
    plain = {"Content-Type": "text/plain"}
    refs = f"{tool}\trefs/heads/main\n".encode()
    server.answers["/odd/info/refs"] = 200, plain, lambda out: out.write(refs)
    refused = problem(tmp_path, wanted(server, repository=f"{server.url}/odd", commit=tool))
    assert "does not speak git's protocol" in str(refused)


def test_a_name_that_moves_after_it_was_judged_leads_nowhere(tmp_path, server, tool, monkeypatch):
    """The address that was judged is the one that is used: git asks no name server."""
    real = socket.getaddrinfo

    def judged(host, port, **kwargs):
        return real("127.0.0.1", port, **kwargs) if host == "git.invalid" else real(host, port)

    monkeypatch.setattr(socket, "getaddrinfo", judged)
    port = server.server_port
    there = wanted(
        server,
        repository=f"http://git.invalid:{port}/tool.git",
        hosts=(f"git.invalid:{port}",),
        commit=tool,
    )
    assert fetched(tmp_path, there).commit == tool


@pytest.mark.parametrize("version", ["git version 2.36.1", "git version 1.9", "no version"])
def test_a_git_that_would_ask_the_name_server_again_is_not_used(version):
    with pytest.raises(Problem, match="too old"):
        module._require_pins(version)


@pytest.mark.parametrize("version", ["git version 2.37.0", "git version 2.39.5 (Apple Git-154)"])
def test_a_git_that_is_new_enough(version):
    module._require_pins(version)


def test_what_git_says_of_itself_is_quoted_and_cut(server, tool):
    told = module._meaning(f"fatal: {'odd ' * 200}", wanted(server, commit=tool))
    assert "It said: fatal: odd" in str(told)
    assert len(str(told)) < 400


def test_a_submodule_is_not_fetched(tmp_path, server, tool):
    folder = tmp_path / "served/tool.git"
    url = f"[submodule 'lib']\n\tpath = lib\n\turl = {server.url}/lib.git\n"
    repos.add_submodule(folder, "lib")
    commit = repos.commit(folder, {".gitmodules": url.encode()})
    found = fetched(tmp_path, wanted(server, commit=commit))
    assert found.submodules == {"lib": "1" * 40}
    assert [path for path in server.asked if "lib.git" in path] == []


def test_hooks_and_filters_that_a_repository_names_do_not_run(tmp_path, server, tool):
    touched = tmp_path / "touched"
    folder = tmp_path / "served/tool.git"
    attributes = b"* filter=lfs diff=evil merge=evil\n*.c export-subst\n"
    config = f'[filter "lfs"]\n\tsmudge = touch {touched}\n'
    commit = repos.commit(folder, {".gitattributes": attributes, ".lfsconfig": config.encode()})
    assert ".lfsconfig" in fetched(tmp_path, wanted(server, commit=commit)).files
    assert not touched.exists()
