"""The door of every endpoint: who, how often, which address, and only then the body."""

import io
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import RequestFactory, override_settings
from django.urls import path
from rest_framework import serializers

from keys import jwts
from keys.models import AccessToken
from projects.models import User
from tests import make
from tests.api import Api, refused
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope
from trusted_releases.api.endpoint import Access, Endpoint, Part, endpoint_of
from trusted_releases.api.views import NotThere
from trusted_releases.ledger import limits
from trusted_releases.ledger.limits import Limit
from trusted_releases.middleware import RequestId

pytestmark = pytest.mark.django_db


class Ask(asking.Ask):
    name = serializers.CharField(max_length=5)


class Echo(Endpoint):
    """Say it again."""

    policy = "public"
    access = Access.BEARER
    action = "test.echo"
    status = 201
    Ask = Ask

    class Answer(Envelope):
        name = serializers.CharField()

    def post(self, request: Any, project: str = "") -> Any:
        return self.answer(name=self.asked()["name"])


class System(Echo):
    access = Access.SYSTEM


class Broken(Endpoint):
    policy = "public"

    class Answer(Envelope):
        name = serializers.CharField()

    def get(self, request: Any) -> Any:
        return self.answer(name="x", more="y")


class People(Endpoint):
    policy = "public"
    Query = Part

    class Answer(Envelope):
        names = serializers.ListField()

    def get(self, request: Any) -> Any:
        rows = self.part(User.objects.order_by("username"))
        return self.answer(names=[row.username for row in rows])


urlpatterns = [
    path("api/test/echo", Echo.as_view()),
    path("api/test/echo/<str:project>", Echo.as_view()),
    path("api/test/system", System.as_view()),
    path("api/test/broken", Broken.as_view()),
    path("api/test/people", People.as_view()),
    path("api/<path:rest>", NotThere.as_view()),
]


@pytest.fixture(autouse=True)
def _routes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(limits.LIMITS, "test.echo", Limit(3))
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def api() -> Api:
    return Api(make.user("alice"))


def test_the_discriminator_is_the_path_without_arguments() -> None:
    assert endpoint_of("api/release/get/<str:project>/<str:version>") == "/release/get"
    assert endpoint_of("/api/release/get/{project}/{version}") == "/release/get"
    assert endpoint_of("api/jwt/create") == "/jwt/create"


def test_an_answer_is_the_envelope_and_its_status(api) -> None:
    answer = api.post("/test/echo/tool", {"name": "x"})
    assert answer.status_code == 201
    assert answer.content == b'{"endpoint":"/test/echo","name":"x"}'


def test_an_answer_with_a_key_that_nobody_named_is_a_mistake_of_ours(api) -> None:
    assert refused(api.get("/test/broken"), 500) == "Internal Server Error"


def test_who_is_nobody_is_told_so_before_the_body_is_read() -> None:
    class Untouched(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            raise AssertionError("The body was read.")

    sent = {"wsgi.input": Untouched(), "CONTENT_LENGTH": str(500 << 20)}
    request = RequestFactory().post("/api/test/echo", content_type="application/json", **sent)
    answer = RequestId(lambda request: Echo.as_view()(request).render())(request)
    assert answer.status_code == 401
    assert json.loads(answer.content)["error"].startswith("Authentication required.")


def test_unauthenticated_beats_wrong_input_and_wrong_names() -> None:
    assert refused(Api().post("/test/echo/WRONG", "no json"), 401)
    assert refused(Api().post("/test/echo?x=1", "no json"), 401)


def test_a_body_in_chunks_is_read(api) -> None:
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    body = io.BytesIO(b'{"name": "x"}')
    sent = chunked | {"wsgi.input": body, "CONTENT_TYPE": "application/json"}
    assert api.post("/test/echo", "", **sent).json()["name"] == "x"


@pytest.mark.parametrize("said", ["1.0", "1_0", "%D9%A1", "%2B5", "", "true", "5%20"])
def test_what_is_no_integer_in_the_digits_of_the_address_is_refused(api, said) -> None:
    answer = api.client.get(f"/api/test/people?limit={said}")
    assert refused(answer, 400) == "Input validation failed"
    (found,) = answer.json()["validation_details"]
    assert (found["type"], found["loc"]) == ("int_type", ["limit"])


def test_what_is_asked_twice_is_refused(api) -> None:
    answer = api.client.get("/api/test/people?limit=1&limit=2")
    assert refused(answer, 400) == "Input validation failed"
    assert answer.json()["validation_details"][0]["loc"] == ["limit"]


def test_a_name_that_cannot_be_is_refused_by_its_kind(api) -> None:
    answer = api.post("/test/echo/WRONG_NAME", {"name": "x"})
    assert refused(answer, 400) == "Parameter 'project' is invalid."


def test_system_privileges_are_asked_for(api) -> None:
    assert refused(api.post("/test/system", {"name": "x"}), 403) == "System privileges required"
    assert refused(Api().post("/test/system", {"name": "x"}), 401)


def test_a_system_token_has_them() -> None:
    token, _ = AccessToken.objects.make_system(
        by=make.operator(), label="x", days=1, reason="Metadata."
    )
    assert Api(jwt=jwts.make(token)).post("/test/system", {"name": "x"}).status_code == 201


def test_its_own_limit_and_that_of_the_whole_api(api, monkeypatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "api", Limit(6))
    codes = [api.post("/test/echo", {"name": "x"}).status_code for _ in range(5)]
    assert codes == [201, 201, 201, 429, 429]
    assert api.get("/test/people").status_code == 200
    assert refused(api.get("/test/people"), 429)
    assert Api(make.user("bob")).get("/test/people").status_code == 200


def test_no_cookie_comes_from_the_api_and_no_csrf_token_is_asked_for(api) -> None:
    answer = api.post("/test/echo", {"name": "x"})
    assert answer.status_code == 201
    assert not answer.cookies


def test_other_methods_are_refused(api) -> None:
    assert refused(api.get("/test/echo"), 405) == 'Method "GET" not allowed.'
    for method in ("put", "delete", "patch", "options"):
        answer = getattr(api.client, method)("/api/test/people")
        assert refused(answer, 405)


def test_a_query_that_nobody_named_is_refused(api) -> None:
    answer = api.get("/test/people", page=2)
    assert refused(answer, 400) == "Input validation failed"
    assert answer.json()["validation_details"][0]["type"] == "extra_forbidden"


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": "x"}, {"offset": -1}, {"limit": 10_001}])
def test_a_part_that_cannot_be_is_refused(api, wrong: dict) -> None:
    assert refused(api.get("/test/people", **wrong), 400) == "Input validation failed"


def test_a_list_comes_in_parts_and_says_where_the_next_is() -> None:
    for name in ("a1", "b2", "c3"):
        make.user(name)
    first = Api().get("/test/people", limit=2)
    assert first.json()["names"] == ["a1", "b2"]
    assert first.headers["Link"] == '</api/test/people?limit=2&offset=2>; rel="next"'
    last = Api().get("/test/people", limit=2, offset=2)
    assert last.json()["names"] == ["c3"]
    assert "Link" not in last.headers
    assert len(Api().get("/test/people").json()["names"]) == 3


@pytest.mark.django_db(transaction=True)
def test_500_mb_without_a_token_are_answered_before_they_are_sent(live_server) -> None:
    where = urlsplit(live_server.url)
    head = (
        "POST /api/test/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 524288000\r\n"
        "Content-Type: application/json\r\n\r\n"
    )
    with socket.create_connection((where.hostname, where.port), timeout=10) as line:
        line.sendall(head.encode())
        received = b""
        while b"}" not in received:
            received += line.recv(65536)
    assert received.startswith(b"HTTP/1.1 401")
