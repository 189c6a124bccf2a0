"""Other pages lead to bills of materials, for few questions."""

import pytest

from checks.templatetags.bills import SHOWN, bill_of, bills_of
from tests import make
from tests.checks import bills
from tests.checks.sbom.boms import as_json, component

pytestmark = pytest.mark.django_db


def test_a_file_is_asked_about_only_when_it_may_be_one(django_assert_num_queries):
    release = bills.release(make.project("tool"), "1.0", as_json(component()))
    run = bills.run_of(release)
    with django_assert_num_queries(0):
        assert bill_of(run, "tool-1.0-src.tar.gz") is None
    with django_assert_num_queries(1):
        assert bill_of(run, bills.NAME.format("1.0")).components_count == 1
    assert bill_of(None, "a.cdx.json") is None


def test_a_few_of_a_revision_are_named_for_one_question(django_assert_num_queries):
    documents = [as_json(component())] * (SHOWN + 3)
    revision = bills.release(make.project("tool"), "1.0", *documents).newest
    with django_assert_num_queries(1):
        found = bills_of(revision)
        assert len({each.result.path for each in found}) == SHOWN + 1
    assert bills_of(None) == []
