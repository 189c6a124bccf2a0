"""All that lets somebody in as the person who looks, on one page; and one's own OpenPGP keys."""

from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.timezone import now
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import RedirectView, TemplateView

from keys.care import care_for
from keys.forms import AddOwnKey
from keys.logins import IN_SESSION
from keys.models import AccessToken, Certificate, Login, SshKey
from keys.models.owning import MOST_KEYS
from keys.models.ssh import MOST_SSH_KEYS
from keys.models.token import MOST_TOKENS
from projects.models import Committee, Workflow
from projects.roles import roles_granting
from trusted_releases.lib.views import Refusing, VerbView

ENDED_SHOWN = 10
WORKFLOWS_SHOWN = 50


class Credentials(LoginRequiredMixin, TemplateView):
    """Keys, tokens and browsers of whoever looks: what each opens, and how it is ended."""

    policy: ClassVar[str] = "keys.own_tokens"
    template_name = "keys/credentials.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person: Any = self.request.user
        at = now()
        own = Certificate.objects.filter(owner=person.pk).select_related("owner")
        keys = own.prefetch_related("committees").order_by("fingerprint")[:MOST_KEYS]
        tokens = AccessToken.objects.of(person).select_related("owner")
        found = {
            "now": at,
            "keys": [{"key": key, "care": care_for(key, at)} for key in keys],
            "ssh_keys": SshKey.objects.of(person)[:MOST_SSH_KEYS],
            "tokens": tokens.good(at)[:MOST_TOKENS],
            "ended": tokens.ended(at)[:ENDED_SHOWN],
            "logins": Login.objects.good(person),
            "here": self.request.session.get(IN_SESSION),
            "workflows": _workflows(person),
        }
        return super().get_context_data(**kwargs) | found


class MovedToCredentials(LoginRequiredMixin, RedirectView):
    """Where a list of its own used to be: bookmarks and mails lead to its place on the page."""

    policy: ClassVar[str] = "keys.own_tokens"
    place: str = ""

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        return f"{reverse('keys:credentials')}#{self.place}"


class EndLogin(LoginRequiredMixin, VerbView):
    """Log out of another browser, after asking. Anybody else's is not found."""

    policy: ClassVar[str] = "keys.own_logins"
    template_name = "keys/end_login.html"
    done = "That browser is logged out."

    def get_queryset(self) -> QuerySet[Login]:
        return Login.objects.filter(owner=self.request.user.pk).select_related("owner")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)

    def run(self, **data: Any) -> None:
        self.object.end(by=self.request.user)

    def get_success_url(self) -> str:
        return reverse("keys:credentials")


@method_decorator(sensitive_post_parameters("text"), name="dispatch")
class AddOwn(LoginRequiredMixin, Refusing):
    """Say that a key is one's own, and for which committees it signs."""

    policy: ClassVar[str] = "keys.own_certificates"
    action = "key.add"
    form_class = AddOwnKey
    template_name = "keys/add_own.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"committees": _committees_of(self.request.user)}

    def run(self, text: str, committees: QuerySet[Committee]) -> None:
        key = Certificate.objects.add_own(
            text.encode(), by=self.request.user, committees=list(committees)
        )
        self.done = f"The key {key.spaced} is yours."
        self.success_url = key.get_absolute_url()


class TakeBack(LoginRequiredMixin, VerbView):
    """Say that a key is one's own no more: it signs for no committee, and stays to verify with."""

    policy: ClassVar[str] = "keys.own_certificates"
    action = "key.delete"
    template_name = "keys/take_back.html"
    done = "The key signs for nobody any more. To undo this, add it again."

    def get_object(self, queryset: Any = None) -> Certificate:
        own = Certificate.objects.filter(owner=self.request.user.pk).select_related("owner")
        return get_object_or_404(own, fingerprint=self.kwargs["fingerprint"].lower())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)

    def run(self, **data: Any) -> None:
        Certificate.objects.take_back(self.object, by=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        committees = self.object.committees.order_by("slug")
        return super().get_context_data(**kwargs) | {"committees": committees}

    def get_success_url(self) -> str:
        return reverse("keys:credentials")


def _committees_of(person: Any) -> QuerySet[Committee]:
    """Those whose keys the person may add to."""
    roles = roles_granting("keys.add_keys")
    theirs = Committee.objects.filter(memberships__user=person.pk, memberships__role__in=roles)
    return theirs.distinct().order_by("name")


def _workflows(person: Any) -> QuerySet[Workflow] | None:
    """What acts in the person's name when they start it; None while no account is linked."""
    if person.github_id is None:
        return None
    grants = Workflow.objects.filter(project__committee__in=_committees_of(person))
    return grants.select_related("project").order_by("repository", "path", "phase")[
        :WORKFLOWS_SHOWN
    ]
