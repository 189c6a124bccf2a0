"""In whose name a run of a workflow acts, and for which project: both from what is granted here.

Nothing of it is taken from what the run says of itself beyond what its issuer has signed.
"""

from copy import copy
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied

from keys import workflow_tokens
from keys.automated import example_for, has_automated_key
from keys.workflow_tokens import WorkflowRun
from projects.models import Committee, Project, User, Workflow
from projects.roles import Reach
from trusted_releases.ledger.models import Event


@dataclass(frozen=True, slots=True)
class Visit:
    """A run that may act: in whose name, by which grant, and so for which project."""

    person: User  # as they come by it
    grant: Workflow
    run: WorkflowRun

    @property
    def project(self) -> Project:
        return self.grant.project


def visit(token: str, phase: str) -> Visit:
    """In whose name the run of this token acts, and for which project.

    Uses the token up. Raises workflow_tokens.Rejected, issuer.Unavailable, or PermissionDenied
    with a sentence for the log of the run, which is on record where the person is known.
    """
    run = workflow_tokens.accept(token)
    person = _starter(run)
    try:
        return Visit(person, _grant(run, phase), run)
    except PermissionDenied as error:
        Event.objects.record_refusal("act_by_workflow", by=person, subject=person, error=error)
        raise


def _starter(run: WorkflowRun) -> User:
    """The account linked with the one at GitHub, with no more than its access tokens have: what
    the console adds takes a second factor, and a workflow makes no credentials."""
    known = User.objects.filter(github_id=run.actor_id, is_active=True).first()
    if known is None:
        raise PermissionDenied(
            f"No account here is linked with the GitHub account {run.actor_id}. "
            "An operator links yours, in the console."
        )
    person = copy(known)
    person.comes_by = str(run)
    person.reach = Reach.ALL
    person.is_unproven = person.is_of_the_console and settings.ADMIN_MFA
    return person


def _grant(run: WorkflowRun, phase: str) -> Workflow:
    """What the one project says that lets this workflow act in this phase."""
    grants = Workflow.objects.select_related("project__committee")
    grant = grants.filter(repository=run.repository, path=run.path, phase=phase).first()
    if grant is None:
        raise PermissionDenied(
            f"No project lets {run.path} of {run.repository} act in the phase “{phase}”. "
            "Its release manager can grant that, on the project's page of workflows."
        )
    require_key(grant.project.committee)
    return grant


def require_key(committee: Committee) -> None:
    """PermissionDenied unless the committee has a key that its workflows sign with."""
    if not has_automated_key(committee):
        raise PermissionDenied(
            f"{committee} has no key for its workflows. Import one into its KEYS, with a user id "
            f"such as “{example_for(committee)}”."
        )
