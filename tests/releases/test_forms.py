"""What forms shape, before a verb judges it."""

import pytest

from releases import forms
from tests import make

pytestmark = pytest.mark.django_db


def test_concerns_are_asked_for_only_where_there_are_some():
    assert "acknowledged" not in forms.CallVote(concerns=[]).fields
    form = forms.CallVote(concerns=["signature"])
    assert form.fields["acknowledged"].choices == [
        ("signature", "I have read what “signature” found")
    ]


def test_a_second_look_is_asked_for_only_when_the_policy_says_so():
    assert "confirmed" not in forms.Resolve(ask_again=False).fields
    assert "confirmed" in forms.Resolve(ask_again=True).fields


@pytest.mark.parametrize(("typed", "valid"), [("1.0", True), (" 1.0 ", True), ("1.00", False)])
def test_the_typed_version_must_be_the_version(typed, valid):
    form = forms.DeleteDraft({"seen": 1, "typed": typed}, release=make.release(version="1.0"))
    assert form.is_valid() == valid
    assert ("typed" in form.errors) != valid


def test_the_text_of_a_mail_keeps_its_white_space():
    form = forms.Mail({"subject": "S", "body": "  indented\n\n"})
    assert form.is_valid()
    assert form.cleaned_data["body"] == "  indented\n\n"


def test_only_files_that_are_there_can_be_chosen():
    form = forms.DeleteFiles({"seen": 1, "paths": ["b.txt"]}, files=["a.txt"])
    assert form.errors["paths"] == ["b.txt is not in the draft any more. Go back and choose again."]
