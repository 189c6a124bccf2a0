"""Where one can go from a good answer: what the schema calls links, for programs to follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

BODY, QUERY, ANSWER = "$request.body#/", "$request.query.", "$response.body#/"


@dataclass(frozen=True, slots=True)
class Lead:
    """Another operation, by its id, and what it takes, as expressions of OpenAPI: parts of its
    address, or of its body."""

    operation: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)

    def as_link(self) -> dict[str, Any]:
        link: dict[str, Any] = {"operationId": self.operation}
        if self.parameters:
            link["parameters"] = dict(self.parameters)
        if self.body:
            link["requestBody"] = dict(self.body)
        return link


def named(source: str, *names: str) -> dict[str, str]:
    """Each of these names, taken from the same name at the source."""
    return {name: source + name for name in names}
