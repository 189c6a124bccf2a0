"""The mails of a release: what became of each for each recipient, and sending one again."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import ListView

from releases.mail import as_email
from releases.models import Delivery, Message
from releases.models.message import SENDS
from releases.views.common import OneRelease, ReleaseVerb
from trusted_releases.ledger.models import Event, Job
from trusted_releases.lib.paging import CappedPaginator

PER_PAGE = 20


class Outbox(OneRelease, ListView):
    """Every mail, newest first. Who works on the release sees all; others those that they sent."""

    policy: ClassVar[str] = "public"
    template_name = "releases/outbox.html"
    context_object_name = "mails"
    paginator_class = CappedPaginator
    paginate_by = PER_PAGE
    tab = "mails"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.object = OneRelease.get_object(self)
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        if not hasattr(self, "object"):
            return super().get_queryset()
        mails = self.object.messages.shown_to(self.request.user, self.object)
        return mails.prefetch_related("deliveries").order_by("-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person, release = self.request.user, self.object
        works_here = person.has_perm("releases.change_files", release)
        context = super().get_context_data(**kwargs)
        for mail in context["mails"]:
            mail.release = release
            mail.failed = any(_is_missed(each) for each in mail.deliveries.all())
        return context | {
            "works_here": works_here,
            "made": list(_to_be_made(release)) if works_here else [],
            "may_resend": person.has_perm("releases.resend_mail", release),
        }


class Resend(ReleaseVerb):
    """Send a mail again to those who did not get it; the page says to whom, and shows the mail."""

    policy = "releases.resend_mail"
    template_name = "releases/resend.html"
    done = "The mail is on its way to them again."
    tab = "mails"

    @property
    def mail(self) -> Message:
        return get_object_or_404(self.object.messages, pk=self.kwargs["mail"])

    def run(self, **data: Any) -> None:
        self.mail.resend(by=self.request.user)

    def get_success_url(self) -> str:
        return reverse("releases:mails", args=self.object.url_args)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mail = self.mail
        return super().get_context_data(**kwargs) | {
            "mail": mail,
            "email": as_email(mail),
            "missed": mail.deliveries.missed(),
            "obstacles": mail.resend_obstacles(),
        }


def _is_missed(delivery: Delivery) -> bool:
    waits = delivery.state == Delivery.State.WAITING and bool(delivery.said)
    return waits or delivery.state in (Delivery.State.REFUSED, Delivery.State.BOUNCED)


def _to_be_made(release: Any) -> "QuerySet[Event]":
    """Events whose mail no worker has made yet."""
    jobs = Job.objects.of_release(release.pk).filter(name=SENDS).unsettled()
    events = [job.args.get("event") for job in jobs[:PER_PAGE]]
    known = release.messages.filter(event__in=events).values_list("event", flat=True)
    return Event.objects.filter(pk__in=set(events) - set(known)).order_by("pk")
