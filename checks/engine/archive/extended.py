"""Extended headers of a tar: what they add to the member that follows them.

Programs differ in whom an extended header is for when several come together. One pax header, or
GNU's long name and long link target, directly before their member: anything else is refused.
"""

from checks.engine.archive import pax
from checks.engine.archive.header import SEE, Header
from checks.engine.archive.problems import Problems

TYPES = frozenset({b"x", b"g", b"L", b"K"})
MAX_GLOBALS = 16  # global extended headers; `git archive` writes one


class Extended:
    """The extended headers that wait for their member."""

    def __init__(self, problems: Problems) -> None:
        self.globals = 0
        self._problems = problems
        self._records: dict[str, bytes] | None = None
        self._long: dict[bytes, str] = {}

    @property
    def waiting(self) -> bool:
        """Whether the next member has an extended header."""
        return self._records is not None or bool(self._long)

    def take(self, header: Header, data: bytes) -> None:
        """Read an extended header with its content."""
        if header.type == b"g":
            self._take_global(data)
        elif header.type == b"x":
            self.nothing_waits("another one")
            self._records = pax.records(data, self._problems, header.name)
            pax.check_numbers(self._records, self._problems, header.name)
        else:
            if self._records is not None or header.type in self._long:
                self.nothing_waits("another one")
            self._long[header.type] = self._long_text(data, header.name)

    def complete(self, header: Header) -> tuple[str, str, int]:
        """Name, link target and size of the member, whose turn it is."""
        problems = self._problems
        found, long = self._records or {}, self._long
        self._records, self._long = None, {}
        if long:
            name = long.get(b"L", header.name)
            target = long.get(b"K", header.target)
            pax.check_long(name, header.name, problems)
            pax.check_long(target, header.target, problems)
            return name, target, header.size
        pax.check_sparse(found, problems, header.name)
        name = pax.text(found, "path", header.name, problems, header.name)
        target = pax.text(found, "linkpath", header.target, problems, name)
        return name, target, pax.size(found, header.size, problems, name)

    def nothing_waits(self, what: str) -> None:
        """Refuse an extended header that is not followed by its member."""
        if self.waiting:
            self._problems.stop(
                "integrity.extension_order",
                f"An extended header is followed by {what} instead of a member.",
                see=SEE,
            )

    def _take_global(self, data: bytes) -> None:
        self.nothing_waits("a global one")
        self.globals += 1
        if self.globals > MAX_GLOBALS:
            self._problems.stop(
                "safety.metadata", f"There are more than {MAX_GLOBALS} global extended headers."
            )
        found = pax.records(data, self._problems, "")
        pax.check_global(found, self._problems)
        pax.check_numbers(found, self._problems, "")

    def _long_text(self, data: bytes, member: str) -> str:
        text, _, rest = data.partition(b"\0")
        if rest.strip(b"\0") or not text:
            self._problems.stop(
                "integrity.long_name", "A long name is empty or goes on behind its end.", member
            )
        return text.decode("utf-8", "surrogateescape")
