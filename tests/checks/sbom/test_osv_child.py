"""What to ask about is read from a document in a process with limits."""

import json

import pytest

from checks.engine.child import ChildLimits
from checks.sbom.document import Unreadable
from checks.sbom.osv_child import questions_in

pytestmark = pytest.mark.once


def test_packages_with_a_version_are_asked_about(tmp_path):
    purls = {"a": "pkg:npm/a@1", "b": ""}
    components = [
        {"type": "library", "name": name, "version": "1", "purl": purl}
        for name, purl in purls.items()
    ]
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}
    (tmp_path / "bom").write_text(json.dumps(bom))
    found = questions_in(tmp_path / "bom")
    assert [each.label for each in found.asked] == ["a 1"]
    assert found.ignored == ("b",)


@pytest.mark.parametrize("content", [b"", b"[" * 1_000_000, b"{}", b"<a/>"])
def test_what_cannot_be_read_is_a_sentence(tmp_path, content):
    (tmp_path / "bom").write_bytes(content)
    with pytest.raises(Unreadable):
        questions_in(tmp_path / "bom")


def test_a_reader_that_is_ended_is_a_sentence(tmp_path):
    (tmp_path / "bom").write_bytes(b'{"bomFormat": "CycloneDX", "x": [' + b"{}," * 400_000 + b"1]}")
    with pytest.raises(Unreadable, match=r"could not be read|more memory"):
        questions_in(tmp_path / "bom", ChildLimits(memory_bytes=64 << 20))
