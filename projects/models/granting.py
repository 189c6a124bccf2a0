"""The workflows of a project as programs name them: one repository, and paths by phase."""

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from projects.lifecycle import authorise
from projects.models.project import Project
from projects.models.workflow import Workflow
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import BadInput, Refused

MAY = "projects.change_policy"

Paths = Mapping[str, Collection[str]]  # by phase


def workflows_of(project: Project) -> tuple[str, dict[str, list[str]]]:
    """The repository whose workflows act for a project, and their paths by phase.

    Where there are several repositories it is the first by name.
    """
    grants = list(project.workflows.all())  # in order of repository and path
    repository = grants[0].repository if grants else ""
    paths: dict[str, list[str]] = {str(phase): [] for phase in Workflow.Phase}
    for each in grants:
        if each.repository == repository:
            paths[each.phase].append(each.path)
    return repository, paths


def named(repository: str) -> str:
    """The repository without its owner, where only one owner's act here."""
    owner = _owner()
    return repository.removeprefix(f"{owner}/") if owner else repository


def change_rules(
    project: Project,
    *,
    by: Person,
    policy: Mapping[str, Any],
    repository: str | None = None,
    paths: Paths | None = None,
) -> None:
    """Change what a project says of its votes, and which workflows act for it: all, or nothing.

    A phase that is not named keeps its workflows. With another repository they are those of the
    other one from now on.
    """
    try:
        with transaction.atomic():
            authorise(by, MAY, project)
            if policy:
                project.rules.change(by=by, **policy)
            if repository is not None or paths:
                _grant(project, by=by, repository=repository, paths=paths or {})
    except (Refused, PermissionDenied) as error:
        Event.objects.record_refusal("change", by=by, subject=project, error=error)
        raise


def _grant(project: Project, *, by: Person, repository: str | None, paths: Paths) -> None:
    Project.objects.select_for_update(no_key=True, of=("self",)).get(pk=project.pk)
    now = list(project.workflows.all())
    known = {each.repository for each in now}
    if repository is None and len(known) > 1:
        raise BadInput("Workflows of several repositories act for it: name one.")
    where = _full(repository) if repository is not None else next(iter(known), "")
    # With one repository, another name says that it has moved.
    old = [each for each in now if len(known) == 1 or each.repository == where]
    wanted = {
        (path, str(phase))
        for phase in Workflow.Phase
        for path in paths.get(phase, [each.path for each in old if each.phase == phase])
    }
    _check(where, wanted, old)
    kept = {(each.path, each.phase) for each in old if each.repository == where}
    for each in old:
        if each.repository != where or (each.path, each.phase) not in wanted:
            each.revoke(by=by)
    for path, phase in sorted(wanted - kept):
        Workflow(project=project, repository=where, path=path, phase=phase).grant(by=by)


def _check(where: str, wanted: Collection[tuple[str, str]], old: Collection[Workflow]) -> None:
    if wanted and not where:
        raise BadInput("Name the repository of the workflows: github_repository_name.")
    if where and not wanted and not old:
        raise BadInput("Name the workflows that act, with the repository.")


def _full(name: str) -> str:
    owner = _owner()
    if owner and "/" in name:
        raise BadInput(f"Name the repository without its owner, which is {owner}.")
    return f"{owner}/{name}".lower() if owner and name else name.lower()


def _owner() -> str:
    return str(settings.GITHUB_OIDC_CLAIMS.get("repository_owner", "")).lower()
