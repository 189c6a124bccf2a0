"""What `pip install .` gives: the program, and no more than it needs."""

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

from checks.engine.child import ROOT
from tests.checks.laptop.made import program, release
from tests.checks.sbom.boms import by_the_library
from trusted_releases import VERSION

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SHIPPED = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
NEEDED = {re.match(r"[\w-]+", each)[0] for each in PROJECT["project"]["dependencies"]}
MODULES = {
    "cyclonedx-python-lib": "cyclonedx",
    "hyperscan": "hyperscan",
    "isal": "isal",
    "jsonschema-rs": "jsonschema_rs",
    "license-expression": "license_expression",
    "lxml": "lxml",
    "python-gnupg": "gnupg",
    "zstandard": "zstandard",
}
BROUGHT_ALONG = {
    "boolean",  # by license-expression
    "coverage",  # where tests are measured
}
THEIRS = {  # what the libraries that are needed need themselves
    *("boolean.py", "defusedxml", "packageurl-python", "py-serializable"),
    *("sortedcontainers", "typing-extensions"),
}
LISTING = """
import json, sys
from checks.laptop import main
main.main([{folder!r}, "--in-process"])
import checks.engine.__main__
files = [module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", 0)]
print(json.dumps(files))
"""


def imported(folder: Path) -> list[Path]:
    """The files of all modules that the program comes to use."""
    script = LISTING.format(folder=str(folder))
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [Path(each).resolve() for each in json.loads(done.stdout.splitlines()[-1])]


def test_the_package_holds_all_that_is_imported_and_asks_for_the_rest(tmp_path):
    folder = release(tmp_path)
    for form in ("json", "xml"):
        (folder / f"tool-1.0.cdx.{form}").write_bytes(by_the_library("1.6", form.upper()))
    files = imported(folder)
    ours = {
        str(each.relative_to(ROOT))
        for each in files
        if each.is_relative_to(ROOT) and ".venv" not in each.relative_to(ROOT).parts
    }
    assert len(ours) > 50
    missing = [each for each in ours if not any(Path(each).is_relative_to(top) for top in SHIPPED)]
    assert missing == [], "add them to only-include in pyproject.toml"
    foreign = {
        each.parts[each.parts.index("site-packages") + 1].removesuffix(".py")
        for each in files
        if "site-packages" in each.parts
    }
    known = {MODULES[name] for name in NEEDED} | BROUGHT_ALONG
    stray = {each for each in foreign - known if not each.startswith("_")}
    assert stray == set(), "add what they belong to to the dependencies in pyproject.toml"


def test_what_is_packaged_exists_and_is_no_more_than_the_program_uses():
    assert [each for each in SHIPPED if not (ROOT / each).exists()] == []
    assert not any(word in each for each in SHIPPED for word in ("models", "views", "admin"))


def test_its_version_is_ours():
    assert PROJECT["project"]["version"] == VERSION


def test_what_it_needs_is_locked_for_the_platform_too():
    asked = (ROOT / "requirements.in").read_text()
    assert [name for name in NEEDED if not re.search(rf"^{name}\b", asked, re.MULTILINE)] == []


def reachable(python: Path, wheels: Path) -> str:
    """Download what is needed to build and to run; why not, where that cannot be."""
    wanted = [*PROJECT["build-system"]["requires"], *NEEDED]
    done = subprocess.run(
        [python, "-m", "pip", "download", "-q", "-d", wheels, *wanted],
        capture_output=True,
        text=True,
        timeout=100,
    )
    return "" if done.returncode == 0 else done.stderr.strip().rpartition("\n")[2]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_installed_into_an_empty_environment_it_does_the_same(tmp_path):
    """A real build and a real installation, then the program far from this checkout."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    python, command = home / "bin" / "python", home / "bin" / "trusted-check"
    wheels = tmp_path / "wheels"
    if why := reachable(python, wheels):
        pytest.skip(f"no index of packages can be reached: {why}")
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    install = [*pip, "install", "-q", "--no-index", "--find-links", wheels, ROOT]
    subprocess.run(install, check=True, capture_output=True, timeout=200)
    listed = json.loads(subprocess.check_output([*pip, "list", "--format", "json"]))
    names = {each["name"].lower().replace("_", "-") for each in listed}
    assert names == {"pip", "setuptools", "trusted-check", *NEEDED, *THEIRS}

    folder = release(tmp_path / "release")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [command, folder, "--json"], cwd=tmp_path, env=environment, capture_output=True, timeout=90
    )
    ours = program(folder, "--json")
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout == ours.stdout
    said = subprocess.check_output([command, "--version"], text=True)
    assert said.startswith(f"trusted-check {VERSION}, ")
    assert not list(home.glob("lib/*/site-packages/django"))
