"""Recording what happened, and that it stays."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import now
from django_q.models import OrmQ

from trusted_releases.ledger.models import AppendOnly, Event, Job, LogEntry, Pending
from trusted_releases.ledger.reactions_registry import react
from trusted_releases.ledger.registry import UnknownJob
from trusted_releases.ledger.sealing import seal
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import NotReady, Obstacle, Stale

pytestmark = pytest.mark.django_db


def record(person, tag=Tag.PROJECT_CREATED, **facts):
    return Event.objects.record(tag, by=person, subject=person, **facts)


def test_an_event_says_who_did_what_to_which_row_and_where(alice):
    event = record(alice, project="tool", committee="tools", release=7, size=3)
    event.refresh_from_db()
    assert (event.actor, event.tag, event.kind) == ("alice", "project.created", "projects.user")
    assert (event.key, event.project, event.committee) == (str(alice.pk), "tool", "tools")
    assert (event.release, event.facts, event.refused) == ("7", {"size": 3}, False)
    assert str(event) == f"Project created: projects.user {alice.pk}, by alice"


def test_a_worker_has_no_name(alice):
    event = Event.objects.record(Tag.CHECKS_FINISHED, by=None, subject=alice)
    assert event.actor == ""
    assert "by the platform" in str(event)


def test_places_are_found_through_the_subject(alice):
    """Whatever has a release, a project or a committee belongs there."""
    job = Job(pk=5, release="12")
    event = Event.objects.record(Tag.JOB_FAILED, by=None, subject=job)
    assert event.release == "12"
    alice.project = Job(pk=3)  # any row with a slug, and a committee with one
    alice.project.slug, alice.project.committee = "tool", Job(pk=4)
    alice.project.committee.slug = "tools"
    event = record(alice)
    assert (event.project, event.committee) == ("tool", "tools")


def test_a_row_that_is_itself_the_place_is_found(alice, monkeypatch):
    monkeypatch.setattr(type(alice)._meta, "model_name", "release")
    assert record(alice).release == str(alice.pk)


def test_an_unknown_tag_is_refused(alice):
    with pytest.raises(ValueError, match="is not a valid Tag"):
        record(alice, "project.exploded")


def test_an_event_about_an_unsaved_row_is_refused():
    with pytest.raises(ValueError, match="has no id"):
        record(get_user_model()(username="nobody"))


def test_each_reaction_gets_one_job_with_the_events_id(alice):
    react(Tag.PROJECT_CREATED, "test.event", "test.other")
    react(Tag.PROJECT_CREATED, "test.event")
    event = record(alice, release=9)
    jobs = Job.objects.order_by("pk")
    assert [job.name for job in jobs] == ["test.event", "test.other"]
    assert [job.args for job in jobs] == [{"event": event.pk}] * 2
    assert {job.release for job in jobs} == {"9"}
    assert Job.objects.about(alice).count() == 2


def test_a_rollback_takes_event_and_job_along(alice):
    react(Tag.PROJECT_CREATED, "test.event")
    tables = (Event, Pending, Job, OrmQ)
    counts = []

    @transaction.atomic
    def act():
        record(alice)
        counts.extend(table.objects.count() for table in tables)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert counts == [1, 1, 1, 1]
    assert [table.objects.count() for table in tables] == [0, 0, 0, 0]


def test_a_reaction_nobody_registers_fails_the_act_itself(alice):
    react(Tag.PROJECT_CREATED, "test.missing")
    with pytest.raises(UnknownJob, match=r"no job 'test\.missing'"):
        record(alice)
    assert not Event.objects.exists()


def test_an_event_is_never_changed_or_deleted_through_django(alice):
    event = record(alice)
    event.actor = "mallory"
    for attempt in (
        event.save,
        event.delete,
        Event.objects.all().delete,
        lambda: Event.objects.update(actor="mallory"),
        lambda: Event.objects.bulk_update([event], ["actor"]),
        lambda: Event.objects.bulk_create([Event(tag="x")]),
    ):
        with pytest.raises(AppendOnly):
            attempt()
    assert Event.objects.get().actor == "alice"


@pytest.mark.parametrize("table", ["ledger_event", "ledger_logentry", "ledger_head"])
def test_the_database_refuses_to_change_a_row(alice, table):
    record(alice)
    seal()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        connection.cursor().execute(f"UPDATE {table} SET id = id + 1")


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["ledger_event", "ledger_logentry", "ledger_head"])
def test_postgresql_refuses_to_delete_a_row(alice, table):
    record(alice)
    seal()
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(f"DELETE FROM {table}")
    assert LogEntry.objects.count() == 1


def test_the_leaf_is_every_field_in_canonical_json(alice):
    event = Event.objects.get(pk=record(alice, project="tool", note="ä").pk)
    text = event.leaf.decode()
    names = [field.name for field in Event._meta.concrete_fields]
    assert all(f'"{name}":' in text for name in names)
    assert '"facts":{"note":"ä"}' in text
    assert f'"at":"{event.at:%Y-%m-%dT%H:%M:%S.%f}+00:00"' in text


class TestRefusals:
    def refuse(self, person, error, verb="releases.start_vote"):
        return Event.objects.record_refusal(verb, by=person, subject=person, error=error)

    def test_a_refusal_is_recorded_after_the_rollback(self, alice):
        error = NotReady([Obstacle("no_revision", "No files."), Obstacle("x", "Y.")])

        @transaction.atomic
        def verb():
            record(alice)
            raise error

        with pytest.raises(NotReady):
            verb()
        event = self.refuse(alice, error)
        assert list(Event.objects.all()) == [event]
        assert event.refused
        assert event.facts == {
            "verb": "releases.start_vote",
            "code": "not_ready",
            "sentence": "No files. Y.",
            "obstacles": ["no_revision", "x"],
        }
        assert not Event.objects.accepted().exists()

    def test_a_stranger_without_a_name_is_recorded_too(self, alice):
        event = Event.objects.record_refusal(
            "releases.delete", by=None, subject=alice, error=PermissionDenied()
        )
        assert (event.actor, event.facts["code"]) == ("", "PermissionDenied")
        assert event.facts["sentence"] == "Not permitted."

    def test_a_long_or_broken_sentence_is_cut_and_cleaned(self, alice):
        sentence = self.refuse(alice, Stale("\0" * 10_000)).facts["sentence"]
        assert len(sentence) == 500
        assert "\0" not in sentence

    def test_one_actor_is_recorded_sixty_times_a_minute(self, alice, root):
        events = [self.refuse(alice, Stale("No.")) for _ in range(62)]
        assert [event is None for event in events] == [False] * 60 + [True] * 2
        assert "Further refusals" in events[59].facts["note"]
        assert "note" not in events[58].facts
        assert self.refuse(root, Stale("No.")) is not None

    def test_an_old_refusal_does_not_count(self, alice):
        old = [
            Event(
                tag=Tag.REFUSED, actor="alice", kind="x", key="1", at=now() - timedelta(minutes=2)
            )
            for _ in range(60)
        ]
        for event in old:
            event.save()
        assert self.refuse(alice, Stale("No.")) is not None
