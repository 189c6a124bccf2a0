"""The first page: what waits for me, and what is going on."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.views.generic import TemplateView

from projects.models import Project
from releases.models import Release, Vote
from releases.models.hidden import told_to
from releases.phases import Phase
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.views.waiting import Urgency, Waiting

SHOWN = 10  # rows of each list on the home page
TASKS = 30  # things to do; whoever has more begins with these


class Home(TemplateView):
    """For a person: what they can do now. For everybody: open votes and the newest releases."""

    policy = "public"
    template_name = "site/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        visible = Release.objects.visible_to(self.request.user).for_listing()
        ends = Vote.objects.open().filter(release=OuterRef("pk")).values("ends_at")[:1]
        voting = visible.in_phase(Phase.VOTE).annotate(ends_at=Subquery(ends))
        newest = visible.in_phase(Phase.RELEASED).order_by("-released_at")
        return (
            super().get_context_data(**kwargs)
            | {"voting": voting[:SHOWN], "released": newest[:SHOWN]}
            | (self.mine() if self.request.user.is_authenticated else {})
        )

    def mine(self) -> dict[str, Any]:
        """What is the person's own: what waits, what runs, their projects and their events."""
        waiting = Waiting(self.request.user)
        tasks = waiting.tasks()
        todo = [task for task in tasks if task.urgency < Urgency.RUNNING]
        committees = waiting.committees("releases.start_release")
        projects = list(
            Project.objects.active().filter(committee__in=committees).order_by("name")[:SHOWN]
        )
        return {
            "todo": todo[:TASKS],
            "more": max(0, len(todo) - TASKS),
            "running": [task for task in tasks if task.urgency == Urgency.RUNNING],
            "my_projects": projects,
            "in_a_committee": bool(waiting.roles),
            "events": self.events(projects),
        }

    def events(self, projects: list[Project]) -> QuerySet[Event]:
        """The newest of one's own projects, drafts included."""
        slugs = [project.slug for project in projects]
        events = told_to(self.request.user, Event.objects.filter(project__in=slugs)).accepted()
        return events.exclude(tag=Tag.MAIL_SENT)[:SHOWN]  # a mail follows from another line
