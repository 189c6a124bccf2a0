"""Apache RAT itself beside our matcher, with a stand-in for the program."""

import json
import lzma

import pytest

from checks import comparing_rat
from checks.comparing_rat import Failed, Rat, compare, shown, unpack
from tests.checks import ratlike
from tests.checks.engine import made
from tests.checks.engine.archive import build
from tests.checks.engine.rat.test_read import HEADER
from tests.shared import needs_shared, shared
from trusted_releases.lib.errors import BadInput

FILES = {"r/a.py": HEADER.encode(), "r/b.py": b"print()", "r/sub/link": "../a.py"}
REPORT = b"""<rat-report>
  <resource name="/r/a.py" type="STANDARD"><license id="AL2.0" approval="true"/></resource>
  <resource name="/r/b.py" type="%b"/>
</rat-report>"""
AGREED = REPORT.replace(b'"%b"/>', b'"STANDARD"><license id="?????"/></resource>')


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "r-1.0-src.tar.gz"
    path.write_bytes(made.tar(FILES))
    return path


def rat(tmp_path, report=AGREED, mode=""):
    program, jar, _ = ratlike.java(tmp_path, {"r": report}, mode)
    return Rat(str(program), str(jar))


def test_where_rat_and_we_agree_there_is_no_difference(tmp_path, archive):
    assert compare(archive, rat(tmp_path)) == (2, {})


def test_each_file_that_is_judged_otherwise_is_named(tmp_path, archive):
    found = compare(archive, rat(tmp_path, REPORT % b"NOTICE"))
    assert found.differences == {"r/b.py": ("NOTICE", "STANDARD ?????")}


def test_t45_the_command_is_that_of_the_platform_and_is_shown_by_base_names(tmp_path, archive):
    compare(archive, rat(tmp_path))
    told = json.loads((tmp_path / "log.json").read_text())
    words = told["words"]
    assert told["files"] == ["r"]
    assert words[words.index("-jar") + 1] == str(tmp_path / "apache-rat-0.18.jar")
    assert words[-2:] == ["--", "."]
    command = shown(rat(tmp_path).command(tmp_path / "report.xml", shipped=False))
    assert command.startswith("java -Xmx512m -jar apache-rat-0.18.jar --output-style xml ")
    assert "--output-file report.xml" in command
    assert "--input-exclude-std MISC HIDDEN_DIR MAC MAVEN ECLIPSE IDEA GIT STANDARD_SCMS" in command
    assert str(tmp_path) not in command


def test_exclusions_that_are_shipped_say_what_is_scanned_and_from_where(tmp_path):
    path = tmp_path / "r-1.0-src.zip"
    path.write_bytes(made.zipped({"r/.rat-excludes": b"b.py\n", "r/b.py": b"x", "r/a.py": b"x"}))
    report = b"""<rat-report>
      <resource name="/a.py" type="STANDARD"><license id="?????"/></resource>
      <resource name="/b.py" type="IGNORED"/>
    </rat-report>"""
    program, jar, log = ratlike.java(tmp_path, {".rat-excludes": report})
    assert compare(path, Rat(str(program), str(jar))) == (3, {})
    words = json.loads(log.read_text())["words"]
    assert words[words.index("--input-exclude-file") + 1] == ".rat-excludes"
    assert "MAVEN" not in words


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("fails", r"RAT failed \(exit code 1\). Exception in thread main: Out of memory"),
        ("babbles", "RAT's report cannot be read: it has no element rat-report."),
        ("hangs", "RAT took more than"),
    ],
)
def test_a_rat_that_does_not_do_its_work_is_told(tmp_path, archive, monkeypatch, mode, why):
    monkeypatch.setattr(comparing_rat, "SECONDS", 1)
    with pytest.raises(Failed, match=why):
        compare(archive, rat(tmp_path, mode=mode))


@pytest.mark.parametrize(
    ("java", "jar", "why"),
    [
        ("java", "", "No RAT is configured. Download apache-rat"),
        ("java", "/nowhere/rat.jar", "There is no jar at /nowhere/rat.jar"),
        ("/nowhere/java", "", "There is no Java: /nowhere/java cannot be run"),
    ],
)
def test_what_is_missing_is_said(tmp_path, java, jar, why):
    if java != "java":
        jar = str(tmp_path / "rat.jar")
        (tmp_path / "rat.jar").write_bytes(b"PK")
    with pytest.raises(BadInput, match=why):
        Rat(java, jar)


def test_two_exclude_files_cannot_be_compared(tmp_path):
    path = tmp_path / "r.tar.gz"
    path.write_bytes(made.tar({"r/.rat-excludes": b"", "r/sub/.rat-excludes": b""}))
    with pytest.raises(Failed, match="holds 2 files named"):
        compare(path, rat(tmp_path))


@pytest.mark.parametrize(
    "content",
    [
        build.tar_gz(build.file("../out", b"x")),
        build.tar_gz(build.symlink("t-1/up", "../.."), build.file("t-1/up/out", b"x")),
        build.tar_gz(build.file("t-1/x", b"x"))[:-20],
    ],
)
def test_what_is_not_safe_or_not_whole_is_not_unpacked(tmp_path, content):
    path = tmp_path / "t-1.tar.gz"
    path.write_bytes(content)
    with pytest.raises(Failed, match="not safe or not whole"):
        unpack(path, tmp_path / "files")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["t-1.tar.gz"]


def test_files_are_written_and_links_are_not(tmp_path, archive):
    assert unpack(archive, tmp_path / "files") == []
    written = {each.name for each in (tmp_path / "files").rglob("*") if not each.is_dir()}
    assert written == {"a.py", "b.py"}


@needs_shared
def test_a_real_release_is_compared_with_what_rat_said_of_it(tmp_path):
    name = "commons-io-2.11.0-src.tar.gz"
    report = lzma.decompress(shared("data", "rat-oracle", f"{name}.xml.xz").read_bytes())
    program, jar, _ = ratlike.java(tmp_path, {"commons-io-2.11.0-src": report})
    found = compare(next(shared("data").rglob(name)), Rat(str(program), str(jar)))
    assert found.files > 300
    assert found.differences == {}
