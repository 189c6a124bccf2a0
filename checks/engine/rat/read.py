"""One file as Apache RAT reads it."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from checks.engine.rat import texts, words
from checks.engine.rat.documents import Type, type_of
from checks.engine.rat.licenses import ADDRESSES, AL20, License, licenses_in

WINDOW = 64 << 10  # bytes of a file that are looked at


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

_ADDRESSES = tuple(address.encode() for address in ADDRESSES)
_SCHEMES = tuple(address.removesuffix(words.ADDRESS) for address in _ADDRESSES)

PLAIN = Document(Type.STANDARD, (AL20,))  # what most files come to
STANDARD = Document(Type.STANDARD)


def has_address(head: bytes) -> bool:
    """Whether a text holds the licence's address; in UTF-16 it would be other letters."""
    at = head.find(words.ADDRESS)
    if at < 0 or head.startswith(texts.UTF16):
        return False
    # Nearly always the first one found is the address: all of the text is read once.
    return head.endswith(_SCHEMES, 0, at) or any(address in head for address in _ADDRESSES)


def is_plain(head: bytes) -> bool:
    """Whether a file holds the licence's address, and names neither GPL nor SPDX: then it is right
    whatever else it is, and no other licence is looked for."""
    return has_address(head) and words.GPL not in head and words.SPDX not in head


def judge(name: str, head: bytes) -> Document:
    """The same verdict as `read`, quicker, for most files are plain."""
    return PLAIN if is_plain(head) else read(name, head)


def read(name: str, head: bytes, look: Callable[[bytes], words.Found] = words.found) -> Document:
    """Judge a file by its base name and its first bytes, at most WINDOW of them.

    `look` is called for the words in these if they matter: somebody may know them already."""
    type_ = type_of(name, head)
    if type_ is not Type.STANDARD:
        return Document(type_)
    found = look(head)
    if head.startswith(texts.UTF16):
        head = texts.decode(head).encode("utf-8", "replace")
        found = words.found(head)
    if _may_be_generated(found) and _is_generated(head, found):
        return Document(Type.GENERATED)
    if _may_name_a_license(found, head):
        raw = texts.decode(head)
        licenses = licenses_in(raw, texts.prune(raw))
        return Document(type_, licenses) if licenses else STANDARD
    return STANDARD


def is_silent(found: words.Found, head: bytes) -> bool:
    """Whether a text of these words neither names a licence, nor has a header of any form, nor says
    that a program wrote it; if it is no UTF-16, that holds of any part of it."""
    return not (_may_be_generated(found) or _may_name_a_license(found, head))


def _may_be_generated(found: words.Found) -> bool:
    """Every mark of a generator has one of these words: looking for them first is quick."""
    return words.GENERATED in found or words.GENERATED_ODDLY in found


def _is_generated(head: bytes, found: words.Found) -> bool:
    """Whether a program says that it wrote this. Every mark but two has one word in it."""
    # Bytes of ASCII are lowered in half the time that text takes.
    lower = head.lower().decode("ascii") if head.isascii() else texts.decode(head).lower()
    at = lower.find("generated")
    while at >= 0:
        if _has_mark(lower[max(0, at - AROUND) : at + AROUND]):
            return True
        at = lower.find("generated", at + 1)
    if words.GENERATED_ODDLY in found:
        pruned = texts.prune(lower)
        return any(mark in pruned for mark in texts.GENERATED_ODDLY)
    return False


@lru_cache(256)  # the files that one program wrote say so in the same words
def _has_mark(around: str) -> bool:
    pruned = texts.prune(around)
    return any(mark in pruned for mark in texts.GENERATED)


def _may_name_a_license(found: words.Found, head: bytes) -> bool:
    """Every text that is looked for has one of these words."""
    if words.LICENSE in found:
        return True
    return words.APACHE in found and any(map(head.lower().__contains__, words.COPYRIGHT))
