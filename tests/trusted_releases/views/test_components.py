"""The page of components: all of them, in all themes of use, without the database."""

import re
from pathlib import Path

from django.test import Client

PARTS = sorted((Path(__file__).resolve().parents[3] / "templates" / "part").glob("*.html"))


def test_every_part_is_shown(client: Client, db: None) -> None:
    answer = client.get("/docs/components/")
    shown = {template.name for template in answer.templates}
    assert [part.name for part in PARTS if f"part/{part.name}" not in shown] == []


def test_every_subject_has_its_link_and_its_lines_to_write(client: Client, db: None) -> None:
    answer = client.get("/docs/components/")
    page = answer.content.decode()
    for subject in answer.context["subjects"]:
        assert f'<section id="{subject["url"][1:]}">' in page
    assert "{% phase_line steps %}" in page


def test_no_two_things_have_one_id(client: Client, db: None) -> None:
    ids = re.findall(r'\sid="([^"]+)"', client.get("/docs/components/").content.decode())
    assert sorted(ids) == sorted(set(ids))


def test_the_examples_need_no_database(
    client: Client, db: None, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(1):  # type: ignore[operator]  # the banner of the frame
        assert client.get("/docs/components/").status_code == 200


def test_what_nobody_has_said_has_no_trace_in_the_page(client: Client, db: None) -> None:
    """An example that lacks what its part asks for would be printed by its repr."""
    assert "namespace(" not in client.get("/docs/components/").content.decode()
