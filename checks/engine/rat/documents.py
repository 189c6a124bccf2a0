"""What kind of document a file is to Apache RAT, which asks Apache Tika for the media type.

Tika looks at the first bytes, then at the name: a name's type counts only where it is a kind of
what the bytes are. Of Tika's thousands of types only those matter here that change what RAT does.
"""

import re
from enum import StrEnum

from checks.engine.names import table
from checks.engine.rat.words import Finder

HTML_WITHIN = 8192  # bytes in which Tika looks for the start of HTML, and we for a root element
MAX_PROLOG = 50  # comments, declarations and runs of space in front of a root element


class Type(StrEnum):
    """RAT's types of documents. Only a standard one needs a licence of its own."""

    STANDARD = "standard"
    NOTICE = "notice"
    BINARY = "binary"
    ARCHIVE = "archive"
    GENERATED = "generated"  # RAT says "ignored", as it does of what is excluded


_NOTES = table(
    "NOTICE LICENSE INSTALL README NEWS AUTHOR CHANGELOG DISCLAIMER KEYS RELEASE-NOTES "
    "RELEASE_NOTES UPGRADE STATUS THIRD_PARTY_NOTICES COPYRIGHT BUILDING"
)
NOTE_NAMES = frozenset(
    (*_NOTES, *(f"{name}.TXT" for name in _NOTES), "AUTHORS", "BUILD", "BUILT.TXT", "DEPENDENCIES")
)
NOTE_ENDINGS = (".LICENSE", ".LICENSE.TXT", ".NOTICE", ".NOTICE.TXT")
# What stands behind the last dot of these: asked for first, for nearly all names have another.
_NOTE_EXTENSIONS = frozenset(
    name.rpartition(".")[2] if "." in name else "" for name in (*NOTE_NAMES, *NOTE_ENDINGS)
)

# Extensions whose media type is text in Tika: also for empty files, and for bytes that are none.
TEXT_EXTENSIONS = frozenset(
    table(
        "ac actionscript ada adb ads aj am applescript as asciidoc asm asp aspx awk bas bib c cbl "
        "cc cl cls cob coffee conf config cpp cs css csv cxx d data def diff e el ent erl exp f "
        "f77 f90 feature for g go groovy grm h haml hh hpp hs htm html htmlx hx hxx hs ics idl in "
        "ini java jmx jsp jspx l less lhs lisp list log lua m m4 man manifest markdown md mdtext "
        "mf mkd ml mli mod ms n3 ocaml p pas patch php php3 php4 pl pm po pod pom properties pro "
        "project py r rb rest restx rexx rng roff rst s sas scala scm sed sgm sgml sql st tcl "
        "text textile tld tr tsv txt types v vb vbs vcf vcs vhd vhdl vm vsl vtt wsdd xconf xht "
        "xhtml xliff xlf xml xsd xsp y yaml svg fb2"
    )
)
TEXT_NAMES = frozenset(table("INSTALL KEYS Makefile README .htaccess"))

# Extensions of formats that are text, but of a type RAT does not scan.
UNSCANNED = frozenset(
    table(
        "json bat cmd sh bash csh dtd tex latex bibtex texi texinfo ps eps ai rtf rdf owl xmp wsdl "
        "rss atom kml gpx gml xul rs res rl rld rsd rnc xsl xslt fo dita ditamap ditaval mathml "
        "smil smi xspf xop xaml xenc xdf xdm xfdf ccxml vxml ssml grxml gram srx pls tei opf ncx "
        "yin wspolicy sbml mods mets mads dbk ecma geojson ipynb mbox eml mime mht sig xbm rq "
        "xquery xq dae x3d collada mpd ttml dfxp sru metalink meta4 uoml musicxml stata do"
    )
)
_UNSCANNED_ROOTS = re.compile(
    rb"<(?:\w+:)?(?:RDF|rss|feed|kml|stylesheet|transform|task|concept|topic|map|dita|math|gpx|"
    rb"TEI|xdp|smil)(?=[\s>/])"
)

_ARCHIVES = (
    b"PK\x03\x04", b"PK\x05\x06", b"PK00PK", b"\x1f\x8b", b"BZh", b"BZ0", b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a", b"\x1f\x9d", b"\x04\x22\x4d\x18", b"!<arch>\n", b"LZIP",
    b"070701", b"070702", b"070707", b"\xca\xfe\xd0\x0d", b"\x5d\x00\x00",
)  # fmt: skip
_BINARIES = (
    b"\x89PNG\r\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"%!", b"{\\rtf", b"\xca\xfe\xba\xbe",
    b"%PDF-", b"-----BEGIN PGP", b"\x7fELF",
    b"@echo off", b"@ECHO OFF", b"@echo OFF", b"@Echo Off", b"REM ", b"rem ",
    b"From:", b"Received:", b"Return-Path:", b"Message-ID:", b"Relay-Version:", b"Date:",
    b"Path:", b"Xref:", b"Forward to", b"Pipe to", b"#! rnews", b"MIME-Version:",
)  # fmt: skip
# The first two bytes of all of them, and of a script: nearly no text begins so.
_FIRST = frozenset(magic[:2] for magic in (*_ARCHIVES, *_BINARIES, b"#!"))
# A script is of an unscanned type, unless the language itself is known by its first line.
_TEXT_SCRIPT = re.compile(rb"#!/(?:usr/(?:local/)?)?bin/(?:python|perl|[gnm]?awk|lua|tclsh|wish)")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf|\s)*<")  # what has a root element begins so
_MARKUP_FIRST = frozenset(bytes((code,)) for code in b"\xef< \t\n\r\x0b\x0c")
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!--)")
_XML_SPACE = re.compile(rb"<\?.*?\?>|<!--.*?-->|<![^>]*>|\s+|\xef\xbb\xbf", re.DOTALL)
_HTML = re.compile(rb"<(?:html|HTML)|<!(?:DOCTYPE|doctype) (?:HTML|html)")

_SAFE = b"\t\n\r\x0c\x1b"
_NOT_CONTROL = bytes(code for code in range(256) if code >= 32 or code in _SAFE)
_ASCII = bytes(range(128))
_CONTROL = tuple(bytes((code,)) for code in range(32) if code not in _SAFE)
_of_control = Finder((_CONTROL,))  # nearly no text has one: quicker to look for than to count


# Text by its extension, never a note, and scanned whatever it says unless it begins in a way that
# many formats do: most files are.
_PLAIN = frozenset(
    ext for ext in TEXT_EXTENSIONS - UNSCANNED if ext.upper() not in _NOTE_EXTENSIONS
)


def type_of(name: str, head: bytes) -> Type:
    """The document type of a file by its base name and its first bytes."""
    ext = name[name.rfind(".") + 1 :].lower() if "." in name else ""
    if (
        ext in _PLAIN
        and head[:2] not in _FIRST
        and head[:1] not in _MARKUP_FIRST
        and head[257:262] != b"ustar"
    ):
        return Type.STANDARD
    scanned = _scanned_type(name, ext, head)
    may_be_note = scanned is Type.STANDARD and ext.upper() in _NOTE_EXTENSIONS
    return Type.NOTICE if may_be_note and is_note(name) else scanned


def is_note(name: str) -> bool:
    """Whether a file of this name is about the release and needs no licence itself."""
    upper = name.upper()
    return upper in NOTE_NAMES or upper.endswith(NOTE_ENDINGS)


def _scanned_type(name: str, ext: str, head: bytes) -> Type:
    if head[257:262] == b"ustar":
        return Type.ARCHIVE
    if head[:2] in _FIRST:
        if head.startswith(_ARCHIVES):
            return Type.ARCHIVE
        if head.startswith(_BINARIES):
            return Type.BINARY
        if head.startswith(b"#!/"):
            return Type.STANDARD if _TEXT_SCRIPT.match(head) else Type.BINARY
    is_known = ext in TEXT_EXTENSIONS or name in TEXT_NAMES
    is_scanned = _is_scanned(ext, head)
    if is_known and is_scanned:  # a text or not, the answer is the same; and asking takes long
        return Type.STANDARD
    decides = is_scanned if head and is_text(head) else is_known
    return Type.STANDARD if decides else Type.BINARY


def _is_scanned(ext: str, head: bytes) -> bool:
    """Whether a text is of a media type that RAT scans: by its root element, or by its name."""
    if head[:1] in _MARKUP_FIRST and _MARKUP.match(head):
        if _UNSCANNED_ROOTS.match(head, _root(head)):
            return False
        if _XML.match(head):
            return ext not in UNSCANNED
    if ext in UNSCANNED:  # HTML, and what starts as MATLAB does, are text whatever the name says
        return head.startswith(b"%") or bool(_HTML.search(head, 0, HTML_WITHIN))
    return True


def _root(head: bytes) -> int:
    """Where the first element of an XML document begins."""
    at = 0
    for _ in range(MAX_PROLOG):
        match = _XML_SPACE.match(head, at, HTML_WITHIN)
        if match is None:
            break
        at = match.end()
    return at


def is_text(head: bytes) -> bool:
    """Whether Tika takes these bytes for plain text: by how many of them are no text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    control = len(head.translate(None, _NOT_CONTROL)) if _CONTROL in _of_control(head) else 0
    if control * 100 >= len(head) * 2:  # too many for either: no need to count the rest
        return False
    high = 0 if head.isascii() else len(head.translate(None, _ASCII))
    if (len(head) - control - high) * 100 > len(head) * 90:
        return True
    return _looks_like_utf8(head, control)


def _looks_like_utf8(head: bytes, control: int) -> bool:
    """By counting first and following bytes of letters: what is cut in the middle still passes."""
    counts = [
        len(head) - len(head.translate(None, bytes(range(*bounds))))
        for bounds in ((0xC0, 0xE0), (0xE0, 0xF0), (0xF0, 0xF8), (0x80, 0xC0))
    ]
    first, following = counts[:3], counts[3]
    expected = sum((index + 1) * count for index, count in enumerate(first))
    return (
        sum(first) > 0 and expected - 3 <= following <= expected and control * 100 < sum(first) * 2
    )
