import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from keys.models import Certificate, KeyLink, keys_document
from keys.openpgp import read_keys
from projects.roles import Role
from tests import make, pgp

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script> \u202eEve <eve@apache.org>"


@pytest.fixture
def committee():
    return make.committee("example")


@pytest.fixture
def manager(committee):
    return make.member(committee, Role.RELEASE_MANAGER)


@pytest.fixture(scope="module")
def alice():
    return pgp.signer()


@pytest.fixture
def link(committee, manager, alice):
    Certificate.objects.import_keys(alice.public, committee=committee, by=manager)
    return KeyLink.objects.get()


def address(name, *args):
    return reverse(f"keys:{name}", args=args)


def page(client, name, *args):
    answer = client.get(address(name, *args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_anybody_sees_a_committees_keys(client, link, committee, alice):
    shown = page(client, "committee", "example")
    assert link.certificate.spaced in shown
    assert "Alice Archer &lt;alice@apache.org&gt;" in shown
    assert address("document", "example") in shown
    assert address("import", "example") not in shown
    assert "unlink" not in shown


def test_a_manager_sees_what_may_be_done(client, link, manager, alice):
    client.force_login(manager)
    shown = page(client, "committee", "example")
    assert address("import", "example") in shown
    assert address("unlink", "example", alice.fingerprint) in shown


def test_a_committee_without_keys_says_what_that_means(client, committee):
    assert "no signature can be verified" in page(client, "committee", "example")


@pytest.mark.parametrize("name", ["committee", "document", "import"])
def test_an_unknown_committee_is_not_found(client, name):
    assert client.get(address(name, "nowhere")).status_code == 404


def test_the_keys_file_is_plain_text_and_can_be_imported(client, link, committee, alice):
    answer = client.get(address("document", "example"))
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content == keys_document(committee)
    (block,) = read_keys(answer.content)
    assert block.certificates[0].fingerprint == alice.fingerprint


def test_a_key_has_a_page(client, link, alice):
    shown = page(client, "detail", alice.fingerprint)
    assert link.certificate.spaced in shown
    assert "BEGIN PGP PUBLIC KEY BLOCK" in shown
    assert address("committee", "example") in shown
    assert client.get(address("detail", alice.fingerprint.upper())).status_code == 200
    assert client.get(address("detail", "00" * 20)).status_code == 404


def test_a_key_that_was_unlinked_shows_what_happened(client, link, manager, alice):
    link.unlink(by=manager)
    shown = page(client, "detail", alice.fingerprint)
    assert "No committee has linked this key." in shown
    assert "took a key from the committee" in shown


def test_a_revoked_key_says_so_everywhere(client, committee, manager):
    eve = pgp.Signer(HOSTILE, expires="30d")
    eve.home.add_subkey(eve.fingerprint, at=pgp.NOW)
    eve.home.revoke(eve.fingerprint, reason=1, at=pgp.NOW)
    Certificate.objects.import_keys(eve.public, committee=committee, by=manager)
    for shown in (
        page(client, "committee", "example"),
        page(client, "detail", eve.fingerprint),
    ):
        assert "revoked" in shown
        assert "compromised" in shown
        assert "<script>alert" not in shown
        assert "\u202e" not in shown


def test_a_file_is_imported_and_each_block_is_answered_for(client, committee, manager, alice):
    client.force_login(manager)
    content = b"prose\n" + alice.public + alice.public[:200]
    answer = client.post(
        address("import", "example"), {"file": SimpleUploadedFile("KEYS", content)}
    )
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "1 stored, 1 refused" in shown
    assert ">KEYS file" in shown, "the next form has the labels of the first"
    assert alice.fingerprint.upper() in shown
    assert "cut" in shown
    assert KeyLink.objects.get().committee == committee


def test_pasted_keys_are_imported(client, committee, manager, alice):
    client.force_login(manager)
    client.post(address("import", "example"), {"text": alice.public.decode()})
    assert KeyLink.objects.get().certificate.fingerprint == alice.fingerprint


def test_a_private_key_is_refused_and_not_shown_again(client, committee, manager, alice):
    client.force_login(manager)
    secret = alice.secret.decode()
    answer = client.post(address("import", "example"), {"text": secret})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "PRIVATE KEY" in shown
    assert secret.splitlines()[4] not in shown
    assert not Certificate.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"text": " "}, {"text": "no keys here"}])
def test_what_cannot_be_imported_comes_back_with_a_sentence(client, committee, manager, fields):
    client.force_login(manager)
    answer = client.post(address("import", "example"), fields)
    assert answer.status_code == 422
    assert not Certificate.objects.exists()


def test_a_stranger_is_sent_to_log_in_and_a_member_elsewhere_is_refused(client, committee):
    assert client.get(address("import", "example")).status_code == 302
    client.force_login(make.member(make.committee("other")))
    assert client.get(address("import", "example")).status_code == 403


def test_a_stranger_who_posts_imports_nothing(client, committee, alice):
    client.force_login(make.user())
    answer = client.post(address("import", "example"), {"text": alice.public.decode()})
    assert answer.status_code == 403
    assert not Certificate.objects.exists()


def test_unlinking_asks_first(client, link, manager, alice):
    client.force_login(manager)
    shown = page(client, "unlink", "example", alice.fingerprint)
    assert link.certificate.spaced in shown
    assert KeyLink.objects.exists()
    answer = client.post(address("unlink", "example", alice.fingerprint))
    assert (answer.status_code, answer["Location"]) == (303, address("committee", "example"))
    assert not KeyLink.objects.exists()
    assert client.post(address("unlink", "example", alice.fingerprint)).status_code == 404


def test_a_participant_may_not_unlink(client, link, committee, alice):
    client.force_login(make.member(committee, Role.PARTICIPANT))
    assert client.get(address("unlink", "example", alice.fingerprint)).status_code == 403
    assert client.post(address("unlink", "example", alice.fingerprint)).status_code == 403
    assert KeyLink.objects.exists()


def test_a_list_of_keys_takes_the_same_few_queries_for_one_and_for_many(
    client, link, committee, manager, django_assert_max_num_queries
):
    for name in ("Bob", "Carol", "Dave"):
        signer = pgp.signer(f"{name} <{name.lower()}@apache.org>")
        Certificate.objects.import_keys(signer.public, committee=committee, by=manager)
    with django_assert_max_num_queries(6):
        page(client, "committee", "example")


def test_the_console_shows_keys_and_lets_nobody_edit_them(client, link):
    client.force_login(make.operator())
    listed = client.get(reverse("admin:keys_certificate_changelist"), {"q": "alice"})
    assert link.certificate.fingerprint.upper() in listed.content.decode()
    detail = reverse("admin:keys_certificate_change", args=[link.certificate.pk])
    shown = client.get(detail).content.decode()
    assert "BEGIN PGP PUBLIC KEY BLOCK" in shown
    assert 'name="armored"' not in shown
    assert client.get(reverse("admin:keys_keylink_changelist")).status_code == 200
    assert client.get(reverse("admin:keys_certificate_add")).status_code == 403
