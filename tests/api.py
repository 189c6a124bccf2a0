"""A client of the API, as scripts are: a token, JSON, no session."""

import json
from typing import Any

from django.test import Client

from keys import jwts
from keys.models import AccessToken
from projects.models import User
from projects.roles import Reach


def token(person: User, reach: str = Reach.ALL, **more: Any) -> AccessToken:
    """An access token of this person, without its secret."""
    more = {"label": "script", "days": 30} | more
    return AccessToken.objects.make(by=person, reach=reach, **more)[0]


class Api:
    """`Api(person).get("/release/get/a/1.0")`; without a person, nobody asks."""

    def __init__(self, person: User | None = None, *, jwt: str = "", **meta: Any) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.jwt = jwt or (jwts.make(token(person)) if person else "")
        self.meta = meta

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.jwt}"} if self.jwt else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api{path}", query, headers=self.headers(), **self.meta)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        sent = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        kind = more.pop("content_type", "application/json")
        return self.client.post(
            f"/api{path}", sent, kind, headers=self.headers(), **self.meta, **more
        )


def refused(answer: Any, status: int) -> str:
    """The sentence of an error of this status, whose body has the keys of one."""
    body = answer.json()
    assert answer.status_code == status, body
    assert answer.headers["Content-Type"] == "application/json"
    assert body["request_id"] == answer.headers["X-Request-Id"]
    extra = {400: {"validation_details"}, 429: {"retry_after"}}.get(status, set())
    assert set(body) - extra == {"error", "request_id"}, body
    return body["error"]
