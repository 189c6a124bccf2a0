"""Which file names are those of archives."""

TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")
ZIP = (".zip", ".jar", ".war", ".whl", ".nar", ".nbm", ".vsix", ".apk")
_ALL = TAR + ZIP


def is_archive(name: str) -> bool:
    """Whether a file of this name is read as an archive; upper and lower case are the same."""
    return name.lower().endswith(_ALL)


def format_of(name: str) -> str:
    """The format that the name promises: "tar.gz", "zip"…; "" for other names."""
    lowered = name.lower()
    if lowered.endswith(ZIP):
        return "zip"
    promised = next((suffix[1:] for suffix in TAR[1:] + TAR[:1] if lowered.endswith(suffix)), "")
    return "tar.gz" if promised == "tgz" else promised
