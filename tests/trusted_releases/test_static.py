"""The style sheet's colours can be read, and no page needs more than the policy allows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEET = (ROOT / "trusted_releases" / "static" / "site" / "site.css").read_text()
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

LIGHT, DARK = re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)[:2]
AA = 4.5  # WCAG 2.2, 1.4.3: contrast of text

LEVELS = ("blocker", "concern", "suggestion", "good", "finish")

# What is written on what.
PAIRS = [
    *(("ink", ground) for ground in ("ground", "surface", "sunken")),
    *(("quiet", ground) for ground in ("ground", "surface", "sunken")),
    *(("accent", ground) for ground in ("ground", "surface", "accent-soft")),
    *(("ink", f"{level}-soft") for level in ("blocker", "concern")),
    ("accent-ink", "accent"),
    ("surface", "blocker"),
    ("surface", "good"),
    *((text, "bar") for text in ("bar-ink", "quiet")),
    *((text, f"{level}-soft") for text in ("ink", "quiet") for level in ("accent", "good")),
    *(("quiet", f"{level}-soft") for level in ("blocker", "concern")),
    *((level, ground) for level in LEVELS for ground in ("ground", "surface", "sunken")),
    *((level, f"{level}-soft") for level in LEVELS),
]


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): #([0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_is_right():
    assert round(contrast("000000", "ffffff"), 1) == 21.0
    assert contrast("777777", "ffffff") < AA


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(theme, text, ground):
    have = colours(theme)
    assert contrast(have[text], have[ground]) >= AA


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_border_of_a_field_can_be_seen(theme):
    have = colours(theme)
    assert contrast(have["line-strong"], have["surface"]) >= 3  # WCAG 2.2, 1.4.11


def test_both_themes_have_the_same_colours():
    assert set(colours(LIGHT)) == set(colours(DARK))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_has_inline_scripts_or_styles_or_leaves_the_site(template):
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=\"", text)
    links = r"<a href=\"https://[^\"]*\""  # where people go if they want to; nothing is fetched
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", re.sub(links, "<a", text))


def test_the_sheet_and_the_script_stay_small():
    script = (ROOT / "trusted_releases" / "static" / "site" / "site.js").read_text()
    assert len(SHEET) < 45_000  # of which a quarter are the blocks of single pages
    assert len(script) < 6_000
    assert "url(" not in SHEET
    assert "@import" not in SHEET
