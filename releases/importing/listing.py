"""Directory listings of web servers: pages of links, written by nobody we trust."""

from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from releases.importing.address import Problem

MOST_LINKS = 20_000
LARGEST = 4 << 20  # bytes of one listing


def children(content: bytes, base: str) -> list[str]:
    """The addresses of what lies directly below `base`, in order; those of folders end in `/`.

    Whatever leads anywhere else (up, to another host, to the same listing in another order) is no
    part of the folder, and is passed over. Raises Problem.
    """
    links = _Links()
    links.feed(content.decode("utf-8", "replace"))
    links.close()
    found = {child for href in links.found if (child := _child(href, base))}
    return sorted(found)


def name_of(url: str) -> str:
    """What the file or folder at an address is called."""
    return unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2], errors="replace")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "a":
            return
        self.found += [value for name, value in attrs if name == "href" and value]
        if len(self.found) > MOST_LINKS:
            raise Problem("The listing has more links than any folder of a release.")


def _child(href: str, base: str) -> str:
    """The address of a child of `base`; "" for every other."""
    if "?" in href or "#" in href:
        return ""
    try:
        url = urljoin(base, href)
        same = urlsplit(url)[:2] == urlsplit(base)[:2]
    except ValueError:
        return ""
    rest = url.removeprefix(base)
    if not same or rest == url or not rest.rstrip("/") or "/" in rest.rstrip("/"):
        return ""
    if name_of(url) in ("", ".", "..") or "/" in name_of(url) or rest.endswith("//"):
        return ""
    return url
