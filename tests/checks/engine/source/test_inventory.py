import pytest

from checks.engine.source.inventory import Inventory, Line, blob_id, read

KNOWN = Inventory(
    "https://example.org/tool",
    "1" * 40,
    "v1.0",
    "1" * 40,
    "2" * 40,
    files={"a": Line("100644", "3" * 40), "b": Line("100644", "4" * 40, {"lfs": ["5" * 64, 6]})},
    submodules={"lib": "7" * 40},
)


def test_it_is_read_as_it_was_written(tmp_path):
    digest = KNOWN.write(tmp_path / "inventory")
    assert read(tmp_path / "inventory", digest) == KNOWN


def test_the_same_commit_gives_the_same_bytes(tmp_path):
    turned = Inventory(
        **{**vars(KNOWN), "files": dict(reversed(KNOWN.files.items()))},
    )
    assert KNOWN.write(tmp_path / "a") == turned.write(tmp_path / "b")


def test_another_inventory_than_the_one_that_was_planned_for_is_refused(tmp_path):
    KNOWN.write(tmp_path / "inventory")
    with pytest.raises(ValueError, match="not the one that was planned for"):
        read(tmp_path / "inventory", "0" * 64)


def test_another_format_is_refused(tmp_path):
    (tmp_path / "inventory").write_text('{"format":99,"files":{}}')
    with pytest.raises(ValueError, match="no inventory"):
        read(tmp_path / "inventory")


def test_one_that_is_too_large_is_not_read(tmp_path):
    with (tmp_path / "inventory").open("wb") as stream:
        stream.truncate((128 << 20) + 1)
    with pytest.raises(ValueError, match="at most"):
        read(tmp_path / "inventory")


def test_ids_are_those_of_git():
    assert blob_id(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert blob_id(b"", "sha256").startswith("473a0f4c3be8a936")


def test_it_is_named_by_commit_and_tag_where_the_tag_leads_to_it():
    assert KNOWN.name == "commit 111111111111 (tag v1.0) of https://example.org/tool"
    moved = Inventory(**{**vars(KNOWN), "tag_commit": "9" * 40})
    assert moved.name == "commit 111111111111 of https://example.org/tool"
    assert Inventory("/src/tool", "", "", "", "").name == "the folder /src/tool"
