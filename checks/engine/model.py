"""The values that go into the check engine and come out of it.

Plain values, no Django: the same on a server, in a worker's child process and on a laptop.
Everything here has a JSON form (`as_json`), and that form is what is stored, sent and compared.
"""

import hashlib
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

# Among the data of a finding: the moment, as ISO 8601 says it, at which the same question may get
# another answer although nothing but the clock has changed.
HOLDS_UNTIL = "holds_until"


class Level(StrEnum):
    """How much a finding matters, from least to most.

    A blocker must be fixed before a vote. A concern must be looked at and acknowledged. A
    suggestion could be better. A note says what was looked at and is fine.
    """

    NOTE = "note"
    SUGGESTION = "suggestion"
    CONCERN = "concern"
    BLOCKER = "blocker"

    @property
    def rank(self) -> int:
        """0 for a note, up to 3 for a blocker: for sorting."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one file, or about one member of an archive, or about the whole release.

    `rule` and `version` name the rule that said it; `path` is the file's path in the release, ""
    for the release as a whole; `member` the path inside the archive or ""; `see` a command or step
    by which a person can see it for themselves; `data` facts for programs (JSON values only).
    """

    rule: str
    version: int
    level: Level
    path: str
    message: str
    member: str = ""
    see: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "level": str(self.level)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Finding":
        return cls(**{**value, "level": Level(value["level"])})


@dataclass(frozen=True, slots=True)
class File:
    """One file of the candidate: its path in the release, where its bytes lie, what they are.

    `sha256` and `sha512` are hexadecimal; `size` is in bytes. `location` is a local file.
    """

    path: str
    location: Path
    size: int
    sha256: str
    sha512: str


class BadPolicy(ValueError):
    """A policy that is none. `field` is the name that is wrong, "" for the value as a whole;
    `known` are the names that may stand there."""

    def __init__(self, message: str, field: str = "", known: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.field = field
        self.known = known


def _about(default: Any, text: str) -> Any:
    """A field with what people are told about it in the catalogue of checks."""
    return field(default=default, metadata={"about": text})


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may cost whoever opens it. Sizes in bytes.

    Defaults are those of the reference platform (checks, section "Extraction limits").
    """

    total_size: int = _about(2 << 30, "Bytes of all files in an archive together, unpacked.")
    file_size: int = _about(2 << 30, "Bytes of one file in an archive, unpacked.")
    members: int = _about(100_000, "Members of an archive: files, folders and links.")
    ratio: int = _about(100, "How many times larger a file in a zip may be than it is packed.")
    depth: int = _about(32, "Folders in folders.")
    metadata: int = _about(1 << 20, "Bytes of names, extended headers and comments.")
    link_target: int = _about(4096, "Bytes of the path that a link leads to.")

    def as_json(self) -> dict[str, int]:
        return asdict(self)


PATTERNS = ("source_paths", "binary_paths", "header_excludes", "rat_excludes", "generated_paths")
LICENSE_MODES = ("files", "lightweight", "rat", "both")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a project asks of its releases, as plain values; part of the key of every result."""

    project: str = _about("", "The project's short name, which artifacts begin with.")
    committee: str = _about("", "The committee's short name, for download paths.")
    version: str = _about("", "The version of the release, which artifacts carry.")
    podling: bool = _about(False, "Whether the rules for podlings hold as well.")
    source_paths: tuple[str, ...] = _about(
        (), "Patterns, as in `.gitignore`, of files that are source artifacts whatever their names."
    )
    binary_paths: tuple[str, ...] = _about(
        (), "Patterns of files that are binary artifacts whatever their names."
    )
    download_suffix: str = _about("", "Template of the folder below the committee's download area.")
    license_mode: str = _about(
        "lightweight",
        "Which licence checks there are beside LICENSE and NOTICE: `files` for none, `lightweight` "
        "for the headers of source files, `rat` for licences as Apache RAT finds them, `both`.",
    )
    header_excludes: tuple[str, ...] = _about(
        (),
        "Patterns of files in source archives that need no header, matched against the archive's "
        "name and the path in it: `/*/third_party/**`.",
    )
    rat_excludes: tuple[str, ...] = _about(
        (), "Lines of an exclude file of RAT, for archives that have none of their own."
    )
    generated_paths: tuple[str, ...] = _about(
        (), "Patterns of files that may differ from the commit, by their path in the source."
    )
    foundation: str = _about(
        "The Apache Software Foundation", "Who holds the copyright, for NOTICE files."
    )
    limits: Limits = field(
        default=Limits(),
        metadata={"about": "What an archive may cost whoever opens it; see below."},
    )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Policy":
        """The inverse of `as_json`; what is left out has its default.

        Raises BadPolicy, with a sentence, for unknown fields and values that cannot be meant.
        """
        known = _known_fields(cls, value)
        known["limits"] = Limits(**_known_fields(Limits, known.get("limits", {})))
        for name in PATTERNS:
            known[name] = _texts(name, known.get(name, ()))
        _require_types(cls(), known)
        _require_limits(known["limits"])
        if known.get("license_mode", "files") not in LICENSE_MODES:
            modes = ", ".join(LICENSE_MODES)
            raise BadPolicy(f"'license_mode' must be one of {modes}", "license_mode")
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Source:
    """The inventory of the commit that source archives were made from, and its digest.

    `location` is a local file that `checks.engine.source` wrote.
    """

    sha256: str
    location: Path


@dataclass(frozen=True, slots=True)
class Candidate:
    """All that the engine is given: files, policy, the committee's certificates, and the source.

    `keys` is a KEYS document (armored public key blocks with any text between them), b"" for none;
    `keys_sha256` is its digest, for the keys of results. `source` is None where nobody said from
    which commit the archives were made, or where it is not there yet.
    """

    files: tuple[File, ...]
    policy: Policy = Policy()
    keys: bytes = b""
    source: Source | None = None
    keys_sha256: str = field(init=False, repr=False)
    _by_path: dict[str, File] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys_sha256", hashlib.sha256(self.keys).hexdigest())
        object.__setattr__(self, "_by_path", {file.path: file for file in self.files})

    def file(self, path: str) -> File | None:
        return self._by_path.get(path)

    def __contains__(self, path: str) -> bool:
        return path in self._by_path


def _known_fields(kind: type[Any], value: Any) -> dict[str, Any]:
    """A JSON object all of whose names are fields of a dataclass."""
    if not isinstance(value, dict):
        raise BadPolicy(f"{kind.__name__} must be a JSON object", _place(kind))
    names = tuple(each.name for each in fields(kind))
    if unknown := sorted(set(value) - set(names)):
        raise BadPolicy(f"{kind.__name__} has no field '{unknown[0]}'", unknown[0], names)
    return dict(value)


def _place(kind: type[Any]) -> str:
    """The field that values of this type stand in, "" for a policy itself."""
    return "" if kind is Policy else kind.__name__.lower()


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise BadPolicy(f"'{name}' must be a list of strings", name)
    return tuple(value)


def _require_types(default: Any, values: dict[str, Any]) -> None:
    """Every value is of the type that the default of its field has."""
    for name, value in values.items():
        wanted = type(getattr(default, name))
        if type(value) is not wanted:
            raise BadPolicy(f"'{name}' must be {_KINDS[wanted.__name__]}", name)


def _require_limits(limits: Limits) -> None:
    values = limits.as_json()
    _require_types(Limits(), values)
    for name, value in values.items():
        if value < 1:
            raise BadPolicy(f"'{name}' must be 1 or more", name)


_KINDS = {
    "str": "a string",
    "bool": "true or false",
    "int": "a whole number",
    "tuple": "a list of strings",
    "Limits": "a JSON object",
}


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What a unit came to.

    `error` is "" unless a rule or the process failed: that is our fault, said as such, and never
    a verdict on the file. `took_ms` is for people who tune, and `content` for pages that show what
    is in the file; neither is a part of what was found.
    """

    key: str
    path: str
    rules: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    error: str = ""
    took_ms: float = 0.0
    content: dict[str, Any] = field(default_factory=dict)

    @property
    def holds_until(self) -> datetime | None:
        """When the same question may get another answer: the earliest that a finding names."""
        told = (each.data.get(HOLDS_UNTIL) for each in self.findings)
        return min((datetime.fromisoformat(each) for each in told if each), default=None)

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "path": self.path,
            "rules": list(self.rules),
            "findings": [finding.as_json() for finding in self.findings],
            "error": self.error,
            "took_ms": self.took_ms,
            "content": self.content,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "UnitResult":
        findings = tuple(Finding.from_json(each) for each in value["findings"])
        return cls(**{**value, "rules": tuple(value["rules"]), "findings": findings})
