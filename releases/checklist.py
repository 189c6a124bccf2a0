"""The checklist of a policy as items that voters tick: the points of its lists, as plain text."""

import re

MOST_ITEMS = 60
LONGEST_ITEM = 300  # characters

_POINT = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(\S.*)")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^()\s]*\)")
_MARKS = re.compile(r"\*\*|__|`")


def items_of(markdown: str) -> list[str]:
    """Each point of the lists in this Markdown, once, in order; what is code is none."""
    found: dict[str, None] = {}
    in_code = False
    for line in markdown.splitlines():
        if _FENCE.match(line):
            in_code = not in_code
        elif not in_code and (point := _POINT.fullmatch(line)) is not None:
            found.setdefault(_plain(point[1]))
    return [each for each in found if each][:MOST_ITEMS]


def _plain(text: str) -> str:
    """A point without its marks. It is what a ballot records, and a link in it is its text."""
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", text)).split())[:LONGEST_ITEM]
