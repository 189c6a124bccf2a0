"""What belongs to a release shares its project and committee."""

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from projects.models import Committee, Project
    from releases.models.release import Release


class PartOfRelease(models.Model):
    """A row below a release. Permissions and events ask it for the project and the committee."""

    if TYPE_CHECKING:
        release: Release

    class Meta:
        abstract = True

    @property
    def project(self) -> "Project":
        return self.release.project

    @property
    def committee(self) -> "Committee":
        return self.release.committee
