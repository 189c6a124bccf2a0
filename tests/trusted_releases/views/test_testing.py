"""What clients under test may call: there in test mode, and nowhere else."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import Resolver404, resolve

from projects.models import Project
from tests import make
from tests.processes import ROOT
from trusted_releases import urls, urls_for_testing
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

# The first parts of all addresses of a real site. A new one is put here by somebody who means it.
PARTS = {
    *("", "accounts", "api", "committees", "docs", "download", "downloads", "end-acting", "events"),
    *("favicon.ico", "healthz", "jobs", "keys", "mailbox", "people", "projects", "readyz"),
    *("releases", "reviews", "search", "votes", "checks", "notices", "policy", "signatures"),
    ".well-known",
}
LIST = """
import django
django.setup()
from django.conf import settings
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
def walk(patterns, at=""):
    for each in patterns:
        here = at + str(each.pattern)
        if isinstance(each, URLResolver):
            if each.app_name != "admin":
                yield from walk(each.url_patterns, here)
        else:
            yield here
print(settings.ROOT_URLCONF)
print(*sorted(set(walk(get_resolver().url_patterns))), sep="\\n")
"""


def routes(**env: str) -> tuple[str, list[str]]:
    """The module of addresses that a process with this environment serves, and all of them."""
    made = {**os.environ, "DJANGO_SETTINGS_MODULE": "trusted_releases.settings", **env}
    found = subprocess.run(
        [sys.executable, "-c", LIST], cwd=ROOT, env=made, capture_output=True, text=True, check=True
    )
    first, *rest = found.stdout.splitlines()
    return first, rest


def test_a_real_site_has_these_addresses_and_nothing_for_tests() -> None:
    module, real = routes(DEBUG="0", TEST_MODE="0")
    assert module == "trusted_releases.urls"
    assert {route.removeprefix("^").split("/")[0].split("(")[0] for route in real} == PARTS
    assert [route for route in real if "test" in route] == []
    for either in ({"DEBUG": "0", "TEST_MODE": "1"}, {"DEBUG": "1", "TEST_MODE": "0"}):
        assert routes(**either) == (module, real)


def test_test_mode_adds_four_addresses_and_changes_none() -> None:
    module, more = routes(DEBUG="1", TEST_MODE="1")
    assert module == "trusted_releases.urls_for_testing"
    added = {str(each.pattern) for each in urls_for_testing.TESTING}
    assert set(more) == {*routes(DEBUG="1", TEST_MODE="0")[1], *added}
    assert len(added) == 4
    assert urls_for_testing.urlpatterns[4:] == urls.urlpatterns


def test_a_real_site_does_not_start_in_test_mode() -> None:
    made = {**os.environ, "DEBUG": "0", "TEST_MODE": "1", "DJANGO_SETTINGS_MODULE": ""}
    made["DJANGO_SETTINGS_MODULE"] = "trusted_releases.settings"
    for command in (["manage.py", "check"], ["-c", "import trusted_releases.wsgi"]):
        found = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=made, capture_output=True, text=True
        )
        assert found.returncode != 0
        assert "tr.E030" in found.stderr


@pytest.fixture
def testing(settings: Any):
    settings.TEST_MODE = settings.DEBUG = True
    with override_settings(ROOT_URLCONF="trusted_releases.urls_for_testing"):
        yield Client(enforce_csrf_checks=True)


def send(client: Client, path: str, body: Any) -> Any:
    return client.post(
        path, body if isinstance(body, str) else json.dumps(body), "application/json"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("at", ["/test", "/api/test"])
def test_a_project_of_the_tests_is_archived_and_activated(testing: Client, at: str) -> None:
    project = make.project("test-client", committee=make.committee("test"))
    for path, status in (("archive", "retired"), ("activate", "active")):
        answer = send(testing, f"{at}/{path}-project", {"project_key": "test-client"})
        assert answer.json() == {"ok": True, "project_key": "test-client"}
        project.refresh_from_db()
        assert project.status == status
    told = Event.objects.filter(tag=Tag.PROJECT_CHANGED).order_by("pk")
    assert [event.facts["status"] for event in told] == ["retired", "active"]


@pytest.mark.django_db
@pytest.mark.parametrize("body", [{"project_key": "tool"}, {"project_key": 7}, {}, [], "{", "\0"])
def test_other_projects_are_left_alone(testing: Client, body: Any) -> None:
    make.project("tool")
    answer = send(testing, "/test/archive-project", body)
    assert answer.status_code == 404
    assert set(answer.json()) == {"error", "request_id"}
    assert Project.objects.get().status == "active"


@pytest.mark.django_db
def test_without_test_mode_they_are_not_there(testing: Client, settings: Any) -> None:
    make.project("test-client", committee=make.committee("test"))
    settings.TEST_MODE = False
    answer = send(testing, "/test/archive-project", {"project_key": "test-client"})
    assert answer.status_code == 404
    with pytest.raises(Resolver404):
        resolve("/test/archive-project", "trusted_releases.urls")
    assert Project.objects.get().status == "active"
