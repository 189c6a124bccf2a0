"""The owner of a token hears of it: once, also when the job runs twice."""

import pytest
from django.core import mail as outbox

from keys.models import AccessToken, SshKey
from tests import make, ssh
from tests.api import token
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.mail import message_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _memory(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    outbox.outbox = []


def test_mails_about_accounts_have_seventy_two_columns_too() -> None:
    SshKey.objects.add(ssh.ed25519_key(), by=make.user("alice"))
    run_pending()
    [told] = outbox.outbox
    assert max(len(line) for line in told.body.split("\n") if " " in line.strip()) <= 72
    assert told.message().get_param("format") == "flowed"


def test_a_new_token_and_its_end_are_told() -> None:
    alice = make.user("alice")
    known = token(alice, label="script", network="192.0.2.0/24")
    run_pending()
    known.revoke(by=make.operator(), reason="In a repository.")
    run_pending()
    first, second = outbox.outbox
    assert first.to == second.to == ["alice@example.org"]
    assert "A new access token" in first.subject
    assert "script" in first.body
    assert "192.0.2.0/24" in first.body
    assert "/accounts/credentials/" in first.body
    assert "was revoked" in second.body
    assert known.digest not in first.body
    event = Event.objects.get(tag=Tag.TOKEN_MADE)
    assert first.extra_headers["Message-ID"] == message_id(event.pk)


def test_a_job_that_runs_twice_sends_once() -> None:
    token(make.user("alice"))
    run_pending()
    job = Job.objects.get(name="keys.send_token_mail")
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, attempts=0)
    job.refresh_from_db()
    job.wake()
    run_pending()
    assert len(outbox.outbox) == 1
    assert "already" in Job.objects.get(pk=job.pk).result


def test_who_has_no_address_gets_none() -> None:
    token(make.user("alice", email=""))
    run_pending()
    assert outbox.outbox == []
    assert "nobody" in Job.objects.get(name="keys.send_token_mail").result


def test_of_a_machines_token_its_maker_hears() -> None:
    operator = make.operator()
    AccessToken.objects.make_system(by=operator, label="x", days=1, reason="Metadata.")
    run_pending()
    assert outbox.outbox[0].to == [operator.email]


def test_a_new_ssh_key_is_told_once() -> None:
    key = SshKey.objects.add(ssh.ed25519_key(), by=make.user("alice"))
    run_pending()
    job = Job.objects.get(name="keys.send_ssh_key_mail")
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, attempts=0)
    job.refresh_from_db()
    job.wake()
    run_pending()
    (told,) = outbox.outbox
    assert told.to == ["alice@example.org"]
    assert "A new SSH key" in told.subject
    assert key.fingerprint in told.body
    assert "/accounts/credentials/" in told.body


def test_of_an_ssh_key_nobody_hears_where_there_is_no_address() -> None:
    SshKey.objects.add(ssh.ed25519_key(), by=make.user("alice", email=""))
    run_pending()
    assert outbox.outbox == []
    assert "nobody" in Job.objects.get(name="keys.send_ssh_key_mail").result
