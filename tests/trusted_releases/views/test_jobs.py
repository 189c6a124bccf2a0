"""Failed jobs run again."""

import pytest
from django.urls import reverse

from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db


class TestRetry:
    @pytest.fixture
    def job(self):
        release = make.release(make.project(), files={"a.txt": "a"})
        job = Job.objects.get(release=str(release.pk))
        Job.objects.filter(pk=job.pk).update(state="failed", error="The disk is full.")
        return job

    def test_an_operator_queues_a_failed_job_again(self, job):
        client = logged_in(make.operator())
        address = reverse("retry-job", args=[job.pk])
        assert "The disk is full." in client.get(address).content.decode()
        assert client.post(address).status_code == 422
        assert client.post(address, {"reason": "There is room again"}).status_code == 303
        assert Event.objects.get(tag=Tag.JOB_RETRIED).facts["reason"] == "There is room again"
        job.refresh_from_db()
        assert job.state == "queued"

    def test_everybody_else_is_told_no(self, client, job):
        for who in (client, logged_in(make.user(is_committer=True))):
            assert who.post(reverse("retry-job", args=[job.pk])).status_code == 403
        assert Event.objects.filter(refused=True).count() == 2
        job.refresh_from_db()
        assert job.state == "failed"

    def test_one_that_has_not_failed_is_left_alone(self, job):
        Job.objects.filter(pk=job.pk).update(state="queued")
        client = logged_in(make.operator())
        answer = client.post(reverse("retry-job", args=[job.pk]), {"reason": "Again"})
        assert answer.status_code == 409
        assert "has not failed" in answer.content.decode()
