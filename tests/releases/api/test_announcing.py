"""`announce`: published where nobody has, and told to the world once."""

from typing import Any

import pytest

from projects.roles import Role
from releases.api import announcing
from releases.models import Publication, Release
from releases.phases import Phase
from tests import make
from tests.api import Api, refused
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

TO = "announce@tool.example.org"
SENT: dict[str, Any] = {
    "project": "tool",
    "version": "1.0",
    "revision": "00001",
    "email_to": TO,
    "body": None,
    "path_suffix": None,
}


@pytest.fixture
def project():
    made = make.project("tool")
    made.policy.announce_recipients = TO
    made.policy.save()
    return made


@pytest.fixture
def member(project):
    return make.member(project, username="alice")


@pytest.fixture
def release(project, member):
    return make.passed(make.candidate(project, by=member, version="1.0"))


@pytest.fixture(autouse=True)
def _a_worker_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path, settings) -> None:
    monkeypatch.setattr(announcing, "pause", run_pending)
    settings.STORAGES = settings.STORAGES | {
        "downloads": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "downloads"},
        }
    }


def announce(person: Any, **more: Any) -> Any:
    return Api(person).post("/release/announce", SENT | more)


def phase() -> str:
    return Release.objects.get().phase


def test_what_has_passed_is_published_and_announced(release, member, mailoutbox) -> None:
    answer = announce(member)
    assert (answer.status_code, answer.json()) == (
        201,
        {"endpoint": "/release/announce", "success": True},
    )
    assert phase() == Phase.RELEASED
    assert Publication.objects.get().state == Publication.State.DONE
    run_pending()
    mail = mailoutbox[-1]
    assert mail.to == [TO]
    assert "1.0" in mail.subject
    assert "{{" not in mail.body + mail.subject
    tags = Event.objects.accepted().order_by("pk").values_list("tag", flat=True)
    assert [tag for tag in tags if tag in (Tag.PUBLICATION_STARTED, Tag.RELEASE_ANNOUNCED)] == [
        Tag.PUBLICATION_STARTED,
        Tag.RELEASE_ANNOUNCED,
    ]


def test_what_is_published_already_is_announced_at_once(release, member, monkeypatch) -> None:
    make.publication(release)
    run_pending()
    monkeypatch.setattr(announcing, "pause", pytest.fail)
    assert announce(member).status_code == 201
    assert Event.objects.filter(tag=Tag.PUBLICATION_STARTED).count() == 1


def test_the_body_goes_out_as_it_was_sent(release, member, mailoutbox) -> None:
    assert announce(member, body="Out now: {{VERSION}}.\n").status_code == 201
    run_pending()
    assert mailoutbox[-1].body.strip() == "Out now: {{VERSION}}."


def test_the_number_after_what_was_voted_on_is_known_from_other_servers(release, member) -> None:
    assert announce(member, revision="00002").status_code == 201


def test_without_a_number_it_is_what_was_voted_on(release, member) -> None:
    assert announce(member, revision=None).status_code == 201


def test_another_revision_is_not_announced(project, member) -> None:
    draft = make.release(project, by=member, version="1.0", files={"a.txt": "a"})
    draft.add_files({"b.txt": make.blob("b")}, by=member)
    make.checked(draft.newest)
    make.passed(draft)
    assert "What was voted on" in refused(announce(member, revision="00001"), 409)
    assert "00009" in refused(announce(member, revision="00009"), 404)
    assert phase() == Phase.FINISH
    assert not Publication.objects.exists()


def test_a_list_that_the_policy_does_not_name_is_not_told(release, member, settings) -> None:
    said = refused(announce(member, email_to="all@example.org"), 403)
    assert said == "You are not permitted to send announcements to all@example.org"
    assert not Publication.objects.exists()
    settings.TEST_MODE = settings.DEBUG = True
    assert announce(member, email_to="alice@apache.org").status_code == 201


@pytest.mark.parametrize("suffix", ["", "/", "tool/1.0", "/tool/1.0/"])
def test_a_place_that_it_goes_to_anyway_may_be_named(release, member, suffix: str) -> None:
    assert announce(member, path_suffix=suffix).status_code == 201


def test_another_place_is_refused_and_nothing_is_published(release, member) -> None:
    assert "tool/tool/1.0" in refused(announce(member, path_suffix="elsewhere"), 400)
    assert not Publication.objects.exists()


def test_a_publication_that_takes_long_goes_on_and_is_announced_later(
    release, member, monkeypatch
) -> None:
    monkeypatch.setattr(announcing, "WAIT", 0)
    answer = announce(member)
    assert "is being published" in refused(answer, 409)
    assert answer.headers["Refusal-Codes"] == "being_published"
    assert announce(member).status_code == 409
    assert Event.objects.filter(tag=Tag.PUBLICATION_STARTED).count() == 1
    run_pending()
    assert announce(member).status_code == 201


def test_a_release_is_announced_once_and_who_lost_the_answer_asks_again(
    project, release, member
) -> None:
    for _ in range(2):
        answer = announce(member, body="Out now.\n")
        assert answer.status_code == 201
        assert answer.json() == {"endpoint": "/release/announce", "success": True}
    for other in ("Something else.", None):
        assert "announced already" in refused(announce(member, body=other), 409)
    refused(announce(make.member(project, Role.PARTICIPANT)), 403)
    assert Event.objects.filter(tag=Tag.RELEASE_ANNOUNCED).accepted().count() == 1
    assert Event.objects.filter(tag=Tag.REFUSED).count() == 3


def test_the_text_of_the_project_is_the_same_when_it_is_asked_for_again(release, member) -> None:
    assert [announce(member).status_code for _ in range(2)] == [201, 201]
    assert Event.objects.filter(tag=Tag.RELEASE_ANNOUNCED).count() == 1


def test_of_two_requests_at_once_both_succeed(release, member, monkeypatch) -> None:
    def other_was_faster() -> None:
        run_pending()
        monkeypatch.setattr(announcing, "pause", pytest.fail)
        assert announce(member).status_code == 201

    monkeypatch.setattr(announcing, "pause", other_was_faster)
    assert announce(member).status_code == 201
    assert Event.objects.filter(tag=Tag.RELEASE_ANNOUNCED).accepted().count() == 1


def test_a_publication_that_failed_says_why_and_is_begun_again(
    release, member, monkeypatch
) -> None:
    def fails() -> None:
        Publication.objects.get().record_failed("The disk is full.")

    monkeypatch.setattr(announcing, "pause", fails)
    assert refused(announce(member), 409).endswith("could not be published: The disk is full.")
    assert phase() == Phase.FINISH
    monkeypatch.setattr(announcing, "pause", run_pending)
    assert announce(member).status_code == 201


def test_what_somebody_else_begins_to_publish_in_that_moment_is_waited_for(
    release, member, monkeypatch
) -> None:
    begun = Release.publish

    def late(self: Release, **more: Any) -> Any:
        monkeypatch.setattr(Release, "publish", begun)
        begun(Release.objects.get(), by=member)
        return begun(self, **more)

    monkeypatch.setattr(Release, "publish", late)
    assert announce(member).status_code == 201
    assert Event.objects.filter(tag=Tag.PUBLICATION_STARTED).accepted().count() == 1


def test_what_has_not_passed_is_not_announced(project, member) -> None:
    draft = make.candidate(project, by=member, version="1.0")
    refused(announce(member), 409)
    make.vote(draft)
    assert "has not passed" in refused(announce(member), 409)
    assert phase() == Phase.VOTE
    assert not Publication.objects.exists()


def test_a_mail_that_cannot_go_out_publishes_nothing(release, member) -> None:
    assert "needs a text" in refused(announce(member, body=" "), 400)
    assert not Publication.objects.exists()


def test_who_may_not_announce_publishes_nothing(project, release) -> None:
    refused(announce(make.member(project, Role.PARTICIPANT)), 403)
    refused(announce(make.user()), 403)
    refused(announce(None), 401)
    assert phase() == Phase.FINISH
    assert not Publication.objects.exists()


BAD = [
    ({"version": 1}, "string_type"),
    ({"version": "9 9"}, "value_error"),
    ({"revision": 1}, "string_type"),
    ({"revision": "x"}, "value_error"),
    ({"email_to": None}, "none_not_allowed"),
    ({"body": 5}, "string_type"),
    ({"body": "x" * 60_001}, "string_too_long"),
    ({"path_suffix": 5}, "string_type"),
    ({"subject": "x"}, "extra_forbidden"),
]


@pytest.mark.parametrize(("more", "kind"), BAD)
def test_what_is_not_understood_announces_nothing(release, member, more: Any, kind: str) -> None:
    answer = announce(member, **more)
    refused(answer, 400)
    assert kind in {each["type"] for each in answer.json()["validation_details"]}
    assert not Publication.objects.exists()


def test_the_place_is_asked_for_even_if_it_is_null(release, member) -> None:
    sent = {name: value for name, value in SENT.items() if name != "path_suffix"}
    answer = Api(member).post("/release/announce", sent)
    assert answer.json()["validation_details"][0]["type"] == "missing"


def test_announcing_is_limited(release, member, settings) -> None:
    settings.RATE_LIMITS = True
    api = Api(member)
    codes = [api.post("/release/announce", {}).status_code for _ in range(6)]
    assert codes == [400] * 5 + [429]
