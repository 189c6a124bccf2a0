"""Notices, and how each person wants to hear of what."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils.timezone import now

from notices.kinds import DEFAULTS, How, Kind
from projects.models import Project, User
from releases.models import Release


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown_to(self, person: User) -> Self:
        """The person's own, but none about a release that they may not see any more."""
        visible = Release.objects.visible_to(person).values("pk")
        mine = self.filter(person=person)
        return mine.filter(Q(release__isnull=True) | Q(release__in=visible))

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def to_mail(self, how: How) -> Self:
        return self.filter(how=how, mailed_at__isnull=True)


class Notice(models.Model):
    """Something that one person is told, once, of one event."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    event = models.PositiveBigIntegerField(editable=False)
    kind = models.CharField(max_length=10, choices=Kind, editable=False)
    text = models.CharField(max_length=300, editable=False)
    url = models.CharField(max_length=300, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, null=True, editable=False)
    release = models.ForeignKey(Release, models.CASCADE, null=True, editable=False)
    how = models.CharField(max_length=10, choices=How, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)
    mailed_at = models.DateTimeField(null=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        permissions = [("read_own", "Can read their own notices")]
        constraints = [
            models.UniqueConstraint(fields=["person", "event"], name="notices_once_an_event")
        ]
        indexes = [
            models.Index(
                fields=["person"], name="notices_unread", condition=Q(read_at__isnull=True)
            ),
            models.Index(
                fields=["how", "person"],
                name="notices_unmailed",
                condition=Q(mailed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def is_visible(self) -> bool:
        """Whether the person may still see what it is about, and be told of it."""
        return self.person.is_active and (
            self.release_id is None
            or Release.objects.visible_to(self.person).filter(pk=self.release_id).exists()
        )


class Preference(models.Model):
    """How a person wants to hear of one kind of thing: everywhere, or in one project."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_preferences"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    project = models.ForeignKey(Project, models.CASCADE, null=True, blank=True)
    how = models.CharField(max_length=10, choices=How)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "project"],
                name="notices_preference_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_kind_display()}, {self.get_how_display().lower()}"


def wishes_of(person: User, project: int | None) -> dict[str, How]:
    """How the person wants to hear of each kind: in this project, else everywhere, else as usual.

    Without a project: everywhere.
    """
    said = Preference.objects.filter(Q(project=None) | Q(project=project), person=person)
    general = {each.kind: How(each.how) for each in said if each.project_id is None}
    here = {each.kind: How(each.how) for each in said if each.project_id is not None}
    return DEFAULTS | general | here


def wish(person: User, kind: str, how: str, project: Project | None = None) -> None:
    """Keep how a person wants to hear of something; in a project, `how` empty is as everywhere."""
    if not how:
        Preference.objects.filter(person=person, kind=kind, project=project).delete()
        return
    Preference.objects.update_or_create(
        person=person, kind=kind, project=project, defaults={"how": how}
    )


@receiver(pre_delete, sender=Release)
def forget(instance: Release, **kwargs: Any) -> None:
    """Of a draft that is deleted nobody is told any more, nor does it count as unread."""
    about = Notice.objects.filter(release=instance.pk)
    people = list(about.unread().order_by().values_list("person", flat=True).distinct())
    about.delete()
    count_unread(*people)


def count_unread(*keys: int | None) -> None:
    """Keep each person's number of unread notices, which every page shows, with the account."""
    mine = Notice.objects.unread().filter(person=models.OuterRef("pk")).order_by()
    count = mine.values("person").annotate(n=models.Count("pk")).values("n")
    number = models.functions.Coalesce(models.Subquery(count), 0)
    User.objects.filter(pk__in=[key for key in keys if key is not None]).update(unread=number)
