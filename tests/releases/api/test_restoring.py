"""Earlier revisions by a script: their files come back, and they get names."""

import pytest

from tests import make
from tests.api import refused
from tests.releases.api.test_tidying import FILES, ZIP, alice, ask, draft, paths, sealed

__all__ = ["alice", "draft"]  # fixtures

pytestmark = pytest.mark.django_db


def test_an_earlier_revision_comes_back_and_gets_a_name(draft, alice) -> None:
    ask(alice, "files/delete", paths=[ZIP])
    sealed(ask(alice, "revision/restore", revision="1"), "00003")
    assert paths(draft) == set(FILES)
    assert sealed(ask(alice, "revision/tag", revision="00001", tag="rc1"), "00001", 200)["tag"] == (
        "rc1"
    )
    assert "tags never change" in refused(ask(alice, "revision/tag", revision="1", tag="rc2"), 409)
    assert "has no revision 9" in refused(ask(alice, "revision/restore", revision="9"), 400)
    assert "has no revision 9" in refused(ask(alice, "revision/tag", revision="9", tag="x"), 400)
    assert refused(ask(alice, "revision/tag", revision="2", tag="a b"), 400)


def test_who_may_not_change_files_restores_and_names_nothing(draft) -> None:
    draft.add_files({"new": make.blob("n")}, by=make.member(draft))
    committer = make.user(is_committer=True)
    for path, more in (("restore", {}), ("tag", {"tag": "rc1"})):
        assert refused(ask(committer, f"revision/{path}", revision="1", **more), 403)
        assert refused(ask(None, f"revision/{path}", revision="1", **more), 401)
    assert draft.revisions.count() == 2
    assert not draft.revisions.exclude(tag="").exists()
