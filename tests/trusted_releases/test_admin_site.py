"""The console: what it shows first, that every model is in it and every page opens."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from tests import make
from trusted_releases.ledger.models import Job, WorkerBeat

pytestmark = pytest.mark.django_db

OURS = ("projects", "keys", "releases", "checks", "ledger")
MODELS = [model for label in OURS for model in apps.get_app_config(label).get_models()]


@pytest.fixture
def console() -> Client:
    client = Client()
    client.force_login(make.operator())
    return client


@pytest.fixture
def walked():
    """Something of every kind of row."""
    release = make.passed()
    make.publication(release)
    return release


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_is_in_the_console_and_can_be_listed_searched_and_opened(
    console, walked, model
):
    assert admin.site.is_registered(model)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert console.get(reverse(f"{name}_changelist")).status_code == 200
    assert console.get(reverse(f"{name}_changelist"), {"q": "x"}).status_code == 200
    if (row := model.objects.first()) is not None:
        assert console.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


LIFE_CYCLE = [
    *("releases.release", "releases.revision", "releases.entry", "releases.blob"),
    *("releases.vote", "releases.ballot", "releases.publication", "releases.message"),
    *("checks.run", "checks.result", "checks.finding"),
]


@pytest.mark.parametrize("label", LIFE_CYCLE)
def test_rows_of_the_life_cycle_are_only_looked_at(console, walked, label):
    model = apps.get_model(label)
    name = "admin:" + label.replace(".", "_")
    assert console.get(reverse(f"{name}_add")).status_code == 403
    if (row := model.objects.first()) is not None:
        assert console.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
        assert console.post(reverse(f"{name}_delete", args=[row.pk]), {}).status_code == 403


class TestIndex:
    def test_it_says_how_the_work_goes(self, console):
        make.release(make.project(), files={"a.txt": "a"})
        Job.objects.update(due_at=now() - timedelta(minutes=5))
        page = console.get(reverse("admin:index")).content.decode()
        assert "Waiting in heavy" in page
        assert "1, the oldest due 5 minutes ago" in page
        assert "None alive" in page
        Job.objects.update(state="failed")
        WorkerBeat.objects.create(host="here", pid=7, queues=["heavy"], at=now())
        page = console.get(reverse("admin:index"))
        assert page.context["health"]["failed"] == 1
        assert "here:7 (heavy)" in page.content.decode()

    def test_its_numbers_cost_six_questions(self, console, django_assert_max_num_queries):
        with django_assert_max_num_queries(12):
            console.get(reverse("admin:index"))

    def test_it_is_for_staff(self):
        client = Client()
        client.force_login(make.user(is_committer=True))
        answer = client.get(reverse("admin:index"), follow=True)
        assert answer.status_code == 403
        assert "for the operators" in answer.content.decode()

    def test_one_logs_in_where_everybody_does(self, client):
        answer = client.get(reverse("admin:index"), follow=True)
        path, _ = answer.redirect_chain[-1]
        assert path == f"{reverse('account_login')}?next=%2Fadmin%2F"
        password = {"username": "x", "password": "y"}
        assert client.post(reverse("admin:login"), password).status_code == 302
