"""Projects as their repositories describe them, brought by a service of the site."""

import pytest

from keys import jwts
from keys.models import AccessToken
from projects.models import Project
from tests import make
from tests.api import Api, refused
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db

CONFIG = "/project/config"


@pytest.fixture
def committee():
    return make.committee("tool")


@pytest.fixture
def service() -> Api:
    made = {"label": "metadata", "days": 30, "reason": "Reads repositories."}
    return Api(jwt=jwts.make(AccessToken.objects.make_system(by=make.operator(), **made)[0]))


def body(**more):
    return {"project_key": "tool-x", "committee_key": "tool", **more}


def test_a_project_is_made_and_then_changed(committee, service) -> None:
    said = body(
        project={"name": "Tool X", "repositories": ["https://git.example.org/x"]},
        policy={"min_hours": 96},
    )
    answer = service.post(CONFIG, said)
    assert answer.status_code == 200
    assert answer.json() == {"endpoint": CONFIG, "success": True, "created": True}
    project = Project.objects.get()
    assert (project.slug, project.name, project.committee) == ("tool-x", "Tool X", committee)
    assert (project.repository, project.policy.min_hours) == ("https://git.example.org/x", 96)
    answer = service.post(CONFIG, body(project={"homepage": "https://x.example.org/"}))
    assert answer.json() == {"endpoint": CONFIG, "success": True, "created": False}
    project.refresh_from_db()
    assert (project.name, project.homepage) == ("Tool X", "https://x.example.org/")
    tags = list(Event.objects.filter(project="tool-x").order_by("pk").values_list("tag", "actor"))
    assert tags == [
        (Tag.PROJECT_CREATED, "system"),
        (Tag.POLICY_CHANGED, "system"),
        (Tag.PROJECT_CHANGED, "system"),
    ]
    assert Event.objects.get(tag=Tag.PROJECT_CHANGED).facts["fields"] == ["homepage"]


def test_the_same_again_changes_nothing(committee, service) -> None:
    said = body(project={"name": "Tool X", "repositories": []}, policy={"min_hours": 96})
    service.post(CONFIG, said)
    before = Event.objects.count()
    assert service.post(CONFIG, said).json()["created"] is False
    assert service.post(CONFIG, body()).json()["created"] is False
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("said", "status", "sentence"),
    [
        (body(), 400, "A new project needs a name"),
        (body(project_key="other", project={"name": "X"}), 400, "A project of tool is called"),
        (body(committee_key="none"), 404, "Committee 'none' was not found"),
        (body(project={"name": "X\x07"}), 400, "control characters"),
        (body(project={"name": "X", "homepage": "nowhere"}), 400, "valid URL"),
        (body(project={"name": "X"}, policy={"vote_mode": "here"}), 400, "Input validation failed"),
        (
            body(project={"name": "X"}, policy={"start_vote_subject": "{{NONE}}"}),
            400,
            "no variable",
        ),
    ],
)
def test_what_a_rule_refuses_leaves_nothing(committee, service, said, status, sentence) -> None:
    assert sentence in refused(service.post(CONFIG, said), status)
    assert not Project.objects.exists()
    assert not Event.objects.filter(tag__startswith="project.").exists()


def test_that_of_another_committee_is_a_conflict_and_stays(committee, service) -> None:
    theirs = make.project("tool-x", committee=make.committee("loom"), name="Theirs")
    said = service.post(CONFIG, body(project={"name": "Ours"}))
    assert refused(said, 409) == "The project tool-x belongs to another committee."
    theirs.refresh_from_db()
    assert theirs.name == "Theirs"


@pytest.mark.parametrize(
    ("said", "kind", "loc"),
    [
        ({"committee_key": "tool"}, "missing", ["project_key"]),
        (body(more=1), "extra_forbidden", ["more"]),
        (body(project=[]), "dict_type", ["project"]),
        (body(project={"nam": "x"}), "extra_forbidden", ["project", "nam"]),
        (body(project={"name": 7}), "string_type", ["project", "name"]),
        (body(project={"status": "gone"}), "enum", ["project", "status"]),
        (body(policy={"min_hours": "72"}), "int_type", ["policy", "min_hours"]),
        (body(policy={"more": 1}), "extra_forbidden", ["policy", "more"]),
    ],
)
def test_what_is_not_taken_is_refused_with_its_place(committee, service, said, kind, loc) -> None:
    answer = service.post(CONFIG, said)
    assert refused(answer, 400) == "Input validation failed"
    (detail,) = answer.json()["validation_details"]
    assert (detail["type"], detail["loc"]) == (kind, loc)
    assert not Project.objects.exists()


def test_it_is_for_services_of_the_site_alone(committee) -> None:
    said = body(project={"name": "X"})
    assert refused(Api().post(CONFIG, said), 401)
    for person in (make.member(committee), make.operator()):
        assert refused(Api(person).post(CONFIG, said), 403) == "System privileges required"
    assert not Project.objects.exists()


def test_a_service_does_nothing_else_in_anybodys_name(committee, service) -> None:
    project = make.project("tool", committee=committee)
    for path, sent in (
        ("/ignore/add", {"project_key": "tool", "checker_glob": "paths"}),
        ("/ssh-key/add", {"text": "ssh-ed25519 AAAA"}),
        ("/key/add", {"asfuid": "system", "key": "x", "committees": []}),
    ):
        assert "The access token is for" in refused(service.post(path, sent), 403)
    assert project.ignores.count() == 0
