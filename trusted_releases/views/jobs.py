"""What workers have to do, for those who keep them going."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from releases.models import Release
from trusted_releases import second_factor
from trusted_releases.ledger.models import Job
from trusted_releases.lib.admin_acts import ReasonForm
from trusted_releases.lib.views import VerbView, granted


class RetryJob(VerbView):
    """Queue a failed job again. A verb for operators; the link stands where the error does."""

    policy = "ledger.retry_job"
    form_class = ReasonForm
    template_name = "site/retry_job.html"
    context_object_name = "job"
    pk_url_kwarg = "job"
    done = "The job is queued again."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """It stands outside the console, and is of it: whoever may is asked at the same door."""
        asked = second_factor.ask(request) if request.user.has_perm(self.policy) else None
        return asked or super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.all()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever may not is told so, and it is on record, before they are asked for a reason."""
        if not granted(request.user, self.policy, self.object):
            self.object.retry(by=request.user)
        return super().post(request, *args, **kwargs)

    def run(self, reason: str) -> None:
        self.object.retry(by=self.request.user, reason=reason)

    def get_success_url(self) -> str:
        release = Release.objects.filter(pk=self.object.release or None).first()
        return release.get_absolute_url() if release else reverse("home")
