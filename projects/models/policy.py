"""What a place says about votes and releases: the foundation, a committee, a project, a release."""

import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from projects.lifecycle import authorise, verb
from projects.models.mail_templates import TEMPLATES, check_template
from projects.models.people import Committee
from projects.models.recipients import ADDRESSES, check_addresses
from projects.phases import LicenseMode, VoteMode
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Stale
from trusted_releases.lib.text import is_plain

LONGEST_TOLD = 1000  # characters of a text that an event repeats
PLACES = ("release", "project", "committee")


def _check_text(name: str, text: str, longest: int | None) -> None:
    """Django leaves both to forms, but rules hold on every path."""
    if longest is not None and len(text) > longest:
        raise ValidationError({name: f"This has {len(text)} characters, of {longest} at most."})
    if not is_plain(text):
        raise ValidationError({name: "Control characters are not allowed."})


def _told(value: Any) -> Any:
    """A value as the event tells it: long texts by their beginning and their digest."""
    if not isinstance(value, str) or len(value) <= LONGEST_TOLD:
        return value
    digest = hashlib.sha256(value.encode()).hexdigest()
    return f"{value[:LONGEST_TOLD]}… ({len(value)} characters, sha256:{digest})"


class PolicyQuerySet(models.QuerySet["Policy"]):
    def layers(self, committee: int, project: int | None, release: int | None) -> "list[Policy]":
        """What the release, the project, the committee and the foundation say: the nearest first.

        One query, however many of them say anything.
        """
        places = Q(is_foundation=True) | Q(committee=committee)
        if project is not None:
            places |= Q(project=project)
        if release is not None:
            places |= Q(release=release)
        return sorted(self.filter(places), key=lambda each: each.distance)


class Policy(models.Model):
    """What one place says about votes and releases. An empty field says nothing.

    What holds at a place is `Rules`: a release's own words, else its project's, else its
    committee's, else the foundation's, else the defaults of this platform. `version` counts the
    changes: who changes a policy says which one they have read.
    """

    DEFAULT_HOURS = 72
    LONGEST_HOURS = 30 * 24

    project = models.OneToOneField(
        "projects.Project", models.CASCADE, null=True, blank=True, related_name="policy"
    )
    committee = models.OneToOneField(
        Committee, models.CASCADE, null=True, blank=True, related_name="policy"
    )
    # A name, not an import: a release is above a project, and its policy goes with it.
    release = models.OneToOneField(
        "releases.Release", models.CASCADE, null=True, editable=False, related_name="policy"
    )
    is_foundation = models.BooleanField(
        "the foundation's", default=False, help_text="What holds for every committee."
    )
    version = models.PositiveIntegerField(default=0, editable=False)

    vote_mode = models.CharField(
        max_length=8,
        blank=True,
        choices=VoteMode,
        help_text="Where the votes are that count.",
    )
    min_hours = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(LONGEST_HOURS)],
        help_text=(
            "A vote runs at least this many hours. 0: until there are as many binding +1 as are "
            "needed, and more binding +1 than binding -1."
        ),
    )
    binding_needed = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Binding +1 that a release needs, 3 at least: the foundation's rule.",
    )
    pause_on_minus_one = models.BooleanField(
        null=True,
        blank=True,
        help_text="Ask the release manager to confirm when anybody voted -1.",
    )
    vote_recipients = models.TextField(
        blank=True, max_length=2000, help_text="One address a line. Empty: the development list."
    )
    vote_cc = models.TextField(blank=True, max_length=2000, help_text="One address a line.")
    vote_bcc = models.TextField(blank=True, max_length=2000, help_text="One address a line.")
    announce_recipients = models.TextField(
        blank=True, max_length=2000, help_text="One address a line. Empty: the development list."
    )
    announce_cc = models.TextField(blank=True, max_length=2000, help_text="One address a line.")
    announce_bcc = models.TextField(blank=True, max_length=2000, help_text="One address a line.")
    checklist = models.TextField(
        blank=True, max_length=20_000, help_text="Markdown: how to test a candidate."
    )
    vote_comment = models.TextField(
        blank=True, max_length=4000, help_text="What a voter's comment begins with."
    )
    vote_subject = models.CharField(
        blank=True, max_length=200, help_text="Subject of the mail that calls a vote."
    )
    vote_body = models.TextField(
        blank=True, max_length=20_000, help_text="Text of the mail that calls a vote."
    )
    result_body = models.TextField(
        blank=True, max_length=20_000, help_text="Text of the mail with the result of a vote."
    )
    announce_subject = models.CharField(
        blank=True, max_length=200, help_text="Subject of the announcement."
    )
    announce_body = models.TextField(
        blank=True, max_length=20_000, help_text="Text of the announcement."
    )
    source_paths = models.TextField(
        blank=True, max_length=4000, help_text="Patterns of source artifacts, one a line."
    )
    binary_paths = models.TextField(
        blank=True, max_length=4000, help_text="Patterns of binary artifacts, one a line."
    )
    license_mode = models.CharField(
        max_length=12,
        blank=True,
        choices=LicenseMode,
        help_text="Which licence checks source archives go through.",
    )
    header_excludes = models.TextField(
        blank=True,
        max_length=4000,
        help_text=(
            "Patterns of files in source archives that need no licence header, one a line, such "
            "as /*/third_party/**. They are matched against /archive name/path in it."
        ),
    )
    rat_excludes = models.TextField(
        blank=True,
        max_length=4000,
        help_text="Lines of a .rat-excludes file, for archives that have none of their own.",
    )
    generated_paths = models.TextField(
        blank=True,
        max_length=4000,
        help_text=(
            "Patterns of files in source archives that may differ from the recorded commit, one a "
            "line, such as /configure: what the build makes or fills in."
        ),
    )

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        permissions = [("search_events", "Can search all events")]
        constraints = [
            models.CheckConstraint(
                condition=Q(binding_needed__isnull=True) | Q(binding_needed__gte=3),
                name="projects_policy_three_binding",
            ),
            models.CheckConstraint(
                condition=Q(project=None, committee=None, release=None, is_foundation=True)
                | Q(project__isnull=False, committee=None, release=None, is_foundation=False)
                | Q(project=None, committee__isnull=False, release=None, is_foundation=False)
                | Q(project=None, committee=None, release__isnull=False, is_foundation=False),
                name="projects_policy_one_place",
                violation_error_message="A policy is of one place: the foundation, a committee, a "
                "project or a release.",
            ),
            models.UniqueConstraint(
                fields=["is_foundation"],
                condition=Q(is_foundation=True),
                name="projects_policy_one_foundation",
                violation_error_message="The foundation has a policy already: change that one.",
            ),
        ]

    def __str__(self) -> str:
        return f"Policy of {self.place or 'the foundation'}"

    @property
    def place(self) -> Any:
        """Whose policy it is: a release, a project or a committee; None for the foundation's."""
        found = (name for name in PLACES if getattr(self, f"{name}_id") is not None)
        return getattr(self, next(found, ""), None)

    @property
    def distance(self) -> int:
        """How far it is from a release: the nearest says what holds."""
        names = (n for n, name in enumerate(PLACES) if getattr(self, f"{name}_id") is not None)
        return next(names, len(PLACES))

    def says(self, name: str) -> bool:
        """Whether anything is said here about this; what is empty is left to others."""
        value = getattr(self, name)
        return bool(value.strip()) if isinstance(value, str) else value is not None

    def clean(self) -> None:
        for name in ADDRESSES:
            check_addresses(name, getattr(self, name))
        for name in TEMPLATES:
            check_template(name, getattr(self, name))
        self._check_mode()
        for field in self._meta.concrete_fields:
            value = getattr(self, field.attname)
            if isinstance(value, str):
                _check_text(field.name, value, field.max_length)

    def _check_mode(self) -> None:
        place = self.place
        committee = getattr(place, "committee", None)
        if self.vote_mode == VoteMode.MANUAL and committee is not None and committee.is_podling:
            raise ValidationError(
                {"vote_mode": "The votes of a podling are counted here: choose trusted or email."}
            )

    @verb
    def change(self, *, by: Person, seen: int | None = None, **values: Any) -> None:
        """Change what is said here, for votes called from now on. Votes that run keep theirs.

        `seen` is the version that the person had before their eyes, where they had one.
        """
        by = authorise(by, *self._right())
        self._hold()
        if seen is not None and seen != self.version:
            raise Stale(
                f"{self} has been changed by somebody else since you opened this page. Nothing "
                "of yours is saved yet."
            )
        before = {name: getattr(self, name) for name in values}
        for name, value in values.items():
            setattr(self, name, value)
        try:
            self.full_clean(validate_unique=False)
        except ValidationError as error:
            for name, value in before.items():
                setattr(self, name, value)
            raise BadInput(" ".join(error.messages)) from error
        changed = {name: value for name, value in values.items() if value != before[name]}
        self.version += bool(changed)
        self._keep()
        if changed:
            self._record(by, changed)

    def _right(self) -> tuple[str, models.Model]:
        """The right that it takes to change it, and on what."""
        if self.place is None:
            return "projects.manage_projects", self
        return "projects.change_policy", self.place

    def _hold(self) -> None:
        """Hold the place, the lock of its policy, and read the row that there may be by now."""
        mine: dict[str, Any] = {"is_foundation": True}
        if (place := self.place) is not None:
            rows = type(place)._base_manager.select_for_update(no_key=True, of=("self",))
            rows.get(pk=place.pk)
            mine = {PLACES[self.distance]: place}
        kept = type(self).objects.select_for_update(of=("self",)).filter(**mine).first()
        if kept is not None:
            self.pk, self._state.adding = kept.pk, False
            self.refresh_from_db()

    def _keep(self) -> None:
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError as error:  # of two first changes to the foundation's, one is first
            raise Stale(f"{self} has been made by somebody else this moment.") from error
        if self.place is not None:
            self.place.__dict__.pop("rules", None)

    def _record(self, by: Person, changed: dict[str, Any]) -> None:
        told = {name: _told(value) for name, value in changed.items()}
        Event.objects.record(Tag.POLICY_CHANGED, by=by, subject=self.place or self, **told)
