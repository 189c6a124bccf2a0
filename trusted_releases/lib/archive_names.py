"""Which file names are those of archives."""

from collections.abc import Collection

TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")
ZIP = (".zip", ".jar", ".war", ".whl", ".nar", ".nbm", ".vsix", ".apk")
_ALL = TAR + ZIP
_ENDS = frozenset(suffix[-3:] for suffix in _ALL)  # asked for first: nearly all names end otherwise


def is_archive(name: str) -> bool:
    """Whether a file of this name is read as an archive; upper and lower case are the same."""
    return name[-3:].lower() in _ENDS and name.lower().endswith(_ALL)


def any_archive(names: Collection[str]) -> bool:
    """Whether one of these names is that of an archive."""
    ends = {name[-3:].lower() for name in names}
    return not ends.isdisjoint(_ENDS) and any(map(is_archive, names))


def format_of(name: str) -> str:
    """The format that the name promises: "tar.gz", "zip"…; "" for other names."""
    lowered = name.lower()
    if lowered.endswith(ZIP):
        return "zip"
    promised = next((suffix[1:] for suffix in TAR[1:] + TAR[:1] if lowered.endswith(suffix)), "")
    return "tar.gz" if promised == "tgz" else promised
