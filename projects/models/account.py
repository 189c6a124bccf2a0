"""Verbs about accounts: who may come in, with what, and who acts in whose name."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.functional import cached_property
from django.utils.timezone import now

from projects import credentials
from projects.lifecycle import authorise, verb
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Stale
from trusted_releases.lib.text import given_reason

if TYPE_CHECKING:
    from projects.models.people import User
    from projects.models.project import Project

ACTING_LASTS = timedelta(minutes=15)


class Account(AbstractUser):
    """The part of `User` that lets a person in, or keeps them out."""

    github_id = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        unique=True,
        verbose_name="GitHub id",
        help_text="The number of the person's account at GitHub: runs of granted workflows that "
        "it starts act in this person's name.",
    )

    # Who is at the keyboard, while somebody acts in this person's name: set by the middleware on
    # the account of one request, and read where events are written.
    acted_by: "User | None" = None
    # Whether the account is of the console, and its session has not shown a second factor: set by
    # the middleware too, and read where rights are judged.
    is_unproven: bool = False
    # The access token by which a program comes as this person, and how far that one goes: set
    # where the API learns who asks, read where rights are judged and events are written.
    comes_by: str = ""
    reach: str | None = None
    # The one project that this is for, where it is for one only: set and read in the same places.
    bound_to: "Project | None" = None

    class Meta(AbstractUser.Meta):
        abstract = True

    @cached_property
    def group_names(self) -> frozenset[str]:
        """The groups of the console that the person is in, read once an instance."""
        return frozenset(self.groups.values_list("name", flat=True))

    @property
    def is_of_the_console(self) -> bool:
        """Whether the account opens the console, or once more, would."""
        return self.is_staff or self.is_superuser

    @verb
    def switch_off(self, *, by: Person, reason: str) -> None:
        """Keep the person out from this moment on. Their votes, roles and events stay.

        `switch_on` takes it back.
        """
        by, reason = self._decided(by, "projects.switch_account", reason)
        self._switch(False, by, Tag.ACCOUNT_SWITCHED_OFF, reason)

    @verb
    def switch_on(self, *, by: Person, reason: str) -> None:
        """Let the person in again, with what they had before."""
        by, reason = self._decided(by, "projects.switch_account", reason)
        self._switch(True, by, Tag.ACCOUNT_SWITCHED_ON, reason)

    @verb
    def revoke_credentials(self, *, by: Person, reason: str, switch_off: bool = True) -> None:
        """Make everything worthless that lets somebody in as this person; no way back.

        Sessions end, the password and second factors are gone, and so is whatever later apps have
        put into `projects.credentials`. The way back in is a password reset by mail: whoever has
        the person's laptop may have their mail too, so the account is switched off as well,
        unless somebody has talked to the person.
        """
        by, reason = self._decided(by, "projects.revoke_credentials", reason)
        self._hold()
        gone, named = credentials.revoke_all(self)
        Event.objects.record(
            Tag.CREDENTIALS_REVOKED,
            by=by,
            subject=self,
            person=self.username,
            reason=reason,
            **gone,
        )
        for each in named:
            facts = {**each.facts, "reason": reason, "together": True}
            Event.objects.record(each.tag, by=by, subject=each.subject, **facts)
        if switch_off and self.is_active:
            self._switch(False, by, Tag.ACCOUNT_SWITCHED_OFF, reason)

    @verb
    def begin_acting(self, *, by: Person, reason: str) -> datetime:
        """Let `by` act in this person's name for a while; until when. Both are written down."""
        by, reason = self._decided(by, "projects.act_on_behalf", reason)
        self._hold()
        if not self.is_active:
            raise BadInput(f"The account {self} is switched off: nobody acts in its name.")
        if self.is_of_the_console:
            raise BadInput(f"{self} works in the console: nobody acts in the name of operators.")
        until = now() + ACTING_LASTS
        Event.objects.record(
            Tag.ACTING_BEGAN, by=by, subject=self, person=self.username, reason=reason, until=until
        )
        return until

    def record_acting_ended(self, *, by: Person, how: str) -> None:
        """It is over, by the button, the clock or a log-out. Decides nothing."""
        Event.objects.record(Tag.ACTING_ENDED, by=by, subject=self, person=self.username, how=how)

    def require_console_change(self, *, by: Person) -> None:
        """Refuse whoever may not give or take a group, staff or superuser standing here."""
        by = authorise(by, "projects.give_console", self)
        if by.pk == self.pk:
            raise PermissionDenied("Nobody gives themself a group: ask another superuser.")

    def _decided(self, by: Person, perm: str, reason: str) -> "tuple[User, str]":
        """Who decides on this account, and why. Nobody decides on their own, and those who do
        not run the site with all rights decide nothing on those who do."""
        person = authorise(by, perm, self)
        if person.pk == self.pk:
            raise BadInput("Nobody does this to their own account: ask another operator.")
        if self.is_superuser and not person.is_superuser:
            raise PermissionDenied(f"{self} is a superuser: only another superuser may do this.")
        return person, given_reason(reason)

    def _hold(self) -> None:
        """Hold the row to the end of the verb, freshly read."""
        accounts: models.QuerySet[Any] = type(self)._base_manager.select_for_update()
        self.refresh_from_db(from_queryset=accounts)

    def _switch(self, on: bool, by: "User", tag: Tag, reason: str) -> None:
        self._hold()
        if self.is_active == on:
            raise Stale(f"The account {self} is switched {'on' if on else 'off'} already.")
        self.is_active = on
        self.save(update_fields=["is_active"])
        Event.objects.record(tag, by=by, subject=self, person=self.username, reason=reason)
