import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from keys import openpgp
from keys.models import Certificate, KeyLink, keys_document
from keys.models import importing as models
from keys.openpgp import read_keys
from keys.openpgp_signing import ThrowawaySigner
from keys.report import Outcome
from projects.roles import Role
from tests import make, pgp
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def committee():
    return make.committee("example")


@pytest.fixture
def manager(committee):
    return make.member(committee, Role.RELEASE_MANAGER)


@pytest.fixture(scope="module")
def alice():
    return pgp.signer()


@pytest.fixture(scope="module")
def bob():
    return pgp.signer("Bob Brown <bob@apache.org>")


def take(data, committee, by):
    return Certificate.objects.import_keys(data, committee=committee, by=by)


def outcomes(report):
    return [row.outcome for row in report.rows]


def test_keys_are_stored_with_what_is_known_of_them_and_linked(committee, manager, alice):
    report = take(alice.public, committee, manager)
    stored = Certificate.objects.get()
    assert outcomes(report) == [Outcome.STORED]
    assert (report.rows[0].line, report.rows[0].user_id) == (1, alice.user_id)
    assert stored.fingerprint == alice.fingerprint
    assert stored.key_id == alice.fingerprint[-16:]
    assert (stored.algorithm, stored.length) == ("EdDSA", 255)
    assert stored.user_ids == [alice.user_id]
    assert stored.user_id == alice.user_id
    assert not stored.revoked
    assert stored.added_by == manager
    assert list(stored.committees.all()) == [committee]
    assert str(stored) == alice.fingerprint.upper()
    assert stored.spaced.replace(" ", "") == str(stored)


def test_an_import_is_written_down_once_with_its_keys(committee, manager, alice, bob):
    take(alice.public + b"\n" + bob.public, committee, manager)
    event = Event.objects.get(tag=Tag.KEYS_IMPORTED)
    assert event.actor == manager.username
    assert event.committee == committee.slug
    assert event.facts["stored"] == [alice.fingerprint, bob.fingerprint]


def test_importing_the_same_again_changes_nothing(committee, manager, alice):
    take(alice.public, committee, manager)
    report = take(alice.public, committee, manager)
    assert outcomes(report) == [Outcome.UNCHANGED]
    assert Event.objects.filter(tag=Tag.KEYS_IMPORTED).count() == 1
    assert KeyLink.objects.count() == 1


def test_a_key_known_from_another_committee_is_linked(committee, manager, alice):
    other = make.committee("other")
    take(alice.public, other, make.member(other))
    report = take(alice.public, committee, manager)
    assert outcomes(report) == [Outcome.LINKED]
    assert Certificate.objects.count() == 1


def test_each_block_is_reported_and_the_usable_ones_are_taken(committee, manager, alice, bob):
    cut = bob.public[: len(bob.public) // 2]
    report = take(cut + b"\n" + alice.public + alice.public, committee, manager)
    assert outcomes(report) == [Outcome.REFUSED, Outcome.STORED, Outcome.UNCHANGED]
    assert "cut" in report.rows[0].text
    assert "already" in report.rows[2].text
    assert report.summary == "1 stored, 1 unchanged, 1 refused"


def test_a_document_with_a_private_key_is_refused_whole(committee, manager, alice, bob, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(BadInput, match=r"PRIVATE KEY \(line"):
        take(bob.public + b"\n" + alice.secret, committee, manager)
    assert not Certificate.objects.exists()
    body = alice.secret.splitlines()[4].decode()
    told = " ".join(str(event.facts) for event in Event.objects.all())
    assert "PRIVATE KEY" in told
    assert body not in told
    assert body not in caplog.text


def test_a_revocation_is_taken_in_and_never_lost_again(committee, manager):
    carol = pgp.Signer("Carol <carol@apache.org>")
    before = carol.public
    take(before, committee, manager)
    carol.home.revoke(carol.fingerprint, reason=1, at=pgp.NOW)
    assert outcomes(take(carol.public, committee, manager)) == [Outcome.UPDATED]
    stored = Certificate.objects.get()
    assert (stored.revoked, stored.revocation_reason) == (True, "compromised")
    assert stored.revoked_at == pgp.NOW
    assert outcomes(take(before, committee, manager)) == [Outcome.UNCHANGED]
    assert Certificate.objects.get().revoked


def test_what_changed_between_merging_and_storing_is_merged_again(committee, manager, monkeypatch):
    """Two people import two versions at once: the row has what both brought."""
    dave = pgp.Signer("Dave <dave@apache.org>")
    before = dave.public
    take(before, committee, manager)
    with ThrowawaySigner() as elsewhere:
        elsewhere.take(before)
        elsewhere.take(
            dave.home.converse("--gen-revoke", dave.fingerprint, said="y\n1\n\ny\n", save=False)
        )
        revoked = elsewhere.public()
    dave.home.add_subkey(dave.fingerprint, at=pgp.NOW)
    plain = models.CertificateManager._newest

    def meanwhile(self, blocks):
        found = plain(self, blocks)
        monkeypatch.setattr(models.CertificateManager, "_newest", plain)
        take(dave.public, committee, manager)
        return found

    monkeypatch.setattr(models.CertificateManager, "_newest", meanwhile)
    take(revoked, committee, manager)
    stored = Certificate.objects.get(fingerprint=dave.fingerprint)
    assert stored.revoked
    assert len(stored.subkeys) == 1


def test_a_subkey_is_stored_with_what_it_may_do(committee, manager):
    erin = pgp.Signer("Erin <erin@apache.org>", usage="cert")
    sub = erin.home.add_subkey(erin.fingerprint, expires="1y", at=pgp.NOW)
    take(erin.public, committee, manager)
    (subkey,) = Certificate.objects.get().subkeys
    assert subkey["fingerprint"] == sub
    assert subkey["capabilities"] == "s"
    assert subkey["expires_at"].startswith("2027-06-01")
    assert subkey["revoked"] is None


@pytest.mark.parametrize("role", [None, Role.PARTICIPANT])
def test_who_may_import(committee, alice, role):
    if role is None:
        outsider = make.member(make.committee("other"))
        with pytest.raises(PermissionDenied):
            take(alice.public, committee, outsider)
        assert Event.objects.filter(tag=Tag.REFUSED, actor=outsider.username).exists()
        assert not Certificate.objects.exists()
    else:
        assert take(alice.public, committee, make.member(committee, role)).changed


@pytest.mark.parametrize("data", [b"", b"<html>", b"x" * ((10 << 20) + 1)])
def test_what_is_no_keys_file_is_refused_and_written_down(committee, manager, data):
    with pytest.raises(BadInput):
        take(data, committee, manager)
    assert Event.objects.get(tag=Tag.REFUSED).facts["code"] == "bad_input"


def test_more_keys_than_a_keys_file_may_have_are_refused_whole(
    committee, manager, alice, bob, monkeypatch
):
    take(alice.public, committee, manager)
    monkeypatch.setattr(openpgp, "MAX_BLOCKS", 1)
    with pytest.raises(BadInput, match="would have 2 keys"):
        take(bob.public, committee, manager)
    assert Certificate.objects.count() == 1


def test_a_key_that_would_grow_too_large_is_refused(committee, manager, alice, monkeypatch):
    size = len(read_keys(alice.public)[0].certificates[0].armored)
    monkeypatch.setattr(openpgp, "MAX_BLOCK", size)
    take(alice.public, committee, manager)
    monkeypatch.setattr(models.openpgp, "MAX_BLOCK", size - 1)
    with pytest.raises(BadInput, match="grow beyond"):
        models.refuse_too_many(committee)


def test_unlinking_takes_the_key_from_the_committee_and_keeps_it(committee, manager, alice):
    take(alice.public, committee, manager)
    KeyLink.objects.get().unlink(by=manager)
    assert not KeyLink.objects.exists()
    stored = Certificate.objects.get()
    event = Event.objects.about(stored).get()
    assert (event.tag, event.committee) == (Tag.KEY_UNLINKED, committee.slug)
    assert event.facts == {"fingerprint": alice.fingerprint}


def test_unlinking_twice_is_stale(committee, manager, alice):
    take(alice.public, committee, manager)
    first, second = KeyLink.objects.get(), KeyLink.objects.get()
    first.unlink(by=manager)
    with pytest.raises(Stale):
        second.unlink(by=manager)
    assert Event.objects.filter(tag=Tag.KEY_UNLINKED).count() == 1


def test_a_participant_may_add_keys_but_not_take_them_away(committee, manager, alice):
    take(alice.public, committee, manager)
    link = KeyLink.objects.get()
    assert str(link) == f"{alice.fingerprint.upper()} for {committee}"
    with pytest.raises(PermissionDenied):
        link.unlink(by=make.member(committee, Role.PARTICIPANT))
    assert KeyLink.objects.exists()


def test_the_keys_document_is_stable_and_complete(committee, manager, alice, bob):
    assert b"no keys yet" in keys_document(committee)
    take(bob.public + alice.public, committee, manager)
    document = keys_document(committee)
    assert document == keys_document(committee)
    found = [each.fingerprint for block in read_keys(document) for each in block.certificates]
    assert found == sorted([alice.fingerprint, bob.fingerprint])
    assert b"Example" in document.splitlines()[0]


def test_the_document_of_one_committee_has_no_keys_of_another(committee, manager, alice, bob):
    other = make.committee("other")
    take(bob.public, other, make.member(other))
    take(alice.public, committee, manager)
    assert bob.fingerprint.upper().encode() not in keys_document(committee)


def test_a_key_without_user_ids_has_a_name_on_pages():
    assert Certificate(user_ids=[]).user_id == "(no user id)"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_keys_in_two_orders_into_two_committees_do_not_wait_for_ever(
    alice, bob, monkeypatch
):
    """Each import stops when it has stored its keys, until the other has had time to begin."""
    committees = [make.committee(), make.committee()]
    files = [alice.public + bob.public, bob.public + alice.public]
    managers = [make.member(each) for each in committees]
    held, begun = models.CertificateManager._held, threading.Barrier(2)

    def slowly(self, *arguments):
        rows = held(self, *arguments)
        with suppress(threading.BrokenBarrierError):
            begun.wait(1)
        return rows

    def act(data, committee, by):
        try:
            take(data, committee, by)
        finally:
            connection.close()

    monkeypatch.setattr(models.CertificateManager, "_held", slowly)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(act, files, committees, managers))
    assert [each.certificates.count() for each in committees] == [2, 2]
