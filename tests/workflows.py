"""Runs of workflows that may upload, and what they were given for it."""

from datetime import timedelta

from django.utils.timezone import now

from keys.models import Certificate, UploadTicket, WorkflowPass, WorkflowSshKey
from keys.visits import Visit
from keys.workflow_tokens import WorkflowRun
from projects.models import Project, User, Workflow
from projects.roles import Reach
from tests import make, ssh
from tests.issuer import ACTOR, REPOSITORY, WORKFLOW

CLAIMS = {
    "actor": "alice-at-github",
    "actor_id": str(ACTOR),
    "event_name": "push",
    "ref": "refs/tags/v1.0",
    "repository": REPOSITORY,
    "run_id": "99",
    "sha": "c0ffee" * 6 + "c0ff",
    "workflow_ref": f"{REPOSITORY}/{WORKFLOW}@refs/tags/v1.0",
}


def let(project: Project, person: User, phase: str = "compose", path: str = WORKFLOW) -> Workflow:
    """Have the project let its workflow act, in the name of this person when they start it."""
    User.objects.filter(pk=person.pk).update(github_id=ACTOR)
    person.github_id = ACTOR
    if not Certificate.objects.filter(links__committee=project.committee).exists():
        make.robot(project)
    known = project.workflows.filter(repository=REPOSITORY, path=path, phase=phase).first()
    grant = Workflow(project=project, repository=REPOSITORY, path=path, phase=phase)
    return known or grant.grant(by=make.member(project))


def run_of(project: Project, person: User) -> Visit:
    """A run that has just shown its token."""
    grant = let(project, person)
    run = WorkflowRun(REPOSITORY, WORKFLOW, "refs/tags/v1.0", ACTOR, "99", dict(CLAIMS))
    came = User.objects.get(pk=person.pk)
    came.comes_by, came.reach = str(run), Reach.ALL
    return Visit(came, grant, run)


def key(project: Project, person: User, text: str = "") -> WorkflowSshKey:
    """An SSH key of a run."""
    given = WorkflowSshKey.objects.register(run_of(project, person), text or ssh.ed25519_key())
    return WorkflowSshKey.objects.get(pk=given.pk)


def ticket(project: Project, person: User, version: str = "1.0") -> tuple[UploadTicket, str]:
    """An upload ticket of a run, and its secret."""
    given, secret = UploadTicket.objects.make(run_of(project, person), version)
    return UploadTicket.objects.get(pk=given.pk), secret


def all_good() -> list[WorkflowPass]:
    return [*WorkflowSshKey.objects.good(), *UploadTicket.objects.good()]


def expire_all() -> None:
    """As if twenty minutes had passed."""
    over, made = now() - timedelta(seconds=1), now() - timedelta(minutes=20)
    WorkflowSshKey.objects.update(made_at=made, expires_at=over)
    UploadTicket.objects.update(made_at=made, expires_at=over)
