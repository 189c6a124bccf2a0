"""The checksum file and the file it is about."""

import hmac
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from checks.engine import sums
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.names import shown
from checks.engine.rule import Difference, FileRule

ALGORITHMS = {".sha256": "sha256", ".sha512": "sha512", ".sha512sum": "sha512"}


class Checksum(FileRule):
    slug = "checksum"
    version = 1
    title = "The checksum file has the digest of the file it is named after"
    policy = (
        "Checksums are SHA-256 or SHA-512 and are there so that downloaders can verify what they "
        "got. (https://infra.apache.org/release-distribution.html#sigs-and-sums)"
    )
    cost = "Once a checksum file: reads at most 64 KiB; artifacts are not read again."
    differences = (
        Difference(
            "SHA512 (NAME) = DIGEST is understood, SHA256 (NAME) = DIGEST is a mismatch.",
            "Both are understood, and so are the forms of openssl, with the algorithm compared.",
            "sha256sum --tag and BSD write it for every algorithm.",
        ),
        Difference(
            "The file name in the checksum file is not looked at.",
            "A different name, or a path, is a concern.",
            "sha512sum -c fails for everybody who downloads; it is often left from a candidate.",
        ),
        Difference(
            "A byte order mark makes the check crash.",
            "It is a concern, and the digest is compared.",
            "Windows tools write it; the digest is right, and only sha512sum -c stumbles.",
        ),
        Difference(
            "Only the first digest is compared.",
            "Two different digests for the same file are a blocker.",
            "A downloader's tool may use either of them.",
        ),
        Difference(
            "A name that starts the text is cut off, with or without a colon after it.",
            "The colon is needed.",
            "Without it no tool can tell where the name ends.",
        ),
        Difference(
            "Only .sha256 and .sha512 are compared.",
            ".SHA256, .SHA512 and .sha512sum are compared too.",
            "A wrong digest is wrong under a discouraged name as well.",
        ),
    )

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        return PurePosixPath(file.path).suffix.lower() in ALGORITHMS

    def inputs(self, file: File, candidate: Candidate) -> Any:
        artifact = candidate.file(_about(file.path))
        return artifact and [artifact.sha256, artifact.sha512]

    def run(self, file: File, candidate: Candidate) -> Iterator[Finding]:
        artifact = candidate.file(_about(file.path))
        if artifact is None:
            yield self.finding(
                Level.BLOCKER,
                file.path,
                f"There is no {_about(file.path)} in the release that this checksum could be of.",
            )
            return
        algorithm = ALGORITHMS[PurePosixPath(file.path).suffix.lower()]
        with file.location.open("rb") as stream:
            content = stream.read(sums.MAX_SIZE + 4)
        try:
            read = sums.parse(content, algorithm)
        except sums.Malformed as error:
            yield self._malformed(file, artifact, algorithm, str(error))
            return
        yield from self._compare(file, artifact, algorithm, read)

    def _malformed(self, file: File, artifact: File, algorithm: str, why: str) -> Finding:
        name = PurePosixPath(artifact.path).name
        return self.finding(
            Level.BLOCKER,
            file.path,
            f"The checksum file cannot be used. {why} Write it anew.",
            see=f"{algorithm}sum {name} > {PurePosixPath(file.path).name}",
            error=why,
        )

    def _compare(
        self, file: File, artifact: File, algorithm: str, read: sums.Sums
    ) -> Iterator[Finding]:
        """Compare digests first; only where they agree, names and form are worth a word."""
        actual = artifact.sha256 if algorithm == "sha256" else artifact.sha512
        name = PurePosixPath(artifact.path).name
        ours = [entry for entry in read.entries if _names(entry, name)] or list(read.entries)
        said = {entry.digest for entry in ours}
        see = _see(algorithm, file, name, named=bool(ours[0].name))
        wrong = sorted(digest for digest in said if not hmac.compare_digest(digest, actual))
        named_ours = _names(ours[0], name)
        if wrong and (named_ours or len(wrong) == len(said)):
            yield self._mismatch(file, algorithm, wrong, actual, see, several=len(said) > 1)
            return
        yield self.finding(
            Level.NOTE,
            file.path,
            f"The {algorithm.upper()} of {name} is what this file says.",
            see=see,
            computed_hash=actual,
            expected_hash=actual,
        )
        odd = partial(self.finding, Level.CONCERN, file.path, see=see)
        for oddity in read.oddities:
            yield odd(f"The digest is right, but tools will stumble over this file. {oddity}")
        yield from self._judge_names(file, read, name, see)

    def _mismatch(
        self, file: File, algorithm: str, wrong: list[str], actual: str, see: str, *, several: bool
    ) -> Finding:
        which = "One of the digests in this file" if several else "The digest in this file"
        return self.finding(
            Level.BLOCKER,
            file.path,
            f"{which} is not the {algorithm.upper()} of the artifact: it says {wrong[0][:16]}…, "
            f"the artifact has {actual[:16]}…. Find out which of the two files is not the one you "
            "meant to upload.",
            see=see,
            computed_hash=actual,
            expected_hash=wrong[0],
        )

    def _judge_names(self, file: File, read: sums.Sums, name: str, see: str) -> Iterator[Finding]:
        """Names in the file: what `sha512sum -c` will look for on a downloader's machine."""
        written = [entry.name for entry in read.entries if entry.name]
        ours = [each for each in written if PurePosixPath(each).name == name]
        if written and not ours:
            message = (
                f"The digest is right, but the file says it is of '{shown(written[0])}', so "
                f"checking a downloaded {name} with it fails. Write it anew under the final name."
            )
            yield self.finding(Level.CONCERN, file.path, message, see=see, named=written[:5])
        elif ours and name not in ours:
            level = Level.SUGGESTION if f"./{name}" in ours else Level.CONCERN
            message = (
                f"The digest is right, but the name in the file has a path, '{shown(ours[0])}'. "
                f"Write '{name}' alone, so that checking works in any folder."
            )
            yield self.finding(level, file.path, message, see=see, named=ours[:5])
        if others := [each for each in written if ours and each not in ours]:
            count = "another file" if len(others) == 1 else f"{len(others)} other files"
            message = (
                f"The file also lists {count}, such as '{shown(others[0])}', which downloaders "
                "may not have. Give each artifact a checksum file of its own."
            )
            yield self.finding(Level.SUGGESTION, file.path, message, see=see, others=others[:5])


def _about(path: str) -> str:
    return path.rpartition(".")[0]


def _names(entry: sums.Entry, name: str) -> bool:
    return not entry.name or PurePosixPath(entry.name).name == name


def _see(algorithm: str, file: File, name: str, *, named: bool) -> str:
    """A command that shows the same. A bare digest is compared by eye."""
    base = PurePosixPath(file.path).name
    return f"{algorithm}sum -c {base}" if named else f"{algorithm}sum {name}; cat {base}"
