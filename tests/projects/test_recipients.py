"""Who may get mail: what a policy names, within the domains that the site writes to."""

import pytest
from django.core.exceptions import ValidationError

from projects.models import Recipients
from projects.models.recipients import check_address, is_deliverable

pytestmark = pytest.mark.once


def test_an_address_is_written_to_once_where_it_stands_first():
    both = Recipients(("a@x.org", "A@X.org"), ("a@x.org", "b@x.org"), ("B@x.org", "c@x.org"))
    assert both.once() == Recipients(("a@x.org",), ("b@x.org",), ("c@x.org",))
    assert both.once().everybody == ("a@x.org", "b@x.org", "c@x.org")
    assert both.once().seen == ("a@x.org", "b@x.org")


def test_recipients_are_kept_as_json_and_come_back():
    some = Recipients(("a@x.org",), (), ("c@x.org",))
    assert Recipients.of_json(some.as_json()) == some
    assert Recipients.of_json({}) == Recipients(())


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("dev@tool.apache.org", True),
        ("Announce@APACHE.org", True),
        ("dev@notapache.org", False),
        ("a@apache.org.evil.example", False),
        ("apache.org", True),
    ],
)
def test_a_site_may_be_told_to_keep_to_its_domains(settings, address, ours):
    assert is_deliverable(address)
    settings.MAIL_TO_DOMAINS = ["apache.org"]
    assert is_deliverable(address) == ours


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@b\nBcc: c@d.org",
        "a b@c.org",
        "\u00e4@example.org",
        "<a@b.org>",
        "a@b.org,c@d.org",
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValidationError, match="no mail address"):
        check_address(address)


def test_an_address_elsewhere_is_refused_with_the_domains_there_are(settings):
    settings.MAIL_TO_DOMAINS = ["apache.org", "example.org"]
    with pytest.raises(ValidationError, match=r"not at apache\.org or example\.org"):
        check_address("dev@example.com")
