"""What there is to do for a key, in lists: without a query for each."""

import pytest

from keys.models import Certificate, KeyLink
from tests import make, pgp
from trusted_releases.templatetags.keeping import care_of

pytestmark = pytest.mark.django_db


def test_a_list_says_what_there_is_to_do_without_asking_again(django_assert_num_queries) -> None:
    committee = make.committee()
    keys = pgp.signer().public
    Certificate.objects.import_keys(keys, committee=committee, by=make.member(committee))
    (link,) = KeyLink.objects.select_related("certificate__owner")
    with django_assert_num_queries(0):
        found = care_of(link.certificate)
    assert "no_signing_subkey" in [advice.code for advice in found]
