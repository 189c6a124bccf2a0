"""A project's policy for programs: what `trusted-check` fetches."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from checks.engine.model import Policy
from checks.examine import policy_of
from tests import make

pytestmark = pytest.mark.django_db


def fetched(project, **query):
    return Client().get(reverse("checks:policy", args=[project.slug]), query)


def test_everybody_gets_the_policy_that_a_release_of_that_version_is_judged_by():
    project = make.project("tool")
    project.rules.change(by=make.member(project), binary_paths="*.jar", license_mode="rat")
    answer = fetched(project, version="1.0+b.1")
    assert answer["Content-Type"] == "application/json"
    policy = Policy.from_json(json.loads(answer.content))
    assert policy == policy_of(project, "1.0+b.1")
    assert (policy.binary_paths, policy.license_mode) == (("*.jar",), "rat")


def test_without_a_version_it_is_that_of_the_project():
    assert json.loads(fetched(make.project("tool")).content)["version"] == ""


@pytest.mark.parametrize("version", ["../x", "1.0\n", "a b", "x" * 65])
def test_what_is_no_version_is_not_repeated(version):
    assert fetched(make.project("tool"), version=version).status_code == 404


def test_an_unknown_project_has_none():
    assert Client().get("/projects/none/policy.json").status_code == 404


def test_it_costs_a_query_for_the_project_and_one_for_its_rules(django_assert_num_queries):
    project = make.project("tool")
    with django_assert_num_queries(2):
        fetched(project)
