"""Jobs about credentials. Each may run twice, and then does nothing more."""

from typing import Any

from django.conf import settings
from django.utils.timezone import now

from keys import mail, reminders, syncing
from keys.models import Certificate, KeysFile, Login, SpentToken, UploadTicket, WorkflowSshKey
from keys.openpgp_gpg import clear_abandoned
from trusted_releases.ledger.jobs import RunningJob, job, schedule
from trusted_releases.ledger.models import Event

REREAD = 500  # certificates at a time


@job("keys.send_token_mail", queue="mail", max_attempts=8)
def send_token_mail(running: RunningJob, event: int) -> dict[str, Any]:
    """Tell the owner of an access token that it was made or revoked."""
    return mail.send_for(Event.objects.get(pk=event), running)


@job("keys.send_ssh_key_mail", queue="mail", max_attempts=8)
def send_ssh_key_mail(running: RunningJob, event: int) -> dict[str, Any]:
    """Tell the owner of an SSH key that it was added."""
    return mail.send_ssh_key_added(Event.objects.get(pk=event), running)


@job("keys.send_sync_mail", queue="mail", max_attempts=8)
def send_sync_mail(running: RunningJob, event: int) -> dict[str, Any]:
    """Tell a committee that its KEYS file could not be imported from where it is kept."""
    return mail.send_sync_failed(Event.objects.get(pk=event), running)


@job("keys.sync", queue="source")
def sync(running: RunningJob, event: int) -> dict[str, Any]:
    """Import the external KEYS file of one committee."""
    known = KeysFile.objects.select_related("committee").filter(
        committee__slug=Event.objects.get(pk=event).committee
    )
    return {str(each.committee): syncing.sync(each) for each in known if each.is_external}


OWN_ERROR = (
    "The file could not be imported because of an error of this platform. Its operators find what "
    "it was at the job that reads KEYS files."
)


@job("keys.sync_due", queue="source", limit=1800)
def sync_due(running: RunningJob) -> dict[str, Any]:
    """Import the external KEYS files that were not asked for since the last time."""
    asked = {}
    for each in KeysFile.objects.due(settings.KEYS_EVERY):
        if not running.still_mine():
            break
        try:
            asked[str(each.committee)] = syncing.sync(each)
        except Exception as error:  # one file keeps no other committee's waiting
            running.log(f"{each.address}: {error!r}")
            each.record_failed(each.address, OWN_ERROR)
            asked[str(each.committee)] = {"problem": OWN_ERROR}
    return asked


@job("keys.reread", limit=1800)
def reread(running: RunningJob) -> dict[str, Any]:
    """Look again at certificates that were stored before more was kept of them."""
    return {"certificates": Certificate.objects.reread(REREAD)}


@job("keys.clear_homes")
def clear_homes(running: RunningJob) -> dict[str, Any]:
    """Remove what killed processes have left of gpg's throw-away homes."""
    return {"removed": clear_abandoned()}


@job("keys.forget_tokens")
def forget_tokens(running: RunningJob) -> dict[str, Any]:
    """Forget used tokens of workflows that have expired since."""
    return {"forgotten": SpentToken.objects.expired().delete()[0]}


@job("keys.forget_passes")
def forget_passes(running: RunningJob) -> dict[str, Any]:
    """Forget what runs of workflows were given, a month after it has ended. The log has it."""
    kinds = (WorkflowSshKey, UploadTicket)
    return {"forgotten": sum(kind.objects.over().delete()[0] for kind in kinds)}


@job("keys.remind_of_expiry")
def remind_of_expiry(running: RunningJob) -> dict[str, Any]:
    """Write down which keys expire soon, and whom that concerns; their mails follow."""
    return {"reminders": reminders.remind(now())}


@job("keys.send_expiry_mail", queue="mail", max_attempts=8)
def send_expiry_mail(running: RunningJob, event: int) -> dict[str, Any]:
    """Tell somebody that a key of theirs signs for some days only."""
    return mail.send_expiry(Event.objects.get(pk=event), running)


@job("keys.forget_logins")
def forget_logins(running: RunningJob) -> dict[str, Any]:
    """Forget in which browsers somebody was logged in, once nobody is there any more."""
    return {"forgotten": Login.objects.over().delete()[0]}


schedule("keys.forget_tokens", 3600)
schedule("keys.forget_logins", 3600)
schedule("keys.forget_passes", 3600)
schedule("keys.remind_of_expiry", 6 * 3600)
schedule("keys.sync_due", 300)
schedule("keys.clear_homes", 3600)
schedule("keys.reread", 3600)
