"""The directory over HTTP: both ways of asking, the right type, and nothing for other domains."""

import subprocess
from pathlib import Path

import pytest
from django.test import Client

from keys import wkd
from keys.models import Certificate
from tests import make, pgp

pytestmark = pytest.mark.django_db

NAME = wkd.name_of("alice")
DIRECT, ADVANCED = "/.well-known/openpgpkey/", "/.well-known/openpgpkey/apache.org/"


@pytest.fixture(autouse=True)
def _domain(settings) -> None:
    settings.MAIL_DOMAIN = "apache.org"


@pytest.fixture
def key() -> Certificate:
    return Certificate.objects.add_own(pgp.signer().public, by=make.user("alice"))


@pytest.mark.parametrize("way", [DIRECT, ADVANCED, ADVANCED.replace("apache", "APACHE")])
@pytest.mark.parametrize("query", ["", "?l=alice", "?l=Alice"])
def test_both_ways_lead_to_the_same_bytes_which_gpg_imports(
    key, way: str, query: str, tmp_path: Path
) -> None:
    answer = Client().get(f"{way}hu/{NAME}{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "public" in answer.headers["Cache-Control"]
    assert answer.content[0] & 0x80
    shown = subprocess.run(
        ["gpg", "--homedir", tmp_path, "--with-colons", "--show-keys"],
        input=answer.content,
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout.decode()
    assert key.fingerprint.upper() in shown


@pytest.mark.parametrize("way", [DIRECT, ADVANCED])
def test_the_policy_file_is_there_and_empty(way: str) -> None:
    answer = Client().get(f"{way}policy")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        f"/.well-known/openpgpkey/example.org/hu/{NAME}",
        "/.well-known/openpgpkey/example.org/policy",
        f"{DIRECT}hu/{wkd.name_of('bob')}",
        f"{DIRECT}hu/{NAME}?l=bob",
        f"{DIRECT}hu/..",
    ],
)
def test_what_is_not_there_is_not_found(key, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 404
    if "example.org" not in path:  # which is not ours to answer for
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_asking_costs_the_same_however_many_people_have_keys(
    key, django_assert_num_queries
) -> None:
    for _ in range(3):
        with django_assert_num_queries(1):
            Client().get(f"{DIRECT}hu/{NAME}?l=alice")
        with django_assert_num_queries(2):
            Client().get(f"{DIRECT}hu/{NAME}")
        name = make.user().username
        one = pgp.Signer(f"One <{name}@apache.org>", algorithm="ed25519")
        Certificate.objects.add_own(
            one.public, by=make.user(f"{name}x", email=f"{name}@apache.org")
        )
