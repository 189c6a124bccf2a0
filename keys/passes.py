"""Who comes by what a run of a workflow was given, and whether they still may.

A pass says little of itself: each time, all is asked anew that was asked when it was given. So it
ends at once with the grant, the role, the account, the link to GitHub, the key of the committee,
and while the project may not release.
"""

from copy import copy
from typing import Any

from django.core.exceptions import PermissionDenied

from keys.models import UploadTicket, WorkflowPass, WorkflowSshKey
from keys.models.workflow_pass import RIGHT
from keys.visits import require_key
from projects.lifecycle import authorise, require
from projects.models import User
from projects.roles import WORKFLOW_REACH
from trusted_releases.lib.errors import Refused

SSH_USER = "github"  # the name under which all workflows come in by SSH

UNKNOWN = "This is no upload ticket of this site."
OVER = "This upload ticket opens nothing: {}. Ask for a new one for each upload."


def person_by(given: WorkflowPass) -> User:
    """Who started the run, with no more than this was given for. Raises PermissionDenied."""
    if not given.owner.is_active or given.owner.github_id != given.actor_id:
        raise PermissionDenied("No account here is linked with who started this run any more.")
    person: User = copy(given.owner)
    person.comes_by = f"{given.name} of {given.run}"
    person.reach, person.bound_to = WORKFLOW_REACH, given.project
    try:
        require(given.project.start_obstacles())
    except Refused as error:
        raise PermissionDenied(str(error)) from error
    require_key(given.project.committee)
    authorise(person, RIGHT, given.project)
    return person


def key_of(fingerprint: str, *, begun: bool = False) -> WorkflowSshKey | None:
    """The key of a run that opens something now, or None. One that has `begun` in time may end
    what it does after its time, not after its right."""
    rows = WorkflowSshKey.objects.filter(fingerprint=fingerprint)
    rows = rows.standing() if begun else rows.good()
    found: WorkflowSshKey | None = rows.select_related("owner", "project__committee").first()
    if found is None:
        return None
    try:
        person_by(found)
    except PermissionDenied:
        return None
    return found


def redeem(secret: str) -> tuple[User, UploadTicket]:
    """Who comes by this ticket, which is used up now, whatever follows. PermissionDenied with a
    sentence for the log of the run when it opens nothing."""
    ticket = UploadTicket.objects.of_secret(secret)
    if ticket is None:
        raise PermissionDenied(UNKNOWN)
    if not ticket.is_good or not ticket.use():
        raise PermissionDenied(OVER.format(ticket.ended_how or "it was used"))
    return person_by(ticket), ticket


def require_for(credential: Any, project: str, version: str) -> None:
    """PermissionDenied when this is a ticket for something else. Whatever else somebody comes by
    is for all that they may see."""
    if not isinstance(credential, UploadTicket):
        return
    if (credential.project.slug, credential.version) != (project, version):
        raise PermissionDenied(
            f"This upload ticket is for {credential.project.slug} {credential.version} only."
        )
