"""The policy's form shows every rule that people set, what holds without it, and the mails."""

import pytest

from projects.forms_policy import POLICY_FIELDS, ChangePolicy
from projects.models import Policy
from projects.models.mail_templates import TEMPLATES
from tests import make

pytestmark = pytest.mark.django_db


def form(sent=None, project=None, **said):
    project = project or make.project("tool")
    if said:
        Policy.objects.create(committee=project.committee, **said)
    rules = type(project).objects.get(pk=project.pk).rules
    return ChangePolicy(sent, instance=Policy(project=project), rules=rules)


def test_every_rule_of_a_policy_can_be_set():
    columns = {field.name for field in Policy._meta.concrete_fields}
    places = {"id", "project", "committee", "release", "is_foundation", "version"}
    assert set(POLICY_FIELDS) == columns - places
    assert list(form().fields) == [*POLICY_FIELDS, "seen"]


def test_the_form_judges_as_the_model_does():
    wrong = form({"binding_needed": 3, "vote_subject": "{{NOPE}}"}).errors["vote_subject"][0]
    assert "There is no variable 'NOPE'" in wrong


def test_an_empty_field_shows_what_holds_then():
    shown = form(min_hours=96, pause_on_minus_one=False, vote_mode="email", vote_cc="c@a.org")
    assert 'placeholder="96"' in str(shown["min_hours"])
    assert "As elsewhere: no" in str(shown["pause_on_minus_one"])
    assert "As elsewhere: Mails to the list" in str(shown["vote_mode"])
    assert 'placeholder="c@a.org"' in str(shown["vote_cc"])


@pytest.mark.parametrize(("sent", "kept"), [("", None), ("True", True), ("False", False)])
def test_a_question_can_be_left_to_others(sent, kept):
    judged = form({"pause_on_minus_one": sent})
    assert judged.is_valid(), judged.errors
    assert judged.cleaned_data["pause_on_minus_one"] is kept


def test_the_mails_are_shown_with_an_example_for_each_variable():
    typed = {"vote_subject": "[VOTE] {{VERSION}}", "result_body": "{{NOPE}}"}
    shown = {each["label"]: each for each in form(typed, announce_subject="Out!").previews()}
    assert len(shown) == len(TEMPLATES)
    assert shown["Subject of the vote mail"] == {
        "label": "Subject of the vote mail",
        "is_typed": True,
        "text": "[VOTE] 1.2.0",
    }
    assert "no variable 'NOPE'" in shown["Text of the result mail"]["wrong"]
    assert shown["Subject of the announcement"]["text"] == "Out!"
    assert all("{{" not in each.get("text", "") for each in shown.values())
