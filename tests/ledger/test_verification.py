"""Whoever tampers with the log, with all rights on the database, is caught by verify_events."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from tests.ledger.tamper import sql
from trusted_releases.ledger import signing
from trusted_releases.ledger.models import Event, Head, LogEntry, LogState, Pending
from trusted_releases.ledger.sealing import seal
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.merkle import leaf_hash, root_of

pytestmark = pytest.mark.django_db(transaction=True)


def record(person, count):
    for number in range(count):
        Event.objects.record(Tag.BALLOT_CAST, by=person, subject=person, ballot="+1", no=number)


@pytest.fixture
def log(alice):
    """Three sealings: heads at 3, 5 and 9 entries."""
    for count in (3, 2, 4):
        record(alice, count)
        seal()
    return list(LogEntry.objects.select_related("event"))


@pytest.fixture
def verify(capsys):
    def run(*arguments):
        """The exit code and what the command printed as JSON."""
        code = 0
        try:
            call_command("verify_events", "--json", *arguments)
        except SystemExit as exit_:
            code = exit_.code
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def found(verify):
    def run(*arguments):
        code, answer = verify(*arguments)
        codes = {problem["code"] for problem in answer["problems"]}
        assert code == int(bool(codes))
        return codes

    return run


@pytest.fixture
def saved(verify, tmp_path, log):
    """The head somebody kept, as --json printed it."""
    path = tmp_path / "head.json"
    path.write_text(json.dumps(verify()[1]))
    return str(path)


def forge(position, leaf, entries):
    """Give an entry another leaf and sign all heads anew, as the holder of the key could."""
    sql("UPDATE ledger_logentry SET leaf = %s WHERE position = %s", leaf, position)
    resign([leaf if entry.position == position else entry.leaf for entry in entries])


def resign(leaves):
    key = signing.signing_key()
    for head in Head.objects.all():
        as_json = head.as_json()
        as_json["root"] = root_of([bytes.fromhex(leaf) for leaf in leaves[: head.size]]).hex()
        sql(
            "UPDATE ledger_head SET root = %s, signature = %s WHERE id = %s",
            *(as_json["root"], signing.sign(as_json, key), head.pk),
        )


def test_an_untouched_log_is_whole(log, verify, capsys):
    code, answer = verify()
    assert (code, answer["entries"], answer["problems"]) == (0, 9, [])
    assert answer["head"] == Head.objects.first().as_json()
    call_command("verify_events")
    assert (
        capsys.readouterr().out == f"The log is whole: 9 entries, root {answer['head']['root']}.\n"
    )


def test_an_empty_log_is_whole(db, capsys):
    call_command("verify_events")
    assert "The log is empty" in capsys.readouterr().out


def test_a_changed_fact_is_caught_and_named(log, verify, capsys):
    sql("UPDATE ledger_event SET facts = %s WHERE id = %s", '{"ballot": "-1"}', log[4].event_id)
    code, answer = verify()
    assert code == 1
    where = f"position 4, event {log[4].event_id}"
    text = "The event is not the one that was sealed."
    assert answer["problems"] == [{"code": "event_changed", "where": where, "text": text}]
    with pytest.raises(SystemExit):
        call_command("verify_events")
    printed = capsys.readouterr().out
    assert f"{where}: {text} [event_changed]" in printed
    assert "1 problems in a log of 9 entries." in printed


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *[("actor", "mallory"), ("tag", "vote.failed"), ("kind", "x.y"), ("key", "9")],
        *[("project", "x"), ("committee", "x"), ("release", "9"), ("refused", True)],
        ("at", now() - timedelta(days=1)),
    ],
)
def test_a_change_of_any_column_is_caught(log, found, column, value):
    sql(f"UPDATE ledger_event SET {column} = %s WHERE id = %s", value, log[0].event_id)
    assert found() == {"event_changed"}


def test_a_deleted_event_is_caught(log, found):
    sql("DELETE FROM ledger_event WHERE id = %s", log[2].event_id)
    assert found() == {"event_missing"}


def test_a_deleted_entry_is_caught_and_its_event_is_unsealed(log, found, alice):
    sql("DELETE FROM ledger_logentry WHERE position = 4")
    assert found() == {"entry_missing", "root_differs", "state_differs"}
    old = now() - timedelta(minutes=2)
    sql("UPDATE ledger_event SET at = %s WHERE id = %s", old, log[4].event_id)
    assert found() == {"entry_missing", "root_differs", "state_differs", "unsealed"}


def test_entries_that_changed_places_are_caught(log, found):
    for position, other in ((-1, 3), (3, 4), (4, -1)):
        sql("UPDATE ledger_logentry SET position = %s WHERE position = %s", position, other)
    assert found() == {"root_differs", "state_differs"}


def test_an_event_changed_together_with_its_entry_is_caught_by_the_root(log, verify):
    event = log[4].event
    event.facts = {"ballot": "-1"}
    sql("UPDATE ledger_event SET facts = %s WHERE id = %s", json.dumps(event.facts), event.pk)
    leaf = leaf_hash(event.leaf).hex()
    sql("UPDATE ledger_logentry SET leaf = %s WHERE position = 4", leaf)
    problems = verify()[1]["problems"]
    assert [(p["code"], p["where"]) for p in problems] == [
        ("root_differs", "head of 5 entries"),
        ("root_differs", "heads"),
        ("state_differs", "log state"),
    ]
    assert problems[1]["text"] == "1 later heads differ as well."


def test_a_leaf_that_is_no_hash_is_caught(log, found):
    sql("UPDATE ledger_logentry SET leaf = %s WHERE position = 4", "zz")
    assert {"event_changed", "entry_changed"} <= found()


def test_a_head_signed_by_a_stranger_is_caught(log, found):
    head = Head.objects.get(size=5)
    signature = signing.sign(head.as_json(), Ed25519PrivateKey.generate())
    sql("UPDATE ledger_head SET signature = %s WHERE size = 5", signature)
    assert found() == {"bad_signature"}


def test_a_head_moved_to_another_root_is_caught(log, found):
    sql("UPDATE ledger_head SET root = %s WHERE size = 5", "0" * 64)
    assert found() == {"bad_signature", "root_differs"}


def cut(size):
    """Cut everything after the head of that size, and make the state fit: nothing looks wrong."""
    sql(
        "DELETE FROM ledger_event WHERE id IN (SELECT event_id FROM ledger_logentry"
        " WHERE position >= %s)",
        size,
    )
    sql("DELETE FROM ledger_logentry WHERE position >= %s", size)
    sql("DELETE FROM ledger_head WHERE size > %s", size)
    LogState.objects.all().delete()


def test_a_cut_log_is_caught_by_its_own_head(log, found):
    sql("DELETE FROM ledger_logentry WHERE position >= 7")
    assert found() == {"truncated"}


def test_a_log_cut_with_its_heads_is_caught_by_its_state(log, found):
    state = LogState.objects.get()
    cut(5)
    LogState.objects.create(pk=1, size=state.size, frontier=state.frontier)
    assert found() == {"truncated"}


def test_a_log_cut_without_a_trace_is_caught_by_a_saved_head(log, saved, found):
    cut(5)
    assert found() == set()
    assert found("--head", saved) == {"truncated"}


def test_a_rewritten_log_signed_anew_is_caught_by_a_saved_head(log, saved, found):
    event = log[1].event
    event.actor = "mallory"
    sql("UPDATE ledger_event SET actor = 'mallory' WHERE id = %s", event.pk)
    forge(1, leaf_hash(event.leaf).hex(), log)
    LogState.objects.all().delete()
    assert found() == set()
    assert found("--head", saved) == {"not_consistent"}


def test_a_log_that_has_grown_is_consistent_with_a_saved_head(log, saved, alice, found):
    record(alice, 6)
    seal()
    assert found("--head", saved) == set()


def test_a_forged_saved_head_is_not_believed(log, saved, tmp_path, found):
    head = json.loads(Path(saved).read_text())["head"]
    path = tmp_path / "forged.json"
    path.write_text(json.dumps({**head, "root": "0" * 64}))
    assert found("--head", str(path)) == {"bad_signature", "not_consistent"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"size": 1}',
        '{"head": null}',
        "null",
        "7",
        '{"size": "1", "root": "", "at": "", "key_id": "", "signature": ""}',
    ],
)
def test_a_file_that_is_no_saved_head_is_named(db, tmp_path, content):
    path = tmp_path / "head.json"
    path.write_text(content)
    with pytest.raises(CommandError, match="is not a saved head"):
        call_command("verify_events", "--head", str(path))


def test_a_saved_head_that_is_not_there_is_named(db, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("verify_events", "--head", str(tmp_path / "none"))


def test_entries_that_no_head_covers_are_caught(log, found):
    sql("DELETE FROM ledger_head WHERE size = 9")
    assert found() == {"not_signed"}


def test_a_state_that_would_continue_another_tree_is_caught(log, found):
    good = LogState.objects.get().frontier
    LogState.objects.update(frontier=[good[0], "0" * 64])
    assert found() == {"state_differs"}
    LogState.objects.update(frontier=good[:1])
    assert found() == {"state_differs"}
    LogState.objects.update(size=4, frontier=good)
    assert found() == {"state_differs"}


def test_an_event_that_is_never_sealed_is_named_after_a_minute(log, alice, found):
    record(alice, 1)
    assert found() == set()
    Pending.objects.all().delete()
    old = now() - timedelta(seconds=61)
    sql("UPDATE ledger_event SET at = %s WHERE id > %s", old, log[-1].event_id)
    assert found() == {"unsealed"}


def test_sealing_that_goes_on_meanwhile_is_no_problem(log, alice, monkeypatch, verify):
    """The last chunk is read, then more is sealed, then the rest is looked at."""
    from trusted_releases.ledger.verification import Verifier

    end = Verifier._end

    def grow_first(self):
        record(alice, 3)
        seal()
        return end(self)

    monkeypatch.setattr(Verifier, "_end", grow_first)
    assert verify()[1]["problems"] == []


def test_a_log_longer_than_one_chunk_is_walked_to_its_end(log, monkeypatch, found):
    monkeypatch.setattr("trusted_releases.ledger.verification.ROWS", 2)
    assert found() == set()
    sql("UPDATE ledger_event SET actor = 'm' WHERE id = %s", log[8].event_id)
    assert found() == {"event_changed"}


class TestKeys:
    def test_the_public_key_is_shown(self, db, capsys):
        call_command("verify_events", "--key")
        key = signing.signing_key().public_key()
        assert capsys.readouterr().out.strip() == signing.public_hex(key)

    def test_a_copy_is_verified_with_the_public_key_alone(self, log, key_file, found):
        public = signing.public_hex(signing.signing_key().public_key())
        key_file.unlink()
        assert found() == {"bad_signature"}
        assert found("--trust", public) == set()
        assert not key_file.exists(), "a verification makes no key"

    def test_an_earlier_key_is_trusted_when_told_so(self, log, key_file, alice, found):
        public = signing.public_hex(signing.signing_key().public_key())
        key_file.unlink()
        record(alice, 1)
        seal()
        assert found() == {"bad_signature"}
        assert found("--trust", public) == set()

    def test_what_is_no_public_key_is_refused(self, db):
        with pytest.raises(CommandError, match="64 hexadecimal digits"):
            call_command("verify_events", "--trust", "zz")
