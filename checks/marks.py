"""What makes a finding the same finding: in the next revision, and in the next version.

A mark is short, stays the same for ever and stands in addresses, so that a link to a finding still
leads to it after files were replaced. It covers

- the rule, but neither its level nor its version: a concern that becomes a blocker is no new
  finding;
- path and member, with the release's version replaced by a placeholder wherever it stands between
  characters that cannot belong to it: `tool-1.0/src/tool-1.0.c` of 1.0 is the same place as
  `tool-1.1/src/tool-1.1.c` of 1.1, while `lib-11.0.jar` in both is left alone;
- the sentence, again without the version, and without what changes from one run to the next while
  the sentence stays true: numbers, digests, and all that stands in brackets;
- those facts that tell two findings with one sentence apart, such as the key that signed.

What is equal in all of these within one result is numbered, so that of two equal findings one can
be mended and seen to be.
"""

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from checks.engine.model import Finding
from trusted_releases.lib.canonical import canonical

LENGTH = 16  # hexadecimal digits: among a million findings, no two by chance
TELLING = ("code", "error_kind", "remark", "license", "fingerprint")  # facts that stay
VERSION = "\0"  # cannot stand in a stored finding
_NUMBERS = re.compile(r"\b(?=[0-9a-fA-F]*[0-9])[0-9a-fA-F]{12,}…?|[0-9][0-9,.]*")
_BRACKETS = re.compile(r"\s*\([^()]*\)")


def marks_of(findings: Iterable[Finding], version: str) -> list[str]:
    """The marks of one result's findings, in their order. `version` is that of the release."""
    seen: Counter[str] = Counter()
    marks = []
    for finding in findings:
        base = _identity(finding, version)
        seen[base] += 1
        marks.append(_digest([base, seen[base]]))
    return marks


def _identity(finding: Finding, version: str) -> str:
    told = [finding.data.get(name) for name in TELLING if name in finding.data]
    places = [without_version(each, version) for each in (finding.path, finding.member)]
    return _digest([finding.rule, *places, stable(finding.message, version), told])


def without_version(text: str, version: str) -> str:
    """The text with the version replaced, unless it is a part of a longer number or word."""
    if not version:
        return text
    whole = rf"(?<![0-9])(?<![0-9][.]){re.escape(version)}(?![.]?[0-9])"
    return re.sub(whole, VERSION, text)


def stable(message: str, version: str) -> str:
    """What a sentence says, without what varies in it."""
    return _NUMBERS.sub("#", _BRACKETS.sub("", without_version(message, version)))


def _digest(value: object) -> str:
    return sha256(canonical(value)).hexdigest()[:LENGTH]
