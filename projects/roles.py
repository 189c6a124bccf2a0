"""Who may do what: the one table of grants.

Roles and activities are those of the reference platform's role table. A person has several at
once; what they may do is the union.
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
    AUDITOR = "auditor", "Auditor"
    OPERATOR = "operator", "Operator"
    SECURITY = "security", "Security officer"
    SUPERUSER = "superuser", "Superuser"
    SYSTEM = "system", "Service of the site, by a system token"


_PUBLIC = frozenset({"releases.view_release", "projects.view_project", "keys.view_certificate"})
_VISITOR = _PUBLIC | {
    "releases.cast_vote",
    "keys.own_tokens",
    "keys.own_certificates",
    "keys.own_ssh_keys",
    "keys.own_logins",
    "notices.read_own",
    "checks.compare_archives",
    "checks.review_candidates",
}
_COMMITTER = _VISITOR | {"releases.view_draft"}
_PARTICIPANT = _COMMITTER | {
    "releases.start_release",
    "releases.change_files",
    "releases.delete_draft",
    "keys.add_keys",
    "checks.scan_sboms",
}
_MANAGER = _PARTICIPANT | {
    "releases.start_vote",
    "releases.resolve_vote",
    "releases.cancel_vote",
    "releases.publish",
    "releases.announce",
    "projects.change_policy",
    "keys.manage_keys",
}
_MEMBER = _MANAGER | {
    "releases.resend_mail",
    "releases.cast_binding_vote",
    "releases.view_embargoed",
    "releases.start_expedited",
    "releases.lift_embargo",
    "projects.manage_committee",
    "projects.search_events",
    "checks.set_ignores",
}

# What the console's groups add. Running the site is not being on a committee: no binding vote, no
# vote called or passed, nothing announced. It is repair, and it is written down like all else.
_AUDITOR = _PUBLIC | {"releases.view_draft", "projects.search_events", "projects.use_console"}
_OPERATOR = _AUDITOR | {
    "projects.manage_committee",
    "projects.change_policy",
    "projects.manage_projects",
    "projects.add_accounts",
    "projects.change_banner",
    "keys.manage_keys",
    "keys.revoke_tokens",
    "keys.make_system_tokens",
    "releases.recheck",
    "releases.cancel_vote",
    "releases.resend_mail",
    "releases.retry_publication",
    "ledger.retry_job",
    "ledger.give_up_job",
}
_SECURITY = _AUDITOR | {
    "projects.switch_account",
    "projects.revoke_credentials",
    "projects.change_standing",
    "projects.hold_project",
    "projects.act_on_behalf",
    "keys.manage_keys",
    "keys.revoke_tokens",
    "keys.rotate_signing_key",
}

_SYSTEM = _PUBLIC | {"projects.configure_projects", "projects.change_policy"}

GRANTS: dict[str, frozenset[str]] = {
    Standing.PUBLIC: _PUBLIC,
    Standing.VISITOR: _VISITOR,
    Standing.COMMITTER: _COMMITTER,
    Standing.FOUNDATION: _COMMITTER | {"projects.search_events"},
    Standing.AUDITOR: _AUDITOR,
    Standing.OPERATOR: _OPERATOR,
    Standing.SECURITY: _SECURITY,
    Standing.SUPERUSER: _OPERATOR | _SECURITY | {"projects.give_console"},
    Standing.SYSTEM: _SYSTEM,
    Role.PARTICIPANT: _PARTICIPANT,
    Role.RELEASE_MANAGER: _MANAGER,
    Role.MEMBER: _MEMBER,
}

# What a group of the console adds is for sessions that have shown a second factor, wherever it is
# used: the pages of the site know these rights too, and a password alone is not to open them.
PROVEN = (_OPERATOR | _SECURITY | {"projects.give_console"}) - _AUDITOR
_OF_THE_CONSOLE = frozenset({Standing.OPERATOR, Standing.SECURITY, Standing.SUPERUSER})

# Who may do this with an embargoed release may do with it what else their roles grant. To
# everybody else it does not exist, but for those who mend it in the console.
SEES_EMBARGOED = "releases.view_embargoed"

# The groups of the console, by the name that the group has. What one in it may do there is the
# standing's grants, and nothing else: permissions stored with a group or a person count for naught.
GROUPS: dict[str, str] = {
    "auditor": Standing.AUDITOR,
    "operator": Standing.OPERATOR,
    "security officer": Standing.SECURITY,
}

# The forms of the console that a right opens: Django's names for them. Looking is for all groups.
FORMS: dict[str, frozenset[str]] = {
    "projects.manage_committee": frozenset(
        {
            "projects.add_committee",
            "projects.change_committee",
            "projects.add_membership",
            "projects.delete_membership",
        }
    ),
    "projects.manage_projects": frozenset(
        {"projects.add_project", "projects.change_project", "projects.change_cycle"}
    ),
    "projects.change_policy": frozenset({"projects.add_policy", "projects.change_policy"}),
    "projects.add_accounts": frozenset({"projects.add_user"}),
    "projects.change_standing": frozenset({"projects.change_user"}),
    "projects.change_banner": frozenset({"projects.add_banner", "projects.change_banner"}),
}

# What nobody does in somebody else's name, whatever both may do: that a ballot is cast is refused.
NEVER_ON_BEHALF = frozenset(
    {
        "releases.cast_vote",
        "releases.cast_binding_vote",
        "projects.manage_committee",
        "keys.own_tokens",
        "keys.own_certificates",
        "keys.own_ssh_keys",
        "keys.own_logins",
        "notices.read_own",
        "checks.review_candidates",
    }
)


class Reach(models.TextChoices):
    """How far an access token goes: it narrows what its owner may do, and widens nothing."""

    READ = "read", "Read what its owner may see"
    COMPOSE = "compose", "Start releases, change their files, add keys"
    ALL = "all", "Everything that its owner may do"


# The reach of system tokens. Nobody chooses it: it comes with being one, and so do its rights.
SYSTEM_REACH = "system"
WORKFLOW_REACH = "workflow"  # of what a run of a workflow was given
NARROW = {SYSTEM_REACH: "Services of this site", WORKFLOW_REACH: "Upload files to one project"}
_READ = _PUBLIC | {"releases.view_draft", "releases.view_embargoed", "projects.search_events"}
REACHES: dict[str, frozenset[str]] = {
    Reach.READ: _READ,
    Reach.COMPOSE: _READ
    | {
        "releases.start_release",
        "releases.start_expedited",
        "releases.change_files",
        "releases.delete_draft",
        "keys.add_keys",
        "keys.own_certificates",
    },
    # A program that could make tokens would outlive the one that it came by.
    Reach.ALL: frozenset().union(*GRANTS.values()) - {"keys.own_tokens", "keys.own_logins"},
    SYSTEM_REACH: _SYSTEM,
    WORKFLOW_REACH: _PUBLIC
    | {"releases.view_draft", "releases.start_release", "releases.change_files"},
}


def standings(person: "Person") -> Iterable[str]:
    """What the person is to the foundation."""
    yield Standing.PUBLIC
    if not person.is_authenticated or not person.is_active:
        return
    yield Standing.VISITOR
    if person.reach == SYSTEM_REACH:
        yield Standing.SYSTEM
    if person.is_committer:
        yield Standing.COMMITTER
    if person.is_foundation_member:
        yield Standing.FOUNDATION
    if person.is_superuser:
        yield Standing.SUPERUSER
    elif person.is_staff:
        yield from (GROUPS[name] for name in person.group_names if name in GROUPS)


def may(person: "Person", perm: str, obj: models.Model | None = None) -> bool:
    """Say whether the person's standing, or role in the object's committee, grants this.

    `obj` is a committee or has one (`obj.committee`); without it only the standing counts. What is
    under embargo is for those who may see it; only the console's groups mend it all the same.
    An account that is switched off may do what anybody may, no more; whoever acts in the name of
    a person may not do what is for that person alone; and what a group of the console adds is not
    there while the session lacks its second factor (`is_unproven`). Who comes by an access token
    may do what the token reaches, no more; and who comes by what is for one project, only there.
    """
    if perm in NEVER_ON_BEHALF and getattr(person, "acted_by", None) is not None:
        return False
    if is_out_of_reach(person, perm) or is_elsewhere(person, obj):
        return False
    unproven = perm in PROVEN and getattr(person, "is_unproven", False)
    secret = is_embargoed(obj)
    for standing in standings(person):
        if secret and standing not in _OF_THE_CONSOLE:
            continue
        if perm in GRANTS[standing] and not (unproven and standing in _OF_THE_CONSOLE):
            return True
    committee = committee_of(obj)
    if committee is None or not person.is_authenticated or not person.is_active:
        return False
    rights = frozenset().union(*(GRANTS[role] for role in person.roles_in(committee)))
    return perm in rights and (not secret or SEES_EMBARGOED in rights)


def is_embargoed(obj: models.Model | None) -> bool:
    """Whether the object is an embargoed release, or belongs to one."""
    release = obj if hasattr(obj, "embargoed") else getattr(obj, "release", None)
    return bool(getattr(release, "embargoed", False))


def is_out_of_reach(person: "Person", perm: str) -> bool:
    """Whether the person comes by a token that does not go so far, whatever they may themselves."""
    reach = getattr(person, "reach", None)
    return reach is not None and perm not in REACHES[reach]


def is_elsewhere(person: "Person", obj: models.Model | None) -> bool:
    """Whether the person comes by what is for one project only, and this is nothing of it; or is
    under embargo: a workflow runs where others look on."""
    bound = getattr(person, "bound_to", None)
    there = bound is None or obj is None or getattr(obj, "project", None) == bound
    return not there or (bound is not None and is_embargoed(obj))


def may_in_console(person: "Person", perm: str) -> bool:
    """Whether a group of the person opens this to them: a right, or a form by Django's name.

    To look (`view_…`) at anything is for everybody who may use the console.
    """
    rights = frozenset().union(*(GRANTS[standing] for standing in standings(person)))
    if "projects.use_console" not in rights:
        return False
    if perm.partition(".")[2].startswith("view_"):
        return True
    return perm in rights or any(perm in forms for by, forms in FORMS.items() if by in rights)


def committee_of(obj: models.Model | None) -> "Committee | None":
    """The committee whose rules hold for this object, if it belongs to any."""
    return getattr(obj, "committee", None)


def roles_granting(perm: str) -> list[str]:
    """The committee roles that grant this, for filters in querysets."""
    return [role for role in Role.values if perm in GRANTS[role]]
