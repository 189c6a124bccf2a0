"""What is released, and by which rules."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, validate_email
from django.db import models
from django.db.models import Q
from django.urls import reverse

from projects.lifecycle import authorise, verb
from projects.models.mail_templates import TEMPLATES, check_template
from projects.models.people import Committee, slug_of_a_name
from projects.querysets import ProjectQuerySet
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Obstacle
from trusted_releases.lib.text import is_plain


class Project(models.Model):
    """What is released: a product of a committee, with metadata, cycles and a policy."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        DORMANT = "dormant", "Dormant"
        RETIRED = "retired", "Retired"

    slug = models.CharField(max_length=60, unique=True, validators=[slug_of_a_name])
    name = models.CharField(max_length=120)
    committee = models.ForeignKey(Committee, models.PROTECT, related_name="projects")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    description = models.TextField(blank=True, max_length=4000)
    homepage = models.URLField(blank=True)
    repository = models.URLField(blank=True, help_text="Where the source is kept.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("projects:project", args=[self.slug])

    @property
    def project(self) -> "Project":
        return self

    @property
    def rules(self) -> "Policy":
        """The policy in force: the project's own row, else the defaults."""
        try:
            return self.policy
        except Policy.DoesNotExist:
            return Policy(project=self)

    def start_obstacles(self) -> Iterator[Obstacle]:
        """What stands between this project and a new release."""
        if self.status != self.Status.ACTIVE:
            yield Obstacle(
                "project_not_active",
                f"{self} is {self.get_status_display().lower()}: only active projects release. "
                "An operator can set its status in the admin.",
            )

    def cycle_for(self, version: str) -> "Cycle":
        """The maintained line that a version belongs to, made when it is new: `2.1.0` is in 2.x."""
        major = re.match(r"\d{1,20}", version)
        name = f"{major[0]}.x" if major else "default"
        return Cycle.objects.get_or_create(project=self, name=name)[0]


class Cycle(models.Model):
    """A line of releases that is maintained together, such as 2.x."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="cycles")
    name = models.CharField(max_length=60)
    started_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateField(null=True, blank=True, help_text="End of life, when known.")

    class Meta:
        ordering = ["-name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="projects_cycle_once")
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.name}"


LONGEST_TOLD = 1000  # characters of a text that an event repeats


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


def _patterns(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


class LicenseMode(models.TextChoices):
    """Which licence checks a project asks for.

    The values that existing clients know, and `files`. That is the default, because really
    published releases have hundreds of files without a header that need none: a project first
    says which, then turns the stricter checks on.
    """

    FILES = "files", "LICENSE and NOTICE only"
    LIGHTWEIGHT = "lightweight", "And the header of each source file"
    RAT = "rat", "And the licences that Apache RAT finds, which replace LICENSE and NOTICE"
    BOTH = "both", "All of them"


class Policy(models.Model):
    """By which rules a project votes and releases. An empty field means the default.

    Defaults are the foundation's: 72 hours, three binding +1, more +1 than -1 (the vote policy of
    the data model that this platform implements).
    """

    DEFAULT_HOURS = 72
    LONGEST_HOURS = 30 * 24

    project = models.OneToOneField(Project, models.CASCADE, related_name="policy")
    min_hours = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(LONGEST_HOURS)],
        help_text=(
            "A vote runs at least this many hours. Empty: 72. 0: until three binding +1 "
            "and more +1 than -1."
        ),
    )
    binding_needed = models.PositiveSmallIntegerField(
        default=3, help_text="Binding +1 that a release needs. The foundation's rule is 3."
    )
    pause_on_minus_one = models.BooleanField(
        default=True, help_text="Ask the release manager to confirm when anybody voted -1."
    )
    vote_recipients = models.TextField(
        blank=True, max_length=2000, help_text="One address a line. Empty: the development list."
    )
    announce_recipients = models.TextField(
        blank=True, max_length=2000, help_text="One address a line. Empty: the development list."
    )
    checklist = models.TextField(
        blank=True, max_length=20_000, help_text="Markdown: how to test a candidate."
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
        choices=LicenseMode,
        default=LicenseMode.FILES,
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

    class Meta:
        verbose_name_plural = "policies"
        permissions = [("search_events", "Can search all events")]
        constraints = [
            models.CheckConstraint(
                condition=Q(binding_needed__gte=3), name="projects_policy_three_binding"
            )
        ]

    def __str__(self) -> str:
        return f"Policy of {self.project}"

    @property
    def committee(self) -> Committee:
        return self.project.committee

    @property
    def hours(self) -> int:
        """Hours that a vote must run; 0 when it ends as soon as the rule is met."""
        return self.DEFAULT_HOURS if self.min_hours is None else self.min_hours

    @property
    def vote_to(self) -> tuple[str, ...]:
        return _patterns(self.vote_recipients) or (self.committee.dev_list,)

    @property
    def announce_to(self) -> tuple[str, ...]:
        return _patterns(self.announce_recipients) or (self.committee.dev_list,)

    @property
    def check_terms(self) -> dict[str, Any]:
        """What the checks judge by, under the names that the check engine has for it."""
        return {
            "source_paths": _patterns(self.source_paths),
            "binary_paths": _patterns(self.binary_paths),
            "license_mode": str(self.license_mode),
            "header_excludes": _patterns(self.header_excludes),
            "rat_excludes": _patterns(self.rat_excludes),
        }

    def clean(self) -> None:
        for name in ("vote_recipients", "announce_recipients"):
            for address in _patterns(getattr(self, name)):
                try:
                    validate_email(address)
                except ValidationError:
                    raise ValidationError(
                        {name: f"{address!r} is no mail address. Write one address a line."}
                    ) from None
        for name in TEMPLATES:
            check_template(name, getattr(self, name))
        for field in self._meta.concrete_fields:
            value = getattr(self, field.attname)
            if isinstance(value, str):
                _check_text(field.name, value, field.max_length)

    @verb
    def change(self, *, by: Person, **values: Any) -> None:
        """Change the rules for votes called from now on. Votes that run keep theirs."""
        by = authorise(by, "projects.change_policy", self.project)
        # The project's row is the lock of its rules, which may have no row of their own yet.
        held = Project.objects.select_for_update(no_key=True).get(pk=self.project_id)
        if (kept := held.rules).pk is not None:
            self.pk, self._state.adding = kept.pk, False
            self.refresh_from_db()
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
        self.save()
        if changed:
            Event.objects.record(
                Tag.POLICY_CHANGED,
                by=by,
                subject=self.project,
                project=self.project,
                **{name: _told(value) for name, value in changed.items()},
            )
