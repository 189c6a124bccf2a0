"""Whether it answers, and what it says when it does not."""

import pytest
from django.urls import reverse
from django.utils.timezone import now

from trusted_releases.ledger.models import WorkerBeat

pytestmark = pytest.mark.django_db


class TestHealth:
    def test_the_process_answers(self, client):
        assert client.get("/healthz").content == b"ok\n"

    def test_it_is_ready_when_a_worker_lives(self, client):
        assert client.get("/readyz").json() == {"database": True, "worker": False}
        WorkerBeat.objects.create(host="here", pid=1, queues=["default"], at=now())
        answer = client.get("/readyz")
        assert answer.status_code == 200


class TestWhatWentWrong:
    def test_an_unknown_address_says_where_to_look(self, client, settings):
        answer = client.get("/nothing/here")
        assert answer.status_code == 404
        assert "There is nothing at this address" in answer.content.decode()

    def test_a_crash_is_our_fault_and_nobody_elses(self, client, monkeypatch):
        def crash(*args):
            raise ZeroDivisionError

        monkeypatch.setattr("trusted_releases.views.health.Healthz.get", crash)
        client.raise_request_exception = False
        answer = client.get("/healthz")
        assert answer.status_code == 500
        assert "Something broke on our side" in answer.content.decode()

    def test_no_page_brings_or_allows_inline_scripts_and_styles(self, client):
        answer = client.get("/")
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        text = answer.content.decode()
        assert " style=" not in text
        assert "<style" not in text
        assert "onclick" not in text

    def test_logging_in_looks_like_the_rest(self, client):
        page = client.get(reverse("account_login")).content.decode()
        assert "Skip to the content" in page
        assert "site/site.css" in page
