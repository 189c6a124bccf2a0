"""What every page may know."""

from typing import Any

from django.template import engines
from django.test import RequestFactory


def test_templates_know_the_site(settings: Any, rf: RequestFactory) -> None:
    settings.SITE_NAME = "Our Releases"
    page = engines["django"].from_string(
        "{{ site_name }} {{ version }}{% if demo %} demo{% endif %}"
    )
    assert page.render({}, rf.get("/")) == f"Our Releases {settings.VERSION}"
    settings.DEMO = True
    assert page.render({}, rf.get("/")).endswith(" demo")
