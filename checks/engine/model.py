"""The values that go into the check engine and come out of it.

Plain values, no Django: the same on a server, in a worker's child process and on a laptop.
Everything here has a JSON form (`as_json`), and that form is what is stored, sent and compared.
"""

import hashlib
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any


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


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may cost whoever opens it. Sizes in bytes.

    Defaults are those of the reference platform (checks, section "Extraction limits").
    """

    total_size: int = 2 << 30
    file_size: int = 2 << 30
    members: int = 100_000
    ratio: int = 100
    depth: int = 32
    metadata: int = 1 << 20
    link_target: int = 4096

    def as_json(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a project asks of its releases, as plain values; part of the key of every result.

    `project` and `version` name the release (for download paths and expected names);
    `podling` adds the rules for podlings; `source_paths` and `binary_paths` are gitignore-style
    patterns that settle what is a source artifact. `download_suffix` is the template of the folder
    below the committee's download area. `license_mode` says which licence checks a project asks
    for beside LICENSE and NOTICE: "files" for none, "lightweight" for headers, "rat", or "both".
    `header_excludes` are gitignore-style patterns of files in source archives that need no header,
    matched against the archive's name and the path in it; `rat_excludes` the lines of an exclude
    file of RAT, for archives that have none. `foundation` is who holds the copyright, for NOTICE
    files.
    """

    project: str = ""
    committee: str = ""
    version: str = ""
    podling: bool = False
    source_paths: tuple[str, ...] = ()
    binary_paths: tuple[str, ...] = ()
    download_suffix: str = ""
    license_mode: str = "files"
    header_excludes: tuple[str, ...] = ()
    rat_excludes: tuple[str, ...] = ()
    foundation: str = "The Apache Software Foundation"
    limits: Limits = Limits()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Policy":
        """The inverse of `as_json`; what is left out has its default.

        Raises ValueError, with a sentence, for unknown fields and values of the wrong type.
        """
        known = _known_fields(cls, value)
        known["limits"] = Limits(**_known_fields(Limits, known.get("limits", {})))
        for name in ("source_paths", "binary_paths", "header_excludes", "rat_excludes"):
            known[name] = _texts(name, known.get(name, ()))
        _require_types(cls(), known)
        _require_types(Limits(), known.get("limits", Limits()).as_json())
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Candidate:
    """All that the engine is given: files, policy, and the committee's certificates.

    `keys` is a KEYS document (armored public key blocks with any text between them), b"" for none;
    `keys_sha256` is its digest, for the keys of results.
    """

    files: tuple[File, ...]
    policy: Policy = Policy()
    keys: bytes = b""
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
        raise ValueError(f"{kind.__name__} must be a JSON object")
    names = {each.name for each in fields(kind)}
    if unknown := sorted(set(value) - names):
        raise ValueError(f"{kind.__name__} has no field '{unknown[0]}'")
    return dict(value)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ValueError(f"'{name}' must be a list of strings")
    return tuple(value)


def _require_types(default: Any, values: dict[str, Any]) -> None:
    """Every value is of the type that the default of its field has."""
    for name, value in values.items():
        wanted = type(getattr(default, name))
        if type(value) is not wanted:
            raise ValueError(f"'{name}' must be of type {wanted.__name__}")
