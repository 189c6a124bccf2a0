"""A person's notices, how they want to be told, and the way out of a mail."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView, View

from notices import mail
from notices.forms import Preferences
from notices.kinds import How, Kind
from notices.models import Notice, NoticeQuerySet, Preference, count_unread, wish, wishes_of
from projects.models import Project
from trusted_releases.lib.views import UNUSABLE, Listing, SeeOther


class Own(LoginRequiredMixin):
    """For the person themself: nobody reads or changes it who acts in their name."""

    policy: ClassVar[str] = "notices.read_own"
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not request.user.has_perm(self.policy, request.user):
            raise PermissionDenied("Notices are for the person alone. End acting on behalf first.")
        return super().dispatch(request, *args, **kwargs)


class NoticeList(Own, Listing):
    """What the person was told, newest first. A button makes all of it read."""

    template_name = "notices/list.html"
    context_object_name = "notices"

    def get_queryset(self) -> NoticeQuerySet:
        mine = Notice.objects.shown_to(self.request.user)  # type: ignore[arg-type]
        return mine.select_related("project")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        Notice.objects.filter(person=request.user.pk).unread().update(read_at=now())
        count_unread(request.user.pk)
        return SeeOther(reverse("notices:list"))


class OpenNotice(Own, View):
    """Lead to what a notice is about; from then on it is read."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        mine = Notice.objects.shown_to(request.user)  # type: ignore[arg-type]
        notice = get_object_or_404(mine, pk=pk)
        mine.filter(pk=pk).unread().update(read_at=now())
        count_unread(request.user.pk)
        return SeeOther(notice.url)


class ChangePreferences(Own, FormView):
    """How the person wants to hear of what: everywhere, or in one project."""

    template_name = "notices/preferences.html"
    form_class = Preferences

    def project(self) -> Project | None:
        slug = self.kwargs.get("project")
        return get_object_or_404(Project, slug=slug) if slug else None

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"person": self.request.user, "project": self.project(), "label_suffix": ""}
        return super().get_form_kwargs() | more

    def form_valid(self, form: Preferences) -> HttpResponse:
        form.keep()
        messages.success(self.request, "Your choice is kept, and can be changed at any time.")
        return SeeOther(self.request.path)

    def form_invalid(self, form: Preferences) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=UNUSABLE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        said = Preference.objects.filter(person=self.request.user.pk, project__isnull=False)
        mine = Q(pk__in=said.values("project")) | Q(committee__people=self.request.user.pk)
        projects = Project.objects.filter(mine)
        return super().get_context_data(**kwargs) | {
            "project": self.project(),
            "projects": Project.objects.filter(pk__in=projects.values("pk")).order_by("name")[:100],
        }


@method_decorator(csrf_exempt, name="dispatch")
class Stop(View):
    """The way out of a mail: the reader's button, or its own (RFC 8058), without a log-in.

    The address is the proof, so no form of ours is asked for; opening it changes nothing, since
    scanners of mail open every address.
    """

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        person, what = self.found(token)
        return render(request, "notices/stop.html", {"what": told(what), "name": person.username})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        person, what = self.found(token)
        wishes = wishes_of(person, None)
        kinds = [what] if what != mail.DIGEST else [k for k in Kind if wishes[k] == How.DIGEST]
        for kind in kinds:
            wish(person, kind, How.SITE)
        mailed = {"how__in": [How.MAIL, How.DIGEST], "kind": what}
        stopped = {"how": How.DIGEST} if what == mail.DIGEST else mailed
        Preference.objects.filter(person=person, **stopped).update(how=How.SITE)
        # What waits to be mailed stays on the site as well.
        waiting = Notice.objects.filter(person=person, mailed_at__isnull=True, **stopped)
        waiting.update(how=How.SITE)
        return render(request, "notices/stop.html", {"what": told(what), "done": True})

    def found(self, token: str) -> Any:
        if (known := mail.read_link(token)) is None:
            raise Http404("This is no address that stops mails. Your preferences do, too.")
        return known


def told(what: str) -> str:
    return "The daily mail with all notices" if what == mail.DIGEST else str(Kind(what).label)
