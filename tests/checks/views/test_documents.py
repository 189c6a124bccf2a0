"""The findings for programs."""

import json

import pytest

from tests import make
from tests.checks.made import draft, member_of, url

pytestmark = pytest.mark.django_db


def test_the_document_is_what_the_engine_says():
    release = draft()
    answer = member_of(release).get(url(release, "document"))
    assert answer["Content-Type"] == "application/json"
    assert json.loads(answer.content)["type"] == "trusted-releases/findings/v1"


def test_sarif_is_a_file_to_save_that_leads_back_to_the_rules():
    release = draft()
    # The site's own address, whatever name a request came under.
    answer = member_of(release).get(url(release, "sarif"), headers={"host": "localhost"})
    assert answer["Content-Type"] == "application/sarif+json"
    assert answer["Content-Disposition"] == 'attachment; filename="tool-1.0.sarif"'
    (run,) = json.loads(answer.content)["runs"]
    assert run["automationDetails"]["id"] == "tool/1.0/1"
    help_uri = run["tool"]["driver"]["rules"][0]["helpUri"]
    assert help_uri == "http://testserver/checks/paths/"


@pytest.mark.parametrize("name", ["document", "sarif"])
def test_a_draft_without_files_has_none(name):
    release = make.release()
    assert member_of(release).get(url(release, name)).status_code == 404
