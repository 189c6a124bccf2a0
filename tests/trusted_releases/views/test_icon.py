"""Browsers ask for an icon by themselves."""

from django.test import Client


def test_the_icon_is_found_where_browsers_look(client: Client, db: None) -> None:
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/static/site/icon")
    assert "max-age=86400" in answer["Cache-Control"]
