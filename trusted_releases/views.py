"""The roof's own pages: home, events, the demo's mailbox, health."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView, View

from projects.models import Committee, Project
from projects.querysets import ProjectQuerySet
from releases.mail import Mailbox
from releases.models import Release, Vote
from releases.phases import Phase
from releases.views.common import steps_of
from trusted_releases.ledger.models import Event, Job, WorkerBeat
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Refused
from trusted_releases.lib.views import Listing, SeeOther, granted
from trusted_releases.templatetags.access import may_search_events

SHOWN = 10  # rows of each list on the home page
MAILS_SHOWN = 100
LONGEST_MAIL = 1 << 20  # bytes of a mail that are read for its page


class Home(TemplateView):
    """What waits for me, and what is going on."""

    policy = "public"
    template_name = "site/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.request.user
        visible = Release.objects.visible_to(person).for_listing()
        return super().get_context_data(**kwargs) | {
            "drafts": self.mine("releases.change_files", Phase.COMPOSE),
            "to_vote": self.votes_without_me(),
            "to_resolve": self.votes_to_resolve(),
            "to_finish": self.mine("releases.publish", Phase.FINISH),
            "voting": visible.in_phase(Phase.VOTE)[:SHOWN],
            "released": visible.in_phase(Phase.RELEASED).order_by("-released_at")[:SHOWN],
            "my_projects": self.projects("releases.start_release")[:SHOWN],
        }

    def projects(self, perm: str) -> ProjectQuerySet:
        return Project.objects.where_may(self.request.user, perm).for_listing()

    def mine(self, perm: str, phase: Phase) -> QuerySet[Release]:
        ours = Project.objects.where_may(self.request.user, perm)
        return Release.objects.filter(project__in=ours).in_phase(phase).for_listing()[:SHOWN]

    def votes_without_me(self) -> QuerySet[Vote]:
        """Open votes of one's committees, and of podlings below them, without one's ballot."""
        person = self.request.user
        if not person.is_authenticated:
            return Vote.objects.none()
        ours = Committee.objects.of(person)
        mine = Vote.objects.open().exclude(ballots__voter=person)
        below = mine.filter(release__project__committee__in=ours)
        above = mine.filter(release__project__committee__parent__in=ours)
        return (below | above).select_related("release__project").order_by("ends_at")[:SHOWN]

    def votes_to_resolve(self) -> QuerySet[Vote]:
        ours = Project.objects.where_may(self.request.user, "releases.resolve_vote")
        running = Vote.objects.open().filter(release__project__in=ours)
        return running.select_related("release__project").order_by("ends_at")[:SHOWN]


class EventList(Listing):
    """What happened, for those who may search all events; by words, kind and place."""

    policy = "projects.search_events"
    template_name = "site/events.html"
    context_object_name = "events"
    place: Any = None

    def get_queryset(self) -> QuerySet[Event]:
        if not may_search_events(self.request.user):
            raise PermissionDenied(
                "Searching all events is for committee members, members of the foundation and "
                "operators. The events of a release stand on its page."
            )
        return self.asked(Event.objects.all())

    def asked(self, events: Any) -> QuerySet[Event]:
        if words := self.request.GET.get("q", "").replace("\0", "").strip():
            events = events.search(words[:200])
        if (tag := self.request.GET.get("tag")) in Tag.values:
            events = events.filter(tag=tag)
        return events.order_by("-id")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = {name: self.request.GET.get(name, "") for name in ("q", "tag")}
        context = super().get_context_data(**kwargs)
        return context | {"asked": asked, "tags": Tag.choices, "place": self.place}


class ReleaseEvents(EventList):
    """All that happened to one release, for whoever may see the release."""

    policy = "public"
    template_name = "site/release_events.html"

    def get_queryset(self) -> QuerySet[Event]:
        visible = Release.objects.visible_to(self.request.user).select_related("project__committee")
        wanted = visible.of_key(self.kwargs["project"], self.kwargs["version"])
        self.place = get_object_or_404(wanted)
        events = Event.objects.of_release(self.place.pk)
        if not granted(self.request.user, "releases.change_files", self.place):
            events = events.accepted()
        return self.asked(events)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.place
        return super().get_context_data(**kwargs) | {
            "release": release,
            "project": release.project,
            "steps": steps_of(release),
            "tab": "events",
        }


class ProjectEvents(EventList):
    """All that happened in a project, drafts and refusals included: for its own people."""

    policy = "releases.start_release"

    def get_queryset(self) -> QuerySet[Event]:
        self.place = get_object_or_404(Project, slug=self.kwargs["project"])
        if not granted(self.request.user, self.policy, self.place):
            raise PermissionDenied(f"The events of {self.place} are for its own people.")
        return self.asked(Event.objects.of_project(self.place.slug))


class RetryJob(View):
    """Queue a failed job again. A verb for operators; the button stands where the error does."""

    policy = "ledger.retry_job"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, job: int) -> HttpResponse:
        failed = get_object_or_404(Job, pk=job)
        try:
            failed.retry(by=request.user)
            messages.success(request, f"{failed} is queued again.")
        except Refused as error:
            messages.error(request, str(error))
        release = Release.objects.filter(pk=failed.release or None).first()
        return SeeOther(release.get_absolute_url() if release else reverse("home"))


class MailboxPage(TemplateView):
    """The demo's mail, newest first. Nothing has left the machine."""

    policy = "public"
    template_name = "site/mailbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not settings.DEMO:
            raise Http404("The mailbox is part of the demo only.")
        files = sorted(Mailbox.directory().glob("*.eml"), reverse=True)
        mails = [self.shown(path.read_bytes()[:LONGEST_MAIL]) for path in files[:MAILS_SHOWN]]
        return super().get_context_data(**kwargs) | {"mails": mails, "count": len(files)}

    def shown(self, content: bytes) -> dict[str, Any]:
        mail = message_from_bytes(content, EmailMessage, policy=policy.default)
        names = ("From", "To", "Reply-To", "Date", "Message-ID", "In-Reply-To", "References")
        body = mail.get_body(("plain",))
        return {
            "subject": mail["Subject"],
            "headers": [(name, mail[name]) for name in names if mail[name]],
            "is_reply": bool(mail["In-Reply-To"]),
            "body": body.get_content() if body else "",
        }


class Healthz(View):
    """The process answers. It says nothing about what it depends on."""

    policy = "public"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok\n", "text/plain")


class Readyz(View):
    """The database answers, and a worker lives: 503 with what is missing otherwise."""

    policy = "public"

    def get(self, request: HttpRequest) -> JsonResponse:
        try:
            connection.ensure_connection()
            found = {"database": True, "worker": WorkerBeat.objects.alive().exists()}
        except DatabaseError:
            found = {"database": False, "worker": False}
        return JsonResponse(found, status=200 if all(found.values()) else 503)
