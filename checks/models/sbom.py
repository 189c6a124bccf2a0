"""What stands in bills of materials, as a worker read it: pages never open the documents."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Q

from checks.models.results import Result
from checks.sbom.compare import Part
from trusted_releases.lib.views import words_of

BATCH = 1_000  # rows of one statement


class SbomManager(models.Manager["Sbom"]):
    def keep(self, result: Result, content: dict[str, Any]) -> "Sbom":
        """Keep what was read beside the result that it was read for. Twice is as good as once."""
        components = content.get("components", ())
        vulnerabilities = content.get("vulnerabilities", ())
        about = {
            **{name: each for name, each in content.items() if name not in PARTS},
            "types": dict(Counter(each["type"] for each in components).most_common()),
            "categories": dict(Counter(each["category"] for each in components)),
        }
        sbom, new = self.get_or_create(
            result=result,
            defaults={
                "about": about,
                "components_count": len(components),
                "vulnerabilities_count": len(vulnerabilities),
            },
        )
        if new:
            _store(SbomComponent, sbom, components)
            _store(SbomVulnerability, sbom, vulnerabilities)
        return sbom


PARTS = ("components", "vulnerabilities")


def _store(kind: type[models.Model], sbom: "Sbom", rows: Iterable[dict[str, Any]]) -> None:
    made = (kind(sbom=sbom, place=place, **row) for place, row in enumerate(rows))
    kind._default_manager.bulk_create(made, batch_size=BATCH)


class Sbom(models.Model):
    """One bill of materials. `about` is what `checks.sbom.content` says of it as a whole; where it
    could not be read, that says why, and there is nothing else."""

    result = models.OneToOneField(Result, models.CASCADE, related_name="sbom")
    about = models.JSONField(default=dict, editable=False)
    components_count = models.PositiveIntegerField(default=0, editable=False)
    vulnerabilities_count = models.PositiveIntegerField(default=0, editable=False)

    objects = SbomManager()

    class Meta:
        verbose_name = "bill of materials"
        verbose_name_plural = "bills of materials"

    def __str__(self) -> str:
        return f"Bill of materials {self.result.path}"

    @property
    def unreadable(self) -> str:
        return str(self.about.get("unreadable", ""))

    def parts(self) -> list[Part]:
        """The components as they are compared."""
        rows = self.components.order_by("place")
        return [Part(*row) for row in rows.values_list("key", "name", "version", "licence")]

    def vulnerability_ids(self) -> list[str]:
        """The names of the vulnerabilities that it lists, the worst first."""
        return list(self.vulnerabilities.order_by("place").values_list("id_text", flat=True))


class ComponentQuerySet(models.QuerySet):
    def speaking_of(self, text: str) -> Self:
        """Those whose name, package URL or licence has all these words."""
        found = Q()
        for word in words_of(text):
            found &= Q(name__icontains=word) | Q(purl__icontains=word) | Q(licence__icontains=word)
        return self.filter(found)


class SbomComponent(models.Model):
    """One component, in words that are safe to show. `category` is that of its licences, "" where
    it names none; `key` is the same for all versions of a component."""

    sbom = models.ForeignKey(Sbom, models.CASCADE, related_name="components")
    place = models.PositiveIntegerField(editable=False)
    type = models.CharField(max_length=200, blank=True, editable=False)
    name = models.TextField(blank=True, editable=False)
    version = models.TextField(blank=True, editable=False)
    purl = models.TextField(blank=True, editable=False)
    scope = models.CharField(max_length=200, blank=True, editable=False)
    supplier = models.TextField(blank=True, editable=False)
    key = models.CharField(max_length=16, editable=False)
    licence = models.TextField(blank=True, editable=False)
    category = models.CharField(max_length=10, blank=True, editable=False)
    avoidable = models.BooleanField(default=False, editable=False)
    chosen = models.TextField(blank=True, editable=False)
    others = models.TextField(blank=True, editable=False)

    objects = ComponentQuerySet.as_manager()

    class Meta:
        verbose_name = "component in a bill of materials"
        verbose_name_plural = "components in bills of materials"
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["sbom", "place"], name="checks_component_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


class SbomVulnerability(models.Model):
    """One known vulnerability that a bill of materials names, the worst in the first place."""

    sbom = models.ForeignKey(Sbom, models.CASCADE, related_name="vulnerabilities")
    place = models.PositiveIntegerField(editable=False)
    id_text = models.TextField(editable=False)
    severity = models.CharField(max_length=10, blank=True, editable=False)
    score = models.FloatField(null=True, editable=False)
    source = models.TextField(blank=True, editable=False)
    url = models.TextField(blank=True, editable=False)
    description = models.TextField(blank=True, editable=False)
    state = models.TextField(blank=True, editable=False)
    affects = models.JSONField(default=list, editable=False)
    more = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "vulnerability in a bill of materials"
        verbose_name_plural = "vulnerabilities in bills of materials"
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["sbom", "place"], name="checks_vulnerability_once")
        ]

    def __str__(self) -> str:
        return self.id_text
