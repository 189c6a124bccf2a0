"""A run of a client's tests against a server in test mode, twice: each finds what it expects."""

import base64
from typing import Any

import pytest

from checks.models import Run
from releases.api import announcing
from releases.models import Arrival, Publication, Release
from releases.publishing import materialise
from tests import make
from tests.api import Api
from trusted_releases.lib import testing
from trusted_releases.management.commands.seed_test_client import account, ground

pytestmark = pytest.mark.django_db(transaction=True)
AT = {"project": "test-client", "version": "0.3+cli"}


@pytest.fixture
def api(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Api:
    settings.TEST_MODE = settings.DEBUG = True
    settings.RATE_LIMITS = settings.ADMIN_MFA = False
    ground()

    def work() -> None:
        publication = Publication.objects.get()
        publication.record_published(materialise(publication))

    monkeypatch.setattr(announcing, "pause", work)
    return Api(account("tester"))


def send(api: Api, relpath: str) -> str:
    content = base64.b64encode(relpath.encode()).decode()
    body = AT | {"relpath": relpath, "content": content, "expected_revision": None}
    answer = api.post("/release/upload", body)
    assert answer.status_code == 201, answer.content
    return answer.json()["revision"]["number"]


def start_vote(api: Api, revision: str) -> Any:
    asked = {
        "revision": revision,
        "email_to": "tester@apache.org",
        "email_cc": [],
        "email_bcc": [],
        "vote_duration": None,
        "subject": None,
        "body": None,
        "second_round_email_to": None,
        "notify_when_finished": False,
        "automatic_resolve_when_finished": False,
        "automatic_publish_when_resolved": False,
        "concerns_noted": [],
    }
    return api.post("/vote/start", AT | asked)


def check(release: Release) -> None:
    """As a worker does."""
    newest = release.newest
    assert newest is not None
    run, _ = Run.objects.get_or_create(revision=newest)
    run.finish()
    make.checked(newest)


def test_the_whole_run_can_be_repeated_on_the_same_data(api: Api) -> None:
    for _ in range(2):
        assert api.post("/release/create", AT).status_code == 201
        assert send(api, "NOTICE.txt") == "00002"
        assert send(api, testing.SLOW_FILE) == "00003"
        early = start_vote(api, "00003")
        assert early.status_code == 409
        assert early.json()["error"] == "All checks must be completed before starting a vote"
        release = Release.objects.get()
        check(release)
        for outcome in ("failed", "passed"):
            started = start_vote(api, "00003")
            assert started.status_code == 201, started.content
            assert b'"email_to": "tester@apache.org"' in started.content
            resolved = api.post("/vote/resolve", AT | {"resolution": outcome})
            assert resolved.status_code == 200, resolved.content
            if outcome == "failed":
                check(Release.objects.get())
        mail = {"email_to": "tester@apache.org", "body": "Out.", "path_suffix": None}
        announced = api.post("/release/announce", AT | mail | {"revision": None})
        assert announced.status_code == 201, announced.content
        assert api.post("/release/draft/delete", AT).status_code == 409
        deleted = api.post("/release/delete", AT)
        assert deleted.json() == {"endpoint": "/release/delete", "deleted": True}
        assert not Release.objects.exists()
        assert not Arrival.objects.exists()


def test_only_an_administrator_deletes(api: Api) -> None:
    assert api.post("/release/create", AT).status_code == 201
    assert Api(make.user()).post("/release/delete", AT).status_code == 403
    assert Release.objects.exists()


def test_errors_are_laid_out_line_by_line(api: Api) -> None:
    answer = api.get("/release/get/test-client/9.9")
    lines = answer.content.decode().split("\n")
    assert (lines[0], lines[-1]) == ("{", "")
    assert lines[1] == '  "error": "Release test-client-9.9 not found",'
    assert lines[2].startswith('  "request_id": "')
