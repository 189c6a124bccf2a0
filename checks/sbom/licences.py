"""Which category a component's licences come to, by the table of categories.

Expressions are read by `license-expression`, the parser that SPDX tools for Python share. Names of
licences, as people write them, are looked up in a form without what varies in them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.sbom.document import Licence

if TYPE_CHECKING:
    from license_expression import Licensing

TABLE = Path(__file__).parent / "data" / "licences.txt"
LONGEST = 1_000  # characters of an expression; what is longer was not written by a person


class Category(StrEnum):
    """How a licence may be used, from the friendliest to the sternest. UNKNOWN is a licence that
    is in no category, or none at all: somebody has to read it."""

    A = "A"
    B = "B"
    UNKNOWN = "unknown"
    X = "X"

    @property
    def rank(self) -> int:
        return list(Category).index(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What licences come to.

    `chosen` is the one that was chosen among alternatives, `others` are these, "" and () where
    there was no choice. `avoidable` says that another reading is friendlier than `category`: the
    component may be used under other terms, as far as a program can tell.
    """

    category: Category
    chosen: str = ""
    others: tuple[str, ...] = ()
    avoidable: bool = False


def judge(licences: tuple[Licence, ...]) -> Verdict | None:
    """The verdict on a component by all its licences; None when it names none.

    Of several licences side by side the sternest counts. Lists mostly stand for a choice, but
    the format does not say so: the verdict is avoidable when one of them is friendlier.
    """
    if not licences:
        return None
    every = [judge_text(each.text) for each in licences]
    sternest = max(every, key=lambda each: each.category.rank)
    if len(every) == 1:
        return sternest
    friendlier = any(each.category.rank < sternest.category.rank for each in every)
    return Verdict(sternest.category, avoidable=friendlier or sternest.avoidable)


@lru_cache(maxsize=5_000)
def judge_text(text: str) -> Verdict:
    """The verdict on one licence: an identifier, a name, or an expression.

    Where licences are joined by OR alone, the friendliest of them is chosen. Otherwise the sternest
    counts.
    """
    if known := _category_of(text):
        return Verdict(known)
    tree = _parsed(text)
    if tree is None:
        return Verdict(Category.UNKNOWN)
    atoms = list(_atoms(tree))
    if len(atoms) == 1:
        return Verdict(_category_of(atoms[0]) or Category.UNKNOWN)
    if _is_choice(tree):
        return _chosen(atoms)
    sternest = max((_value(each) for each in _leaves(tree)), key=lambda each: each.rank)
    return Verdict(sternest, avoidable=_value(tree).rank < sternest.rank)


def _chosen(atoms: list[str]) -> Verdict:
    """The friendliest of alternatives, the first of equals."""
    ranked = [(_category_of(each) or Category.UNKNOWN, each) for each in atoms]
    category, chosen = min(ranked, key=lambda each: each[0].rank)
    return Verdict(category, chosen, tuple(each for each in dict.fromkeys(atoms) if each != chosen))


# --- Expressions ------------------------------------------------------------------------------

# As SPDX has it, operators are in capitals, or all small: what is mixed is a part of a name.
_MIXED = re.compile(r"\b(?:And|Or|With|aND|oR|AnD|ANd)\b")


@cache
def _grammar() -> "Licensing":
    # Only now: it takes a fifth of a second, and a child that reads archives does without it.
    from license_expression import Licensing

    return Licensing()


def _parsed(text: str) -> Any:
    """The tree of an expression, None for what is none."""
    from boolean import ParseError
    from license_expression import ExpressionError

    if not text.strip() or len(text) > LONGEST or _MIXED.search(text):
        return None
    try:
        return _grammar().parse(text)
    except (ExpressionError, ParseError, IndexError, AssertionError):
        # The last two are the parser's own slips: at brackets around nothing, or with an
        # operator behind them.
        return None


def _leaves(tree: Any) -> Iterator[Any]:
    """The licences of a tree, those with an exception whole."""
    stack = [tree]
    while stack:
        each = stack.pop()
        if each.isliteral:
            yield each
        else:
            stack += reversed(each.args)


def _base(leaf: Any) -> str:
    """The licence itself: neither an exception nor a plus changes the category."""
    return str(getattr(leaf, "license_symbol", leaf).key)


def _atoms(tree: Any) -> Iterator[str]:
    return map(_base, _leaves(tree))


def _is_choice(tree: Any) -> bool:
    """Whether nothing but OR joins its licences."""
    if tree.isliteral:
        return True
    return isinstance(tree, _grammar().OR) and all(map(_is_choice, tree.args))


def _value(tree: Any) -> Category:
    """What somebody has to accept who chooses wherever there is a choice."""
    if tree.isliteral:
        return _category_of(_base(tree)) or Category.UNKNOWN
    values = [_value(each) for each in tree.args]
    pick = min if isinstance(tree, _grammar().OR) else max
    return pick(values, key=lambda each: each.rank)


# --- Names ------------------------------------------------------------------------------------

_WORDS = re.compile(r"[^\W_]+")
_EMPTY = frozenset(("the", "license", "licence", "licenses", "licences", "version", "v"))
_VERSION = re.compile(r"v(?=\d+\Z)")


def normalised(name: str) -> str:
    """A name without what varies in how people write it."""
    words = (word for word in _WORDS.findall(name.casefold()) if word not in _EMPTY)
    return " ".join(_VERSION.sub("", word) for word in words)


@cache
def _index() -> dict[str, Category]:
    """The categories by identifier and by normalised name."""
    index: dict[str, Category] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        category, _, rest = line.partition(" ")
        names = [name.strip() for name in rest.split("|")]
        index[names[0]] = Category(category)
        for name in names:
            index.setdefault(normalised(name), Category(category))
    return index


def _category_of(text: str) -> Category | None:
    index = _index()
    return index.get(text) or (index.get(normalised(text)) if len(text) <= LONGEST else None)
