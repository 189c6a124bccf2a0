"""A person's SSH keys: a new one, and the end of one."""

from typing import Any, ClassVar

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.decorators import method_decorator

from keys.forms import AddSshKeyForm
from keys.models import SshKey
from trusted_releases.lib.views import Refusing, VerbView


@method_decorator(reauthentication_required, name="dispatch")
class AddSshKey(LoginRequiredMixin, Refusing):
    """Add a key. The password is asked for before: what comes in by it stays for long."""

    policy: ClassVar[str] = "keys.own_ssh_keys"
    action = "ssh-key.add"
    form_class = AddSshKeyForm
    template_name = "keys/add_ssh_key.html"

    def run(self, text: str) -> None:
        key = SshKey.objects.add(text, by=self.request.user)
        self.done = f"The key {key} opens the way in as you."

    def get_success_url(self) -> str:
        return reverse("keys:credentials") + "#ssh-keys"


class RemoveSshKey(LoginRequiredMixin, VerbView):
    """Remove a key, after asking. Anybody else's is not found."""

    policy: ClassVar[str] = "keys.own_ssh_keys"
    action = "ssh-key.delete"
    template_name = "keys/remove_ssh_key.html"
    done = "The key opens nothing any more. To undo this, add it again."

    def get_queryset(self) -> QuerySet[SshKey]:
        return SshKey.objects.of(self.request.user).select_related("owner")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)

    def run(self, **data: Any) -> None:
        self.object.remove(by=self.request.user)
