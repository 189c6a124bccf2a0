"""What people fill in about projects and committees."""

from django import forms

from projects.models import Workflow
from projects.roles import Role


class Member(forms.Form):
    """A person and a role, to be given or taken."""

    username = forms.CharField(
        label="Account",
        max_length=150,
        help_text="The account's name, as it stands under “People” or in an event.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(
        choices=Role,
        help_text="Members vote with binding votes; release managers call votes and publish; "
        "committers upload.",
    )
    take = forms.BooleanField(required=False, widget=forms.HiddenInput)


class GrantWorkflow(forms.Form):
    """Which workflow may act, and in which phases."""

    repository = forms.CharField(
        max_length=140,
        help_text="As owner/name, such as apache/tool.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    path = forms.CharField(
        label="Workflow file",
        max_length=130,
        help_text="Where it lies in the repository, such as .github/workflows/release.yml.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    phases = forms.MultipleChoiceField(
        choices=Workflow.Phase,
        widget=forms.CheckboxSelectMultiple,
        help_text="In each it acts for this project only. Choose what it needs, and no more.",
    )
