import pytest

from checks.engine.model import Level
from checks.rules.content import FORMATS, WINDOW
from tests.checks.engine import made

GOOD = {
    "a-1.0.deb": b"!<arch>\ndebian-binary   1700000000  0     0     100644  4         `\n2.0\n",
    "a-1.0.exe": b"MZ\x90\x00",
    "a-1.0.jar.pack.gz": b"\x1f\x8b\x08\x00",
    "a-1.0.pdf": b"%PDF-1.7\n",
    "a-1.0.rpm": b"\xed\xab\xee\xdb\x03",
}
PAGE = b"<!doctype html><title>Not found</title>" + b" " * 5000


def judged(tmp_path, name, content):
    return made.findings(made.candidate(tmp_path, {name: content}), "file.content")


def test_every_format_has_its_example():
    assert {suffix for suffix in FORMATS for name in GOOD if name.endswith(suffix)} == set(FORMATS)


@pytest.mark.parametrize("name", GOOD)
def test_a_file_that_is_what_its_name_says_is_fine(tmp_path, name):
    for written in (name, f"sub/{name.upper()}"):
        (found,) = judged(tmp_path, written, GOOD[name] + PAGE)
        assert (found.level, found.path) == (Level.NOTE, written)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "The file is empty"), (PAGE, "The content is not a"), (b"x", "The content is not a")],
)
def test_a_file_that_is_something_else_is_a_blocker(tmp_path, name, content, says):  # Q01, Q02
    (found,) = judged(tmp_path, name, content)
    assert found.level == Level.BLOCKER
    assert says in found.message
    assert found.see == f"file {name}"


def test_a_pdf_may_begin_a_little_later_and_no_other_format_may(tmp_path):
    assert made.worst(judged(tmp_path, "a.pdf", b" " * 500 + GOOD["a-1.0.pdf"])) == Level.NOTE
    late = b" " * WINDOW + GOOD["a-1.0.pdf"]
    assert made.worst(judged(tmp_path, "a.pdf", late)) == Level.BLOCKER
    assert made.worst(judged(tmp_path, "a.rpm", b" " + GOOD["a-1.0.rpm"])) == Level.BLOCKER


@pytest.mark.parametrize("name", ["a.txt", "a.exe.asc", "a.tar.gz", "exe", "a.pdf.sha512"])
def test_names_that_promise_nothing_are_not_looked_at(tmp_path, name):
    assert judged(tmp_path, name, b"") == []
