import pytest

from keys.models import Certificate
from keys.persons import AUTOMATED, address_in, is_automated, people_of, uid_of
from tests import make
from tests.keys.made import Made
from tests.shared import needs_shared

COMMITTEE = "tool"


@pytest.mark.parametrize(
    ("user_id", "address"),
    [
        ("Alice <Alice@Example.org>", "alice@example.org"),
        ("Alice (CODE SIGNING) <alice@example.org>", "alice@example.org"),
        ("alice@example.org", "alice@example.org"),
        ("<alice@example.org>", "alice@example.org"),
        ("Mallory (alice@example.org)", ""),
        ("Mallory (alice@example.org) <m@evil.example>", "m@evil.example"),
        ("Mallory <m@evil.example> <alice@example.org>", ""),
        ("Mallory <alice@example.org> x", ""),
        ("Mallory <alice@example.org", ""),
        ("Mallory <a@b@example.org>", ""),
        ("Mallory <fran\u212a@example.org>", ""),
        ("Mallory <alice@ex\u0430mple.org>", ""),
        ("Mallory <alice@example.org\\u202e>", ""),
        ("Nobody", ""),
        ("", ""),
    ],
)
def test_the_address_of_a_user_id_is_what_it_plainly_says(user_id: str, address: str) -> None:
    assert address_in(user_id) == address


@pytest.mark.parametrize(
    ("user_ids", "name"),
    [
        (["Alice <alice@example.org>"], "alice"),
        (["A <a@elsewhere.example>", "A <alice@EXAMPLE.org>"], "alice"),
        (["Eve <alice@example.org.evil.example>"], None),
        (["Eve <alice@notexample.org>"], None),
        (["Eve (alice@example.org) <eve@evil.example>"], None),
        ([], None),
    ],
)
def test_a_name_at_the_foundations_domain_is_an_accounts_name(user_ids, name) -> None:
    assert uid_of(user_ids) == name


@pytest.mark.parametrize(
    ("user_id", "automated"),
    [
        ("Tool Automated Release Signing <private@tool.example.org>", True),
        ("tool AUTOMATED RELEASE SIGNING <PRIVATE@tool.example.org>", True),
        ("Tool Services RM <private@tool.example.org>", True),
        ("Tool Automated Release Signing <private@other.example.org>", False),
        ("Tool <private@tool.example.org>", False),
        ("Automated Release Signing <dev@tool.example.org>", False),
    ],
)
def test_a_machine_signs_for_its_own_committee_only(user_id: str, automated: bool) -> None:
    assert is_automated([user_id], COMMITTEE) is automated


@pytest.mark.django_db
class TestPeople:
    @pytest.fixture
    def committee(self):
        return make.committee(COMMITTEE)

    def who(self, committee, user_id: str, **owner) -> str:
        made = Made().user_id(user_id.encode())
        by = make.member(committee)
        Certificate.objects.import_keys(made.text, committee=committee, by=by)
        Certificate.objects.update(**owner)
        rows = Certificate.objects.select_related("owner")
        return people_of(rows, COMMITTEE).get(made.fingerprint, "")

    def test_who_added_it_has_it_whatever_it_says(self, committee) -> None:
        carol = make.user("carol")
        assert self.who(committee, "Alice <alice@example.org>", owner=carol) == "carol"

    def test_a_name_at_the_foundation_is_enough(self, committee) -> None:
        assert self.who(committee, "Alice <alice@example.org>") == "alice"

    def test_so_is_an_address_that_the_directory_knows(self, committee) -> None:
        make.user("dave", email="dave@home.example")
        assert self.who(committee, "Dave <dave@home.example>") == "dave"

    def test_and_one_that_somebody_has_proved_to_be_theirs(self, committee) -> None:
        erin = make.user("erin")
        erin.emailaddress_set.create(email="erin@home.example", verified=True)
        erin.emailaddress_set.create(email="frank@home.example", verified=False)
        assert self.who(committee, "Erin <erin@home.example>") == "erin"

    def test_an_address_that_nobody_has_proved_is_nobodys(self, committee) -> None:
        make.user("erin").emailaddress_set.create(email="frank@home.example", verified=False)
        assert self.who(committee, "Frank <frank@home.example>") == ""

    def test_a_machine_is_told_as_one(self, committee) -> None:
        name = "Tool Automated Release Signing <private@tool.example.org>"
        assert self.who(committee, name) == AUTOMATED

    def test_a_withdrawn_name_is_nobodys(self, committee) -> None:
        mine, old = b"Eve <eve@home.example>", b"Alice <alice@example.org>"
        made = Made().user_id(mine).user_id(old).withdrawn(old)
        by = make.member(committee)
        Certificate.objects.import_keys(made.text, committee=committee, by=by)
        assert people_of(Certificate.objects.select_related("owner"), COMMITTEE) == {}

    def test_it_costs_the_same_for_many(self, committee, django_assert_num_queries) -> None:
        by = make.member(committee)
        for number in range(3):
            text = Made(b"%d" % number).user_id(b"P <p%d@home.example>" % number).text
            Certificate.objects.import_keys(text, committee=committee, by=by)
        rows = list(Certificate.objects.select_related("owner"))
        with django_assert_num_queries(2):
            people_of(rows, COMMITTEE)

    @needs_shared
    @pytest.mark.parametrize("case", ["fake_asf_uid", "uid_asf_in_comment"])
    def test_a_hostile_claim_to_an_address_makes_it_nobodys(
        self, committee, hostile, labels, settings, case
    ) -> None:
        settings.MAIL_DOMAIN = "apache.org"
        assert labels["keys", case] == "reject"
        data = (hostile / "keys" / case / "KEYS").read_bytes()
        Certificate.objects.import_keys(data, committee=committee, by=make.member(committee))
        assert Certificate.objects.count() == 1
        assert people_of(Certificate.objects.select_related("owner"), COMMITTEE) == {}
