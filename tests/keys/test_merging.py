"""A stored certificate takes in what is new and loses nothing, whatever is uploaded again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection

from keys.models import Certificate, FormerVersion, PublicKey
from keys.models import importing as models
from keys.openpgp_armor import armor
from keys.report import Outcome
from projects.roles import Role
from tests import make, pgp
from tests.keys.made import AT, Made, packet
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.django_db

NAME, OLD = b"Alice <alice@example.org>", b"Alice <old@example.org>"


@pytest.fixture
def committee():
    return make.committee("example")


@pytest.fixture
def manager(committee):
    return make.member(committee, Role.RELEASE_MANAGER)


def take(data, committee, by):
    return Certificate.objects.import_keys(data, committee=committee, by=by)


def outcomes(report):
    return [row.outcome for row in report.rows]


def test_an_old_copy_without_the_revocation_changes_nothing(committee, manager) -> None:
    take(Made().user_id(NAME).revoked(2).text, committee, manager)
    before = Certificate.objects.get()
    assert outcomes(take(Made().user_id(NAME).text, committee, manager)) == [Outcome.UNCHANGED]
    after = Certificate.objects.get()
    assert after.armored == before.armored
    assert (after.revoked, after.revoked_hard, after.revocation_reason) == (
        True,
        True,
        "compromised",
    )


def test_a_copy_without_its_subkey_changes_nothing(committee, manager) -> None:
    erin = pgp.Signer("Erin <erin@example.org>")
    bare = erin.public
    erin.home.add_subkey(erin.fingerprint, at=pgp.NOW)
    take(erin.public, committee, manager)
    assert outcomes(take(bare, committee, manager)) == [Outcome.UNCHANGED]
    assert PublicKey.objects.count() == 2
    assert len(Certificate.objects.get().subkeys) == 1


def test_a_withdrawn_name_is_not_given_back(committee, manager) -> None:
    take(Made().user_id(NAME).user_id(OLD).withdrawn(OLD).text, committee, manager)
    take(Made().user_id(NAME).user_id(OLD).text, committee, manager)
    row = Certificate.objects.get()
    assert row.user_ids == [NAME.decode()]
    assert [each["revoked"] for each in row.identities] == [None, "not valid any more"]


def test_a_revocation_that_somebody_else_made_up_is_not_taken(committee, manager) -> None:
    """Signed by another key, or by none: gpg drops it, and nobody is locked out."""
    alice, mallory = Made().user_id(NAME), Made(b"mallory").user_id(NAME)
    forged = mallory.signature(0x20, b"", more=b"\x02\x1d\x02")
    spoiled = bytearray(alice.signature(0x20, b""))
    spoiled[-1] ^= 1
    for revocation in (forged, bytes(spoiled)):
        data = armor(alice.packets[0] + revocation + b"".join(alice.packets[1:]))
        take(data, committee, manager)
        assert not Certificate.objects.get(fingerprint=alice.fingerprint).revoked


def test_a_newer_version_behind_a_damaged_key_of_one_file_is_not_lost(committee, manager) -> None:
    """gpg ends its import at a key that it cannot parse; what follows may be the revocation."""
    damaged = armor(
        packet(6, b"\4" + bytes(4) + b"\x01" + b"\xff\xff" + bytes(8)) + packet(13, b"x")
    )
    alice = Made().user_id(NAME)
    data = alice.text + damaged + Made().user_id(NAME).revoked(2).text
    report = take(data, committee, manager)
    assert outcomes(report) == [Outcome.STORED, Outcome.REFUSED, Outcome.UNCHANGED]
    assert Certificate.objects.get().revoked


def test_what_it_was_before_is_kept(committee, manager) -> None:
    take(Made().user_id(NAME).text, committee, manager)
    first = Certificate.objects.get()
    take(Made().user_id(NAME).revoked(3, AT + timedelta(days=1)).text, committee, manager)
    row = Certificate.objects.get()
    before = FormerVersion.objects.get()
    assert before.armored == first.armored
    assert (before.since, before.until) == (first.added_at, row.updated_at)
    assert before.entry.user_ids == (NAME.decode(),)
    assert before.entry.revocation_reason == ""
    assert str(before).startswith(str(row))


def test_its_keys_are_rows_with_the_time_in_which_they_may_be_used(committee, manager) -> None:
    erin = pgp.Signer("Erin <erin@example.org>", usage="cert")
    erin.home.add_subkey(erin.fingerprint, expires="30d", at=pgp.NOW)
    take(erin.public, committee, manager)
    primary, signing = Certificate.objects.get().keys.all()
    assert (primary.is_primary, primary.can_sign) == (True, False)
    assert (signing.is_primary, signing.can_sign) == (False, True)
    assert str(signing) == signing.fingerprint.upper()
    assert signing.valid_until == pgp.NOW + timedelta(days=30)
    moments = [(-1, False), (1, True), (29, True), (31, False)]
    for days, valid in moments:
        assert signing.is_valid(pgp.NOW + timedelta(days=days)) is valid
    assert set(PublicKey.objects.issued_by([signing.key_id])) == {signing}


@pytest.mark.parametrize(("reason", "days", "valid"), [(3, 1, True), (3, 9, False), (2, 1, False)])
def test_a_hard_revocation_reaches_back_and_a_soft_one_does_not(
    committee, manager, reason, days, valid
) -> None:
    take(Made().user_id(NAME).revoked(reason, AT + timedelta(days=5)).text, committee, manager)
    assert PublicKey.objects.get().is_valid(AT + timedelta(days=days)) is valid


def test_all_committees_that_have_the_key_hear_of_its_revocation(committee, manager) -> None:
    other = make.committee("other")
    take(Made().user_id(NAME).text, other, make.member(other))
    take(Made().user_id(NAME).text, committee, manager)
    take(Made().user_id(NAME).revoked(2).text, committee, manager)
    event = Event.objects.get(tag=Tag.KEY_UPDATED)
    assert event.committee == "other"
    jobs = set(Job.objects.filter(args__event=event.pk).values_list("name", flat=True))
    assert jobs == {"checks.recheck", "releases.write_keys"}


def test_certificates_from_before_their_keys_were_rows_are_read_again(committee, manager) -> None:
    take(Made().user_id(NAME).revoked(2).text, committee, manager)
    PublicKey.objects.all().delete()
    Certificate.objects.update(revoked_hard=False, identities=[])
    assert Certificate.objects.reread(10) == 1
    row = Certificate.objects.get()
    assert (row.revoked_hard, len(row.identities), row.keys.count()) == (True, 1, 1)
    assert Certificate.objects.reread(10) == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_versions_at_once_leave_what_both_brought(monkeypatch) -> None:
    """One brings the revocation, the other a name; both have read the row before either wrote."""
    committees = [make.committee(), make.committee()]
    managers = [make.member(each) for each in committees]
    take(Made().user_id(NAME).text, committees[0], managers[0])
    files = [
        Made().user_id(NAME).revoked(2).text,
        Made().user_id(NAME).user_id(OLD).text,
    ]
    newest, read = models.CertificateManager._newest, threading.Barrier(2)

    def both(self, blocks):
        found = newest(self, blocks)
        with suppress(threading.BrokenBarrierError):
            read.wait(20)
        return found

    def act(data, committee, by):
        try:
            return take(data, committee, by)
        finally:
            connection.close()

    monkeypatch.setattr(models.CertificateManager, "_newest", both)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(act, files, committees, managers))
    row = Certificate.objects.get()
    assert row.revoked
    assert set(row.user_ids) == {NAME.decode(), OLD.decode()}
    assert FormerVersion.objects.count() == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_new_key_at_once_is_stored_once(monkeypatch) -> None:
    committees = [make.committee(), make.committee()]
    managers = [make.member(each) for each in committees]
    held, begun = models.CertificateManager._held, threading.Barrier(2)

    def both(self, names):
        found = held(self, names)
        with suppress(threading.BrokenBarrierError):
            begun.wait(5)
        return found

    def act(committee, by):
        try:
            return take(Made().user_id(NAME).text, committee, by)
        finally:
            connection.close()

    monkeypatch.setattr(models.CertificateManager, "_held", both)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(act, committees, managers))
    assert (Certificate.objects.count(), PublicKey.objects.count()) == (1, 1)
    assert [each.certificates.count() for each in committees] == [1, 1]


def test_a_revocation_by_somebody_named_for_it_is_not_lost_when_their_key_is_not_at_hand(
    committee, manager
):
    friend = Made(b"friend").user_id(b"Friend <friend@example.org>")
    key = Made(b"named").revocable_by(friend).user_id(NAME)
    before = key.text
    key.revoked_by(friend)
    take(key.text + friend.text, committee, manager)
    row = Certificate.objects.get(fingerprint=key.fingerprint)
    assert (row.revoked, row.revocation_reason, row.revoked_hard) == (True, "compromised", True)
    take(key.user_id(OLD).text, committee, manager)
    take(before, committee, manager)
    row.refresh_from_db()
    assert (row.revoked, row.revocation_reason, row.revoked_hard) == (True, "compromised", True)
    assert row.user_ids == [NAME.decode(), OLD.decode()]
    assert row.keys.get(is_primary=True).revoked_hard


def test_a_revocation_that_could_not_be_verified_at_first_counts_when_it_can(committee, manager):
    friend = Made(b"friend").user_id(b"Friend <friend@example.org>")
    key = Made(b"named").revocable_by(friend).user_id(NAME).revoked_by(friend)
    take(key.text, committee, manager)
    assert not Certificate.objects.get().revoked
    report = take(key.text + friend.text, committee, manager)
    assert Outcome.UPDATED in outcomes(report)
    assert Certificate.objects.get(fingerprint=key.fingerprint).revoked_hard


def test_a_key_that_grows_version_by_version_is_refused_in_the_end(committee, manager, monkeypatch):
    take(Made().user_id(NAME).text, committee, manager)
    monkeypatch.setattr("keys.openpgp.MAX_PARTS", 2)
    with pytest.raises(BadInput, match="has 5 parts"):
        take(Made().user_id(NAME).user_id(OLD).text, committee, manager)
    assert Certificate.objects.get().user_ids == [NAME.decode()]
