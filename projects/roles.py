"""Who may do what: the one table of grants.

Roles and activities are those of the reference platform's role table (visitor, committer, release
manager, committee member, foundation member, operator). A person has several at once; what they
may do is the union.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from projects.models import Committee, User

    Person: TypeAlias = User | AnonymousUser
else:
    Person = Any


class Role(models.TextChoices):
    """What a person is to a committee. Kept as rows (`Membership`)."""

    MEMBER = "member", "Committee member"
    RELEASE_MANAGER = "release_manager", "Release manager"
    PARTICIPANT = "participant", "Committer of the committee"


class Standing(models.TextChoices):
    """What a person is to the foundation, and so to every committee."""

    PUBLIC = "public", "Anybody"
    VISITOR = "visitor", "Visitor with an account"
    COMMITTER = "committer", "Committer of the foundation"
    FOUNDATION = "foundation", "Member of the foundation"
    OPERATOR = "operator", "System administrator"


_PUBLIC = frozenset({"releases.view_release", "projects.view_project", "keys.view_certificate"})
_VISITOR = _PUBLIC | {"releases.cast_vote"}
_COMMITTER = _VISITOR | {"releases.view_draft"}
_PARTICIPANT = _COMMITTER | {
    "releases.start_release",
    "releases.change_files",
    "releases.delete_draft",
    "keys.add_keys",
}
_MANAGER = _PARTICIPANT | {
    "releases.start_vote",
    "releases.resolve_vote",
    "releases.publish",
    "releases.announce",
    "projects.change_policy",
    "keys.manage_keys",
}
_MEMBER = _MANAGER | {
    "releases.cast_binding_vote",
    "projects.manage_committee",
    "projects.search_events",
}

GRANTS: dict[str, frozenset[str]] = {
    Standing.PUBLIC: _PUBLIC,
    Standing.VISITOR: _VISITOR,
    Standing.COMMITTER: _COMMITTER,
    Standing.FOUNDATION: _COMMITTER | {"projects.search_events"},
    # Running the site is not being on a committee: no binding vote, no vote called, nothing
    # published. What operators do is repair, and it is written down like everything else.
    Standing.OPERATOR: _PUBLIC
    | {
        "releases.view_draft",
        "projects.manage_committee",
        "projects.search_events",
        "projects.change_policy",
        "keys.manage_keys",
        "ledger.retry_job",
    },
    Role.PARTICIPANT: _PARTICIPANT,
    Role.RELEASE_MANAGER: _MANAGER,
    Role.MEMBER: _MEMBER,
}


def standings(person: "Person") -> Iterable[str]:
    """What the person is to the foundation, widest grants last."""
    yield Standing.PUBLIC
    if not person.is_authenticated or not person.is_active:
        return
    yield Standing.VISITOR
    if person.is_committer:
        yield Standing.COMMITTER
    if person.is_foundation_member:
        yield Standing.FOUNDATION
    if person.is_superuser:
        yield Standing.OPERATOR


def may(person: "Person", perm: str, obj: models.Model | None = None) -> bool:
    """Say whether the person's standing, or role in the object's committee, grants this.

    `obj` is a committee or has one (`obj.committee`); without it only the standing counts.
    An account that is switched off may do what anybody may, no more.
    """
    if any(perm in GRANTS[standing] for standing in standings(person)):
        return True
    if obj is None or not person.is_authenticated or not person.is_active:
        return False
    return any(perm in GRANTS[role] for role in person.roles_in(committee_of(obj)))


def committee_of(obj: models.Model) -> "Committee":
    """The committee whose rules hold for this object."""
    return getattr(obj, "committee", None) or obj  # type: ignore[return-value]


def roles_granting(perm: str) -> list[str]:
    """The committee roles that grant this, for filters in querysets."""
    return [role for role in Role.values if perm in GRANTS[role]]
