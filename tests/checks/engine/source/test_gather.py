from checks.engine.archive import walk
from checks.engine.model import Limits
from checks.engine.source.gather import Gathered
from checks.engine.source.inventory import blob_id
from tests.checks.engine import made


def gathered(tmp_path, members, **more):
    found = Gathered(**more)
    file = tmp_path / "a.tar.gz"
    file.write_bytes(made.tar(members))
    assert walk(file, file.name, Limits(), [found]).complete
    return found


def test_files_and_links_have_the_ids_that_git_gives_them(tmp_path):
    found = gathered(tmp_path, {"r/a": b"1", "r/l": "a", "r/h": made.Hard("r/a"), "r/d": None})
    assert {name: tuple(entry) for name, entry in found.entries.items()} == {
        "r/a": ("100644", blob_id(b"1")),
        "r/l": ("120000", blob_id(b"a")),
        "r/h": ("100644", blob_id(b"1")),
    }
    assert found.tops.folders == ["r"]


def test_a_hard_link_that_leads_nowhere_is_no_entry(tmp_path):
    assert gathered(tmp_path, {"r/h": made.Hard("r/nothing"), "r/a": b""}).entries.keys() == {"r/a"}


def test_another_sink_is_fed_beside(tmp_path):
    class Sink:
        fed = b""
        closed = False

        def feed(self, block):
            self.fed += block

        def close(self):
            self.closed = True

    sink = Sink()
    gathered(
        tmp_path,
        {"r/a": b"1", "r/b": b"2"},
        extra=lambda member: sink if member.name == "r/b" else None,
    )
    assert (sink.fed, sink.closed) == (b"2", True)


def test_ids_of_sha256(tmp_path):
    found = gathered(tmp_path, {"r/a": b"1"}, algorithm="sha256")
    assert found.entries["r/a"].id == blob_id(b"1", "sha256")
