"""What people type becomes prose, and never more than that."""

import pytest

from trusted_releases.templatetags.prose import markdown


def test_markdown_becomes_html():
    text = "1. Run `make`\n2. **Look** at [NOTICE](https://example.org/)"
    html = markdown(text)
    assert "<li>Run <code>make</code></li>" in html
    assert '<a href="https://example.org/" rel="nofollow noopener">NOTICE</a>' in html
    assert "<strong>Look</strong>" in html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "![spy](https://spy.example/pixel)",
        "<p style='position:fixed'>over everything</p>",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<svg/onload=alert(1)>",
    ],
)
def test_nothing_that_acts_or_calls_home_is_left(hostile):
    html = markdown(hostile)
    for tag in ("<script", "<img", "<svg", "<p style", 'href="javascript', 'href="data'):
        assert tag not in html


def test_a_heading_does_not_outrank_the_pages_own():
    assert "<h1" not in markdown("# Loud")
    assert "Loud" in markdown("# Loud")
