"""Whoever tampers with the log, with all rights on the database, is caught by verify_events."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.utils.timezone import now

from tests.ledger.conftest import record_ballots
from tests.ledger.tamper import sql
from trusted_releases.ledger import signing
from trusted_releases.ledger.models import Head, LogState, Pending
from trusted_releases.ledger.sealing import seal
from trusted_releases.lib.merkle import leaf_hash, root_of

pytestmark = pytest.mark.django_db(transaction=True)


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
    record_ballots(alice, 6)
    seal()
    assert found("--head", saved) == set()


def test_a_forged_saved_head_is_not_believed(log, saved, tmp_path, found):
    head = json.loads(Path(saved).read_text())["head"]
    path = tmp_path / "forged.json"
    path.write_text(json.dumps({**head, "root": "0" * 64}))
    assert found("--head", str(path)) == {"bad_signature", "not_consistent"}


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
    record_ballots(alice, 1)
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
        record_ballots(alice, 3)
        seal()
        return end(self)

    monkeypatch.setattr(Verifier, "_end", grow_first)
    assert verify()[1]["problems"] == []


def test_a_log_longer_than_one_chunk_is_walked_to_its_end(log, monkeypatch, found):
    monkeypatch.setattr("trusted_releases.ledger.verification.ROWS", 2)
    assert found() == set()
    sql("UPDATE ledger_event SET actor = 'm' WHERE id = %s", log[8].event_id)
    assert found() == {"event_changed"}
