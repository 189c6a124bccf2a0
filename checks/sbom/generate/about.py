"""What is known of an archive beside its content, and what came of describing it."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class About:
    """What the platform knows of an archive: the facts that stand in its bill of materials.

    `path` is the archive's in the release; `project` is the name that addresses have, `title` the
    one that people read. `supplier` is who releases it; `made_at` when the archive came into the
    release, as ISO 8601 says it; `tool` and `tool_version` what describes it.
    """

    path: str
    sha256: str
    sha512: str
    project: str
    title: str
    version: str
    supplier: str
    publisher: str
    made_at: str
    tool: str
    tool_version: str
    homepage: str = ""
    repository: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: how much was found, and what could not be read, each with the reason."""

    components: int = 0
    manifests: int = 0
    without_version: int = 0
    unread: tuple[tuple[str, str], ...] = field(default=())
    left_out: int = 0  # packages beyond what one document takes

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"unread": [list(each) for each in self.unread]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Outcome":
        return cls(**{**value, "unread": tuple((path, why) for path, why in value["unread"])})


class Problem(Exception):
    """Nothing can be made of this archive. The message is a sentence that says what to do."""
