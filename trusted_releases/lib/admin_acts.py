"""Acts of operators: shown, confirmed, given a reason, and then left to the verb of the row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.csrf import csrf_protect

from trusted_releases.lib.errors import Refused
from trusted_releases.lib.text import LONGEST_REASON

AT_ONCE = 100  # rows of one confirmation: more than that nobody reads before agreeing
CONFIRMED = "confirmed"
UNUSABLE = 422


class ReasonForm(forms.Form):
    """Why; kept in the event of each row."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Why this is done. It is kept in the log with your name, for ever.",
    )


@dataclass(frozen=True)
class Act:
    """One thing that operators do to rows of a kind.

    `run` calls the verb with the row, `by=` and the form's data, and the verb judges. `will` is
    what happens, `undo` how it is taken back; `typed` the word to type where nothing takes it back.
    `fits` says whether it makes sense for a row as it is now: only then its page has the button.
    """

    name: str
    label: str
    perm: str
    run: Callable[..., Any]
    will: str
    undo: str = ""
    typed: str = ""
    form: type[forms.Form] = ReasonForm
    fits: Callable[[Any], bool] = lambda row: True
    several: bool = True

    def form_for(self, data: Any) -> forms.Form:
        form = self.form(data, label_suffix="")
        if self.typed:
            form.fields["typed"] = TypedField(self.typed)
        return form


class ChoiceOfActs(ActionForm):
    """The acts of a list; what ticks rows is loaded where there are acts, and nowhere else."""

    class Media:
        js = ["admin/js/actions.js"]


class TypedField(forms.CharField):
    """A word that somebody types to show that they mean it."""

    def __init__(self, word: str) -> None:
        super().__init__(
            label=f"Type {word}",
            help_text=f"There is no way back. Type {word} in capitals to go on.",
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        self.word = word

    def clean(self, value: Any) -> str:
        if (typed := super().clean(value)) != self.word:
            raise forms.ValidationError(f"Type {self.word}, as it stands here.")
        return typed


class Acts:
    """For a ModelAdmin with `acts`: each is an action of the list, and a button on a row's page.

    Both lead to one page that names the rows, says what will happen and asks for the reason. What
    the verb refuses is told row by row; the other rows are done.
    """

    acts: Sequence[Act] = ()
    action_form = ChoiceOfActs

    opts: Any
    admin_site: Any
    model: type[models.Model]
    message_user: Callable[..., None]
    get_object: Callable[..., Any]
    has_view_permission: Callable[..., bool]

    def acts_for(self, request: HttpRequest) -> list[Act]:
        return [act for act in self.acts if request.user.has_perm(act.perm)]

    def acts_on(self, request: HttpRequest, row: Any) -> list[dict[str, str]]:
        """The buttons of a row's page."""
        fitting = [act for act in self.acts_for(request) if act.fits(row)]
        return [{"label": act.label, "url": self._address(row, act)} for act in fitting]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        known: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        for act in self.acts_for(request):
            if act.several:
                chosen = partial(_act_on_chosen, act=act)
                known[act.name] = (chosen, act.name, act.label)
        return known

    def get_urls(self) -> list[URLPattern]:
        one = path(
            "<path:object_id>/act/<slug:name>/",
            self.admin_site.admin_view(csrf_protect(self.act_view)),
            name=f"{self.opts.app_label}_{self.opts.model_name}_act",
        )
        return [one, *super().get_urls()]  # type: ignore[misc]

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """One act on one row: asked with GET, done with POST."""
        act = next((act for act in self.acts if act.name == name), None)
        row = self.get_object(request, unquote(object_id))
        if act is None or row is None:
            raise Http404("There is no such row, or nothing of that name is done to it.")
        back = reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id]
        )
        return self.confirm(request, act, [row], back, asked=request.method == "POST")

    def confirm(
        self, request: HttpRequest, act: Act, rows: Sequence[Any], back: str, *, asked: bool
    ) -> HttpResponse:
        """The page that asks; and, once it has been answered in full, the act."""
        if not (self.has_view_permission(request) and request.user.has_perm(act.perm)):
            raise PermissionDenied(f"{act.label} takes the right “{act.perm}”.")
        form = act.form_for(request.POST if asked else None)
        if asked and form.is_valid():
            self._do(request, act, rows, form.cleaned_data)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": act.label,
            "opts": self.opts,
            "act": act,
            "rows": [(row, act.fits(row)) for row in rows],
            "form": form,
            "back": back,
            "several": len(rows) > 1,
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
        }
        status = UNUSABLE if asked else 200
        return TemplateResponse(request, "admin/act.html", context, status=status)

    def _do(
        self, request: HttpRequest, act: Act, rows: Sequence[Any], data: dict[str, Any]
    ) -> None:
        data = {name: value for name, value in data.items() if name != "typed"}
        done = 0
        for row in rows:
            try:
                act.run(row, by=request.user, **data)
                done += 1
            except (Refused, PermissionDenied) as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
        if done:
            what = str(rows[0]) if len(rows) == 1 else f"{done} of {len(rows)}"
            self.message_user(request, f"{act.label}: done, {what}.", messages.SUCCESS)

    def _address(self, row: Any, act: Act) -> str:
        kind = f"{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"admin:{kind}_act", args=[row.pk, act.name])


def _act_on_chosen(
    console: Any, request: HttpRequest, rows: models.QuerySet[Any], *, act: Act
) -> HttpResponse | None:
    """The act as an action of the list: the same page, over the rows that were ticked."""
    chosen = list(rows[: AT_ONCE + 1])
    if len(chosen) > AT_ONCE:
        sentence = f"At most {AT_ONCE} rows at once. Tick fewer, and go on with the rest."
        console.message_user(request, sentence, messages.ERROR)
        return None
    back = request.get_full_path()
    answer: HttpResponse = console.confirm(
        request, act, chosen, back, asked=CONFIRMED in request.POST
    )
    return answer
