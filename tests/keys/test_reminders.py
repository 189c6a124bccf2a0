"""Before a key expires its owner is told three times, each once, whatever happens in between."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail as outbox

from keys import reminders
from keys.models import Certificate
from notices.kinds import How, Kind
from notices.models import Notice, wish
from tests import make, pgp
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)

MADE = datetime(2026, 5, 20, tzinfo=UTC)
ENDS = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _memory(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.MAIL_DOMAIN = "apache.org"
    outbox.outbox = []


@pytest.fixture
def key() -> Certificate:
    signer = pgp.signer()
    row = Certificate.objects.add_own(signer.public, by=make.user("alice"))
    Certificate.objects.filter(pk=row.pk).update(expires_at=ENDS)
    return Certificate.objects.get(pk=row.pk)


def told() -> list[int]:
    events = Event.objects.filter(tag=Tag.KEY_EXPIRES).order_by("pk")
    return [event.facts["step"] for event in events]


@pytest.mark.parametrize(
    ("days", "step"),
    [(-1, None), (0, None), (1, 7), (7, 7), (8, 30), (30, 30), (31, 90), (90, 90), (91, None)],
)
def test_the_step_that_is_due(days: int, step: int | None) -> None:
    assert reminders.step(MADE + timedelta(days=days), MADE) == step
    assert reminders.step(None, MADE) is None


def test_each_step_is_told_once_however_often_somebody_looks(key) -> None:
    for day in range(100, -2, -1):
        for _ in range(2):
            reminders.remind(ENDS - timedelta(days=day))
    assert told() == [90, 30, 7]


def test_after_a_long_silence_only_the_latest_step_is_told(key) -> None:
    assert reminders.remind(ENDS - timedelta(days=3)) == 1
    assert told() == [7]


def test_a_key_that_was_prolonged_is_told_of_anew(key) -> None:
    reminders.remind(ENDS - timedelta(days=80))
    later = ENDS + timedelta(days=365)
    Certificate.objects.update(expires_at=later)
    assert reminders.remind(ENDS) == 0
    assert reminders.remind(later - timedelta(days=80)) == 1
    assert told() == [90, 90]


def test_of_a_revoked_key_and_of_one_that_nobody_uses_nobody_hears(key) -> None:
    at = ENDS - timedelta(days=3)
    Certificate.objects.update(revoked=True)
    assert reminders.remind(at) == 0
    Certificate.objects.update(revoked=False, owner=None)
    assert reminders.remind(at) == 0


def test_of_nobodys_key_hears_who_brought_it(settings) -> None:
    committee = make.committee()
    by = make.member(committee)
    Certificate.objects.import_keys(pgp.signer().public, committee=committee, by=by)
    Certificate.objects.update(expires_at=ENDS)
    reminders.remind(ENDS - timedelta(days=3))
    assert Event.objects.get(tag=Tag.KEY_EXPIRES).facts["person"] == by.username


def test_who_does_not_want_the_mail_or_is_switched_off_gets_none(key) -> None:
    alice = key.owner
    assert reminders.wants_mail(alice)
    wish(alice, Kind.KEY, How.SITE)
    assert not reminders.wants_mail(alice)
    reminders.remind(ENDS - timedelta(days=3))
    run_pending()
    assert outbox.outbox == []
    assert Notice.objects.get().person == alice
    alice.is_active = False
    assert not reminders.wants_mail(alice)
    alice.save()
    assert reminders.remind(ENDS - timedelta(days=3, hours=-1)) == 0


def test_the_mail_says_which_key_until_when_and_what_to_do(key) -> None:
    with time_machine.travel(ENDS - timedelta(days=29, hours=12), tick=True):
        reminders.remind(datetime.now(UTC))
        run_pending()
    (sent,) = [each for each in outbox.outbox if "expire" in each.subject]
    assert sent.to == ["alice@example.org"]
    body = " ".join(sent.body.split())
    for words in (
        "signs for 29 days more",
        f"gpg --quick-set-expire {key} 2y",
        "2026-11-16",
        key.get_absolute_url(),
        "/accounts/credentials/",
    ):
        assert words in body


def test_a_job_that_runs_twice_sends_one_mail(key) -> None:
    with time_machine.travel(ENDS - timedelta(days=6), tick=True):
        reminders.remind(datetime.now(UTC))
        run_pending()
        job = Job.objects.get(name="keys.send_expiry_mail")
        Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, attempts=0)
        job.refresh_from_db()
        job.wake()
        run_pending()
    assert len(outbox.outbox) == 1
    assert "already" in Job.objects.get(pk=job.pk).result


def test_a_key_that_was_prolonged_before_the_mail_went_out_is_not_told_of(key) -> None:
    with time_machine.travel(ENDS - timedelta(days=6), tick=True):
        reminders.remind(datetime.now(UTC))
        Certificate.objects.update(expires_at=None)
        run_pending()
    assert outbox.outbox == []
    assert "settled" in Job.objects.get(name="keys.send_expiry_mail").result


def test_looking_costs_the_same_for_few_and_for_many_that_are_not_due(
    django_assert_num_queries,
) -> None:
    row = Certificate.objects.add_own(pgp.signer().public, by=make.user("alice"))
    for count in (1, 30):
        for number in range(count):
            row.pk, row.fingerprint = None, f"{count:020d}{number:020d}"
            row.save(force_insert=True)
        with django_assert_num_queries(1):
            reminders.remind(MADE)
