"""What the forms take that put a draft in order."""

import pytest

from releases.forms_tidying import GenerateChecksums, MoveFiles, StripTags, TagRevision

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("folder", "clean"), [("/docs/api/", "docs/api"), ("", ""), ("../x", None), ("a b", None)]
)
def test_a_folder_is_a_path_or_the_top(folder: str, clean: str | None) -> None:
    form = MoveFiles({"seen": 1, "paths": ["a"], "folder": folder}, files=["a"])
    assert form.is_valid() is (clean is not None)
    assert form.cleaned_data.get("folder") == clean


def test_only_files_that_lack_a_checksum_can_be_chosen() -> None:
    assert GenerateChecksums({"seen": 1, "paths": ["a"]}, files=["a"]).is_valid()
    form = GenerateChecksums({"seen": 1, "paths": ["b"]}, files=["a"])
    assert "has a checksum now, or is gone" in form.errors["paths"][0]


def test_a_tag_is_judged_where_it_is_typed() -> None:
    assert TagRevision({"number": 1, "tag": "rc1"}).is_valid()
    assert "A tag has" in TagRevision({"number": 1, "tag": "rc 1"}).errors["tag"][0]


def test_stripping_names_the_revision_that_was_looked_at() -> None:
    assert not StripTags({}).is_valid()
