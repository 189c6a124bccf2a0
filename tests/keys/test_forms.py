import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from keys import forms
from keys.forms import ImportKeys


def filled(text="", file=None):
    form = ImportKeys({"text": text}, {"file": file} if file else {})
    form.is_valid()
    return form


def test_a_file_is_taken_as_its_bytes():
    form = filled(file=SimpleUploadedFile("KEYS", b"\xff\x00bytes"))
    assert form.cleaned_data == {"data": b"\xff\x00bytes"}


def test_pasted_text_is_taken_as_utf_8():
    assert filled("Größe\n").cleaned_data == {"data": "Größe\n".encode()}


def test_an_empty_file_is_left_to_the_verb_to_refuse():
    assert filled(file=SimpleUploadedFile("KEYS", b"")).cleaned_data == {"data": b""}


@pytest.mark.parametrize(("text", "file"), [("", None), (" \n", None), ("text", b"file")])
def test_it_is_one_of_the_two(text, file):
    form = filled(text, SimpleUploadedFile("KEYS", file) if file else None)
    assert form.non_field_errors() == ["Choose a file, or paste keys: one of the two."]


def test_too_large_a_file_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(forms, "MAX_DOCUMENT", 3)
    form = filled(file=SimpleUploadedFile("KEYS", b"four"))
    assert list(form.errors) == ["file"]


def test_too_long_a_text_is_refused():
    assert list(filled("x" * ((1 << 20) + 1)).errors) == ["text"]
