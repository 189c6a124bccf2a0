"""Policies over the API: what they are called, and what changes when one changes them."""

import pytest

from projects.api.words import COLUMNS, MAILS, PolicyWords, told, values_of
from projects.models import Policy
from projects.roles import Role
from tests import make
from tests.api import Api, refused
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.django_db

KEYS = {f"policy_{name}" for name in COLUMNS} | {
    *("policy_manual_vote", "policy_recipient_defaults", "policy_github_repository_name"),
    *(f"policy_github_{phase}_workflow_path" for phase in ("compose", "vote", "finish")),
}
UPDATE = "/policy/update"


@pytest.fixture
def project():
    return make.project("tool", hours=96)


@pytest.fixture
def manager(project):
    return make.member(project, Role.RELEASE_MANAGER, username="alice")


def change(person, **said):
    return Api(person).post(UPDATE, {"project": "tool", **said})


def test_a_policy_has_the_keys_that_are_promised(project) -> None:
    project.policy.source_paths = "*-src.tar.gz\n\n  *-src.zip "
    project.policy.announce_recipients = "announce@a.org\ndev@a.org"
    project.policy.save()
    body = Api().get("/policy/get/tool").json()
    assert set(body) == {"endpoint"} | KEYS
    assert body == body | {
        "endpoint": "/policy/get",
        "policy_min_hours": 96,
        "policy_vote_mode": "trusted",
        "policy_manual_vote": False,
        "policy_license_check_mode": "Lightweight",
        "policy_source_artifact_paths": ["*-src.tar.gz", "*-src.zip"],
        "policy_recipient_defaults": {
            "announce": {"to": "announce@a.org", "cc": ["dev@a.org"], "bcc": []}
        },
    }


def test_a_project_without_its_own_has_the_defaults(project) -> None:
    project.policy.delete()
    body = Api().get("/policy/get/tool").json()
    assert (body["policy_min_hours"], body["policy_binding_needed"]) == (72, 3)
    assert body["policy_recipient_defaults"] == {}


def test_only_what_is_named_changes(project, manager) -> None:
    project.policy.checklist = "Build it."
    project.policy.save()
    answer = change(manager, min_hours=72, license_check_mode="RAT")
    assert answer.status_code == 200
    assert answer.json() == {"endpoint": UPDATE, "success": True}
    project.policy.refresh_from_db()
    assert (project.policy.min_hours, project.policy.license_mode) == (72, "rat")
    assert project.policy.checklist == "Build it."
    event = Event.objects.get(tag=Tag.POLICY_CHANGED)
    assert (event.actor, set(event.facts) - {"by_token"}) == (
        "alice",
        {"min_hours", "license_mode"},
    )


def test_every_word_can_be_said_and_is_told_back(project, manager) -> None:
    wanted = {
        "min_hours": 0,
        "release_checklist": "* Build it.",
        "vote_comment_template": "I have built {{VERSION}}.",
        "start_vote_subject": "[VOTE] {{VERSION}}",
        "start_vote_template": "Please vote.",
        "finish_vote_template": "{{OUTCOME}}",
        "announce_release_subject": "Out: {{VERSION}}",
        "announce_release_template": "Here it is.",
        "source_artifact_paths": ["*-src.zip"],
        "binary_artifact_paths": ["*-bin.zip", "*.jar"],
        "license_check_mode": "Both",
        "source_excludes_lightweight": ["/*/third_party/**"],
        "source_excludes_rat": ["*.json"],
        "generated_paths": ["/configure"],
        "binding_needed": 4,
        "pause_on_minus_one": False,
        "vote_mode": "email",
        "recipient_defaults": {
            "vote": {"to": "dev@a.org", "cc": ["pmc@a.org"], "bcc": ["b@a.org"]}
        },
    }
    assert set(wanted) == set(PolicyWords().fields) - {"manual_vote"}
    assert change(manager, **wanted).status_code == 200
    body = Api(manager).get("/policy/get/tool").json()
    assert {name: body[f"policy_{name}"] for name in wanted} == wanted
    wanted["recipient_defaults"]["vote"]["bcc"] = []
    for other in (None, make.user()):
        body = Api(other).get("/policy/get/tool").json()
        assert {name: body[f"policy_{name}"] for name in wanted} == wanted, "blind copies stay so"
    assert change(manager, min_hours=None, vote_mode="trusted").status_code == 200
    assert Api().get("/policy/get/tool").json()["policy_min_hours"] == 72


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"manual_vote": False, "vote_mode": "trusted"}, "not both"),
        ({"start_vote_subject": "{{NONE}}"}, "There is no variable 'NONE' here"),
        ({"source_artifact_paths": ["a\nb"]}, "one line"),
        ({"release_checklist": "a\x07b"}, "Control characters"),
        ({"recipient_defaults": {"vote": {"to": "nobody"}}}, "is no mail address"),
        ({"recipient_defaults": {"vote": {"to": 7}}}, "is no mail address"),
        ({"recipient_defaults": {"vote": {"bcc": ["a"]}}}, "'a' is no mail address"),
        ({"recipient_defaults": {"vote": ["a@a.org"]}}, "an object with to, cc and bcc"),
        ({"recipient_defaults": {"vote": {"too": "x"}}}, "an object with to, cc and bcc"),
        ({"recipient_defaults": {"ballot": {}}}, "and no ballot"),
    ],
)
def test_what_a_rule_refuses_is_a_sentence(project, manager, said: dict, sentence: str) -> None:
    assert sentence in refused(change(manager, min_hours=72, **said), 400)
    project.policy.refresh_from_db()
    assert project.policy.min_hours == 96


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"min_hours": "72"}, "int_type"),
        ({"min_hours": True}, "int_type"),
        ({"min_hours": -1}, "greater_than_equal"),
        ({"min_hours": 721}, "less_than_equal"),
        ({"binding_needed": 2}, "greater_than_equal"),
        ({"license_check_mode": "None"}, "enum"),
        ({"source_artifact_paths": "*.zip"}, "list_type"),
        ({"source_artifact_paths": [7]}, "string_type"),
        ({"pause_on_minus_one": 1}, "bool_type"),
        ({"announce_release_subject": "x" * 201}, "string_too_long"),
        ({"recipient_defaults": []}, "dict_type"),
        ({"policy_min_hours": 72}, "extra_forbidden"),
        ({"project": 7}, "string_type"),
    ],
)
def test_what_is_not_taken_is_refused_with_its_place(project, manager, said, kind: str) -> None:
    answer = change(manager, **said)
    assert refused(answer, 400) == "Input validation failed"
    (detail,) = answer.json()["validation_details"]
    assert (detail["type"], detail["loc"][0]) == (kind, next(iter(said)))
    assert not Event.objects.filter(tag=Tag.POLICY_CHANGED).exists()


def test_who_may_change_it(project) -> None:
    assert refused(Api().post(UPDATE, {"project": "tool"}), 401)
    other = make.member(make.project("other"))
    for person in (make.user(), make.member(project, Role.PARTICIPANT), other):
        assert "projects.change_policy" in refused(change(person, min_hours=72), 403)
    project.policy.refresh_from_db()
    assert project.policy.min_hours == 96


def test_a_project_that_is_not_there_is_named(manager) -> None:
    said = "Project 'none' was not found"
    assert refused(Api().get("/policy/get/none"), 404) == said
    assert refused(Api(manager).post(UPDATE, {"project": "none"}), 404) == said
    assert refused(Api().get("/policy/get/A"), 400) == "Parameter 'project' is invalid."


def test_every_column_of_a_policy_has_its_word() -> None:
    named = {column for column, _, _ in COLUMNS.values()}
    ours = {field.name for field in Policy._meta.concrete_fields} - {
        *("id", "project", "committee", "release", "is_foundation", "version")
    }
    assert named | {column for columns in MAILS.values() for column in columns} == ours


def test_values_go_both_ways(project) -> None:
    rules = project.rules
    said = told(rules, members=True)
    del said["manual_vote"]
    assert values_of(said) == {column: getattr(rules, column) for column, _, _ in COLUMNS.values()}
    with pytest.raises(BadInput):
        values_of({"recipient_defaults": {"x": {}}})


def test_reading_one_takes_four_questions(project, django_assert_num_queries) -> None:
    Api().get("/policy/get/tool")
    with django_assert_num_queries(4):
        Api().get("/policy/get/tool")


def test_the_older_word_for_manual_sets_the_mode(project, manager) -> None:
    for asked, mode in ((True, "manual"), (False, "trusted")):
        assert change(manager, manual_vote=asked).status_code == 200
        body = Api().get("/policy/get/tool").json()
        assert (body["policy_vote_mode"], body["policy_manual_vote"]) == (mode, asked)


def test_the_votes_of_a_podling_are_never_counted_elsewhere() -> None:
    parent = make.committee("incubator")
    young = make.committee("young", is_podling=True, parent=parent)
    project = make.project("young", committee=young)
    with pytest.raises(BadInput, match="counted here"):
        project.policy.change(by=make.member(project), vote_mode="manual")


RUN = ".github/workflows/release.yml"


def test_workflows_are_named_by_repository_and_path_and_told_back(project, manager) -> None:
    said = {"github_repository_name": "tool", "github_vote_workflow_path": [RUN]}
    assert change(manager, min_hours=120, **said).status_code == 200
    body = Api().get("/policy/get/tool").json()
    assert body == body | {
        "policy_min_hours": 120,
        "policy_github_repository_name": "tool",
        "policy_github_compose_workflow_path": [],
        "policy_github_vote_workflow_path": [RUN],
        "policy_github_finish_workflow_path": [],
    }
    assert change(manager, github_vote_workflow_path=[]).status_code == 200
    assert Api().get("/policy/get/tool").json()["policy_github_repository_name"] == ""


def test_of_workflows_that_cannot_be_nothing_is_taken(project, manager) -> None:
    said = {"github_repository_name": "tool", "github_vote_workflow_path": ["x.yml"]}
    assert "as it lies in the repository" in refused(change(manager, min_hours=120, **said), 400)
    taken = {"github_repository_name": "tool", "github_vote_workflow_path": [RUN]}
    make.workflow(make.project("other")).grant(by=make.operator())
    assert refused(change(manager, min_hours=120, **taken), 409)
    assert Api().get("/policy/get/tool").json()["policy_min_hours"] == 96
    reader = make.member(project, Role.PARTICIPANT)
    assert refused(change(reader, github_vote_workflow_path=[]), 403)
