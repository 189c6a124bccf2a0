"""Publication and announcement of what has passed its vote."""

from typing import Any

from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.urls import reverse

from releases import forms
from releases.models import Publication
from releases.publishing import location_of
from releases.views.common import ReleasePage, ReleaseVerb, failed_jobs
from releases.views.mails import MailVerb, Preview, as_email
from trusted_releases.lib.views import STOP_POLLING


class Publish(ReleaseVerb):
    """Bring the voted files into the download area. Says first what that does."""

    policy = "releases.publish"
    form_class = forms.Publish
    template_name = "releases/publish.html"
    done = (
        "Publication has begun: a worker places the files and reads them back. What is published "
        "stays published; the announcement is a step of its own."
    )

    def run(self, manifest: str, typed: str) -> None:
        self.object.publish(by=self.request.user, manifest=manifest)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"release": self.object}

    def get_initial(self) -> dict[str, Any]:
        candidate = self.object.candidate
        return {"manifest": candidate.manifest_digest if candidate else ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "revision": self.object.candidate,
            "location": location_of(self.object),
            "obstacles": list(self.object.publish_obstacles()),
        }


class PublicationProgress(ReleasePage):
    """How far the publication is: asked for every two seconds until it is settled."""

    template_name = "releases/_publication.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        publication = getattr(self.object, "publication", None)
        return super().get_context_data(**kwargs) | {
            "publication": publication,
            "revision": self.object.candidate,
            "failed_jobs": failed_jobs(self.object),
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        publication = context["publication"]
        if publication is None or publication.state != Publication.State.RUNNING:
            response.status_code = STOP_POLLING
            # What one may do next has changed with it.
            response["HX-Refresh"] = "true"
        return response


class Announce(MailVerb):
    """Tell the world, once the version was typed. From here on nothing changes."""

    policy = "releases.announce"
    action = "release.announce"
    form_class = forms.Announce
    template_name = "releases/announce.html"
    done = "The release is announced. It is finished: nothing about it changes any more."

    def run(self, subject: str, body: str, typed: str) -> None:
        self.object.announce(by=self.request.user, subject=subject, body=body)

    def email(self, form: Any) -> EmailMessage | None:
        return as_email(form, self.object.rules.announce_mail, thread=False)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"release": self.object, "person": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            obstacles=list(self.object.announce_obstacles()),
            recipients=self.object.rules.announce_mail.everybody,
            publication=getattr(self.object, "publication", None),
            **kwargs,
        )


class AnnouncePreview(Preview, Announce):
    """The announcement, as it is being written."""

    def page(self) -> str:
        return reverse("releases:announce", args=self.object.url_args)
