"""The guides: Markdown files in docs/, as pages of the product.

Only what is listed here is served, so no address can name another file. Headings get the anchors
that GitHub gives them, so that one link works in a checkout and on the site.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

START = "index"
IMAGES = "docs"  # where the static files have docs/images
SECTIONS: dict[str, tuple[str, ...]] = {
    "Using it": (
        *("release-managers", "voters", "notices", "api", "trusted-check"),
        *("downloads", "glossary"),
    ),
    "What is checked, and who may do what": ("checks", "phases"),
    "Running it": ("operating", "console", "scale"),
    "Building it": (
        "architecture",
        "threats",
        "decisions/0001-blobs-and-manifests",
        "decisions/0002-reactions-enqueue-directly",
        "decisions/0003-revisions-as-intervals",
        "decisions/0004-publication-by-rename",
        "decisions/0005-acting-on-behalf",
        "decisions/0006-ignores-are-matched-when-they-are-set",
        "decisions/0007-how-archives-are-read-fast",
        "decisions/0008-what-a-check-gives-up",
        "decisions/0009-source-of-a-release",
        "decisions/0010-the-api-and-its-tokens",
        "decisions/0011-what-is-read-of-a-bill-of-materials",
        "decisions/0012-bills-of-materials-are-generated-not-augmented",
        "decisions/0013-what-programs-send-and-count",
        "decisions/0014-workflows-by-grant",
        "decisions/0015-keys-at-the-time-of-signing",
        "decisions/0016-mail-recipient-by-recipient",
        "decisions/0017-policies-of-places",
        "decisions/0018-counting-votes",
        "decisions/0019-embargoes",
        "decisions/0020-two-rounds-of-a-podling",
        "decisions/0021-uploads-in-parts",
        "decisions/0022-candidates-from-elsewhere",
    ),
}
ORDER: tuple[str, ...] = (START, *(slug for slugs in SECTIONS.values() for slug in slugs))


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with the plain text below it, up to the next heading."""

    anchor: str
    title: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Guide:
    slug: str
    title: str
    parts: tuple[Part, ...]
    tokens: tuple[Token, ...] = field(repr=False)

    @property
    def html(self) -> SafeString:
        """The page. The files are ours, and HTML in them is text: there is nothing to clean."""
        about = {"slug": self.slug, "title": self.title}
        return mark_safe(_markdown().renderer.render(self.tokens, _markdown().options, about))  # noqa: S308

    @property
    def url(self) -> str:
        return url_of(self.slug)

    @property
    def contents(self) -> list[Part]:
        """The headings that a table of contents shows."""
        return [part for part in self.parts if part.level == 2]

    @property
    def neighbours(self) -> dict[str, "Guide | None"]:
        at = ORDER.index(self.slug)
        return {
            "before": guide(ORDER[at - 1]) if at else None,
            "after": guide(ORDER[at + 1]) if at + 1 < len(ORDER) else None,
        }


def folder() -> Path:
    return Path(settings.BASE_DIR) / "docs"


def url_of(slug: str) -> str:
    return reverse("docs") if slug == START else reverse("docs-page", args=[slug])


def guide(slug: str) -> Guide:
    """The guide of this name; KeyError for what is not listed. Read again when its file changes."""
    if slug not in ORDER:
        raise KeyError(slug)
    return _read(slug, (folder() / f"{slug}.md").stat().st_mtime_ns)


def sections() -> list[tuple[str, list[Guide]]]:
    """All guides but the first page, by who they are for."""
    return [(title, [guide(slug) for slug in slugs]) for title, slugs in SECTIONS.items()]


def part_at(address: str) -> tuple[str, str] | None:
    """Address and title of `voters#which-votes-are-binding`, or None when there is no such part."""
    slug, _, anchor = address.partition("#")
    if slug not in ORDER:
        return None
    found = guide(slug)
    titles = {part.anchor: part.title for part in found.parts}
    if not anchor:
        return found.url, found.title
    return (f"{found.url}#{anchor}", titles[anchor]) if anchor in titles else None


def search(words: list[str], most: int) -> list[dict[str, str]]:
    """Parts of guides in which all words occur, those with the words in the title first."""
    if not words:
        return []
    found: list[tuple[int, int, Guide, Part]] = []
    for each in map(guide, ORDER):
        for part in each.parts:
            title, text = f"{each.title} {part.title}".casefold(), part.text.casefold()
            if all(word in title or word in text for word in words):
                rank = -sum(word in part.title.casefold() for word in words)
                found.append((rank, len(found), each, part))
    found.sort(key=lambda row: row[:2])
    return [_hit(each, part, words) for _, _, each, part in found[:most]]


def _hit(each: Guide, part: Part, words: list[str]) -> dict[str, str]:
    """Where it is, and the text around the first of the words."""
    place = min((at for word in words if (at := part.text.casefold().find(word)) >= 0), default=0)
    begin = part.text.rfind(" ", 0, max(place - 60, 0)) + 1
    excerpt = part.text[begin : begin + 200]
    return {
        "url": f"{each.url}#{part.anchor}",
        "guide": each.title,
        "title": part.title,
        "excerpt": ("… " if begin else "") + excerpt + ("…" if part.text[begin + 200 :] else ""),
    }


# --- From Markdown to HTML ------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _read(slug: str, mtime: int) -> Guide:
    tokens = _markdown().parse((folder() / f"{slug}.md").read_text())
    parts = tuple(_parts(tokens))
    title = next((part.title for part in parts if part.level == 1), slug)
    return Guide(slug, title, parts, tuple(tokens))


def _parts(tokens: list[Token]) -> Iterator[Part]:
    """Give each heading its anchor, and yield it with the text that follows."""
    taken: dict[str, int] = {}
    heading: tuple[str, str, int] | None = None
    text: list[str] = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            content = tokens[place + 1]
            if heading:
                yield Part(*heading, " ".join(text))
            title = _plain(content)
            anchor = _unique(anchor_of(title), taken)
            token.attrSet("id", anchor)
            heading, text = (anchor, title, int(token.tag[1])), []
            content.meta["is_heading"] = True
        elif token.type == "inline" and "is_heading" not in token.meta:
            text.append(_plain(token))
        elif token.type in ("fence", "code_block"):
            text.append(token.content)
    if heading:
        yield Part(*heading, " ".join(text))


def anchor_of(title: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _unique(anchor: str, taken: dict[str, int]) -> str:
    count = taken[anchor] = taken.get(anchor, -1) + 1
    return f"{anchor}-{count}" if count else anchor


def _plain(inline: Token) -> str:
    kept = ("text", "code_inline", "image")
    breaks = ("softbreak", "hardbreak")
    return "".join(
        each.content if each.type in kept else " " if each.type in breaks else ""
        for each in inline.children or ()
    )


class _Renderer(RendererHTML):
    """HTML as the style sheet knows it; links and images as the site serves them."""

    def fence(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        text = tokens[idx].content.rstrip("\n")
        return render_to_string("part/command.html", {"text": text})

    code_block = fence

    def table_open(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        env["tables"] = env.get("tables", 0) + 1
        label = f"Table {env['tables']} of {env['title']}"
        return format_html(
            '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table>', label
        )

    def table_close(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        return "</table></div>"

    def th_open(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        return f'<th scope="col"{_in_figures(tokens[idx])}>'

    def td_open(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        return f"<td{_in_figures(tokens[idx])}>"

    def link_open(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        target = str(tokens[idx].attrGet("href") or "")
        return format_html('<a href="{}">', link_of(target, env["slug"]))

    def image(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        """A picture; on a phone one opens it, because its text is too small there.

        Its words stand for one that is missing, or has not been collected with the static files: a
        guide without a picture is still a guide.
        """
        token = tokens[idx]
        path = normpath(join(dirname(env["slug"]), str(token.attrGet("src"))))
        with suppress(OSError, ValueError):
            width, height = size_of(folder() / path)
            return format_html(
                '<a class="shot" href="{0}"><img src="{0}" alt="{1}" width="{2}" height="{3}"'
                ' loading="lazy"></a>',
                static(path.replace("images/", f"{IMAGES}/", 1)),
                token.content,
                width,
                height,
            )
        return format_html("<em>{}</em>", token.content)


def _in_figures(cell: Token) -> str:
    """The class of a column of figures, where Markdown says that it ends on the right: its own way
    is a style within the element, which our policy stops."""
    return ' class="num"' if "right" in str(cell.attrGet("style") or "") else ""


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")


def link_of(target: str, slug: str) -> str:
    """A link between files as a link between pages; others stay what they are."""
    path, _, anchor = target.partition("#")
    if not path.endswith(".md") or "://" in path:
        return target
    named = normpath(join(dirname(slug), path)).removesuffix(".md")
    if named not in ORDER:
        return target
    return url_of(named) + (f"#{anchor}" if anchor else "")


def size_of(image: Path) -> tuple[int, int]:
    """Width and height of a WebP picture as browsers take it (its extended header), so that the
    page does not jump when it arrives."""
    with image.open("rb") as stream:
        head = stream.read(30)
    if head[12:16] != b"VP8X":
        raise ValueError(f"{image.name} is no WebP picture with an extended header.")
    return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
