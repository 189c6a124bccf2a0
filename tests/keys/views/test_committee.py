"""A committee's keys: what there is to do for them, large imports, letting one sign again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from keys.models import Certificate, KeyLink, KeysFile
from projects.roles import Role
from tests import make, pgp
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db


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
    return reverse(f"keys:{name}", args=args)


def words(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_what_is_to_do_stands_with_its_command(client, link) -> None:
    key = link.certificate
    soon = datetime.now(UTC) + timedelta(days=40)
    Certificate.objects.update(expires_at=soon)
    text = words(client, address("care", "example"))
    assert f"gpg --quick-set-expire {key} 2y" in text
    assert "1 of 1 key needs something" in text
    assert "1 concern" in text
    assert "to do" in words(client, address("committee", "example"))


def test_the_worst_key_stands_first(client, link, committee, manager) -> None:
    bob = pgp.Signer("Bob <bob@apache.org>")
    Certificate.objects.import_keys(bob.public, committee=committee, by=manager)
    Certificate.objects.filter(fingerprint=bob.fingerprint).update(revoked=True)
    text = words(client, address("care", "example"))
    assert text.index("Bob") < text.index("Alice")


def test_without_keys_and_without_lacks_it_says_so(client, committee, link) -> None:
    KeyLink.objects.update(retired_at=datetime.now(UTC))
    assert "There are no keys yet" in words(client, address("care", "example"))
    assert "Nothing is to be done" in words(client, address("care", "example"))


def test_what_is_to_do_costs_the_same_for_few_and_many(
    client, link, committee, django_assert_num_queries
) -> None:
    for count in (0, 30):
        for number in range(count):
            row = Certificate.objects.get(pk=link.certificate_id)
            row.pk, row.fingerprint = None, f"{number:040d}"
            row.save(force_insert=True)
            KeyLink.objects.create(committee=committee, certificate=row)
        for path in (address("care", "example"), address("care", "example") + "?page=2"):
            with django_assert_num_queries(3):
                client.get(path)


def test_an_import_of_two_hundred_blocks_answers_for_each(committee, manager) -> None:
    """Ten keys, each twenty times, with prose between: a line each, and the ways to what was
    refused."""
    keys = [pgp.Signer(f"P{number} <p{number}@apache.org>").public for number in range(5)]
    blocks = [keys[number % 5] for number in range(195)] + [keys[0][:200]] * 5
    content = b"\nsome prose\n".join(blocks)
    sent = {"file": SimpleUploadedFile("KEYS", content)}
    answer = logged_in(manager).post(address("import", "example"), sent)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.count("<tr id=") == 200
    assert "What was refused stands in" in text
    assert text.count('<span class="level blocker">refused</span>') == 5
    assert len(text.encode()) < 250_000
    assert KeyLink.objects.count() == 5


def test_a_key_that_was_taken_may_sign_again_after_asking(link, manager) -> None:
    key = link.certificate
    link.unlink(by=manager)
    client, path = logged_in(manager), address("link", "example", key.fingerprint)
    assert path in words(client, key.get_absolute_url())
    assert key.spaced in words(client, path)
    assert not KeyLink.objects.exists()
    answer = client.post(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, key.get_absolute_url())
    assert KeyLink.objects.get().certificate == key
    assert client.post(path).status_code == 409
    assert path not in words(client, key.get_absolute_url())


def test_who_has_no_role_lets_nothing_sign(link, manager) -> None:
    link.unlink(by=manager)
    path = address("link", "example", link.certificate.fingerprint)
    assert Client().get(path).headers["Location"].startswith("/accounts/login/")
    stranger = logged_in(make.member(make.committee("other")))
    assert stranger.get(path).status_code == stranger.post(path).status_code == 403
    assert not KeyLink.objects.exists()


def test_a_key_that_is_kept_for_older_releases_says_so(client, link, manager) -> None:
    KeyLink.objects.update(retired_at=datetime.now(UTC))
    for path in (address("committee", "example"), link.certificate.get_absolute_url()):
        assert "older releases" in words(client, path)
    assert address("unlink", "example", link.certificate.fingerprint) not in words(
        logged_in(manager), address("committee", "example")
    )


def test_where_the_file_is_kept_elsewhere_nobody_imports(committee, manager) -> None:
    KeysFile.objects.create(
        committee=committee, mode="external", address="https://example.org/KEYS"
    )
    client = logged_in(manager)
    assert address("import", "example") not in words(client, address("committee", "example"))
    text = words(client, address("import", "example"))
    assert "Keys are not imported here" in text
    answer = client.post(address("import", "example"), {"text": pgp.signer().public.decode()})
    assert answer.status_code == 409
    assert not KeyLink.objects.exists()
