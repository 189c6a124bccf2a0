"""The manifest: files by path and digest, and the digest of that."""

import hashlib
import json
import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from releases import manifest
from releases.manifest import Line
from trusted_releases.lib.digests import digest_of


def line(path: str, content: bytes) -> Line:
    digest = digest_of([content])
    return Line(path, digest.sha256, digest.sha512, digest.size)


files = st.dictionaries(st.text("abc/.", min_size=1), st.binary(max_size=8), max_size=6)


@given(st.data(), files)
def test_the_same_files_have_the_same_digest_in_whatever_order(data, held) -> None:
    lines = [line(path, content) for path, content in held.items()]
    assert manifest.digest(data.draw(st.permutations(lines))) == manifest.digest(lines)


@given(files, files)
def test_other_files_have_another_digest(first, second) -> None:
    digests = [
        manifest.digest(line(path, content) for path, content in held.items())
        for held in (first, second)
    ]
    assert (digests[0] == digests[1]) == (first == second)


def test_the_digest_is_that_of_a_document_anybody_can_make() -> None:
    lines = [line("b", b"2"), line("a", b"1")]
    document = manifest.document(lines)
    assert manifest.digest(lines) == "sha256:" + hashlib.sha256(document).hexdigest()
    value = json.loads(document)
    assert value["type"] == "trusted-releases/manifest/v1"
    assert [each["path"] for each in value["files"]] == ["a", "b"]
    assert value["files"][0] == lines[1].as_json()


def test_the_sums_are_what_sha512sum_reads(tmp_path: Path) -> None:
    lines = []
    for path, content in {"a.zip": b"1", "d/b.zip": b"2"}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
        lines.append(line(path, content))
    check = ["sha512sum", "--strict", "-c"]
    said = subprocess.run(
        check, input=manifest.sums(lines), cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert said.stdout == "a.zip: OK\nd/b.zip: OK\n"
