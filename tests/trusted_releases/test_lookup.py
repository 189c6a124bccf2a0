"""Everything is found by what names it, and nothing by who may not see it."""

import hashlib

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from projects.models import Membership
from projects.roles import Role
from releases.models import Entry, Release, Revision
from releases.phases import Outcome
from tests import make, signed
from trusted_releases.lookup import LAST_PAGE, SHOWN, FileHit, Lookup
from trusted_releases.questions import read

pytestmark = pytest.mark.django_db

NOBODY = AnonymousUser()
CONTENT = b"the bytes of a release"
SHA512 = hashlib.sha512(CONTENT).hexdigest()
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = "apache-tool-1.0.tar.gz"


def found(text: str, person=NOBODY) -> dict[str, list]:
    groups = Lookup(read(text), person).groups()
    return {
        group.kind: [row.entry if isinstance(row, FileHit) else row for row in group.rows]
        for group in groups
    }


def landings(text: str, person=NOBODY) -> set[str]:
    return set(Lookup(read(text), person).landings())


@pytest.fixture
def project():
    return make.project("tool", name="Apache Tool", committee=make.committee("tools"))


@pytest.fixture
def draft(project) -> Release:
    return make.candidate(project, version="1.0", files={f"src/{NAME}": CONTENT, "x.txt": "x"})


@pytest.fixture
def entry(draft) -> Entry:
    return draft.entries.get(name=NAME)


@pytest.fixture
def public(draft) -> Release:
    return make.vote(draft).release


class TestFiles:
    @pytest.mark.parametrize(
        "text", [SHA512, SHA256, SHA512[:12], SHA256[:8], f"{SHA512}  {NAME}", NAME, NAME[:9]]
    )
    def test_by_digest_its_beginning_name_or_the_names_beginning(self, public, entry, text):
        assert found(text) == {"files": [entry]}

    def test_by_path(self, public, entry):
        assert found(f"src/{NAME}") == {"files": [entry]}
        assert found(f"bin/{NAME}") == {}

    def test_a_part_in_the_middle_of_a_name_is_not_looked_for(self, public):
        assert "files" not in found("tool-1.0.tar.gz")

    def test_in_every_release_that_has_the_same_bytes(self, public, entry, project):
        other = make.vote(make.candidate(project, version="1.1", files={"copy": CONTENT})).release
        assert set(found(SHA512)["files"]) == {entry, other.entries.get()}

    @pytest.mark.parametrize("text", [SHA512, SHA256, SHA512[:12], NAME, f"src/{NAME}", "1.0"])
    def test_of_a_draft_nobody_learns_anything(self, draft, text):
        outsider = make.user()
        assert found(text) == found(text, outsider) == {}
        assert landings(text) == landings(text, outsider) == set()

    def test_of_a_draft_its_people_and_committers_find_them(self, draft, entry):
        for person in (make.member(draft), make.user(is_committer=True)):
            assert found(SHA512, person) == {"files": [entry]}
            assert landings(SHA512, person) == {draft.get_absolute_url()}

    def test_a_person_with_several_roles_sees_a_file_once(self, draft, entry):
        person = make.member(draft)
        Membership.objects.create(committee=draft.committee, user=person, role=Role.RELEASE_MANAGER)
        assert found(NAME, person) == {"files": [entry]}


class TestAFilesStanding:
    def test_released_only_when_it_is_in_what_was_released(self, project):
        draft = make.release(project, version="1.0", files={"a": "first"})
        by = make.member(project)
        draft.add_files({"a": make.blob("second")}, by=by)
        make.checked(draft.newest)
        release = make.passed(draft)
        first, second = (FileHit(each) for each in release.entries.order_by("since"))
        assert (first.standing, first.revisions) == ("not in the release", "revision 1")
        assert first.url == release.revisions.get(number=1).get_absolute_url()
        assert second.standing == "not released: in phase “Finish”"
        assert second.url == release.get_absolute_url()

    def test_a_run_of_revisions(self, draft, entry):
        draft.add_files({"more": make.blob("more")}, by=make.member(draft))
        hit = FileHit(draft.entries.get(name=NAME))
        assert hit.revisions == "revisions 1 to 2"
        assert hit.standing == "not released: in phase “Compose”"

    def test_what_was_taken_out_of_a_draft_is_in_an_earlier_revision(self, draft):
        draft.delete_files([f"src/{NAME}"], by=make.member(draft))
        hit = FileHit(draft.entries.get(name=NAME))
        assert hit.standing == "not in the release"
        assert hit.url.endswith("/revisions/1/")


class TestALineOfAChecksumFile:
    def test_whose_digest_is_unknown_shows_files_of_that_name_and_says_so(self, public, entry):
        lookup = Lookup(read(f"{'0' * 128}  {NAME}"), NOBODY)
        assert lookup.is_other_content
        assert [row.entry for group in lookup.groups() for row in group.rows] == [entry]
        assert lookup.landings() == {}

    def test_whose_digest_is_known_is_the_file_whatever_its_name_is_now(self, public, entry):
        lookup = Lookup(read(f"{SHA512}  renamed.tar.gz"), NOBODY)
        assert not lookup.is_other_content
        what = f"the file src/{NAME} of Apache Tool 1.0, not released: in phase “Vote”"
        assert lookup.landings() == {public.get_absolute_url(): what}

    def test_of_a_draft_looks_like_one_that_is_unknown(self, draft):
        assert Lookup(read(f"{SHA512}  {NAME}"), NOBODY).is_other_content
        assert found(f"{SHA512}  {NAME}") == {}


class TestManifests:
    @pytest.mark.parametrize("form", ["{}", "sha256:{}", "SHA-256: {}"])
    def test_by_digest(self, public, form):
        digits = public.voted.manifest_digest.removeprefix("sha256:")
        assert found(form.format(digits)) == {"revisions": [public.voted]}
        assert landings(form.format(digits)) == {public.voted.get_absolute_url()}
        assert found(digits[:12]) == {"revisions": [public.voted]}

    def test_the_same_files_in_two_releases_are_two_places(self, public, project):
        files = {f"src/{NAME}": CONTENT, "x.txt": "x"}
        other = make.vote(make.candidate(project, version="1.1", files=files)).release
        digest = public.voted.manifest_digest
        assert found(digest)["revisions"] == [other.voted, public.voted]
        assert len(landings(digest)) == 2

    def test_of_a_draft_is_not_found(self, draft):
        assert Revision.objects.filter(manifest_digest=draft.newest.manifest_digest).exists()
        assert found(draft.newest.manifest_digest) == {}


class TestNames:
    def test_of_projects_committees_and_releases(self, public, project):
        assert found("apache") == {"projects": [project], "releases": [public]} | {
            "files": found("apache")["files"]
        }
        assert found("tools") == {"projects": [project], "committees": [project.committee]}

    def test_all_words_have_to_occur(self, public, project):
        assert found("apache tool 1.0") == {"releases": [public]}
        assert found("apache tool 2.0") == {}

    @pytest.mark.parametrize(
        "text", ["tool 1.0", "Tool 1.0", "apache tool 1.0", "Apache Tool 1.0", "tool-1.0"]
    )
    def test_a_project_with_a_version_is_one_release(self, public, text):
        assert landings(text) == {public.get_absolute_url()}

    def test_versions_with_hyphens(self, project):
        release = make.vote(make.candidate(project, version="2.0.0-alpha.1")).release
        assert landings("tool-2.0.0-alpha.1") == {release.get_absolute_url()}

    def test_a_project_and_a_committee_of_one_name_are_two_places(self):
        both = make.project("twin")
        assert landings("twin") == {both.get_absolute_url(), both.committee.get_absolute_url()}

    def test_a_file_by_its_whole_name_is_one_place(self, public):
        assert landings(NAME) == {public.get_absolute_url()}
        assert landings(NAME[:-1]) == set()

    def test_marks_of_pattern_languages_are_only_characters(self, public):
        for text in ("%%%", "___", "tool%", "too_", "[a-z]*", "'; --", "\\", "(((", "💥"):
            assert found(text) == {}, text


class TestKeys:
    @pytest.fixture
    def key(self, project):
        signed.add_keys(project, signed.author())
        return project.committee.certificates.get()

    def test_by_fingerprint_key_id_and_owner(self, key):
        for text in (key.fingerprint, f"0x{key.key_id}", key.spaced, key.fingerprint[:10]):
            assert found(text) == {"keys": [key]}, text
        assert found("archer") == {"keys": [key]}
        assert landings(key.spaced) == {key.get_absolute_url()}
        assert landings(key.key_id.upper()) == {key.get_absolute_url()}

    def test_by_a_subkey_which_is_what_gpg_names(self, key):
        subkey = "ab12" * 10
        key.subkeys = [{"fingerprint": subkey}]
        key.save()
        assert landings(subkey.upper()) == {key.get_absolute_url()}
        assert landings(subkey[-16:]) == {key.get_absolute_url()}


class TestPeople:
    def test_are_found_by_who_is_signed_in(self):
        ann = make.user("ann", full_name="Ann Other")
        for text in ("ann", "other", "Ann Other"):
            assert found(text, make.user()) == {"people": [ann]}
            assert found(text) == {}

    def test_not_by_address_and_not_when_switched_off(self):
        make.user("ann", email="secret@example.org")
        make.user("gone", is_active=False)
        assert found("secret", make.user()) == found("gone", make.user()) == {}


class TestMany:
    def test_of_each_kind_some_are_shown_and_the_rest_are_on_pages(self, project):
        for number in range(SHOWN + 2):
            make.committee(f"many-{number:02}")
        lookup = Lookup(read("many"), NOBODY)
        (first,) = lookup.groups()
        assert (len(first.rows), first.more) == (SHOWN, True)
        whole = lookup.group("committees", 1)
        assert (len(whole.rows), whole.more) == (SHOWN + 2, False)
        assert lookup.group("committees", 2).rows == []
        assert lookup.group("committees", 10**9).page == LAST_PAGE

    def test_a_vote_that_failed_hides_its_files_again(self, public):
        public.resolve_vote(Outcome.CANCELLED, by=make.member(public))
        assert found(SHA512) == {}

    @pytest.mark.parametrize(
        ("text", "all_kinds", "exact"),
        [
            ("tool", 5, 4),
            ("apache tool 1.0", 4, 3),
            (NAME, 5, 4),
            (SHA512, 3, 3),
            (SHA256, 4, 4),
            (f"{SHA512}  {NAME}", 3, 4),
        ],
    )
    def test_each_kind_is_asked_for_once(
        self, public, django_assert_num_queries, text, all_kinds, exact
    ):
        with django_assert_num_queries(all_kinds):
            Lookup(read(text), NOBODY).groups()
        with django_assert_num_queries(exact):
            landings(text)

    @pytest.mark.parametrize(("text", "kind"), [(NAME, "files"), ("ab" * 32, "revisions")])
    def test_large_tables_are_asked_by_an_index(self, public, text, kind):
        """Whoever asks: the rows that are looked for come first, then who may see them."""
        for person in (NOBODY, make.user(is_committer=True), make.member(public)):
            asked = getattr(Lookup(read(text), person), f"_{kind}")()
            with connection.cursor() as cursor:
                if connection.vendor == "postgresql":  # which scans tables as small as this one
                    cursor.execute("SET LOCAL enable_seqscan = off")
            assert INDEX_OF[kind] in asked.explain()


INDEX_OF = {"files": "releases_entry_name", "revisions": "releases_revision_manifest_digest"}
