"""The text of a mail as lines, each of which says whether it is quoted from another mail."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import NamedTuple

# Which rules mails are read by. Counts keep theirs, and are made again by them: the first ones knew
# what is below an answer in English alone, and took telephone numbers for votes.
RULES = 2
LONGEST_LINE = 1_000  # characters

_QUOTE = re.compile(r"[ \t]?((?:>[ \t]?)+)")
_BREAKING = frozenset(
    {"br", "p", "div", "li", "tr", "table", "ul", "ol", "pre", "hr", "blockquote"}
)
_NO_TEXT = frozenset({"script", "style", "head", "title"})
_QUOTING = ("gmail_quote", "moz-cite-prefix", "yahoo_quoted", "protonmail_quote")
# What phones and keyboards of other scripts write for the signs and digits of a vote.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys(
            "\N{MINUS SIGN}\N{EN DASH}\N{SMALL HYPHEN-MINUS}\N{FULLWIDTH HYPHEN-MINUS}", "-"
        ),
        **dict.fromkeys("\N{FULLWIDTH PLUS SIGN}\N{SMALL PLUS SIGN}", "+"),
        "\N{FULLWIDTH DIGIT ONE}": "1",
        "\N{FULLWIDTH DIGIT ZERO}": "0",
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
        "\N{IDEOGRAPHIC SPACE}": " ",
        **dict.fromkeys(
            "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}\N{WORD JOINER}"
            "\N{VARIATION SELECTOR-16}",
            None,
        ),
    }
)


class Line(NamedTuple):
    text: str
    quoted: bool


def plain_lines(text: str, flowed: bool = False, no_space: bool = False) -> Iterator[Line]:
    """The lines of plain text; `flowed`: paragraphs are put together again (RFC 3676)."""
    lines = (_line(each, flowed) for each in text.splitlines())
    yield from _joined(lines, no_space) if flowed else lines


def _line(text: str, flowed: bool) -> Line:
    text = text[:LONGEST_LINE]
    match = _QUOTE.match(text) if not flowed or text.startswith(">") else None
    if match:
        return Line(_readable(text[match.end() :], flowed), True)
    return Line(_readable(text[1:] if flowed and text.startswith(" ") else text, flowed), False)


def _readable(text: str, flowed: bool) -> str:
    text = "".join(c if c.isprintable() else " " for c in text.translate(_SIGNS))
    # The blank at the end says that a flowed line goes on; a signature's separator has one too.
    return text if flowed or text == "-- " else text.rstrip()


def _joined(lines: Iterable[Line], no_space: bool) -> Iterator[Line]:
    held: Line | None = None
    for line in lines:
        if held is not None and held.quoted == line.quoted and line.text != "-- ":
            line = Line((held.text + line.text)[:LONGEST_LINE], line.quoted)
        elif held is not None:
            yield held
        if line.text.endswith(" ") and line.text != "-- ":
            held = Line(line.text[:-1] if no_space else line.text, line.quoted)
        else:
            held = None
            yield line
    if held is not None:
        yield held


class _Page(HTMLParser):
    """Text of HTML, a line for what stands on a line; what a mail program quotes is quoted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self._words: list[str] = []
        self._quoted = 0
        self._silent = 0
        self._blocks: list[tuple[str, bool]] = []
        self._open: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKING:
            self.end_line()
        if tag in _NO_TEXT:
            self._silent += 1
        if tag in ("blockquote", "div") and len(self._blocks) < 10_000:
            names = next((value or "" for name, value in attrs if name == "class"), "")
            quotes = tag == "blockquote" or any(each in names for each in _QUOTING)
            self._blocks.append((tag, quotes))
            self._open[tag] += 1
            self._quoted += quotes

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKING:
            self.end_line()
        if tag in _NO_TEXT:
            self._silent = max(0, self._silent - 1)
        if self._open[tag]:
            self._leave(tag)

    def _leave(self, tag: str) -> None:
        """Close what is open, up to this: tags need not match in what people send."""
        left = ""
        while left != tag:
            left, quotes = self._blocks.pop()
            self._open[left] -= 1
            self._quoted -= quotes

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._words.append(data)

    def end_line(self) -> None:
        text = " ".join("".join(self._words).translate(_SIGNS).split())
        self._words.clear()
        text = "".join(c if c.isprintable() else " " for c in text[:LONGEST_LINE])
        if text or (self.lines and self.lines[-1].text):
            self.lines.append(Line(text, self._quoted > 0 or text.startswith(">")))


def text_of_html(page: str) -> list[Line]:
    """The lines of a page, as far as it can be read."""
    reader = _Page()
    try:
        reader.feed(_without_comments(page))
        reader.close()
    except (AssertionError, ValueError):
        pass
    reader.end_line()
    return reader.lines


def _without_comments(page: str) -> str:
    """Without what is no text: for each that is not closed the parser goes through the rest."""
    first, *others = page.split("<!--")
    text = first + "".join(each.partition("-->")[2] for each in others)
    return text.replace("<!", "").replace("<?", "")
