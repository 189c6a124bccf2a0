"""A person's access tokens: a new one, and the end of one."""

from typing import Any, ClassVar

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from keys.forms import MakeTokenForm
from keys.models import AccessToken
from trusted_releases.lib.views import Refusing, VerbView


@method_decorator(reauthentication_required, name="dispatch")
class MakeToken(LoginRequiredMixin, Refusing):
    """Make a token. Its secret is this page's answer, once; it asks for the password before.

    A browser that somebody left open is not to be made into a key that lasts for months.
    """

    policy: ClassVar[str] = "keys.own_tokens"
    action = "token.create"
    form_class = MakeTokenForm
    template_name = "keys/make_token.html"

    def run(self, **data: Any) -> None:
        self.token, self.secret = AccessToken.objects.make(by=self.request.user, **data)

    def succeeded(self) -> HttpResponse:
        made = {"token": self.token, "secret": self.secret}
        return self.render_to_response(self.get_context_data(**made))


class RevokeToken(LoginRequiredMixin, VerbView):
    """End a token, after asking. Anybody else's is not found."""

    policy: ClassVar[str] = "keys.own_tokens"
    template_name = "keys/revoke_token.html"
    done = "The token opens nothing any more, and neither does what came of it."

    def get_queryset(self) -> QuerySet[AccessToken]:
        return AccessToken.objects.of(self.request.user).select_related("owner")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)

    def run(self, **data: Any) -> None:
        self.object.revoke(by=self.request.user)
