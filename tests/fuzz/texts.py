"""What must hold of everything that reads a text or a pattern: it ends, and is right where that
can be told in another way."""

import re
import zlib
from typing import NamedTuple

import zstandard

from checks import globs
from checks.engine import headers, legal, names, npm, patterns, rat, sums
from checks.engine.archive.decoders import ERRORS, Inflate, Zstandard
from checks.engine.rat import excludes, words

_SPAN = re.compile(rb"\bLicensed to the\b.*?\bunder the License\b", re.DOTALL)
MOST = 1 << 20  # bytes that a decoder may give at once


def _lines(data: bytes, count: int) -> list[str]:
    """The first lines, and the rest as the last."""
    parts = data.decode("utf-8", "replace").split("\n", count - 1)
    return parts + [""] * (count - len(parts))


def inflate(data: bytes) -> None:
    """Raw deflate: whatever the sizes of pieces, what zlib makes of it."""
    step, most, body = (
        (data[0] + 1, 1 << (data[1] % 16), data[2:]) if len(data) > 2 else (1, 1, b"")
    )
    ours = _decoded(Inflate(), body, step, most)
    try:
        theirs = zlib.decompressobj(-15)
        plain = theirs.decompress(body, MOST)
    except zlib.error:
        assert ours is None or not ours.whole, "zlib refuses it"
        return
    if ours is not None and theirs.eof:
        assert ours.plain == plain


def zstd(data: bytes) -> None:
    """One zstd frame, in pieces of any size."""
    step, body = (data[0] + 1, data[1:]) if data else (1, b"")
    ours = _decoded(Zstandard(), body, step, MOST)
    try:
        plain = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj().decompress(body)
    except zstandard.ZstdError:
        return
    assert ours is not None
    assert plain.startswith(ours.plain)


class Decoded(NamedTuple):
    plain: bytes
    whole: bool


def _decoded(decoder: Inflate | Zstandard, body: bytes, step: int, most: int) -> Decoded | None:
    """What a decoder makes of pieces, up to a bound; None for what it refuses."""
    parts, at, size = [], 0, 0
    try:
        while not decoder.eof and size < MOST:
            piece = body[at : at + step] if decoder.needs_input else b""
            if not piece and decoder.needs_input:
                break
            at += len(piece)
            parts.append(decoder.decompress(piece, most))
            size += len(parts[-1])
    except ERRORS:
        return None
    return Decoded(b"".join(parts), decoder.eof)


def gitignore(data: bytes) -> None:
    """Patterns of a policy."""
    path, *lines = data.decode("utf-8", "replace").split("\n")
    path = path or "a"
    named = patterns.matches(lines, path)
    assert patterns.matches([*lines, "!**"], path) is False
    assert patterns.matches([*lines, "**"], path) is True or not path.strip("/")
    assert patterns.matches(["# comment", *lines], path) is named


def ignores(data: bytes) -> None:
    """A pattern of an ignore."""
    pattern, value = _lines(data, 2)
    problem = globs.problem_with(pattern)
    fits = globs.fits(pattern, value)
    if not problem and pattern and value and pattern.strip("!") and not pattern.startswith("!"):
        assert globs.fits(f"!{pattern}", value) is not fits
    if value and len(value) < 60:
        assert globs.fits(f"^{globs.literally(value)}", value)


def rat_excludes(data: bytes) -> None:
    """An exclude file of Apache RAT, and paths."""
    text, _, paths = data.decode("utf-8", "replace").partition("\0")
    found, ignored = excludes.parse(text)
    assert len(found) <= 2 * excludes.MAX_PATTERNS
    assert len(ignored) <= len(text.splitlines())
    left_out = excludes.Exclusions(found, extended=len(text) % 2 == 0)
    for path in paths.split("\n")[:200]:
        assert (path in left_out) in (True, False)


def rat_matcher(data: bytes) -> None:
    """A file as Apache RAT reads it: the quick way and the thorough one agree."""
    name, _, head = data.partition(b"\n")
    head = head[: rat.WINDOW]
    base = name.decode("utf-8", "replace")
    thorough, quick = rat.read(base, head), rat.judge(base, head)
    if quick is not rat.PLAIN:
        assert quick == thorough
    else:
        assert thorough.is_approved
    for group in words.GROUPS:
        assert (group in words.found(head)) is (group in words._Searched(head)), group


def header(data: bytes) -> None:
    """The licence header of a source file: whoever finds it by searching, so do we."""
    found = headers.has_header(data, "py")
    head = data[: headers.WINDOW]
    spans = _SPAN.findall(re.sub(rb"[ \t\r\n]+", b" ", head))
    simple = any(headers._words(span).lower() in headers.canonical() for span in spans)
    assert found or not simple
    headers.has_header(data, "sql")


def legal_texts(data: bytes) -> None:
    """LICENSE and NOTICE."""
    assert legal.judge_license(data).message
    assert legal.judge_notice(data, "The Apache Software Foundation").message


def checksums(data: bytes) -> None:
    """A checksum file: digests of the right length, or a sentence why not."""
    for algorithm, digits in sums.DIGITS.items():
        try:
            found = sums.parse(data, algorithm)
        except sums.Malformed:
            continue
        assert found.entries
        assert all(re.fullmatch(f"[0-9a-f]{{{digits}}}", each.digest) for each in found.entries)


def manifests(data: bytes) -> None:
    """The manifest of an npm package."""
    try:
        found = npm.parse(data)
    except npm.NotAPackage:
        return
    assert found.name.strip()
    assert found.version.strip()


def paths(data: bytes) -> None:
    """The name of a file of a release."""
    path = data.decode("utf-8", "replace")
    name = names.parse(path)
    assert path.endswith(name.artifact + name.metadata)
    assert names.shown(path).isprintable()
    assert names.hidden_segment(path) in ("", *path.split("/"))
    if names.is_disallowed(path):
        assert not names.is_sbom(path)
