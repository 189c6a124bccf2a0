"""Links of the schema: each leads to something that is there, and programs follow them."""

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from projects.models import User
from projects.roles import Role
from releases.models import Release
from tests import make, ssh
from tests.api import Api
from tests.pgp import signer
from tests.trusted_releases.api.test_generated import asked_for, headers
from tests.trusted_releases.api.test_schema import operations
from trusted_releases.api.leads import ANSWER, BODY, Lead, named
from trusted_releases.api.schema import schema

__all__ = ["headers"]  # a fixture


def test_a_lead_is_a_link_of_the_schema() -> None:
    lead = Lead("x_get", named(BODY, "project") | {"number": f"{ANSWER}task/id"})
    assert lead.as_link() == {
        "operationId": "x_get",
        "parameters": {"project": "$request.body#/project", "number": "$response.body#/task/id"},
    }
    assert Lead("x_delete", body=named(ANSWER, "id")).as_link() == {
        "operationId": "x_delete",
        "requestBody": {"id": "$response.body#/id"},
    }


def links(made: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each link, and the id of the operation it stands at."""
    return [
        (operation["operationId"], link)
        for _, _, operation in operations(made)
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]


def test_every_link_names_an_operation_and_all_that_it_needs() -> None:
    made = schema()
    known = {operation["operationId"]: operation for _, _, operation in operations(made)}
    found = links(made)
    assert len(found) >= 20
    for at, link in found:
        there = known[link["operationId"]]
        needed = {each["name"] for each in there.get("parameters", []) if each.get("required")}
        assert needed == set(link.get("parameters", {})), (at, link)
        if "requestBody" in there:
            ref = there["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            body = made["components"]["schemas"][ref.rpartition("/")[2]]
            assert set(body["required"]) <= set(link["requestBody"]), (at, link)


AT = {"project": "tool", "version": "1.0"}
FILE = {"relpath": "a.txt", "content": "YQ==", "expected_revision": None}
TO = "dev@tool.example.org"


def create(person: User) -> tuple[str, dict[str, Any]]:
    Release.objects.all().delete()
    return "/release/create", AT


def upload(person: User) -> tuple[str, dict[str, Any]]:
    return "/release/upload", AT | FILE


def send_archive(person: User) -> tuple[str, dict[str, Any]]:
    return "/release/upload", AT | FILE | {"relpath": "a-1.0.tar.gz"}


def call_vote(person: User) -> tuple[str, dict[str, Any]]:
    return "/vote/start", AT | {"email_to": TO}


def cast(person: User) -> tuple[str, dict[str, Any]]:
    make.vote(Release.objects.get())
    return "/vote/cast", AT | {"choice": "+1", "comment": ""}


def add_key(person: User) -> tuple[str, dict[str, Any]]:
    key = signer().public.decode()
    return "/key/add", {"asfuid": "alice", "key": key, "committees": ["tool"]}


def add_ssh_key(person: User) -> tuple[str, dict[str, Any]]:
    return "/ssh-key/add", {"text": ssh.ed25519_key()}


def valued(said: dict[str, str], sent: dict[str, Any], answer: dict[str, Any]) -> dict[str, str]:
    """What expressions of OpenAPI stand for."""
    values = {}
    for name, expression in said.items():
        found: Any = sent if expression.startswith(BODY) else answer
        for step in expression.removeprefix(BODY).removeprefix(ANSWER).split("/"):
            found = found[step]
        values[name] = str(found)
    return values


@pytest.mark.django_db
@pytest.mark.parametrize(
    "act", [create, upload, send_archive, call_vote, cast, add_key, add_ssh_key]
)
def test_where_a_link_leads_is_what_was_made(act) -> None:
    project = make.project("tool")
    project.policy.vote_recipients = TO
    project.policy.save()
    alice = make.member(project, Role.RELEASE_MANAGER, username="alice", email="alice@apache.org")
    make.candidate(project, by=alice, version="1.0")
    path, sent = act(alice)
    api = Api(alice)
    answer = api.post(path, sent)
    made = schema()
    there = {each["operationId"]: (at, method) for at, method, each in operations(made)}
    links = made["paths"][f"/api{path}"]["post"]["responses"][str(answer.status_code)]["links"]
    # Looking first: what is sent deletes what one looks at.
    for link in sorted(links.values(), key=lambda each: "requestBody" in each):
        at, method = there[link["operationId"]]
        place = valued(link.get("parameters", {}), sent, answer.json())
        body = valued(link.get("requestBody", {}), sent, answer.json())
        found = at.format(**place).removeprefix("/api")
        reached = api.get(found) if method == "get" else api.post(found, body)
        assert reached.status_code in (200, 201), (link, reached.content)


def fit(path: str, body: dict[str, Any]) -> None:
    """Put in what exists, or is what it is said to be: neither is drawn by chance."""
    if "project" in body:
        body["project"] = "tool"
    if path.endswith("/key/add"):
        body |= {"key": signer().public.decode(), "committees": ["tool"]}
    if path.endswith("/ssh-key/add"):
        body["text"] = ssh.ed25519_key()


def judge(case: Any, response: Any, headers: dict[str, str], wrong: list[FailureGroup]) -> None:
    # What was drawn has been replaced: neither wrong nor right as it was meant to be.
    but = [positive_data_acceptance, negative_data_rejection, ignored_auth]
    try:
        case.validate_response(response, headers=headers, excluded_checks=but)
    except FailureGroup as error:  # no Exception, so that nobody takes it for one
        wrong.append(error)
        raise


def go(run: Any) -> None:
    run.settings = settings(
        max_examples=12,
        stateful_step_count=6,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run("runTest").runTest()


@pytest.mark.once
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_whoever_follows_them_finds_what_the_schema_says(transactional_db, headers) -> None:
    User.objects.filter(username="alice").update(email="alice@apache.org")
    followed: Counter[tuple[str, int]] = Counter()
    wrong: list[FailureGroup] = []

    class Program(asked_for().as_state_machine()):  # type: ignore[misc]
        """It begins anywhere, with names that exist, and goes where the links lead."""

        def before_call(self, case: Any) -> None:
            if isinstance(case.body, dict):
                fit(case.path, case.body)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            judge(case, response, headers, wrong)

        def step(self, input: Any) -> Any:
            output = super().step(input)
            if input.transition is not None and input.is_applied:
                followed[input.transition.id, output.response.status_code] += 1
            return output

    for number in range(1, 4):
        # What one run has made decides where the next may go, and that ends it: no fault of ours.
        with suppress(FlakyStrategyDefinition):
            go(seed(number)(Program.TestCase))
    assert wrong == []
    arrived = [transition for transition, status in followed if status < 300]
    assert arrived, followed
