"""Committees and projects over the API, key by key."""

import pytest
from django.test import Client

from projects.roles import Role
from tests import make
from tests.api import Api, refused

pytestmark = pytest.mark.django_db

COMMITTEE = {
    *("key", "name", "charter", "is_podling", "automated_keys_file", "parent_committee_key"),
    *("committee_members", "committers", "release_managers", "updated", "updated_by"),
    "update_type",
}
PROJECT = {
    *("key", "name", "status", "super_project_key", "description", "categories"),
    *("programming_languages", "short_description", "homepage", "lifecycle_page"),
    *("download_page", "bug_database", "mailing_lists", "repositories", "standards"),
    *("security_contact", "threat_model_link", "threat_model_src_link", "version_method"),
    *("version_pattern", "cycle_match", "calver_format", "branch_template", "committee_key"),
    *("release_policy_id", "created", "created_by", "updated", "updated_by", "update_type"),
}


@pytest.fixture
def project():
    parent = make.committee("incubator", name="Apache Incubator")
    young = make.committee("seed", name="Apache Seed", is_podling=True, parent=parent)
    make.member(young, Role.MEMBER, username="alice")
    make.member(young, Role.PARTICIPANT, username="bob")
    make.member(young, Role.RELEASE_MANAGER, username="carol")
    make.member(young, Role.MEMBER, username="gone", is_active=False)
    return make.project("seed", committee=young, name="Seed", repository="https://git.example/s")


def test_a_committee_has_the_keys_that_clients_know(project) -> None:
    body = Api().get("/committee/get/seed").json()
    assert set(body) == {"endpoint", "committee"}
    assert body["endpoint"] == "/committee/get"
    assert set(body["committee"]) == COMMITTEE
    assert body["committee"] == body["committee"] | {
        "key": "seed",
        "name": "Apache Seed",
        "is_podling": True,
        "parent_committee_key": "incubator",
        "committee_members": ["alice"],
        "committers": ["alice", "bob", "carol"],
        "release_managers": ["carol"],
        "charter": None,
        "update_type": "manual",
    }


def test_a_project_has_the_keys_that_clients_know(project) -> None:
    body = Api().get("/project/get/seed").json()
    assert set(body) == {"endpoint", "project"}
    assert body["endpoint"] == "/project/get"
    assert set(body["project"]) == PROJECT
    assert body["project"] == body["project"] | {
        "key": "seed",
        "name": "Seed",
        "status": "active",
        "description": None,
        "homepage": None,
        "repositories": ["https://git.example/s"],
        "standards": [],
        "committee_key": "seed",
        "release_policy_id": project.policy.pk,
        "version_method": "simple",
        "update_type": "manual",
    }
    assert body["project"]["created"].endswith("Z")


def test_a_project_without_a_policy_of_its_own_has_none(project) -> None:
    project.policy.delete()
    assert Api().get("/project/get/seed").json()["project"]["release_policy_id"] is None


@pytest.mark.parametrize(
    ("path", "key", "names"),
    [
        ("/committees/list", "committees", ["incubator", "seed"]),
        ("/projects/list", "projects", ["other", "seed"]),
        ("/committee/projects/seed", "projects", ["seed"]),
        ("/committee/projects/incubator", "projects", []),
    ],
)
def test_lists_are_by_name_and_whole(project, path: str, key: str, names: list[str]) -> None:
    make.project("other", committee=make.committee("zz", name="ZZ"))
    body = Api().get(path).json()
    assert set(body) == {"endpoint", key}
    assert body["endpoint"] == "/" + "/".join(path.split("/")[1:3])
    expected = [*names, "zz"] if key == "committees" else names
    assert [row["key"] for row in body[key]] == expected


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/committee/get/none", "Committee 'none' was not found"),
        ("/committee/projects/none", "Committee 'none' was not found"),
        ("/project/get/none", "Project 'none' was not found"),
    ],
)
def test_what_is_not_there_is_named(path: str, said: str) -> None:
    assert refused(Api().get(path), 404) == said


@pytest.mark.parametrize("path", ["/committee/get/a_b", "/project/get/A", "/project/get/%00"])
def test_names_that_cannot_be_are_refused(path: str) -> None:
    assert refused(Api().get(path), 400).startswith("Parameter '")


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/committees/list", 4),
        ("/committee/get/seed", 4),
        ("/projects/list", 2),
        ("/project/get/seed", 2),
        ("/committee/projects/seed", 5),
    ],
)
def test_what_it_costs_does_not_grow_with_the_rows(
    project, path: str, most: int, django_assert_num_queries
) -> None:
    program = Client()
    program.get(f"/api{path}")
    for count in (0, 10):
        for _ in range(count):
            make.member(make.project(committee=make.project().committee))
        with django_assert_num_queries(most):
            assert program.get(f"/api{path}").status_code == 200
