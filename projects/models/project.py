"""What is released: projects and the lines they maintain."""

import re
from collections.abc import Iterator

from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property

from projects.models.holding import Holding
from projects.models.people import Committee, one_line_name, slug_of_a_name
from projects.models.rules import Rules, rules_of
from projects.querysets import ProjectQuerySet
from trusted_releases.lib.errors import Obstacle


class Project(Holding):
    """What is released: a product of a committee, with metadata, cycles and a policy."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        DORMANT = "dormant", "Dormant"
        RETIRED = "retired", "Retired"

    slug = models.CharField(max_length=60, unique=True, validators=[slug_of_a_name])
    name = models.CharField(max_length=120, validators=[one_line_name])
    committee = models.ForeignKey(Committee, models.PROTECT, related_name="projects")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    description = models.TextField(blank=True, max_length=4000)
    homepage = models.URLField(blank=True)
    repository = models.URLField(blank=True, help_text="Where the source is kept.")
    created_at = models.DateTimeField(auto_now_add=True)
    upload_quota = models.PositiveBigIntegerField(
        "room for uploads",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Bytes that its drafts and candidates may hold together, in all revisions. "
        "Empty: what the site allows each project (PROJECT_QUOTA).",
    )

    objects = ProjectQuerySet.as_manager()

    class Meta(Holding.Meta):
        ordering = ["name"]
        permissions = [("configure_projects", "Can bring descriptions of projects, as a service")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("projects:project", args=[self.slug])

    @property
    def project(self) -> "Project":
        return self

    @cached_property
    def rules(self) -> Rules:
        """What holds here: what the project says, else its committee, else the foundation."""
        return rules_of(self)

    def start_obstacles(self) -> Iterator[Obstacle]:
        """What stands between this project and a new release."""
        if self.status != self.Status.ACTIVE:
            yield Obstacle(
                "project_not_active",
                f"{self} is {self.get_status_display().lower()}: only active projects release. "
                "An operator can set its status in the admin.",
            )
        yield from self.held_obstacles()

    def cycle_for(self, version: str) -> "Cycle":
        """The maintained line that a version belongs to, made when it is new: `2.1.0` is in 2.x."""
        major = re.match(r"\d{1,20}", version)
        name = f"{major[0]}.x" if major else "default"
        return Cycle.objects.get_or_create(project=self, name=name)[0]


class Cycle(models.Model):
    """A line of releases that is maintained together, such as 2.x."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="cycles")
    name = models.CharField(max_length=60, validators=[one_line_name])
    started_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateField(null=True, blank=True, help_text="End of life, when known.")

    class Meta:
        ordering = ["-name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="projects_cycle_once")
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.name}"
