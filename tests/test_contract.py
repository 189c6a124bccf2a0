"""What each command of the clients sends, and what it must get: every key, and no other.

Clients refuse a key that they do not know, one that is missing, and `"3"` where 3 is meant.
"""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.models import Run
from releases.api import announcing
from releases.models import Release
from tests import make, signed, ssh
from tests.api import Api
from tests.shapes import NUMBER, ROWS, TEXT, YES, Client
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib import testing
from trusted_releases.management.commands.seed_test_client import account, ground, keep

pytestmark = pytest.mark.django_db

AT = {"project": "test-client", "version": "0.3+cli"}
ONE = "test-client/0.3+cli"
ARCHIVE = "apache-test-client-0.3+cli-src.tar.gz"
MINE = "tester@apache.org"  # the caller's own address, as clients under test name it
SECRET = "trt_" + "x" * 49


@pytest.fixture
def client(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Client:
    settings.TEST_MODE = settings.DEBUG = True
    settings.RATE_LIMITS = settings.ADMIN_MFA = False
    settings.STORAGES = settings.STORAGES | {
        "downloads": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "downloads"},
        }
    }
    monkeypatch.setattr(announcing, "pause", run_pending)
    monkeypatch.setattr(testing, "SLOW_SECONDS", 0.0)
    ground()
    return Client()


def upload(client: Client, relpath: str, content: bytes, status: int) -> dict[str, Any]:
    coded = base64.b64encode(content).decode()
    body = AT | {"relpath": relpath, "content": coded, "expected_revision": None}
    keys = {"revision": None} if status == 201 else {"quarantined": YES, "message": TEXT}
    return client.post("/release/upload", body, status, keys)


def drafted(client: Client) -> None:
    """`release start`, `key`, `upload`, `sign --upload`, and all that tells of a draft."""
    made = client.post("/release/create", AT, 201, {"release": None})["release"]
    assert (made["phase"], made["latest_revision_number"]) == (
        "release_candidate_draft",
        "00001",
    )
    upload(client, ARCHIVE, signed.archive("apache-test-client-0.3+cli"), 202)
    run_pending()
    content = Release.objects.get().newest.entries.get().blob
    told = upload(client, f"{ARCHIVE}.sha512", f"{content.sha512}  {ARCHIVE}\n".encode(), 201)
    assert told["revision"]["number"] == "00003"
    client.get(f"/release/get/{ONE}", {"release": None})
    client.get("/project/releases/test-client", {"releases": ROWS})
    revisions = client.get(f"/release/revisions/{ONE}", {"revisions": ROWS})["revisions"]
    assert [each["number"] for each in revisions] == ["00001", "00002", "00003"]
    assert [each["was_quarantined"] for each in revisions] == [False, True, False]
    paths = client.get(f"/release/paths/{ONE}", {"rel_paths": ROWS})["rel_paths"]
    assert paths == [ARCHIVE, f"{ARCHIVE}.sha512"]
    assert client.get(f"/release/paths/{ONE}/00002", {"rel_paths": ROWS})["rel_paths"] == [ARCHIVE]


def checked(client: Client) -> None:
    """`check wait`, `check status` and the buckets, `ignore`."""
    assert client.get(f"/checks/ongoing/{ONE}", {"ongoing": NUMBER})["ongoing"] > 0
    run_pending()
    assert client.get(f"/checks/ongoing/{ONE}/00003", {"ongoing": NUMBER})["ongoing"] == 0
    keys = {"checks": ROWS, "checks_revision": TEXT, "current_phase": TEXT}
    for revision in ("", "/00003"):
        found = client.get(f"/checks/list/{ONE}{revision}", keys)
        assert found["checks_revision"] == "00003"
        assert {each["status"] for each in found["checks"]} <= {
            *("blocker", "concern", "exception", "note", "suggestion")
        }
    globs = ("release", "checker", "primary_rel_path", "member_rel_path", "message")
    ignored = {f"{name}_glob": None for name in globs} | {"checker_glob": "release.*"}
    named = {"project_key": "test-client"}
    sent = named | ignored | {"revision_number": None, "status": "concern"}
    client.post("/ignore/add", sent, 200, {"success": YES})
    (row,) = client.get("/ignore/list/test-client", {"ignores": ROWS})["ignores"]
    for number in (row["id"], row["id"]):
        client.post("/ignore/delete", named | {"id": number}, 200, {"success": YES})


def billed(client: Client) -> None:
    """`sbom generate --wait`."""
    sent = AT | {"relpath": ARCHIVE}
    made = client.post("/sbom/generate", sent, 202, {"task": None})["task"]
    run_pending()
    told = client.get(f"/task/get/{made['id']}", {"task": None}, public=False)["task"]
    assert told["status"] == "completed"
    assert set(told["result"]) == {"kind", "path", "bom_version", "revision_number"}


def voted(client: Client) -> None:
    """`vote start`, `vote tabulate`, `vote resolve`, twice as the client's own test does."""
    asked = AT | {
        **{"revision": "00004", "email_to": MINE, "email_cc": [], "email_bcc": []},
        **{"vote_duration": None, "subject": None, "body": "Please vote."},
        **{"second_round_email_to": None, "notify_when_finished": False},
        **{"automatic_resolve_when_finished": False, "automatic_publish_when_resolved": False},
        "concerns_noted": ["atr.tasks.checks.rat.check"],
    }
    newest = Release.objects.get().newest
    Run.objects.get_or_create(revision=newest)[0].finish()
    for outcome in ("failed", "passed"):
        make.checked(Release.objects.get().newest)
        type(newest).objects.filter(pk=newest.pk).update(concerns=["license.headers"])
        task = client.post("/vote/start", asked, 201, {"task": None})["task"]
        assert task["task_args"]["email_to"] == MINE
        assert task["task_type"] == "vote_initiate"
        cast = AT | {"choice": "+1", "comment": "It works."}
        client.post("/vote/cast", cast, 200, {"success": YES, "receipt_email_to": ROWS})
        keys = {
            **{"details": None, "vote_mode": TEXT, "vote_seq": NUMBER, "trusted_ballots": ROWS},
            **{"trusted_summary": (dict,), "trusted_passed": (bool,)},
        }
        client.post("/vote/tabulate", AT, 200, keys)
        client.post("/vote/resolve", AT | {"resolution": outcome}, 200, {"success": YES})


def announced(client: Client) -> None:
    """`announce`, `download`, `dev delete`, `draft delete`."""
    sent = AT | {"revision": "00005", "email_to": MINE, "body": None, "path_suffix": None}
    for _ in range(2):
        client.post("/release/announce", sent, 201, {"success": YES})
    told = client.get(f"/release/get/{ONE}", {"release": None})["release"]
    assert told["phase"] == "release"
    file = client.api.client.get(f"/download/path/{ONE}/{ARCHIVE}")
    assert (file.status_code, file.headers["Content-Type"]) == (200, "application/octet-stream")
    client.post("/release/delete", AT, 200, {"deleted": YES})
    client.post("/release/create", AT, 201, {"release": None})
    client.post("/release/draft/delete", AT, 200, {"success": YES})


def keyed(client: Client) -> None:
    """`key add`, `get`, `user`, `upload`, `delete`; what `sign --upload` asks first; `verify`."""
    key = signed.author().public.decode()
    account("tester").__class__.objects.filter(username="tester").update(email="alice@example.org")
    client.api = Api(account("tester"))
    sent = {"asfuid": "tester", "key": key, "committees": ["test"]}
    added = client.post("/key/add", sent, 200, {"fingerprint": TEXT, "warnings": ROWS})
    assert added["fingerprint"] == signed.author().fingerprint.upper()
    one = client.get(f"/key/get/{added['fingerprint']}", {"key": None})["key"]
    assert one["fingerprint"] == added["fingerprint"].lower()
    assert client.get("/keys/user/tester", {"keys": ROWS})["keys"] == [one]
    assert client.get("/committee/keys/test", {"keys": ROWS})["keys"] == [one]
    assert client.get("/project/get/test-client", {"project": None})["project"][
        "committee_key"
    ] == ("test")
    counted = {"success_count": NUMBER, "error_count": NUMBER, "submitted_committee": TEXT}
    sent = {"filetext": key + "\nno key", "committee": "tooling"}
    keys = {"results": ROWS, "warnings": ROWS} | counted
    for row in client.post("/keys/upload", sent, 200, keys)["results"]:
        more = set() if row["status"] == "success" else {"error", "error_type"}
        assert set(row) == {"status", "key"} | more
    gone = {"success": YES, "warnings": ROWS}
    client.post("/key/delete", {"fingerprint": added["fingerprint"]}, 200, gone)


def shelled(client: Client) -> None:
    """`ssh add`, `list`, `delete`."""
    made = client.post("/ssh-key/add", {"text": ssh.ed25519_key()}, 201, {"fingerprint": TEXT})
    told = client.get("/ssh-keys/list/tester", {"data": ROWS, "count": NUMBER})
    assert [each["fingerprint"] for each in told["data"]] == [made["fingerprint"]]
    client.post("/ssh-key/delete", made, 201, {"success": YES})


def let_in(client: Client) -> None:
    """`jwt refresh`."""
    keep(account("tester"), SECRET)
    sent = {"asfuid": "tester", "pat": SECRET}
    client.post("/jwt/create", sent, 200, {"asfuid": TEXT, "jwt": TEXT})


LIFE: tuple[Callable[[Client], None], ...] = (drafted, checked, billed, voted, announced)
ENDPOINTS = {
    *("/jwt/create", "/checks/list", "/checks/ongoing", "/committee/keys", "/ignore/add"),
    *("/ignore/delete", "/ignore/list", "/key/add", "/key/delete", "/key/get", "/keys/upload"),
    *("/keys/user", "/project/get", "/project/releases", "/release/announce", "/release/create"),
    *("/release/delete", "/release/draft/delete", "/release/get", "/release/paths"),
    *("/release/revisions", "/release/upload", "/sbom/generate", "/ssh-key/add", "/task/get"),
    *("/ssh-key/delete", "/ssh-keys/list", "/vote/resolve", "/vote/start", "/vote/tabulate"),
}


def test_every_command_gets_exactly_what_it_knows(client: Client) -> None:
    for step in (let_in, shelled, keyed, *LIFE):
        step(client)
    assert client.seen >= ENDPOINTS


def test_a_signature_leads_to_its_key(client: Client, tmp_path: Path) -> None:
    """`verify`: of a committee nothing but its name is told."""
    project = signed.project_with(signed.author())
    files = signed.files_of(tmp_path)
    release = make.release(project, version="1.0", files={**files})
    name, content = next((path, text) for path, text in files.items() if path.endswith(".asc"))
    sent = {
        "signature_file_name": name,
        "signature_asc_text": content.decode(),
        "signature_sha3_256": hashlib.sha3_256(content).hexdigest(),
        **{"project_key": None, "version_key": None},
    }
    keys = {"fingerprint": TEXT, "key_asc_text": TEXT, "committees_with_artifact": ROWS}
    told = client.post("/signature/provenance", sent, 200, keys)
    assert told["committees_with_artifact"] == [{"committee": release.committee.slug}]


def test_a_program_in_java_asks_and_sends_in_its_own_way(client: Client) -> None:
    """A plugin of a build tool: a token also for what is public, no key that may be left out."""
    headers = {"Authorization": f"Bearer {client.api.jwt}", "Accept": "text/html, */*; q=.2"}
    asked = client.api.client.get(f"/api/release/get/{ONE}", headers=headers)
    assert (asked.status_code, asked.headers["Content-Type"]) == (404, "application/json")
    client.post("/release/create", AT, 201, {"release": None})
    content = base64.b64encode(b"notice").decode()
    sent = AT | {"relpath": "NOTICE.txt", "content": content}
    client.post("/release/upload", sent, 201, {"revision": None})
