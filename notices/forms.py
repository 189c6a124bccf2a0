"""How somebody wants to hear of what: everywhere, and in a project."""

from typing import Any

from django import forms

from notices.kinds import How, Kind
from notices.models import Preference, wish, wishes_of
from projects.models import Project, User


class Preferences(forms.Form):
    """One choice for each kind of thing. For a project, the first is as everywhere."""

    def __init__(
        self, *args: Any, person: User, project: Project | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.project = person, project
        everywhere = wishes_of(person, None)
        said = Preference.objects.filter(person=person, project=project)
        here = dict(said.values_list("kind", "how"))
        for kind in Kind:
            usual = (("", f"As everywhere: {everywhere[kind].label.lower()}"),) if project else ()
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=[*usual, *How.choices],
                required=project is None,
                initial=here.get(kind, "") if project else everywhere[kind].value,
            )

    def keep(self) -> None:
        """Write down what was chosen."""
        for kind, how in self.cleaned_data.items():
            wish(self.person, kind, how, self.project)
