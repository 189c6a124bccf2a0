"""What stands in a page as the server sent it, before any script has touched it."""

from html.parser import HTMLParser

VOID_SCRIPTS = {"application/json", "application/ld+json"}  # data, which no policy stops


class Markup(HTMLParser):
    """Title, headings, ids, links, and what a strict policy would stop."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.canonical = ""
        self.h1: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.forbidden: list[str] = []
        self._inside = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if "id" in names:
            self.ids.append(names["id"] or "")
        if tag == "a" and "href" in names:
            self.links.append(names["href"] or "")
        if tag == "link" and names.get("rel") == "canonical":
            self.canonical = names.get("href") or ""
        if tag == "h1":
            self.h1.append("")
        if tag == "h1" or (tag == "title" and not self.title):  # a picture has a title too
            self._inside = tag
        self._judge(tag, names)

    def _judge(self, tag: str, names: dict[str, str | None]) -> None:
        written = self.get_starttag_text() or tag
        inline_script = tag == "script" and "src" not in names
        if tag == "style" or (inline_script and names.get("type") not in VOID_SCRIPTS):
            self.forbidden.append(f"inline {tag}: {written}")
        if "style" in names or any(name.startswith("on") for name in names):
            self.forbidden.append(written)
        if any((value or "").startswith("javascript:") for value in names.values()):
            self.forbidden.append(written)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside == "h1":
            self.h1[-1] += data
