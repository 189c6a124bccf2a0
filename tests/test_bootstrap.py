"""deploy/bootstrap.sh: names what is missing, installs what has changed, and is quick otherwise."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import ROOT

TOOLS = ("dirname", "id", "ls", "grep", "rm", "sh", "env", "cat")


class Checkout:
    """A checkout on a machine that has nothing but a shell and what the test puts there."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin = folder / "checkout", folder / "bin"
        (self.root / "deploy").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(ROOT / "deploy" / "bootstrap.sh", self.root / "deploy")
        for name in TOOLS:
            (self.bin / name).symlink_to(str(shutil.which(name)))
        for name in ("requirements.txt", "requirements-dev.txt"):
            (self.root / name).write_text(f"# {name}\n")

    def program(self, name: str, script: str = "exit 0") -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.bin / name).chmod(0o755)

    def environment(self, *installed: str) -> None:
        """A virtual environment in which these requirements files are installed."""
        (self.root / ".venv" / "bin").mkdir(parents=True)
        (self.root / ".venv" / "bin" / "python").symlink_to(sys.executable)
        files = [(self.root / name).read_bytes() for name in installed]
        lines = [hashlib.sha256(content).hexdigest() + "\n" for content in files]
        (self.root / ".venv" / ".installed").write_text("".join(lines))

    def bootstrap(self, kind: str = "run") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.root / "deploy" / "bootstrap.sh"), kind],
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_a_missing_gpg_is_named_with_what_installs_it(checkout: Checkout) -> None:
    found = checkout.bootstrap()
    assert found.returncode == 1
    assert found.stderr == "Missing system programs. Install them: apt-get install gnupg\n"


def test_for_tests_the_packages_are_installed_where_that_is_allowed(checkout: Checkout) -> None:
    checkout.program("gpg")
    checkout.program("initdb")
    checkout.program("rsync")
    checkout.program("svnserve")
    checkout.program("ssh")
    checkout.program("sudo", 'shift; exec "$@"')  # for those who are not root
    checkout.program("apt-get", f'echo "$@" >> {checkout.root}/asked')
    found = checkout.bootstrap("test")
    asked = (checkout.root / "asked").read_text().splitlines()
    assert asked[0].startswith("update")
    assert asked[1].endswith(" chromium")
    assert "gnupg" not in asked[1]
    # this apt-get installed nothing, so in the end the person is told
    assert found.stderr.endswith("Install them: apt-get install chromium\n")


def test_a_missing_python_is_named(checkout: Checkout) -> None:
    checkout.program("gpg")
    found = checkout.bootstrap()
    assert "Python 3.11 or later was not found" in found.stderr
    assert found.returncode == 1


def test_an_old_python_does_not_count(checkout: Checkout) -> None:
    checkout.program("gpg")
    checkout.program("python3", "exit 1")  # what the question for its version would give
    assert "Python 3.11 or later was not found" in checkout.bootstrap().stderr


def test_a_python_without_venv_is_told_what_it_lacks(checkout: Checkout) -> None:
    checkout.program("gpg")
    checkout.program("python3", 'case "$2" in *ensurepip*) exit 1;; esac; exit 0')
    found = checkout.bootstrap()
    assert found.stderr.endswith("apt-get install python3-venv\n")
    assert found.returncode == 1


def test_what_is_installed_is_not_installed_again(checkout: Checkout) -> None:
    checkout.program("gpg")
    checkout.environment("requirements.txt")
    found = checkout.bootstrap()
    assert (found.returncode, found.stderr) == (0, "")


def test_an_environment_for_tests_also_runs_the_product(checkout: Checkout) -> None:
    checkout.program("gpg")
    checkout.environment("requirements.txt", "requirements-dev.txt")
    assert checkout.bootstrap("run").stderr == ""


def test_changed_requirements_are_installed_with_their_hashes(checkout: Checkout) -> None:
    checkout.program("gpg")
    checkout.program("uv", f'echo "$@" >> {checkout.root}/asked')
    checkout.environment("requirements.txt")
    (checkout.root / "requirements.txt").write_text("# changed\n")
    assert checkout.bootstrap().returncode == 0
    asked = (checkout.root / "asked").read_text()
    assert "pip sync -q --require-hashes requirements.txt" in asked
    assert checkout.bootstrap().stderr == ""


def test_a_failed_installation_is_tried_again(checkout: Checkout) -> None:
    checkout.program("gpg")
    checkout.program("uv", '[ "$1" = --version ]')
    checkout.environment()
    # Neither uv nor pip can do it: the package has no such digest.
    (checkout.root / "requirements.txt").write_text("./absent --hash=sha256:00\n")
    assert checkout.bootstrap().returncode != 0
    assert checkout.bootstrap().returncode != 0
