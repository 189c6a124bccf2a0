"""Mails that an act would send, shown before it does."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from projects.models import Recipients
from releases import mail
from releases.views.common import ReleaseVerb
from trusted_releases.lib.views import SeeOther, granted


class MailVerb(ReleaseVerb):
    """A verb that sends a mail: the page shows the very mail beside the form."""

    def email(self, form: Any) -> EmailMessage | None:
        """The mail as it would go out, or None when what was filled in makes none."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if context.get("obstacles"):
            return context
        return context | mail_context(self.email(context["form"]), context["form"])


class Preview:
    """Shows what the verb below would send, and does nothing else.

    With JavaScript it answers with the mail alone, again and again while one types; without, the
    page with the form as it was filled in. Beside a `MailVerb`, before it.
    """

    request: HttpRequest
    object: Any
    policy: str
    action = ""  # it changes nothing, and is asked for while one types

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return SeeOther(self.page())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not granted(request.user, self.policy, self.object):
            if not request.user.is_authenticated:
                return redirect_to_login(self.page())
            raise PermissionDenied("Your account may not do this, and sees no preview of it.")
        form = self.get_form()  # type: ignore[attr-defined]
        form.full_clean()
        form.errors.pop("typed", None)  # nobody confirms a preview
        if getattr(request, "htmx", False):
            return self.fragment(form)
        return self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]

    def fragment(self, form: Any) -> HttpResponse:
        context = mail_context(self.email(form), form)  # type: ignore[attr-defined]
        return render(self.request, "releases/_mail.html", context)

    def page(self) -> str:
        raise NotImplementedError


def mail_context(email: EmailMessage | None, form: Any) -> dict[str, Any]:
    """What the template of a mail asks for; `wrong` is why there is none."""
    wrong = [] if email else [error for errors in form.errors.values() for error in errors]
    return {"email": email, "wrong": wrong, "form": form}


def as_email(form: Any, to: Recipients, *, thread: bool) -> EmailMessage | None:
    """The mail of a form that people write one in."""
    shown = form.shown()
    if shown is None:
        return None
    subject, body = shown
    return mail.preview(form.person, subject, body, to, thread=thread)
