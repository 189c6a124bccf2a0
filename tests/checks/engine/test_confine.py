"""What a child process may not do: tried by rules that do it."""

import os
import platform
import resource
import signal
import socket
import subprocess
import sys

import pytest

from checks.engine import child, confine, plan
from checks.engine.child import ROOT, run_in_child
from tests.checks.engine import made, odd_child
from tests.checks.engine.test_child import gone

closes_network = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the network is closed on Linux only"
)
filters = pytest.mark.skipif(
    platform.machine() not in confine.MACHINES, reason="no filter for this kind of processor"
)


@pytest.fixture
def odd(monkeypatch, tmp_path):
    """What an odd rule says about one file."""
    monkeypatch.setattr(plan, "ALL", odd_child.RULES)
    monkeypatch.setattr(child, "MODULE", "tests.checks.engine.odd_child")

    def run(name, content=b""):
        candidate = made.candidate(tmp_path, {name: content})
        (result,) = run_in_child(candidate, plan.plan(candidate), timeout=60)
        assert result.error == ""
        return result.findings[0].message

    return run


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@closes_network
def test_a_rule_cannot_connect_to_a_port_that_we_can(odd, port):
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    assert odd("a-connect", str(port).encode()) in ("PermissionError", "OSError")


@closes_network
@filters
def test_a_rule_cannot_reach_a_local_socket_such_as_a_database_s(odd, tmp_path):
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        assert odd("a-connect", path.encode()) == "PermissionError"


@closes_network
@filters
def test_what_a_rule_starts_cannot_leave_the_group_and_ends_with_it(odd, tmp_path):
    assert odd("a-fork") == "stayed"
    left = int((tmp_path / "a-fork.pids").read_text().split()[1])
    assert gone(left)


def test_a_rule_cannot_keep_more_than_some_files_open(odd):
    count, why = odd("a-open").split(" ", 1)
    assert int(count) < confine.MAX_FILES
    assert why == "Too many open files"


def tried(script):
    """What a fresh interpreter prints when it runs a script with our module at hand."""
    start = "import os, socket\nfrom checks.engine import confine\n"
    done = subprocess.run(
        [sys.executable, "-c", start + script], cwd=ROOT, capture_output=True, text=True
    )
    return done.stdout.strip(), done.returncode


@closes_network
def test_the_network_is_closed_by_what_the_system_has():
    said, _ = tried("print(confine.close_network())")
    assert said in ("filter", "namespace")
    if platform.machine() in confine.MACHINES:
        assert said == "filter"


CONNECT = """
try:
    socket.create_connection(("127.0.0.1", {port}), timeout=5)
except OSError as error:
    print(type(error).__name__)
else:
    print("connected")
"""


@closes_network
def test_where_there_is_no_filter_a_namespace_of_its_own_has_no_network(port):
    closed = "confine.MACHINES.clear()\nprint(confine.close_network())\n"
    said, _ = tried(closed + CONNECT.format(port=port))
    if said.startswith("namespace"):
        assert said.split() == ["namespace", "OSError"]
    else:  # neither is to be had: said as such, and the check goes on
        assert said == "connected"


@closes_network
@filters
def test_programs_for_another_machine_are_killed_rather_than_let_through():
    script = (
        "import platform\n"
        "machine = confine.MACHINES[platform.machine()]\n"
        "confine.MACHINES[platform.machine()] = machine._replace(audit=1)\n"
        "print(confine.close_network(), flush=True)\n"
    )
    assert tried(script) == ("", -signal.SIGSYS)


def test_elsewhere_the_network_stays_open_and_that_is_said(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert confine.close_network() == ""


def test_a_child_whose_parent_is_gone_ends_itself():
    assert tried("confine.die_with_parent(1 << 22); print('alive')") == ("", -signal.SIGKILL)


def test_limits_never_rise_above_those_we_were_given(monkeypatch):
    set_limits = {}
    monkeypatch.setattr(resource, "getrlimit", lambda name: (5, 5))
    monkeypatch.setattr(resource, "setrlimit", lambda name, bound: set_limits.update({name: bound}))
    monkeypatch.setattr(os, "nice", lambda by: None)
    confine.limit(100)
    confine.allow_cpu(10)
    assert set_limits[resource.RLIMIT_AS] == (5, 5)
    assert set_limits[resource.RLIMIT_CPU] == (5, 5)


def test_a_limit_that_cannot_be_set_is_an_error_on_linux_only(monkeypatch):
    def refuse(name, bound):
        raise ValueError("not below what is in use")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    monkeypatch.setattr(os, "nice", lambda by: None)
    monkeypatch.setattr(sys, "platform", "darwin")
    confine.limit(100)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(ValueError, match="in use"):
        confine.limit(100)
