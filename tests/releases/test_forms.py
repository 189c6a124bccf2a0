"""What forms shape, before a verb judges it."""

import pytest

from projects.models import Policy
from releases import forms
from releases.forms_calling import CallVote
from tests import make

pytestmark = pytest.mark.django_db


def call(data=None, concerns=()):
    release = make.candidate(make.project(name="Tool", hours=72), version="1.0")
    return CallVote(data, release=release, person=make.user(), concerns=list(concerns))


def test_concerns_are_asked_for_only_where_there_are_some():
    assert "acknowledged" not in call().fields
    assert call(concerns=["signature"]).fields["acknowledged"].choices == [
        ("signature", "I have read what “signature” found")
    ]


def test_how_long_a_vote_lasts_at_least_is_said_beside_the_field():
    assert call().fields["hours"].help_text.startswith("At least 72 hours")


@pytest.mark.parametrize(("typed", "valid"), [("1.0", True), (" 1.0 ", True), ("1.00", False)])
def test_the_typed_version_must_be_the_version(typed, valid):
    form = forms.DeleteDraft({"seen": 1, "typed": typed}, release=make.release(version="1.0"))
    assert form.is_valid() == valid
    assert ("typed" in form.errors) != valid


def test_the_text_of_a_mail_keeps_its_white_space_and_has_lines_as_text_has():
    form = call()
    said = {"revision": 1, "hours": 72, "subject": "S", "body": "  indented\r\n\r\n"}
    said["to"] = list(form.release.rules.vote_to)
    form = CallVote(said, release=form.release, person=form.person, concerns=[])
    assert form.is_valid()
    assert form.cleaned_data["body"] == "  indented\n\n"


def test_a_form_begins_with_the_words_of_the_project():
    subject, body = call().shown()
    assert subject == "[VOTE] Release Tool 1.0 (revision 1)"
    assert "{{" not in body
    assert "{{" in call()["body"].value()


def test_words_of_a_project_that_cannot_be_filled_in_make_no_mail_and_no_error():
    form = call()
    Policy.objects.update(vote_body="{{GONE}}")
    form.release = type(form.release).objects.get(pk=form.release.pk)
    assert form.shown() is None


def test_only_files_that_are_there_can_be_chosen():
    form = forms.DeleteFiles({"seen": 1, "paths": ["b.txt"]}, files=["a.txt"])
    assert form.errors["paths"] == ["b.txt is not in the draft any more. Go back and choose again."]
