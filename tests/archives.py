"""Small archives, well and ill; the same bytes each time."""

import gzip
import io
import tarfile


def tar_gz(name: str = "tool-1.0/README", content: bytes = b"Read me.\n") -> bytes:
    """An archive with one file of this name, whatever that name does to who unpacks it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return gzip.compress(made.getvalue(), mtime=0)
