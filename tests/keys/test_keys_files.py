"""KEYS files through time: who was in them when, how they come to be, and what is never lost."""

from datetime import timedelta
from itertools import count

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.timezone import now

from keys.document import told_of
from keys.models import (
    Certificate,
    FormerLink,
    KeyLink,
    KeysFile,
    KeyUse,
    keys_document,
    keys_on,
    public_document,
)
from keys.openpgp import read_keys
from projects.roles import Role
from tests import make
from tests.keys.made import AT, Made
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Stale

pytestmark = pytest.mark.django_db

ALICE, BOB = b"Alice <alice@example.org>", b"Bob <bob@elsewhere.example>"
numbers = count()


@pytest.fixture
def committee():
    return make.committee("example")


@pytest.fixture
def manager(committee):
    return make.member(committee, Role.RELEASE_MANAGER, username="manager")


@pytest.fixture
def alice():
    return Made(b"alice").user_id(ALICE)


@pytest.fixture
def bob():
    return Made(b"bob").user_id(BOB)


def take(data, committee, by):
    Certificate.objects.import_keys(data, committee=committee, by=by)


def used(link: KeyLink) -> None:
    """A published release of the committee rests on the key."""
    KeyUse.objects.create(
        committee=link.committee,
        certificate=link.certificate,
        signing_fingerprint=link.certificate.fingerprint,
        project="example",
        version=f"1.{next(numbers)}",
        path="a.tar.gz.asc",
        sha256="0" * 64,
        published_at=now(),
    )


def names(rows) -> set[str]:
    return {each.fingerprint for each in rows}


class TestHistory:
    def test_who_stood_in_it_on_a_day_is_known_for_ever(
        self, committee, manager, alice, bob
    ) -> None:
        before = now()
        take(alice.text, committee, manager)
        one = now()
        take(bob.text, committee, manager)
        two = now()
        KeyLink.objects.get(certificate__fingerprint=alice.fingerprint).unlink(by=manager)
        after = now()
        assert names(keys_on(committee, before)) == set()
        assert names(keys_on(committee, one)) == {alice.fingerprint}
        assert names(keys_on(committee, two)) == {alice.fingerprint, bob.fingerprint}
        assert names(keys_on(committee, after)) == {bob.fingerprint}
        term = FormerLink.objects.get()
        assert one < term.until < after
        assert (term.added_by, term.ended_by) == (manager, manager)
        assert alice.fingerprint.upper() in str(term)

    def test_the_file_of_a_day_has_the_keys_in_their_form_of_that_day(
        self, committee, manager, alice
    ) -> None:
        take(alice.text, committee, manager)
        at, first = now(), keys_document(committee)
        alice.revoked(2, AT + timedelta(days=1))
        take(alice.text, committee, manager)
        assert keys_document(committee, at) == first
        assert b"[revoked: compromised]" not in first
        assert b"[revoked: compromised]" in keys_document(committee)
        (block,) = read_keys(keys_document(committee, at))
        assert not block.certificates[0].revoked

    def test_a_key_that_went_and_came_back_has_both_terms(self, committee, manager, alice) -> None:
        take(alice.text, committee, manager)
        KeyLink.objects.get().unlink(by=manager)
        between = now()
        Certificate.objects.get().link(committee, by=manager)
        assert names(keys_on(committee, between)) == set()
        assert names(keys_on(committee, now())) == {alice.fingerprint}
        assert Event.objects.filter(tag=Tag.KEY_LINKED).count() == 1


class TestRetired:
    @pytest.fixture
    def link(self, committee, manager, alice) -> KeyLink:
        take(alice.text, committee, manager)
        link = KeyLink.objects.get()
        used(link)
        return link

    def test_what_signed_a_published_release_stays_in_the_file_and_signs_no_more(
        self, committee, manager, link, alice
    ) -> None:
        link.unlink(by=manager)
        link.refresh_from_db()
        assert link.is_retired
        told = told_of(keys_document(committee))[alice.fingerprint]
        assert told.retired_at == link.retired_at.replace(microsecond=0)
        assert names(keys_on(committee, now())) == {alice.fingerprint}
        assert Event.objects.filter(tag=Tag.KEY_RETIRED, committee="example").count() == 1
        with pytest.raises(Stale):
            link.unlink(by=manager)

    def test_its_owner_who_takes_it_back_does_not_lose_it_either(self, manager, link) -> None:
        Certificate.objects.update(owner=manager)
        Certificate.objects.take_back(Certificate.objects.get(), by=manager)
        assert KeyLink.objects.get().is_retired
        assert Certificate.objects.get().owner is None

    def test_importing_the_file_again_does_not_bring_it_back_into_use(
        self, committee, manager, link
    ) -> None:
        link.unlink(by=manager)
        take(keys_document(committee), committee, manager)
        assert KeyLink.objects.get().is_retired

    def test_linking_it_again_does(self, committee, manager, link) -> None:
        link.unlink(by=manager)
        Certificate.objects.get().link(committee, by=manager)
        assert not KeyLink.objects.get().is_retired
        with pytest.raises(Stale, match="already"):
            Certificate.objects.get().link(committee, by=manager)

    def test_of_another_committee_it_is_taken_away(self, manager, link, alice) -> None:
        other = make.committee("other")
        boss = make.member(other)
        take(alice.text, other, boss)
        KeyLink.objects.get(committee=other).unlink(by=boss)
        assert not other.key_links.exists()


class TestWhoMay:
    def test_its_owner_takes_a_key_from_a_committee(self, committee, manager, alice) -> None:
        take(alice.text, committee, manager)
        person = make.member(committee, Role.PARTICIPANT)
        with pytest.raises(PermissionDenied):
            KeyLink.objects.get().unlink(by=person)
        Certificate.objects.update(owner=person)
        KeyLink.objects.get().unlink(by=person)
        assert not KeyLink.objects.exists()

    def test_who_is_not_of_the_committee_links_nothing(self, committee, manager, alice) -> None:
        take(alice.text, committee, manager)
        other = make.committee("other")
        with pytest.raises(PermissionDenied):
            Certificate.objects.get().link(other, by=manager)


class TestModes:
    def test_ours_follows_every_change(self, committee, manager, alice) -> None:
        take(alice.text, committee, manager)
        assert public_document(committee) == keys_document(committee)
        assert KeysFile.objects.of(committee).mode == KeysFile.Mode.OURS

    def test_a_manual_one_stays_until_somebody_says_so(
        self, committee, manager, alice, bob
    ) -> None:
        take(alice.text, committee, manager)
        file = KeysFile.objects.of(committee)
        file.set_mode("manual", by=manager)
        before = public_document(committee)
        take(bob.text, committee, manager)
        assert public_document(committee) == before
        file.publish(by=manager, reason="Bob is new")
        assert public_document(committee) == keys_document(committee) != before
        assert Event.objects.get(tag=Tag.KEYS_PUBLISHED).facts == {"reason": "Bob is new"}

    def test_an_external_one_is_changed_elsewhere_only(
        self, committee, manager, alice, bob
    ) -> None:
        take(alice.text, committee, manager)
        Certificate.objects.update(owner=manager)
        file = KeysFile.objects.of(committee)
        file.set_mode("external", address="https://example.org/KEYS", by=manager)
        row, link = Certificate.objects.get(), KeyLink.objects.get()
        for act in (
            lambda: take(bob.text, committee, manager),
            lambda: link.unlink(by=manager),
            lambda: row.link(committee, by=manager),
            lambda: Certificate.objects.take_back(row, by=manager),
            lambda: Certificate.objects.add_own(alice.text, by=manager, committees=[committee]),
        ):
            with pytest.raises(NotReady, match=r"kept at https://example\.org/KEYS"):
                act()
        assert names(committee.certificates.all()) == {alice.fingerprint}
        file.set_mode("ours", by=manager)
        link.unlink(by=manager)
        assert str(file) == "KEYS file of Example"

    @pytest.mark.parametrize(
        "address",
        [
            *("", "http://example.org/KEYS", "ftp://example.org/KEYS", "https:///KEYS"),
            *("https://a:b@example.org/KEYS", "https://example.org/" + "x" * 500, "file:///KEYS"),
            "https://example.org/KEYS#x",
        ],
    )
    def test_an_address_that_is_none_is_refused(self, committee, manager, address: str) -> None:
        with pytest.raises(BadInput, match="address of a KEYS file"):
            KeysFile.objects.of(committee).set_mode("external", address=address, by=manager)

    def test_an_unknown_mode_is_refused(self, committee, manager) -> None:
        with pytest.raises(BadInput, match="no mode"):
            KeysFile.objects.of(committee).set_mode("svn", by=manager)

    def test_who_may_not_manage_keys_decides_none_of_it(self, committee) -> None:
        person = make.member(committee, Role.PARTICIPANT)
        file = KeysFile.objects.of(committee)
        for act in (
            lambda: file.set_mode("manual", by=person),
            lambda: file.publish(by=person),
            lambda: file.ask(by=person),
        ):
            with pytest.raises(PermissionDenied):
                act()

    def test_there_is_nothing_to_ask_for_where_the_file_is_ours(self, committee, manager) -> None:
        with pytest.raises(NotReady, match="nothing to ask"):
            KeysFile.objects.of(committee).ask(by=manager)


def test_the_file_says_whose_each_key_is(committee, manager, alice, bob) -> None:
    take(alice.text + bob.text, committee, manager)
    told = told_of(keys_document(committee))
    assert {name: each.person for name, each in told.items()} == {
        alice.fingerprint: "alice",
        bob.fingerprint: "",
    }
    Certificate.objects.filter(fingerprint=bob.fingerprint).update(owner=manager)
    assert told_of(keys_document(committee))[bob.fingerprint].person == "manager"


def test_no_user_id_says_whose_a_key_is(committee, manager) -> None:
    name = b"Eve\n      of    alice\n" + b"      kept for older releases; signs no more since 2020"
    eve = Made(b"eve").user_id(name)
    take(eve.text, committee, manager)
    (told,) = told_of(keys_document(committee)).values()
    assert told == ("", None)


def test_a_file_from_elsewhere_says_nothing_of_people(alice) -> None:
    assert told_of(b"prose\n" + alice.text) == {}
