"""The files of a release by their names: what must be there, what must not, what goes with what."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from checks.engine import names
from checks.engine.classify import FileClass, class_of, content_decides
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.names import Name
from checks.engine.rule import Difference, ReleaseRule
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import check_path

MAX_DOCS = 512
EXAMPLES = 5

TOP_LEVEL = frozenset(
    stem + suffix
    for stem in ("CHANGES", "LICENSE", "NOTICE", "README", "SECURITY")
    for suffix in ("", ".adoc", ".md", ".rst", ".txt")
)
USUAL_METADATA = (".asc", ".sha256", ".sha512", ".md5", ".sha", ".sha1")
PLACEHOLDER_PROJECT, PLACEHOLDER_VERSION = "{{PROJECT_KEY}}", "{{VERSION}}"


class Paths(ReleaseRule):
    slug = "paths"
    version = 1
    title = "Every file belongs in the release, and every artifact has a signature and a checksum"
    policy = (
        "A release holds a source archive; every artifact comes with an OpenPGP signature and a "
        "SHA-256 or SHA-512 checksum, and MD5 is not used any more. "
        "(https://infra.apache.org/release-distribution.html#sigs-and-sums, "
        "https://www.apache.org/legal/release-policy.html#source-packages)"
    )
    cost = "Once a release, names only; the first 8 KiB of .json and .xml files with other names."
    reads = (
        "project",
        "committee",
        "version",
        "podling",
        "source_paths",
        "binary_paths",
        "download_suffix",
    )
    differences = (
        Difference(
            "An SBOM belongs to an artifact whose path starts with the SBOM's base name.",
            "It also belongs where the artifact's name without -src, -bin and the like fits.",
            "x-1.0.cdx.json beside x-1.0-src.tar.gz is what build tools write.",
        ),
        Difference(
            "tar.bz2 and tar.xz archives are never source.",
            "They are source like tar.gz, unless name or policy say otherwise.",
            "Several projects publish their source as tar.bz2 only.",
        ),
        Difference(
            "A name outside the upload alphabet is refused at upload and not looked at here.",
            "It is a blocker here too.",
            "A check of a local folder must say before the upload what the upload will say.",
        ),
        Difference(
            "Any archive may turn out to be a package of npm.",
            "Only gzipped tars may, by their first 8 MiB of content.",
            "npm writes nothing else, and asking must stay cheap for large archives.",
        ),
    )

    def inputs(self, candidate: Candidate) -> Any:
        """All names, and the digests of those files whose content decides what they are."""
        return [
            [file.path, file.sha256 if content_decides(file.path, candidate.policy) else ""]
            for file in sorted(candidate.files, key=lambda each: each.path)
        ]

    def run(self, candidate: Candidate) -> Iterator[Finding]:
        files = sorted(candidate.files, key=lambda each: each.path)
        classes = {file.path: class_of(file, candidate.policy) for file in files}
        release = _Release(candidate, _Artifacts(files))
        for file in files:
            yield from self._about(file, classes[file.path], release)
        yield from self._no_source(classes)
        yield from self._bundled_docs(files)
        yield from self._repeated_folders(files, candidate)

    def _about(self, file: File, kind: FileClass, release: "_Release") -> Iterator[Finding]:
        """What there is to say about one file: its problems, or that it is fine."""
        problems = list(self._forbidden(file.path)) or [
            *self._odd_name(file.path),
            *self._by_kind(names.parse(file.path), kind, release),
        ]
        yield from problems
        known = kind != FileClass.BINARY or names.parse(file.path).is_artifact
        if not problems and (known or "/" not in file.path):
            facts = {"class": str(kind)}
            yield self.finding(Level.NOTE, file.path, _fine(file.path, kind), **facts)

    def _by_kind(self, name: Name, kind: FileClass, release: "_Release") -> Iterator[Finding]:
        if kind == FileClass.SBOM:
            yield from self._sbom(name, release.artifacts)
        elif name.is_artifact:
            yield from self._artifact(name, release.candidate)
        elif name.is_metadata:
            yield from self._metadata(name, release.candidate)
        elif "/" not in name.path and name.path not in TOP_LEVEL:
            yield self._unknown(name.path)

    def _forbidden(self, path: str) -> Iterator[Finding]:
        block = partial(self.finding, Level.BLOCKER, path)
        base = PurePosixPath(path).name
        if base == "KEYS":
            yield block(
                "A KEYS file is part of the release. Take it out, and add the keys on the "
                "committee's page of keys: the KEYS file is published from there."
            )
        elif base in names.DISALLOWED_NAMES:
            yield block(f"A file named '{base}' does not belong in a release. Delete it.")
        elif base.endswith(names.DISALLOWED_SUFFIX):
            yield block(
                "A .key file is part of the release. Delete it; if it holds a private key, "
                "consider the key compromised and revoke it."
            )

    def _odd_name(self, path: str) -> Iterator[Finding]:
        if hidden := names.hidden_segment(path):
            message = f"'{hidden}' is a hidden file or folder, left by some tool. Delete it."
            yield self.finding(Level.CONCERN, path, message)
            return
        try:
            check_path(path)
        except BadInput as error:
            yield self.finding(Level.BLOCKER, path, f"This name cannot be uploaded. {error}")

    def _artifact(self, name: Name, candidate: Candidate) -> Iterator[Finding]:
        block = partial(self.finding, Level.BLOCKER, name.path)
        base = PurePosixPath(name.path).name
        if f"{name.path}.asc" not in candidate:
            yield block(
                "The artifact has no signature. Sign it and upload the .asc file beside it.",
                see=f"gpg --armor --detach-sign {base}",
            )
        if not any(f"{name.path}.{kind}" in candidate for kind in ("sha256", "sha512")):
            yield block(
                "The artifact has no SHA-256 or SHA-512 checksum. Upload a .sha512 file beside it.",
                see=f"sha512sum {base} > {base}.sha512",
            )
        if candidate.policy.podling and "incubating" not in base:
            yield block(
                "The project is in the Incubator, and the artifact's name does not say "
                "'incubating'. Rename the artifact, for example to "
                f"{base.removesuffix(name.artifact)}-incubating{name.artifact}."
            )

    def _metadata(self, name: Name, candidate: Candidate) -> Iterator[Finding]:
        path = name.path
        if "md5" in name.chain:
            yield self.finding(
                Level.BLOCKER, path, "MD5 checksums are not allowed in a release. Delete this file."
            )
        elif "sig" in name.chain:
            message = "A .sig file is not allowed. Provide the signature armored, as .asc."
            yield self.finding(Level.BLOCKER, path, message, see=f"gpg --enarmor < {path}")
        elif {"sha1", "sha"} & set(name.chain):
            message = "SHA-1 checksums prove nothing any more. Provide .sha512 instead."
            yield self.finding(Level.SUGGESTION, path, message)
        elif name.metadata not in USUAL_METADATA:
            message = (
                f"Files ending in {name.metadata} are discouraged, and downloaders do not look "
                "for them. Provide .asc and .sha512."
            )
            yield self.finding(Level.SUGGESTION, path, message)
        if name.base not in candidate:
            message = f"{name.base}, which this file is about, is not part of the release."
            yield self.finding(Level.CONCERN, path, message)

    def _sbom(self, name: Name, artifacts: "_Artifacts") -> Iterator[Finding]:
        if not artifacts.goes_with(name.path):
            yield self.finding(
                Level.CONCERN,
                name.path,
                "No artifact in the release goes with this SBOM. Name it after the artifact it "
                "describes, or delete it.",
            )

    def _unknown(self, path: str) -> Finding:
        message = (
            "This top-level file is neither an artifact nor a signature, checksum or SBOM, nor one "
            "of CHANGES, LICENSE, NOTICE, README, SECURITY. Delete it, or move it into a folder."
        )
        return self.finding(Level.CONCERN, path, message)

    def _no_source(self, classes: dict[str, FileClass]) -> Iterator[Finding]:
        source = [
            path
            for path, kind in classes.items()
            if kind == FileClass.SOURCE and names.parse(path).is_artifact
        ]
        if not source:
            yield self.finding(
                Level.BLOCKER,
                "",
                "The release holds no source archive. Add one; if one of the files is the source, "
                "name it in the project's policy for source artifacts.",
            )

    def _bundled_docs(self, files: list[File]) -> Iterator[Finding]:
        docs = [file.path for file in files if _is_loose(file.path)]
        if len(docs) > MAX_DOCS:
            yield self.finding(
                Level.BLOCKER,
                "",
                f"{len(docs):,} loose files lie in folders, such as {docs[0]}; at most {MAX_DOCS} "
                "may. Publish documentation on the web site, or put it into an archive.",
                doc_file_count=len(docs),
                limit=MAX_DOCS,
                examples=docs[:EXAMPLES],
            )

    def _repeated_folders(self, files: list[File], candidate: Candidate) -> Iterator[Finding]:
        suffix = download_suffix(candidate)
        firsts = [file.path.split("/")[0] for file in files]
        for component in dict.fromkeys(part for part in suffix.split("/") if part):
            if count := firsts.count(component):
                yield self.finding(
                    Level.SUGGESTION,
                    "",
                    f"Paths start with '{component}', and the download folder '{suffix}' has it "
                    "too, so it will appear twice. Upload the files without that folder.",
                    component=component,
                    suffix=suffix,
                    count=count,
                )


def download_suffix(candidate: Candidate) -> str:
    """The folder below the committee's download area into which the release goes, "" for none."""
    policy = candidate.policy
    if policy.download_suffix:
        filled = policy.download_suffix.replace(PLACEHOLDER_PROJECT, policy.project)
        return filled.replace(PLACEHOLDER_VERSION, policy.version).strip("/")
    if not policy.project or policy.project == policy.committee:
        return ""
    return f"{policy.project}-{policy.version}"


class _Release(NamedTuple):
    """What judging one file needs of all the others."""

    candidate: Candidate
    artifacts: "_Artifacts"


class _Artifacts:
    """The artifacts of a release, for finding those that an SBOM may describe."""

    def __init__(self, files: list[File]) -> None:
        self._paths = sorted(file.path for file in files if names.parse(file.path).is_artifact)
        self._folders = {str(PurePosixPath(path).parent) for path in self._paths}
        self._sboms = {sbom for path in self._paths for sbom in names.sbom_names(path)}

    def goes_with(self, sbom: str) -> bool:
        """Whether some artifact goes with an SBOM: by name, or by folder for a plain `bom.xml`."""
        if PurePosixPath(sbom).name in names.SBOM_NAMES or not names.is_sbom(sbom):
            return str(PurePosixPath(sbom).parent) in self._folders
        return sbom in self._sboms or self._starts_with(f"{names.sbom_base(sbom)}.")

    def _starts_with(self, start: str) -> bool:
        at = bisect_left(self._paths, start)
        return at < len(self._paths) and self._paths[at].startswith(start)


def _is_loose(path: str) -> bool:
    """A file in a folder that is no artifact and belongs to none."""
    name = names.parse(path)
    return "/" in path and not (name.is_artifact or name.is_metadata or name.sbom)


def _fine(path: str, kind: FileClass) -> str:
    """What a file without problems is, as a sentence."""
    if kind == FileClass.METADATA:
        return f"Belongs to {PurePosixPath(names.parse(path).base).name}."
    if kind == FileClass.SBOM:
        return "An SBOM, with the artifact it describes beside it."
    if not names.parse(path).is_artifact:
        return "A file that a release usually has."
    what = {FileClass.SOURCE: "source", FileClass.DOCS: "documentation"}.get(kind, "binary")
    return f"A {what} artifact, with its signature and checksum beside it."
