"""Who has done something here."""

import pytest

from keys.models import AccessToken, Certificate, SshKey
from tests import make, ssh
from tests.api import Api, refused, token
from tests.pgp import signer

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    project = make.project("tool")
    uploader = make.member(project, username="uploader")
    make.release(project, by=uploader, files={"a.zip": "a"})
    token(make.user("tokens"))
    SshKey.objects.add(ssh.ed25519_key(), by=make.user("shell"))
    alice = make.user("alice", email="alice@apache.org")
    Certificate.objects.add_own(signer().public, by=alice)
    make.user("idle")
    AccessToken.objects.make_system(by=make.operator(), label="x", days=1, reason="Metadata.")


def test_those_who_left_a_trace_are_listed_by_name(people) -> None:
    body = Api().get("/users/list").json()
    assert body == {"endpoint": "/users/list", "users": ["alice", "shell", "tokens", "uploader"]}
    answer = Api().get("/users/list", limit=2)
    assert answer.json()["users"] == ["alice", "shell"]
    assert "offset=2" in answer.headers["Link"]


def test_it_costs_the_same_however_many_there_are(people, django_assert_num_queries) -> None:
    Api().get("/users/list")
    for _ in range(2):
        with django_assert_num_queries(3):
            Api().get("/users/list")
        for _ in range(5):
            token(make.user())


def test_ten_an_hour(people) -> None:
    for _ in range(10):
        assert Api().get("/users/list").status_code == 200
    assert refused(Api().get("/users/list"), 429).startswith("Rate limit exceeded")
