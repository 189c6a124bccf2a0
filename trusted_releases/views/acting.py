"""Acting on behalf: an officer begins it on a page of their own, and ends it from every page."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.generic import View

from projects.models import User
from trusted_releases import acting, second_factor
from trusted_releases.lib.admin_acts import ReasonForm
from trusted_releases.lib.views import SeeOther, VerbView


class ActOnBehalf(VerbView):
    """Say why, and be the person for fifteen minutes, with one's own name in every event."""

    policy = "projects.act_on_behalf"
    form_class = ReasonForm
    template_name = "site/act_on_behalf.html"
    context_object_name = "person"
    done = "You act on their behalf now. Every act is recorded with your name."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The console's own door: nobody else learns which accounts there are."""
        if acting.person_of(request):
            raise PermissionDenied("You act on behalf of somebody already. End that first.")
        if not request.user.has_perm(self.policy):
            raise PermissionDenied("Acting on behalf is for security officers of this site.")
        return second_factor.ask(request) or super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.all()

    def run(self, reason: str) -> None:
        acting.begin(self.request, self.object, reason=reason)

    def get_success_url(self) -> str:
        return reverse("home")


class EndActing(View):
    """The button of the strip."""

    policy = "public"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        person = acting.end(request, "button")
        if person is None:
            messages.info(request, "You act on nobody's behalf any more.")
            return SeeOther(reverse("home"))
        messages.success(request, f"You no longer act on behalf of {person}.")
        return SeeOther(reverse("admin:projects_user_change", args=[person.pk]))
