"""What the pages have in common: who may see them, verbs behind forms, lists, live fragments."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.views.generic import FormView, ListView
from django.views.generic.detail import SingleObjectMixin

from trusted_releases.lib.errors import BadInput, Obstacle, Refused
from trusted_releases.lib.paging import CappedPaginator

PER_PAGE = 50
MOST_WORDS = 5  # of a search; each is one more condition
CONFLICT = 409
UNUSABLE = 422
STOP_POLLING = 286  # htmx shows the answer and asks no more


def granted(person: Any, perm: str, obj: models.Model | None) -> bool:
    """Whether the person, signed in or not, has this right on the object."""
    return bool(person.has_perm(perm, obj))


def rights(person: Any, obj: models.Model, *perms: str) -> dict[str, bool]:
    """Which of these rights the person has, under their short names, for templates."""
    return {perm.rpartition(".")[2]: granted(person, perm, obj) for perm in perms}


def words_of(text: str) -> list[str]:
    """The words somebody searches for: a handful at most, without what no database takes."""
    return text.replace("\0", "").split()[:MOST_WORDS]


class SeeOther(HttpResponseRedirect):
    """Go and GET this page: what follows a POST, whatever the method was."""

    status_code = 303


class Listing(ListView):
    """A list in pages of 50. The filters in the address stay when one turns the page.

    Of a list that is longer than anybody pages through, the first 10,000 rows are shown.
    """

    policy: ClassVar[str]
    paginator_class = CappedPaginator
    paginate_by = PER_PAGE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kept = self.request.GET.copy()
        kept.pop("page", None)
        return super().get_context_data(**kwargs) | {"kept": kept.urlencode()}


class Refusing(FormView):
    """A form whose act may be refused: `run` is called with what was sent, and its refusal comes
    back as sentences on the same page, 422 for input that cannot be used, 409 for a step that
    cannot be taken. `action` names the limit that sending the form uses (`ledger.limits`)."""

    policy: ClassVar[str]
    action: ClassVar[str] = ""
    form_class: type[Any] = Form
    done = ""
    refused: tuple[Obstacle, ...] = ()

    def run(self, *args: Any, **data: Any) -> Any:
        """Do it, with the form's cleaned data."""
        raise NotImplementedError

    def succeeded(self) -> HttpResponse:
        """What is answered when it is done."""
        if self.done:
            messages.success(self.request, self.done)
        return SeeOther(self.get_success_url())

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.run(**form.cleaned_data)
        except Refused as error:
            return self.form_refused(form, error)
        return self.succeeded()

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again. Nothing was tried, so nothing of a limit is used up."""
        self.request.nothing_tried = True  # type: ignore[attr-defined]
        return self.render_to_response(self.get_context_data(form=form), status=UNUSABLE)

    def form_refused(self, form: Any, error: Refused) -> HttpResponse:
        """The page again, with what stood in the way."""
        self.refused = error.obstacles or (Obstacle(error.code, str(error)),)
        status = UNUSABLE if isinstance(error, BadInput) else CONFLICT
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"label_suffix": ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"refused": self.refused}


class VerbView(SingleObjectMixin, Refusing):
    """One verb behind a form.

    Finds the object among those visible to the person (404 for the rest), shows the form to those
    who may, and runs the verb with what was sent. The verb judges again, so that a refused attempt
    is recorded and no rule exists on the page only. What it refuses comes back as sentences on
    the same page: 422 for input that cannot be used, 409 for a step that cannot be taken.
    """

    http_method_names: Sequence[str] = ["get", "head", "post", "options"]
    object: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.object = self.get_object()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if granted(request.user, self.policy, self.object):
            return super().get(request, *args, **kwargs)
        return self.turned_away()

    def turned_away(self) -> HttpResponse:
        """Who may not: to log in, where nobody knows who it is; else a sentence with a way on."""
        request = self.request
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        committee = getattr(self.object, "committee", None) or self.object
        raise PermissionDenied(
            f"Your account may see {self.object} but not do this: it takes the right "
            f"“{self.policy}”, which comes with a role in the committee. Ask a member of "
            f"{committee} for it; who they are stands on the committee's page."
        )

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again, for those who may; it is nobody else's, whatever they have sent."""
        if not granted(self.request.user, self.policy, self.object):
            return self.turned_away()
        return super().form_invalid(form)

    def form_refused(self, form: Any, error: Refused) -> HttpResponse:
        """The page again, as it is now, with what stood in the way."""
        self.object = self.get_object()
        return super().form_refused(form, error)

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()
