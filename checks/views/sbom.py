"""What stands in a bill of materials, page by page, and how good it is."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.db.models import Count
from django.urls import reverse
from django.utils.functional import cached_property

from checks.bills import Previous, bill_of, bills_of, previous_of
from checks.models import Sbom, SbomComponent
from checks.sbom.licences import Category
from checks.views.common import OneFile, OneRevision
from trusted_releases.lib.paging import CappedPaginator
from trusted_releases.lib.views import PER_PAGE

SHOWS = {
    "components": "Components",
    "licences": "Licences",
    "vulnerabilities": "Vulnerabilities",
    "quality": "Quality",
    "changes": "Against the previous release",
}
NO_LICENCE = "none"  # in addresses: components that name no licence
CATEGORIES = {
    Category.X: "Category X",
    Category.UNKNOWN: "In no category",
    Category.B: "Category B",
    Category.A: "Category A",
    NO_LICENCE: "No licence named",
}
LEVELS = {"X": "concern", "unknown": "suggestion", "B": "note", "A": "good", "": "note"}


class Sboms(OneRevision):
    """All bills of materials of a revision; where there is none, how to make one."""

    tab = "findings"
    template_name = "checks/sboms.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sboms": bills_of(self.run)}


class SbomPage(OneFile):
    """One bill of materials: components, licences, vulnerabilities, quality, and what changed.

    `?show=` one of these, `?q=` for components that speak of something, `?type=` and `?category=`
    for those of one type, or under licences of one category.
    """

    tab = "findings"
    template_name = "checks/sbom.html"

    @cached_property
    def sbom(self) -> Sbom | None:
        return bill_of(self.run, self.entry.path)

    @property
    def show(self) -> str:
        asked = self.request.GET.get("show", "")
        return asked if asked in SHOWS else "components"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {
            "entry": self.entry,
            "sbom": self.sbom,
            "show": self.show,
        }
        if self.sbom is None or self.sbom.unreadable:
            return context
        shown = getattr(self, f"_{self.show}")(self.sbom)
        return context | shown | {"about": self.sbom.about, "chips": self._chips(self.sbom)}

    def _chips(self, sbom: Sbom) -> list[dict[str, Any]]:
        counts = {
            "components": sbom.components_count,
            "vulnerabilities": sbom.vulnerabilities_count,
        }
        return [
            {
                "label": label,
                "url": self.address(show=name),
                "count": counts.get(name),
                "current": name == self.show,
            }
            for name, label in SHOWS.items()
        ]

    def address(self, **asked: str) -> str:
        """This page with these questions and no others, of this revision."""
        number = self.request.GET.get("revision", "")
        told = {"revision": number, **asked}
        return "?" + urlencode({name: each for name, each in told.items() if each})

    def _page(self, rows: Any) -> Page:
        return CappedPaginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))

    # --- What is shown, each under its name in the address ------------------------------------

    def _components(self, sbom: Sbom) -> dict[str, Any]:
        asked = {name: self.request.GET.get(name, "")[:200] for name in ("q", "type", "category")}
        rows = sbom.components.speaking_of(asked["q"])
        if asked["type"]:
            rows = rows.filter(type=asked["type"])
        if asked["category"]:
            wanted = "" if asked["category"] == NO_LICENCE else asked["category"]
            rows = rows.filter(category=wanted)
        page = self._page(rows.order_by("type", "name", "place"))
        return {
            "asked": asked,
            "narrowed": any(asked.values()),
            "all": self.address(),
            "types": list(self._types(sbom, asked)),
            "categories": list(self._categories(sbom, asked)),
            "groups": list(_grouped(page)),
            "page_obj": page,
            "kept": self.address(**asked)[1:],
        }

    def _types(self, sbom: Sbom, asked: dict[str, str]) -> Iterator[dict[str, Any]]:
        for name, count in sbom.about["types"].items():
            if name:
                yield self._chip(asked, "type", name, name, count)

    def _categories(self, sbom: Sbom, asked: dict[str, str]) -> Iterator[dict[str, Any]]:
        counts = sbom.about["categories"]
        for name, label in CATEGORIES.items():
            if count := counts.get("" if name == NO_LICENCE else name):
                yield self._chip(asked, "category", str(name), label, count)

    def _chip(
        self, asked: dict[str, str], name: str, value: str, label: str, count: int
    ) -> dict[str, Any]:
        """A filter that is a link; the chosen one takes itself away."""
        chosen = asked[name] == value
        url = self.address(**asked | {name: "" if chosen else value})
        return {"label": label, "count": count, "url": url, "current": chosen}

    def _licences(self, sbom: Sbom) -> dict[str, Any]:
        rows = sbom.components.exclude(licence="").order_by()
        named = rows.values("licence", "category", "avoidable", "chosen", "others")
        counted = named.annotate(count=Count("pk")).order_by("-count", "licence")
        page = self._page(counted)
        return {
            "rows": [
                {
                    **row,
                    "level": LEVELS.get(row["category"], "note"),
                    "label": CATEGORIES[Category(row["category"])],
                    "url": self.address(q=row["licence"], category=row["category"]),
                }
                for row in page
            ],
            "without": sbom.about["categories"].get("", 0),
            "without_url": self.address(category=NO_LICENCE),
            "page_obj": page,
            "kept": self.address(show="licences")[1:],
        }

    def _vulnerabilities(self, sbom: Sbom) -> dict[str, Any]:
        page = self._page(sbom.vulnerabilities.order_by("place"))
        newest = self.object.candidate or self.object.newest
        return {
            "page_obj": page,
            "kept": self.address(show="vulnerabilities")[1:],
            "is_current": newest == self.revision,  # only that is scanned
        }

    def _quality(self, sbom: Sbom) -> dict[str, Any]:
        gaps = sbom.about["gaps"]
        return {
            "errors": [each for each in gaps if each["weight"] == "error"],
            "warnings": [each for each in gaps if each["weight"] == "warning"],
        }

    def _changes(self, sbom: Sbom) -> dict[str, Any]:
        previous = previous_of(self.object, sbom)
        if previous is None or previous.before is None:
            return {"previous": previous}
        how = self.request.GET.get("how", "")
        every = previous.components.every
        ways = {
            "added": [each for each in every if each.how == "added"],
            "removed": [each for each in every if each.how == "removed"],
            "changed": [each for each in every if each.how == "changed"],
            "relicensed": [each for each in every if each.relicensed],
        }
        page = self._page(ways.get(how, every))
        return {
            "previous": previous,
            "ways": [
                {
                    "label": name,
                    "count": len(rows),
                    "url": self.address(show="changes", how="" if name == how else name),
                    "current": name == how,
                }
                for name, rows in ways.items()
            ],
            "previous_url": _address_of(previous),
            "page_obj": page,
            "kept": self.address(show="changes", how=how if how in ways else "")[1:],
        }


def _grouped(page: Page) -> Iterator[tuple[str, list[SbomComponent]]]:
    """The components of a page under what they are."""
    for kind, rows in groupby(page, key=lambda each: each.type):
        yield kind or "Of no type", list(rows)


def _address_of(previous: Previous) -> str:
    path = previous.before.result.path if previous.before else ""
    return reverse("checks:sbom", args=[*previous.release.url_args, path])
