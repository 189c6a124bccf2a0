"""People and the committees they are in."""

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from projects.lifecycle import authorise, verb
from projects.models.account import Account
from projects.querysets import CommitteeQuerySet
from projects.roles import Person, Role, may, roles_granting
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib import testing
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.text import one_line

one_line_name = RegexValidator(
    r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z", "A name is one line, without control characters."
)
slug_of_a_name = RegexValidator(
    r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", "Use lower-case letters and digits, joined by single hyphens."
)


class User(Account):
    """A person with an account. What they may do follows from standing and roles."""

    full_name = models.CharField(max_length=150, blank=True)
    is_committer = models.BooleanField(
        default=False, help_text="Committer of the foundation: may see drafts."
    )
    is_foundation_member = models.BooleanField(
        default=False, help_text="Member of the foundation: may search all events."
    )
    # Every page shows it: kept here, it costs no question.
    unread = models.PositiveIntegerField(
        "unread notices",
        default=0,
        editable=False,
        help_text="Counted as notices come and go.",
    )

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        """One line, whatever the identity provider has said: names stand in lists of votes."""
        return one_line(self.full_name) or one_line(super().get_full_name()) or self.username

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """What the table of grants says about this object; without one, Django's own answer.

        Django says yes to a superuser before it asks anybody. Running the site is not being on a
        committee, so for objects the table is asked, whoever it is.
        """
        return super().has_perm(perm) if obj is None else may(self, perm, obj)

    def roles_in(self, committee: "Committee") -> frozenset[str]:
        """The person's roles in this committee, read once an instance."""
        cache = self.__dict__.setdefault("_roles", {})
        if committee.pk not in cache:
            found = set(self.memberships.filter(committee=committee).values_list("role", flat=True))
            if testing.everybody_is_in(committee.slug):
                found.add(Role.MEMBER)
            cache[committee.pk] = frozenset(found)
        return cache[committee.pk]


class Committee(models.Model):
    """The people who answer for a set of projects and vote on their releases.

    A podling is a committee in the making: it acts under a parent, whose members' votes bind.
    """

    slug = models.CharField(max_length=60, unique=True, validators=[slug_of_a_name])
    name = models.CharField(max_length=120, validators=[one_line_name])
    is_podling = models.BooleanField(default=False)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="podlings"
    )
    people = models.ManyToManyField(User, through="Membership", related_name="committees")

    objects = CommitteeQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        permissions = [("manage_committee", "Can manage the people of a committee")]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_podling=False) | Q(parent__isnull=False),
                name="projects_podling_has_parent",
                violation_error_message="A podling needs the committee that it acts under.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} (Incubating)" if self.is_podling else self.name

    def get_absolute_url(self) -> str:
        return reverse("projects:committee", args=[self.slug])

    @property
    def committee(self) -> "Committee":
        """Itself: permissions ask every object for its committee."""
        return self

    @property
    def binding_committee(self) -> "Committee":
        """Whose members' votes bind: the parent's for a podling (Incubator policy)."""
        return self.parent if self.is_podling and self.parent else self

    @property
    def binding_voters(self) -> models.QuerySet[User]:
        """Active accounts whose votes bind today."""
        return self.binding_committee.members_who_bind

    @property
    def members_who_bind(self) -> models.QuerySet[User]:
        """Active accounts whose votes bind where this committee decides."""
        return User.objects.filter(
            is_active=True,
            memberships__committee=self,
            memberships__role__in=roles_granting("releases.cast_binding_vote"),
        ).distinct()

    @property
    def dev_list(self) -> str:
        return f"dev@{self.slug}.{settings.MAIL_DOMAIN}"

    @property
    def private_list(self) -> str:
        return f"private@{self.slug}.{settings.MAIL_DOMAIN}"

    @property
    def general_list(self) -> str:
        """Where a committee with podlings votes on their releases."""
        return f"general@{self.slug}.{settings.MAIL_DOMAIN}"

    @verb
    def add_member(self, person: User, role: str, *, by: Person) -> "Membership":
        """Give a person a role in this committee. Doing it twice changes nothing."""
        by = authorise(by, "projects.manage_committee", self)
        if role not in Role.values:
            raise BadInput(f"{role!r} is no role. Roles are: {', '.join(Role.values)}.")
        if not person.is_active:
            raise BadInput(f"The account {person} is switched off.")
        if person == by:
            raise BadInput("Nobody gives a role to themself: ask another member.")
        membership, new = Membership.objects.get_or_create(committee=self, user=person, role=role)
        if new:
            Event.objects.record(
                Tag.MEMBER_ADDED, by=by, subject=self, person=person.username, role=role
            )
        return membership

    @verb
    def remove_member(self, person: User, role: str, *, by: Person) -> None:
        """Take a role away. Votes already cast stay; whether they bind is judged at the tally."""
        by = authorise(by, "projects.manage_committee", self)
        gone, _ = Membership.objects.filter(committee=self, user=person, role=role).delete()
        if gone:
            Event.objects.record(
                Tag.MEMBER_REMOVED, by=by, subject=self, person=person.username, role=role
            )


class Membership(models.Model):
    """One role of one person in one committee."""

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "user", "role"], name="projects_membership_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} of {self.committee}"
