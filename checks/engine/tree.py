"""What lies at the top of an archive, gathered while its members go by."""

from checks.engine.archive import Batch, Kind, Member

MAX_TOPS = 1_000  # beyond that nobody reads the list


class Tops:
    """The entries that unpacking would create in an empty folder, and what they are.

    AppleDouble files (`._name`), which macOS leaves in archives, do not count. An entry below
    which something lies is a folder, whether the archive lists it or not.
    """

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {}
        self._known = "/"  # what names begin with that add nothing

    def batch(self, members: Batch) -> None:
        """Add many: nearly all lie in the folder that the one before them lay in."""
        for member, _, _ in members:
            if not member.name.startswith(self._known):
                self.add(member)

    def add(self, member: Member) -> None:
        top, _, below = member.name.partition("/")
        if not top or top.startswith("._") or len(self.kinds) >= MAX_TOPS:
            return
        if below:
            self.kinds.setdefault(top, Kind.DIRECTORY)
            self._known = f"{top}/"
        else:
            self.kinds[top] = member.kind

    @property
    def folders(self) -> list[str]:
        return sorted(name for name, kind in self.kinds.items() if kind == Kind.DIRECTORY)

    @property
    def others(self) -> list[str]:
        """Everything that is not a folder: files and links."""
        return sorted(name for name, kind in self.kinds.items() if kind != Kind.DIRECTORY)


def is_apple_double(path: str) -> bool:
    """Whether a path is, or lies in, what macOS adds to archives beside the files themselves."""
    return any(part.startswith("._") for part in path.split("/"))
