"""The guides are whole: their links lead somewhere, their pictures are there and used."""

import os
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from trusted_releases import guides
from trusted_releases.ledger.registry import known_schedules

DOCS = guides.folder()
ROOT = DOCS.parent
FILES = sorted(path for path in DOCS.rglob("*.md"))


class Found(HTMLParser):
    """Links, ids and pictures of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        self.tags.append(tag)
        if "id" in have:
            self.ids.append(have["id"] or "")
        if tag == "a":
            self.links.append(have.get("href") or "")
        if tag == "img":
            self.images.append(have)


@pytest.fixture(params=guides.ORDER)
def guide(request: pytest.FixtureRequest) -> guides.Guide:
    return guides.guide(request.param)


def test_every_file_is_a_guide_and_every_guide_a_file():
    files = {str(path.relative_to(DOCS).with_suffix("")) for path in FILES}
    assert files == set(guides.ORDER)


def test_the_links_of_a_guide_lead_somewhere(guide):
    found = Found(guide.html)
    urls = {guides.url_of(slug): slug for slug in guides.ORDER}
    assert len(found.ids) == len(set(found.ids))
    for link in found.links:
        url, _, anchor = link.partition("#")
        if link.startswith(("https://", "/static/")):
            continue
        if url in urls or not url:
            other = Found(guides.guide(urls[url]).html) if url else found
            assert not anchor or anchor in other.ids, link
        else:
            assert url in PAGES, f"{link}: link to a file that is served, or to an address"


# Pages of the product that guides name; each is an address without anything to fill in.
PAGES = {
    "/search/",
    "/api/docs",
    "/api/openapi.json",
    "/checks/",
    "/releases/",
    "/projects/",
    "/committees/",
    "/docs/components/",
}


def test_a_guide_has_one_title_and_its_headings_in_order(guide):
    levels = [int(tag[1]) for tag in Found(guide.html).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_links_in_files_outside_the_folder_lead_to_files():
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = re.sub(r"`[^`]*`", "", (ROOT / name).read_text())  # links, not code about links
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / link).exists(), f"{name}: {link}"


# --- Pictures -------------------------------------------------------------------------------------


def pictures_named() -> set[str]:
    named = [re.findall(r"!\[[^\]]*\]\(images/([^)]+)\)", path.read_text()) for path in FILES]
    return {name for names in named for name in names}


def test_every_picture_that_is_named_exists_and_every_one_there_is_named():
    there = {path.name for path in (DOCS / "images").iterdir() if not path.name.startswith(".")}
    assert there == pictures_named()


def test_a_picture_says_in_words_what_it_shows_and_how_large_it_is(guide):
    for image in Found(guide.html).images:
        assert len(image["alt"] or "") > 20
        assert int(image["width"] or 0) >= 600
        assert int(image["height"] or 0) > 0
        assert finders.find((image["src"] or "").removeprefix("/static/"))


def test_pictures_stay_small():
    for path in (DOCS / "images").glob("*.webp"):
        assert path.stat().st_size < 100_000, path.name


# --- What the renderer does -----------------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A guide with this text, in the place of the first page."""
    (tmp_path / "images").mkdir()
    monkeypatch.setattr(guides, "folder", lambda: tmp_path)
    guides._read.cache_clear()

    def write(text: str, slug: str = guides.START) -> guides.Guide:
        path = tmp_path / f"{slug}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# Title\n\n{text}")
        return guides.guide(slug)

    yield write
    guides._read.cache_clear()


def test_a_heading_has_the_anchor_that_github_gives_it(written):
    made = written("## What `+1`, binding, means?\n\n## Twice\n\n## Twice\n\n### Below\n")
    assert [part.anchor for part in made.parts] == [
        "title",
        "what-1-binding-means",
        "twice",
        "twice-1",
        "below",
    ]
    assert 'id="twice-1"' in made.html
    assert [part.title for part in made.contents] == ["What +1, binding, means?", "Twice", "Twice"]


@pytest.mark.parametrize(
    ("slug", "link", "becomes"),
    [
        ("index", "voters.md", "/docs/voters/"),
        ("index", "voters.md#a-b", "/docs/voters/#a-b"),
        ("voters", "index.md", "/docs/"),
        ("architecture", "decisions/0004-publication-by-rename.md", None),
        ("decisions/0001-blobs-and-manifests", "../voters.md", "/docs/voters/"),
        ("index", "#below", "#below"),
        ("index", "https://example.org/x.md", "https://example.org/x.md"),
        ("index", "../README.md", "../README.md"),
        ("index", "../../etc/passwd.md", "../../etc/passwd.md"),
    ],
)
def test_links_between_files_are_links_between_pages(slug, link, becomes):
    assert guides.link_of(link, slug) == (becomes or "/docs/decisions/0004-publication-by-rename/")


def test_code_has_a_button_that_copies_it_and_tables_can_be_scrolled(written):
    made = written("```\nmake <run>\n```\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n")
    assert 'data-copy="make &lt;run&gt;"' in made.html
    assert 'role="region" aria-label="Table 1 of Title"' in made.html
    assert '<th scope="col">a</th>' in made.html


def test_a_column_of_figures_is_one_by_its_class_and_not_by_a_style(written):
    made = written("| a | b |\n| --- | ---: |\n| 1 | 2 |\n")
    assert '<th scope="col" class="num">b</th>' in made.html
    assert "<td>1</td>" in made.html
    assert '<td class="num">2</td>' in made.html
    assert "style" not in made.html


def test_a_picture_that_is_missing_is_told_in_words(written):
    made = written("![The page of a draft](images/gone.png)\n")
    assert "<em>The page of a draft</em>" in made.html
    assert "<img" not in made.html


def test_html_is_text_and_scripts_are_no_links(written):
    made = written("<script>x</script> [a](javascript:alert(1)) <b onclick=x>\n")
    assert "<script" not in made.html
    assert "<b" not in made.html
    assert 'href="javascript' not in made.html


def test_a_file_that_changes_is_read_again(written, tmp_path):
    assert "first" in written("first").html
    made = tmp_path / "index.md"
    made.write_text("# Title\n\nsecond")
    os.utime(made, ns=(1, 1))
    assert "second" in guides.guide("index").html


def test_a_file_without_a_word_takes_no_page_with_it(written, tmp_path):
    (tmp_path / "index.md").write_text("")
    assert guides.guide("index").title == "index"
    assert guides.guide("index").html == ""


@pytest.mark.parametrize("slug", ["", "nothing", "../README", "images/x", "/etc/passwd", "index/"])
def test_what_is_not_listed_is_no_guide(slug):
    with pytest.raises(KeyError):
        guides.guide(slug)


# --- Looking for words ----------------------------------------------------------------------------


def test_words_are_found_where_all_of_them_occur():
    hits = guides.search(["binding", "committee"], 10)
    assert hits
    assert all(hit["url"].startswith("/docs/") and "#" in hit["url"] for hit in hits)
    assert guides.search(["binding", "nosuchword"], 10) == guides.search([], 10) == []


def test_titles_come_before_texts():
    assert "binding" in guides.search(["binding"], 10)[0]["title"].casefold()


def test_operators_are_told_of_every_job_that_runs_by_itself() -> None:
    lines = (DOCS / "operating.md").read_text().splitlines()
    rows = "\n".join(line for line in lines if line.startswith("| `"))
    ours = {each.name for each in known_schedules() if not each.name.startswith("test.")}
    assert ours == set(re.findall(r"`([a-z]+\.[a-z_]+)`", rows))
