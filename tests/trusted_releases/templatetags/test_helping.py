"""Help links lead to headings that exist, from every template."""

import re

import pytest
from django.template import Context, Template

from tests.house import PACKAGES, ROOT
from trusted_releases import guides
from trusted_releases.templatetags.helping import help_link

TAG = re.compile(r"\{%\s*help\s+[\"']([^\"']+)[\"']\s*%\}")


def addresses() -> list[tuple[str, str]]:
    """Each template with each address that it helps to."""
    roots = [ROOT / "templates", *(ROOT / name / "templates" for name in PACKAGES)]
    files = [path for root in roots for path in sorted(root.rglob("*.html"))]
    return [
        (str(path.relative_to(ROOT)), found)
        for path in files
        for found in TAG.findall(path.read_text())
    ]


@pytest.mark.parametrize(("template", "address"), addresses())
def test_every_help_link_leads_to_a_heading(template, address):
    assert guides.part_at(address), f"{template}: no heading {address} in docs/"


def test_a_help_link_says_where_it_leads():
    part = guides.guide("voters").parts[1]
    text = Template('{% load helping %}{% help "voters#' + part.anchor + '" %}').render(Context())
    assert f'href="/docs/voters/#{part.anchor}"' in text
    assert f"Help: {part.title}" in text


@pytest.mark.parametrize("address", ["nothing", "voters#nothing", "../README", "#", ""])
def test_what_is_not_there_is_left_out(address):
    assert help_link(address) == ""


def test_a_guide_that_is_missing_takes_no_page_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr(guides, "folder", lambda: tmp_path)
    assert help_link("voters") == ""
