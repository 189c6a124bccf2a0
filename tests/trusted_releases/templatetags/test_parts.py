"""The components of pages."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django import forms
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from trusted_releases.templatetags import parts

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def rendered(source: str, **context: Any) -> str:
    return engines["django"].from_string("{% load parts %}" + source).render(context).strip()


def step(label: str, state: str, **more: str) -> dict[str, str]:
    return {"label": label, "state": state, **more}


def test_the_phase_line_says_in_words_where_the_release_is() -> None:
    steps = [step("Compose", "done", url="/x/"), step("Vote", "now", note="ends in 2 days")]
    page = rendered("{% phase_line steps %}", steps=[*steps, step("Finish", "later")])
    assert "step 2 of 3" in page
    assert page.count('aria-current="step"') == 1
    assert "<small>done</small>" in page
    assert "<small>ends in 2 days</small>" in page
    assert "<small>to come</small>" in page
    assert '<a href="/x/">Compose</a>' in page


@pytest.mark.parametrize(
    ("tag", "told", "percent"),
    [
        ('{% progress 3 12 "Checks" "files" %}', "3 of 12 files", 25),
        ('{% progress 1536 3072 "Upload" %}', "1.5\xa0KB of 3.0\xa0KB", 50),
        ('{% progress 4 3 "Binding +1" "needed" %}', "4 of 3 needed", 100),
        ('{% progress 0 12 "Checks" "files" %}', "0 of 12 files", 0),
    ],
)
def test_progress_always_has_a_number(tag: str, told: str, percent: int) -> None:
    page = rendered(tag)
    assert told in page
    assert f'value="{percent}"' in page
    assert f"{percent} %" in page


def test_no_bar_is_made_up_where_the_whole_is_not_known() -> None:
    page = rendered('{% progress 2048 None "Archive" %}')
    assert "2.0\xa0KB so far" in page
    assert "<progress" not in page


@pytest.mark.parametrize(
    ("path", "mark"), [("/a/", "page"), ("/a/b/", "true"), ("/", ""), ("/b/", "")]
)
def test_the_navigation_marks_where_one_is(rf: RequestFactory, path: str, mark: str) -> None:
    assert parts.nav_link({"request": rf.get(path)}, "/a/", "A")["here"] == mark


def test_a_person_has_name_username_and_a_link_where_there_is_one() -> None:
    bob = SimpleNamespace(username="bob", get_full_name="Bob Bowman")
    assert "<b>Bob Bowman</b>" in rendered("{% person bob %}", bob=bob)
    assert "bob</span>" in rendered("{% person bob %}", bob=bob)
    assert '<a href="/bob/">' in rendered('{% person bob "/bob/" %}', bob=bob)
    nameless = SimpleNamespace(username="erin", get_full_name="")
    assert "<b>erin</b>" in rendered("{% person who %}", who=nameless)
    assert "The platform" in rendered("{% person None %}")


def test_a_level_is_a_word_with_its_number() -> None:
    assert ">2 blockers</span>" in rendered('{% level "blocker" 2 %}')
    assert ">1 concern</a>" in rendered('{% level "concern" 1 "/x/" %}')
    assert "zero" in rendered('{% level "blocker" 0 %}')
    assert ">good</span>" in rendered('{% level "good" %}')


def test_a_distance_keeps_its_moment_on_hover() -> None:
    with time_machine.travel(AT, tick=False):
        told = parts.since(AT + timedelta(days=3))
    assert told == (
        '<time datetime="2026-06-04T12:00:00+00:00" title="2026-06-04 12:00:00 UTC" '
        "data-distance>in 3 days</time>"
    )
    assert parts.since(None) == "-"


def test_a_notice_keeps_what_is_written_in_it_and_escapes_what_is_filled_in() -> None:
    page = rendered('{% notice "stop" title=x %}<p>{{ x }}</p>{% endnotice %}', x="<b>")
    assert page == (
        '<div class="notice stop"><p class="notice-title">&lt;b&gt;</p><p>&lt;b&gt;</p></div>'
    )


def test_consequences_say_whether_there_is_a_way_back() -> None:
    final = rendered("{% consequences %}<li>It goes.</li>{% endconsequences %}")
    assert "cannot be undone" in final
    assert "<li>It goes.</li>" in final
    mild = rendered('{% consequences "Start it again." %}<li>It goes.</li>{% endconsequences %}')
    assert "cannot be undone" not in mild
    assert "Start it again." in mild


class Sample(forms.Form):
    name = forms.CharField(help_text="As in the files.")
    note = forms.CharField(required=False)
    sure = forms.BooleanField(label="I am sure", help_text="Really.")


def test_a_field_is_tied_to_its_label_help_and_error() -> None:
    page = render_to_string("part/field.html", {"field": Sample({})["name"]})
    assert '<label for="id_name">' in page
    assert 'id="id_name_helptext"' in page
    assert 'id="id_name_error"' in page
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'aria-invalid="true"' in page


def test_what_is_optional_says_so() -> None:
    assert "(optional)" in render_to_string("part/field.html", {"field": Sample()["note"]})
    assert "(optional)" not in render_to_string("part/field.html", {"field": Sample()["name"]})


def test_a_form_that_was_not_taken_names_the_fields_to_look_at() -> None:
    page = render_to_string("part/wrong.html", {"form": Sample({})})
    assert '<a href="#id_name">Name</a>' in page
    assert '<a href="#id_sure">I am sure</a>' in page
    assert "id_note" not in page
    assert render_to_string("part/wrong.html", {"form": Sample()}).strip() == ""
