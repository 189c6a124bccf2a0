"""Ignores of a project: which there are, setting one after a look at what it hides, lifting one."""

import re
from typing import Any, ClassVar

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import DetailView

from checks.forms import SetIgnore
from checks.marks import LENGTH
from checks.models import Ignore, Run
from checks.models.ignore import MAY
from checks.previewing import Preview, suggested, token_of
from projects.views.project import OneProject
from releases.models import Release
from releases.models.release import VERSION
from trusted_releases.lib.paging import CappedPaginator
from trusted_releases.lib.views import PER_PAGE, VerbView, rights

MARK = re.compile(rf"[0-9a-f]{{{LENGTH}}}\Z")


class OfProject(OneProject):
    """A page about the ignores of one project."""

    tab = "ignores"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"may_ignore": rights(self.request.user, self.object, MAY)["set_ignores"]}


class Ignores(OfProject, DetailView):
    """All of them, those in force first, each with its reason."""

    policy: ClassVar[str] = "public"
    template_name = "checks/ignores.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ours = Ignore.objects.filter(project=self.object).with_people()
        ours = ours.order_by(F("lifted_at").desc(nulls_first=True), "-pk")
        page = CappedPaginator(ours, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {"page_obj": page, "ignores": page.object_list}


class NewIgnore(OfProject, VerbView):
    """Set an ignore. It is set only by somebody who has seen what it hides.

    `?release=VERSION&mark=MARK` fills in the form for a finding, with `&alike=yes` for all that say
    the same.
    """

    policy = MAY
    form_class: type[Any] = SetIgnore
    template_name = "checks/set_ignore.html"

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET
        run, mark = self.of_release, asked.get("mark", "")
        if run is None or not MARK.match(mark):
            return {}
        return suggested(run, mark, alike=asked.get("alike") == "yes")

    @cached_property
    def of_release(self) -> Run | None:
        """The latest run of the release that one comes from."""
        visible = Release.objects.visible_to(self.request.user).filter(project=self.object)
        version = self.request.GET.get("release", "")
        release = visible.filter(version=version).first() if VERSION.match(version) else None
        runs = Run.objects.filter(revision__release=release) if release else Run.objects.none()
        run = runs.select_related("revision").order_by("-revision__number").first()
        if run is not None and release is not None:
            run.revision.release = release
        return run

    @property
    def previewing(self) -> bool:
        return "preview" in self.request.POST

    def get_form_kwargs(self) -> dict[str, Any]:
        given = {"project": self.object, "previewing": self.previewing}
        return super().get_form_kwargs() | given

    def form_valid(self, form: SetIgnore) -> HttpResponse:
        ignore = form.ignore()
        seen = ignore is not None and self.request.POST.get("shown") == token_of(ignore)
        if self.previewing or not seen:
            return self.render_to_response(
                self.get_context_data(form=form, unseen=not self.previewing)
            )
        return super().form_valid(form)

    def run(self, **data: Any) -> None:
        ignore = self.get_form().ignore()
        count = self.request.POST.get("seen", "")
        ignore.set(by=self.request.user, seen=int(count) if count.isdecimal() else None)
        self.done = f"{ignore} is set, with your reason. To undo it, lift it."

    def get_success_url(self) -> str:
        if self.of_release is None:
            return reverse("checks:ignores", args=[self.object.slug])
        return reverse("checks:findings", args=self.of_release.revision.release.url_args)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        ignore = context["form"].ignore()
        back = self.get_success_url()
        if ignore is None:
            return context | {"back": back}
        return context | {
            "back": back,
            "preview": Preview.of(ignore),
            "shown": token_of(ignore),
            "ignore": ignore,
        }


class LiftIgnore(OfProject, VerbView):
    """End an ignore: what it hid counts again."""

    policy = MAY
    template_name = "checks/lift_ignore.html"

    @cached_property
    def ignore(self) -> Ignore:
        ours = Ignore.objects.filter(project=self.object).with_people()
        return get_object_or_404(ours, pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.ignore  # noqa: B018 - 404 before anything else
        return super().get(request, *args, **kwargs)

    def run(self, **data: Any) -> None:
        self.ignore.lift(by=self.request.user)
        self.done = f"{self.ignore} is lifted: what it hid counts again. To undo it, set it again."

    def get_success_url(self) -> str:
        return reverse("checks:ignores", args=[self.object.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "ignore": self.ignore,
            "back": self.get_success_url(),
            "happens": [
                "Its findings count again in all drafts, at once.",
                "Files that are at a vote keep it: people vote on what they saw.",
            ],
            "undo": "set it again; it gets another number.",
        }
