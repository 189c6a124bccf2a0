"""What the name of a release file says: artifact, metadata of an artifact, SBOM, or none of them.

Suffixes are compared in upper and lower case as written, and the order of the tables matters.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath


def table(text: str) -> tuple[str, ...]:
    """The words of a text, in their order: how tables of names are written down here."""
    return tuple(text.split())


ARTIFACT_SUFFIXES = table(
    "bin crate deb dmg exe far gem jar.pack.gz jar msi nar nbm ntb snupkg nupkg pkg pom rar rpm sh "
    "slingosgifeature taco tar.bz2 tar.gz tar.xz tar tgz vsix war whl zip"
)
METADATA_SUFFIXES = table(
    "asc.asc asc.md5 asc.sha1 asc.sha256 asc.sha512 cdx.json cdx.xml sha512.asc sha512.md5 "
    "sha512.sha1 sha512.sha512 asc MD5 md5 mds prov sh1 sha1 sha256 SHA256 SHA512 sha512sum sha512 "
    "sha sig"
)
SBOM_SUFFIXES = table(".cdx.json -cyclonedx.json -sbom.json .cdx.xml -cyclonedx.xml")
SBOM_NAMES = table("sbom.json bom.xml")
DISALLOWED_NAMES = table("desktop.ini id_dsa id_ecdsa id_ed25519 id_rsa KEYS Thumbs.db")
DISALLOWED_SUFFIX = ".key"
VARIANTS = (
    r"(?:binary-assembly|binary|bin|dist|install_[a-z][a-z](?:-[A-Z][A-Z])?|javadoc|"
    r"langpack_[a-z][a-z](?:-[A-Z][A-Z])?|lib-debug|lib|pkg|source-release|sources|source|src)"
)

_ARTIFACT = "|".join(map(re.escape, ARTIFACT_SUFFIXES))
_METADATA = "|".join(map(re.escape, METADATA_SUFFIXES))
_ENDING = re.compile(
    rf"(?:(?P<base>\.(?:{_ARTIFACT}))(?P<metadata>\.(?:{_METADATA}))|(?P<artifact>\.(?:{_ARTIFACT})))\Z"
)
_METADATA_ENDING = re.compile(rf"\.(?:{_METADATA})\Z")
_VARIANT_ENDING = re.compile(rf"[-_]{VARIANTS}\Z")


@dataclass(frozen=True, slots=True)
class Name:
    """The parts of a release file's path that rules ask for.

    `artifact` is the artifact's suffix with its dot, on metadata that of the artifact it belongs
    to; `metadata` the suffix after it; both "" where there is none. `sbom` says that the name is
    that of a CycloneDX bill of materials, `of_sbom` that it is metadata of one.
    """

    path: str
    artifact: str = ""
    metadata: str = ""
    sbom: bool = False
    of_sbom: bool = False

    @property
    def is_artifact(self) -> bool:
        return bool(self.artifact) and not self.metadata

    @property
    def is_metadata(self) -> bool:
        """A signature, a checksum or the like; an SBOM is not metadata, but has some."""
        return bool(self.metadata) and not self.sbom

    @property
    def base(self) -> str:
        """On metadata, the path of the file it is about; else the path itself."""
        return self.path.removesuffix(self.metadata) if self.is_metadata else self.path

    @property
    def stem(self) -> str:
        """The path without the artifact's and the metadata's suffix."""
        return self.path.removesuffix(self.metadata).removesuffix(self.artifact)

    @property
    def chain(self) -> tuple[str, ...]:
        """The parts of the metadata suffix: `.asc.md5` gives asc and md5."""
        return tuple(self.metadata.split(".")[1:])


@lru_cache(maxsize=20_000)
def parse(path: str) -> Name:
    """Read a path. Nothing about it is an error: unknown names have no parts."""
    sbom = is_sbom(path)
    if match := _ENDING.search(path):
        artifact = match["base"] or match["artifact"]
        return Name(path, artifact, match["metadata"] or "", sbom=sbom)
    if (ending := _METADATA_ENDING.search(path)) and is_sbom(path[: ending.start()]):
        return Name(path, metadata=ending[0], of_sbom=True)
    return Name(path, sbom=sbom)


def is_sbom(path: str) -> bool:
    """Whether this is the name of a CycloneDX bill of materials."""
    return path.endswith(SBOM_SUFFIXES) or PurePosixPath(path).name in SBOM_NAMES


def sbom_base(path: str) -> str:
    """What an SBOM's name says it describes: its path without the SBOM suffix."""
    suffix = next((each for each in SBOM_SUFFIXES if path.endswith(each)), "")
    return path.removesuffix(suffix) if suffix else str(PurePosixPath(path).parent)


def sbom_names(artifact: str) -> tuple[str, ...]:
    """The paths under which an artifact's SBOM may lie, the most exact first."""
    stem = parse(artifact).stem
    plain = _VARIANT_ENDING.sub("", stem)
    bases = dict.fromkeys((artifact, stem, plain))
    return tuple(base + suffix for suffix in SBOM_SUFFIXES for base in bases)


def is_disallowed(path: str) -> bool:
    """Whether no release may hold a file of this name, whatever is in it."""
    name = PurePosixPath(path).name
    return name in DISALLOWED_NAMES or name.endswith(DISALLOWED_SUFFIX)


def hidden_segment(path: str) -> str:
    """The first segment of the path that is a hidden file or folder, "" if there is none."""
    return next((each for each in path.split("/") if _is_hidden(each)), "")


def _is_hidden(segment: str) -> bool:
    return segment.startswith(".") and not segment.startswith(".atr") and segment != ".gitkeep"


def shown(text: str, limit: int = 80) -> str:
    """A name from a hostile file as it may be printed: control characters escaped, cut."""
    cut = text if len(text) <= limit else text[:limit] + "…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)
