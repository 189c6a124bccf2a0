"""The KEYS file: to read, to save, as it was on a day, and where it comes from."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from keys.models import Certificate, KeyLink, KeysFile, keys_document
from projects.roles import Role
from tests import make, pgp
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db

JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)
JULY = datetime(2026, 7, 10, 12, tzinfo=UTC)


@pytest.fixture
def committee():
    return make.committee("example")


@pytest.fixture
def manager(committee):
    return make.member(committee, Role.RELEASE_MANAGER)


@pytest.fixture
def link(committee, manager) -> KeyLink:
    Certificate.objects.import_keys(pgp.signer().public, committee=committee, by=manager)
    return KeyLink.objects.get()


def address(name: str, *args: object) -> str:
    return reverse(f"keys:{name}", args=args or ["example"])


def words(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("what", ["committee", "key"])
def test_what_is_saved_gpg_imports_and_it_is_the_same_each_time(
    client, link, what: str, tmp_path: Path
) -> None:
    path = address("export") if what == "committee" else address("file", pgp.signer().fingerprint)
    first, second = client.get(path), client.get(path)
    assert first.content == second.content
    assert first.headers["Content-Type"] == "application/pgp-keys"
    name = "example-KEYS.asc" if what == "committee" else f"{link.certificate}.asc"
    assert first.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    imported = subprocess.run(
        ["gpg", "--homedir", tmp_path, "--batch", "--import"],
        input=first.content,
        capture_output=True,
        timeout=60,
    )
    assert b"imported: 1" in imported.stderr


def test_a_key_that_is_not_there_is_not_saved(client) -> None:
    assert client.get(address("file", "ab" * 20)).status_code == 404


def test_who_was_in_the_file_on_a_day(client, committee, manager) -> None:
    with time_machine.travel(JUNE, tick=False):
        Certificate.objects.import_keys(pgp.signer().public, committee=committee, by=manager)
        before = keys_document(committee)
    with time_machine.travel(JULY, tick=False):
        KeyLink.objects.get().unlink(by=manager)
    for day, there in {
        "2026-06-09": False,
        "2026-06-10": True,
        "2026-07-09": True,
        "2026-07-10": False,
    }.items():
        text = words(client, f"{address('history')}?on={day}")
        assert (pgp.signer().fingerprint[-4:].upper() in text.split("What has changed")[0]) is there
        saved = client.get(f"{address('document-on')}?on={day}")
        assert (b"BEGIN PGP PUBLIC KEY BLOCK" in saved.content) is there
    saved = client.get(f"{address('document-on')}?on=2026-06-30")
    assert saved.content == before
    assert 'filename="example-KEYS-2026-06-30.asc"' in saved.headers["Content-Disposition"]


def test_changes_are_told_as_events(client, link, manager) -> None:
    link.unlink(by=manager)
    text = words(client, address("history"))
    assert "imported keys: 1 new, 0 known from elsewhere, 0 brought up to date" in text
    assert "took a key from the committee" in text
    assert text.index("took a key") < text.index("imported keys")


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "2026-06-31", "'; drop", "9" * 400])
def test_what_is_no_day_is_told(client, committee, day: str) -> None:
    assert "This is no day" in words(client, f"{address('history')}?on={day}")
    answer = client.get(f"{address('document-on')}?on={day}")
    assert (answer.status_code, b"This is no day" in answer.content) == (400, True)


def test_without_a_day_and_without_changes_it_says_what_to_do(client, committee) -> None:
    assert "Nothing yet" in words(client, address("history"))
    assert client.get(address("document-on")).status_code == 400
    assert "No key was in it then" in words(client, f"{address('history')}?on=2026-01-01")


def test_the_history_costs_the_same_for_few_and_many(
    client, link, manager, committee, django_assert_num_queries
) -> None:
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    for count in (0, 15):
        for number in range(count):
            row = Certificate.objects.get(pk=link.certificate_id)
            row.pk, row.fingerprint = None, f"{number:040d}"
            row.save(force_insert=True)
            KeyLink.objects.create(committee=committee, certificate=row)
        with django_assert_num_queries(4):
            client.get(f"{address('history')}?on={day}")


def test_who_manages_says_where_it_comes_from(committee, manager) -> None:
    client = logged_in(manager)
    assert address("set-mode") in words(client, address("committee"))
    assert "Nobody adds or takes keys here" in words(client, address("set-mode"))
    sent = {"mode": "external", "address": "https://downloads.example.org/KEYS"}
    answer = client.post(address("set-mode"), sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, address("committee"))
    known = KeysFile.objects.get()
    assert (known.mode, known.address) == ("external", sent["address"])
    assert sent["address"] in words(client, address("committee"))
    assert 'value="https://downloads.example.org/KEYS"' in words(client, address("set-mode"))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "This field is required"),
        ({"mode": "other"}, "Select a valid choice"),
        ({"mode": "external"}, "Say where the file is"),
        ({"mode": "external", "address": "http://example.org/KEYS"}, "begins with https://"),
        ({"mode": "external", "address": "https://a:b@example.org/KEYS"}, "no user, password"),
        ({"mode": "external", "address": "nonsense"}, "begins with https://"),
    ],
)
def test_what_is_no_origin_is_told_and_changes_nothing(committee, manager, sent, said) -> None:
    answer = logged_in(manager).post(address("set-mode"), sent)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not KeysFile.objects.exclude(mode="ours").exists()


def test_it_is_generated_anew_after_asking(committee, manager, link) -> None:
    client = logged_in(manager)
    KeysFile.objects.of(committee).set_mode("manual", by=manager)
    link.unlink(by=manager)
    assert b"BEGIN PGP" in client.get(address("document")).content
    assert "gets the keys that the committee has" in words(client, address("publish"))
    assert client.post(address("publish")).status_code == 303
    assert b"BEGIN PGP" not in client.get(address("document")).content
    assert Event.objects.filter(tag=Tag.KEYS_PUBLISHED).exists()


def test_one_that_is_kept_elsewhere_is_asked_for(committee, manager) -> None:
    client = logged_in(manager)
    assert "there is nothing to import" in words(client, address("fetch"))
    assert client.post(address("fetch")).status_code == 409
    KeysFile.objects.of(committee).set_mode(
        "external", by=manager, address="https://example.org/KEYS"
    )
    assert "https://example.org/KEYS" in words(client, address("fetch"))
    assert client.post(address("fetch")).status_code == 303
    assert Event.objects.filter(tag=Tag.KEYS_ASKED).exists()


def test_one_that_fails_says_so_to_everybody(client, committee) -> None:
    KeysFile.objects.create(
        committee=committee, mode="external", address="https://example.org/KEYS"
    ).record_failed("https://example.org/KEYS", "It answers with 404.")
    assert "It answers with 404." in words(client, address("committee"))


@pytest.mark.parametrize("name", ["set-mode", "publish", "fetch"])
def test_only_who_manages_the_keys_does_so(committee, name: str) -> None:
    assert Client().get(address(name)).headers["Location"].startswith("/accounts/login/")
    member = logged_in(make.member(committee, Role.PARTICIPANT))
    sent = {"mode": "manual"}
    assert member.get(address(name)).status_code == 403
    assert member.post(address(name), sent).status_code == 403
    assert not KeysFile.objects.exclude(mode="ours").exists()


def test_looking_at_pages_makes_no_row(client, link) -> None:
    for name in ("committee", "history", "care", "document", "export"):
        client.get(address(name))
    assert not KeysFile.objects.exists()
