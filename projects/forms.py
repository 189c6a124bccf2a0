"""What people fill in about projects and committees."""

from django import forms

from projects.models import Policy
from projects.roles import Role

POLICY_FIELDS = [
    "min_hours",
    "binding_needed",
    "pause_on_minus_one",
    "vote_recipients",
    "announce_recipients",
    "checklist",
    "vote_subject",
    "vote_body",
    "result_body",
    "announce_subject",
    "announce_body",
    "source_paths",
    "binary_paths",
    "license_mode",
    "header_excludes",
    "rat_excludes",
]


class ChangePolicy(forms.ModelForm):
    """The release policy of a project. It is not saved here: `Policy.change` does that."""

    class Meta:
        model = Policy
        fields = POLICY_FIELDS
        labels = {
            "min_hours": "Hours of a vote",
            "binding_needed": "Binding +1 needed",
            "pause_on_minus_one": "Pause on -1",
            "vote_recipients": "Mail votes to",
            "announce_recipients": "Announce to",
            "result_body": "Text of the result mail",
            "vote_body": "Text of the vote mail",
            "vote_subject": "Subject of the vote mail",
            "announce_subject": "Subject of the announcement",
            "announce_body": "Text of the announcement",
            "source_paths": "Source artifacts",
            "binary_paths": "Binary artifacts",
            "license_mode": "Licence checks",
            "header_excludes": "Files without a licence header",
            "rat_excludes": "Excluded from the licence scan",
        }
        widgets = {
            **{
                name: forms.Textarea(attrs={"rows": 3})
                for name in ("vote_recipients", "announce_recipients", "source_paths")
            },
            **{
                name: forms.Textarea(attrs={"rows": 3})
                for name in ("binary_paths", "header_excludes", "rat_excludes")
            },
            "checklist": forms.Textarea(attrs={"rows": 8}),
            **{
                name: forms.Textarea(attrs={"rows": 10, "class": "mail"})
                for name in ("vote_body", "result_body", "announce_body")
            },
        }


class Member(forms.Form):
    """A person and a role, to be given or taken."""

    username = forms.CharField(max_length=150)
    role = forms.ChoiceField(choices=Role)
    take = forms.BooleanField(required=False, widget=forms.HiddenInput)
