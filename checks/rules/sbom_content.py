"""A bill of materials can be read, says what it should, and names no licence that nobody may use.

Nothing here stands in the way of a vote. What a document says is the word of the program that wrote
it, and the release is what is voted on.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from checks.engine import names
from checks.engine.classify import FileClass, class_of, class_of_name, content_decides
from checks.engine.described import described_by
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.names import shown
from checks.engine.rule import Reading, ReadingRule
from checks.rules.sbom_differences import DIFFERENCES
from checks.sbom.content import content_of
from checks.sbom.document import MAX_BYTES, Bom, Component, NotCycloneDX, TooLarge, Unreadable
from checks.sbom.licences import Category, Verdict, judge
from checks.sbom.reading import bom_from, parse
from checks.sbom.score import Gap, gaps
from checks.sbom.tools import Outdated, outdated
from checks.sbom.validate import Outcome, validate

CLAIMS = (".cdx.json", "-cyclonedx.json", ".cdx.xml", "-cyclonedx.xml")  # names that say the form
EXAMPLES = 5
OPTIONAL = ("optional", "excluded")  # scopes of what a release works without

Judged = list[tuple[Component, Verdict]]


class SbomContent(ReadingRule):
    slug = "sbom.content"
    version = 1
    title = (
        "A bill of materials can be read, keeps to its schema, and names licences that may be used"
    )
    policy = (
        "A bill of materials is of use when programs can read it and when it names what NTIA asks "
        "for: supplier, name, version, identifier and relation of each component, author and time. "
        "(https://www.ntia.gov/report/2021/minimum-elements-software-bill-materials-sbom) What is "
        "under a licence of category X may not be in a release; category B may be in binaries "
        "only. (https://www.apache.org/legal/resolved.html)"
    )
    cost = (
        "Up to 64 MB are read and compared with the schema: a second for 10,000 components. Larger "
        "documents are not looked into."
    )
    levels = (Level.NOTE, Level.SUGGESTION, Level.CONCERN)
    reads = ("source_paths", "binary_paths")
    weight = 64
    differences = DIFFERENCES

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        if names.is_sbom(file.path):
            return not names.is_disallowed(file.path)
        odd = file.path.endswith((".json", ".xml"))
        return odd and content_decides(file.path, candidate.policy)

    def inputs(self, file: File, candidate: Candidate) -> Any:
        return {"of_source": _is_of_source(file, candidate)}

    def read(self, file: File, candidate: Candidate) -> Reading:
        if class_of(file, candidate.policy) != FileClass.SBOM:
            return self.reading((), {})
        try:
            if file.size > MAX_BYTES:
                raise TooLarge(f"It has {file.size:,} bytes; up to {MAX_BYTES:,} are read.")
            raw = parse(file.location.read_bytes())
            bom = bom_from(raw)
        except Unreadable as error:
            return self.reading([self._unreadable(file.path, error)], {"unreadable": str(error)})
        of_source = _is_of_source(file, candidate)
        outcome, missing, old = validate(raw, bom.repeated_refs), gaps(bom), outdated(bom)
        findings = (
            self._about(file.path, bom),
            *self._schema(file.path, bom, outcome),
            *self._gaps(file.path, missing),
            *self._licences(file.path, bom, of_source),
            *self._outdated(file.path, old),
        )
        content = content_of(bom, outcome, missing, old, of_source=of_source)
        return self.reading(findings, content)

    def _unreadable(self, path: str, error: Unreadable) -> Finding:
        """What cannot be read is no bill of materials to anybody, unless it only is too large."""
        if isinstance(error, TooLarge):
            message = f"This bill of materials was not looked into. {error}"
            return self.finding(Level.SUGGESTION, path, message, code="too_large")
        if isinstance(error, NotCycloneDX) and not path.endswith(CLAIMS):
            return self.finding(Level.NOTE, path, str(error), code="other_form")
        message = f"This bill of materials cannot be read. {error}"
        return self.finding(Level.CONCERN, path, message, code="unreadable")

    def _about(self, path: str, bom: Bom) -> Finding:
        counted = [
            f"{len(bom.components):,} component{'' if len(bom.components) == 1 else 's'}",
            *(
                [f"{len(bom.vulnerabilities):,} known vulnerabilities"]
                if bom.vulnerabilities
                else ()
            ),
        ]
        message = f"A bill of materials in CycloneDX {shown(bom.spec_version, 20)}: "
        return self.finding(
            Level.NOTE,
            path,
            f"{message}{', '.join(counted)}.",
            code="read",
            components=len(bom.components),
            vulnerabilities=len(bom.vulnerabilities),
        )

    def _schema(self, path: str, bom: Bom, outcome: Outcome) -> Iterator[Finding]:
        if outcome.unknown:
            message = f"There is no schema to hold it against: it says {outcome.unknown}."
            yield self.finding(Level.SUGGESTION, path, message, code="no_schema")
        elif outcome.errors:
            count = f"more than {len(outcome.errors)}" if outcome.more else len(outcome.errors)
            message = (
                f"It does not keep to the schema of CycloneDX {bom.spec_version}, and programs may "
                f"refuse it. {_capital(count)} error{'' if count == 1 else 's'}, the first: "
                f"{outcome.errors[0]}"
            )
            yield self.finding(
                Level.SUGGESTION,
                path,
                message,
                see=f"cyclonedx validate --fail-on-errors --input-file {path}",
                code="schema",
                errors=list(outcome.errors),
                more=outcome.more,
            )

    def _gaps(self, path: str, missing: tuple[Gap, ...]) -> Iterator[Finding]:
        said = {
            "error": "It lacks minimum elements of a bill of materials.",
            "warning": "Programs cannot make the most of it.",
        }
        for weight, begin in said.items():
            found = [each for each in missing if each.weight == weight]
            if found:
                told = " ".join(each.sentence for each in found)
                yield self.finding(
                    Level.SUGGESTION,
                    path,
                    f"{begin} {told}",
                    code=f"gaps_{weight}",
                    gaps=[[each.code, each.count] for each in found],
                )

    def _licences(self, path: str, bom: Bom, of_source: bool) -> Iterator[Finding]:
        judged = [(each, judge(each.licences)) for each in bom.described()]
        known = [(each, verdict) for each, verdict in judged if verdict is not None]
        x = [each for each in known if each[1].category == Category.X]
        needed = [(each, found) for each, found in x if not _is_mild(each, found)]
        mild = [(each, found) for each, found in x if _is_mild(each, found)]
        b = [each for each in known if each[1].category == Category.B]
        unknown = [each for each in known if each[1].category == Category.UNKNOWN]
        for level, code, found, says in (
            (Level.CONCERN, "category_x", needed, "under licences of category X, which a release "
             "must not depend on"),
            (Level.SUGGESTION, "category_x_avoidable", mild, "under licences of category X, and "
             "optional or with a choice of others. See that nothing depends on these terms"),
            (Level.SUGGESTION, "category_b_source", b if of_source else [], "under licences of "
             "category B, and this is the bill of a source archive: it may name them, but hold "
             "none of their source"),
            (Level.NOTE, "category_b", [] if of_source else b, "under licences of category B: they "
             "may be in binaries, where LICENSE or NOTICE names them"),
            (Level.SUGGESTION, "category_unknown", unknown, "under licences that are in no "
             "category that is known here. Look them up"),
        ):  # fmt: skip
            if found:
                yield self._of_licence(level, path, code, found, says)

    def _of_licence(self, level: Level, path: str, code: str, found: Judged, says: str) -> Finding:
        noun = "component is" if len(found) == 1 else "components are"
        examples = [_with_licence(each) for each, _ in found[:EXAMPLES]]
        more = f" and {len(found) - EXAMPLES:,} more" if len(found) > EXAMPLES else ""
        message = f"{len(found):,} {noun} {says}: {', '.join(examples)}{more}."
        return self.finding(level, path, message, code=code, count=len(found), examples=examples)

    def _outdated(self, path: str, old: Iterable[Outdated]) -> Iterator[Finding]:
        for each in old:
            told = {"tool": each.name, "used": each.used, "available": each.available}
            message = shown(each.sentence, 200)
            yield self.finding(Level.SUGGESTION, path, message, code="outdated", **told)


def _is_of_source(file: File, candidate: Candidate) -> bool:
    """Whether all that it may be the bill of are source archives."""
    described = described_by(file.path, candidate)
    classes = {class_of_name(each.path, candidate.policy) for each in described}
    return classes == {FileClass.SOURCE}


def _is_mild(component: Component, verdict: Verdict) -> bool:
    return verdict.avoidable or component.scope.lower() in OPTIONAL


def _with_licence(component: Component) -> str:
    licences = ", ".join(each.text or "no name" for each in component.licences)
    return f"{shown(component.label)} ({shown(licences)})"


def _capital(count: int | str) -> str:
    text = f"{count}"
    return text[:1].upper() + text[1:]
