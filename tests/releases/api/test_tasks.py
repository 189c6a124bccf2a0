"""Jobs over the API, as tasks: who sees which, and what is told."""

import pytest

from projects.roles import Role
from releases.api.tasks import TYPES
from tests import make
from tests.api import Api, refused
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.registry import known_jobs

pytestmark = pytest.mark.django_db

TASK = {
    *("id", "status", "task_type", "task_args", "inputs_hash", "asf_uid", "added", "scheduled"),
    *("started", "pid", "completed", "result", "error", "project_key", "version_key"),
    *("revision_number", "primary_rel_path"),
}
# Section 6 of the contract: any other makes clients fail.
KNOWN = {
    *("archive_comparison", "cap_approval_resolve", "compare_source_trees", "distribution_status"),
    *("distribution_workflow", "has_sbom", "hashing_check", "keys_import_file", "license_files"),
    *("license_headers", "maintenance", "message_send", "metadata_update", "paths_check"),
    *("quarantine_validate", "rat_check", "sbom_augment", "sbom_convert", "sbom_generate"),
    *("sbom_generate_cyclonedx", "sbom_osv_scan", "sbom_qs_score", "sbom_tool_score"),
    *("signature_check", "svn_import_files", "svn_publish", "targz_integrity", "targz_structure"),
    *("vote_auto_resolve", "vote_end_notify", "vote_initiate", "workflow_status"),
    *("zipformat_integrity", "zipformat_structure"),
}


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def alice(project):
    return make.member(project, username="alice")


@pytest.fixture
def job(project, alice):
    """The checks of a draft that alice has made."""
    release = make.release(project, by=alice, version="1.0", files={"a.zip": "a"})
    return Job.objects.about(release.newest).get()


def task(person, job):
    body = Api(person).get(f"/task/get/{job.pk}").json()
    assert set(body) == {"endpoint", "task"}
    assert body["endpoint"] == "/task/get"
    return body["task"]


def test_a_task_has_the_keys_that_clients_know(job, alice) -> None:
    told = task(alice, job)
    assert set(told) == TASK
    assert told == told | {
        "id": job.pk,
        "status": "queued",
        "task_type": "paths_check",
        "task_args": {},
        "asf_uid": "alice",
        "project_key": "tool",
        "version_key": "1.0",
        "revision_number": "00001",
        "result": None,
        "error": None,
        "completed": None,
    }


@pytest.mark.parametrize(
    ("state", "status"), [("queued", "queued"), ("done", "completed"), ("failed", "failed")]
)
def test_how_it_is_getting_on_is_in_words_that_clients_know(job, alice, state, status) -> None:
    Job.objects.filter(pk=job.pk).update(state=state)
    assert task(alice, job)["status"] == status


def test_of_an_error_the_last_sentence_is_told(job, alice) -> None:
    said = 'Traceback:\n  File "/srv/x.py"\nValueError: It is cut.\n'
    Job.objects.filter(pk=job.pk).update(state="failed", error=said)
    assert task(alice, job)["error"] == "ValueError: It is cut."


def test_the_mail_that_calls_a_vote_is_a_task_of_its_own_and_others_have_an_id(alice, job) -> None:
    vote = make.vote(make.candidate(alice.memberships.get().committee.projects.get(), by=alice))
    call = Job.objects.of_release(vote.release_id).get(name="releases.send_mail")
    told = task(alice, call)
    assert (told["task_type"], told["revision_number"]) == ("vote_initiate", "00001")
    vote.release.cancel_vote(by=alice, reason="A file is missing.")
    mail = Job.objects.of_release(vote.release_id).filter(name="releases.send_mail")
    mail.exclude(pk=call.pk).update(state="done", result={"message_id": "<x@example.org>"})
    told = task(alice, mail.exclude(pk=call.pk).get())
    assert told["task_type"] == "message_send"
    assert told["result"] == {
        "kind": "message_send",
        "mid": "<x@example.org>",
        "mail_send_warnings": [],
    }


def test_who_sees_it(job, project, alice) -> None:
    for person in (alice, make.member(project, Role.PARTICIPANT)):
        assert task(person, job)["id"] == job.pk
    said = f"Task {job.pk} not found"
    for person in (
        make.user(),
        make.user(is_committer=True),
        make.member(make.project("other")),
    ):
        assert refused(Api(person).get(f"/task/get/{job.pk}"), 404) == said
    assert refused(Api().get(f"/task/get/{job.pk}"), 401)


def test_what_is_about_no_release_or_not_there_is_not_found(alice) -> None:
    other = Job.objects.get(name="keys.send_token_mail") if Api(alice) else None
    for number in (other.pk, 999_999, 10**17):
        assert refused(Api(alice).get(f"/task/get/{number}"), 404) == f"Task {number} not found"
    for wrong in ("x", "-1", "9" * 19):
        assert refused(Api(alice).get(f"/task/get/{wrong}"), 400).startswith("Parameter '")


def test_every_type_is_one_that_clients_know_of_a_job_that_there_is() -> None:
    assert set(TYPES.values()) < KNOWN
    assert set(TYPES) < set(known_jobs())


def test_looking_takes_the_same_questions_always(job, alice, django_assert_num_queries) -> None:
    program = Api(alice)
    program.get(f"/task/get/{job.pk}")
    with django_assert_num_queries(7):
        program.get(f"/task/get/{job.pk}")
