"""One file as Apache RAT reads it."""

from typing import NamedTuple

from checks.engine.rat import texts
from checks.engine.rat.documents import Type, type_of
from checks.engine.rat.licenses import ADDRESSES, AL20, License, licenses_in

WINDOW = 64 << 10  # bytes of a file that are looked at

_ADDRESS = ADDRESSES[0].removeprefix("http").encode()
_GPL, _SPDX = b"General Public License", b"SPDX-License-Identifier:"


class Document(NamedTuple):
    """What a file came to: its type, and the licences found, in RAT's order. RAT's verdict is that
    of the first; a standard document without any has an unknown licence."""

    type: Type
    licenses: tuple[License, ...] = ()

    @property
    def is_unknown(self) -> bool:
        return self.type is Type.STANDARD and not self.licenses

    @property
    def is_unapproved(self) -> bool:
        return bool(self.licenses) and not self.licenses[0].approved

    @property
    def is_approved(self) -> bool:
        return not (self.is_unknown or self.is_unapproved)

    @property
    def hidden(self) -> License | None:
        """A licence that is not approved, behind one that is: RAT does not tell."""
        if not self.is_approved:
            return None
        return next((each for each in self.licenses if not each.approved), None)


AROUND = 160  # characters on each side of the word "generated" in which a generator's mark stands

_PLAIN = Document(Type.STANDARD, (AL20,))


def judge(name: str, head: bytes) -> Document:
    """The same verdict as `read`, quicker: most files hold the licence's address, and are right
    whatever else they are. Other licences are then looked for only where a GPL or SPDX is named."""
    if _ADDRESS in head and _GPL not in head and _SPDX not in head:
        return _PLAIN
    return read(name, head)


def read(name: str, head: bytes) -> Document:
    """Judge a file by its base name and its first bytes, at most WINDOW of them."""
    type_ = type_of(name, head)
    if type_ is not Type.STANDARD:
        return Document(type_)
    raw = texts.decode(head)
    lower = raw.lower()
    if _is_generated(lower):
        return Document(Type.GENERATED)
    if _may_name_a_license(raw, lower):
        return Document(type_, licenses_in(raw, texts.prune(raw)))
    return Document(type_)


def _is_generated(lower: str) -> bool:
    """Whether a program says that it wrote this. Every mark but two has one word in it."""
    at = lower.find("generated")
    while at >= 0:
        around = texts.prune(lower[max(0, at - AROUND) : at + AROUND])
        if any(mark in around for mark in texts.GENERATED):
            return True
        at = lower.find("generated", at + 1)
    if "workspace" in lower or "javadoc" in lower:
        return any(mark in texts.prune(lower) for mark in texts.GENERATED_ODDLY)
    return False


def _may_name_a_license(raw: str, lower: str) -> bool:
    """Every text that is looked for has one of these words: looking for them first is quick."""
    return (
        "licen" in lower
        or "redistribution" in lower
        or ("apache" in lower and ("copy" in lower or "(c)" in lower or "©" in lower))
        or "OASIS" in raw
        or "w3.org/Consortium" in raw
    )
