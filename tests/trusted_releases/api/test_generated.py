"""Whatever the schema allows, and much that it does not: no error of ours, nothing undescribed."""

from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from keys import jwts
from keys.models import Certificate
from projects.models import Committee, User
from releases import resuming
from releases.expecting import Wanted
from releases.models import Release, Way
from tests import make
from tests.api import token
from tests.pgp import signer
from tests.trusted_releases.api.test_schema import endpoints
from trusted_releases.ledger.models import Job
from trusted_releases.wsgi import application

ARCHIVE = "apache-tool-1.2.0-src.tar.gz"  # that the examples name
EXAMPLES = 8  # of each endpoint and mode; what was found once has a test of its own
# Where a text or a number must be more than the schema can say: a key, a signature, a pattern, 3.0
# where 3 is meant, a body of known length, a file of the draft. What is refused there has tests of
# its own.
JUDGED = {
    *("/api/key/add", "/api/keys/upload", "/api/ssh-key/add", "/api/signature/provenance"),
    *("/api/ignore/add", "/api/ignore/delete", "/api/policy/update", "/api/project/config"),
    *("/api/release/store", "/api/release/store-directory", "/api/publisher/ssh/register"),
    *("/api/release/upload/begin", "/api/release/upload/part", "/api/release/import"),
    *(f"/api/release/files/{what}" for what in ("delete", "move", "rename", "checksums")),
}
PATHS = ["/" + route.replace("<str:", "{").replace(">", "}") for route, _ in endpoints()]

pytestmark = [
    pytest.mark.django_db(transaction=True),  # the server closes its connections
    pytest.mark.once,
]


@cache
def asked_for() -> Any:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", application)


@pytest.fixture
def schema(transactional_db: None) -> Any:
    """The schema as the server tells it; once asked for, it is that of all tests."""
    return asked_for()


@pytest.fixture
def headers(settings) -> dict[str, str]:
    """A world with a release, and somebody who may see it."""
    settings.RATE_LIMITS = False
    project = make.project("tool")
    member = make.member(project, username="alice")
    make.candidate(project, by=member, version="1.2.0", files={ARCHIVE: "bytes"})
    return {"Authorization": f"Bearer {jwts.make(token(member))}"}


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_described(schema, headers, path: str, mode: GenerationMode) -> None:
    but = [positive_data_acceptance] if path in JUDGED else []
    for method in schema[path]:
        operation = schema[path][method]

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def every(case: Any) -> None:
            case.call_and_validate(headers=headers, excluded_checks=but)

        every()


def test_what_is_there_is_as_described(schema, headers) -> None:
    """Names that exist, which are seldom drawn by chance."""
    key = Certificate.objects.import_keys(
        signer().public, committee=Committee.objects.get(), by=User.objects.get(username="alice")
    )
    names = {"project": "tool", "committee": "tool", "version": "1.2.0", "revision": "1"}
    names |= {"person": "alice", "fingerprint": key.rows[0].fingerprint}
    names |= {"number": str(Job.objects.get(name="checks.run").pk)}
    alice, release = User.objects.get(username="alice"), Release.objects.get()
    upload = resuming.begin(release, [Wanted("big.bin", 9)], by=alice, way=Way.API)
    pair = {"project": "tool", "version": "1.2.0", "relpath": ARCHIVE, "against": "1"}
    queries = {"/api/release/upload/state": {"upload": upload.key}, "/api/archives/changes": pair}
    samples = {"/" + route: view.Ask.sample for route, view in endpoints() if view.Ask}
    for method in ("get", "post"):  # looking first: what is sent may delete what one looks at
        for path in [each for each in PATHS if method in list(schema[each])]:
            operation = schema[path][method]
            wanted = {each.name: names[each.name] for each in operation.path_parameters}
            body = samples.get(path)
            more = {"body": body, "media_type": "application/json"} if body else {}
            case = operation.Case(path_parameters=wanted, query=queries.get(path, {}), **more)
            but = [positive_data_acceptance] if path in JUDGED else []
            answer = case.call_and_validate(headers=headers, excluded_checks=but)
            assert method == "post" or answer.status_code == 200, path
