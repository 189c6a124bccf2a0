"""Projects as their own repositories describe them: a service of the site brings that here."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from projects.lifecycle import authorise
from projects.models.people import Committee
from projects.models.project import Project
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Refused, Stale
from trusted_releases.lib.text import is_plain

MAY = "projects.configure_projects"


def configure(
    key: str,
    *,
    committee: Committee,
    by: Person,
    details: Mapping[str, str],
    policy: Mapping[str, Any],
) -> bool:
    """Make the project, or change it, so that it is as described; whether it was made.

    What is left out stays as it is. The description is taken whole or not at all.
    """
    try:
        with transaction.atomic():
            person = authorise(by, MAY, committee)
            # The committee's row is the lock of which projects it has.
            Committee.objects.select_for_update(no_key=True).get(pk=committee.pk)
            project = Project.objects.select_for_update(of=("self",)).filter(slug=key).first()
            made = project is None
            project = _described(project or _begun(key, committee, details), committee, details)
            changed = _saved(project, made, details)
            if made or changed:
                tag = Tag.PROJECT_CREATED if made else Tag.PROJECT_CHANGED
                facts = {} if made else {"fields": changed}
                Event.objects.record(tag, by=person, subject=project, **facts)
            if policy:
                project.rules.change(by=person, **policy)
            return made
    except (Refused, PermissionDenied) as error:
        Event.objects.record_refusal("configure", by=by, subject=committee, error=error)
        raise


def _begun(key: str, committee: Committee, details: Mapping[str, str]) -> Project:
    if key != committee.slug and not key.startswith(f"{committee.slug}-"):
        raise BadInput(
            f"A project of {committee.slug} is called {committee.slug}, or {committee.slug}- and "
            "a name."
        )
    if not details.get("name"):
        raise BadInput("A new project needs a name.")
    return Project(slug=key, committee=committee)


def _described(project: Project, committee: Committee, details: Mapping[str, str]) -> Project:
    if project.committee_id != committee.pk:
        raise Stale(f"The project {project.slug} belongs to another committee.")
    for name, value in details.items():
        if not is_plain(value):
            raise BadInput(f"{name}: control characters are not allowed.")
        setattr(project, name, value)
    return project


def _saved(project: Project, made: bool, details: Mapping[str, str]) -> list[str]:
    """Store it, if there is anything to be stored; the names of what has changed."""
    before = {} if made else Project.objects.values(*details).get(pk=project.pk) if details else {}
    changed = sorted(name for name, value in details.items() if before.get(name) != value)
    if made or changed:
        try:
            project.full_clean()
        except ValidationError as error:
            raise BadInput(" ".join(error.messages)) from error
        project.save()
    return changed
