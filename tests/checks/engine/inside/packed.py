"""Archives of given members."""

import gzip
import io
import tarfile
import zipfile


def tar(files: dict[str, bytes | None], modes: dict[str, int] | None = None) -> bytes:
    """A tar.gz; None is a folder. `modes` are those that are not the usual ones."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.mode = (modes or {}).get(name, 0o755 if content is None else 0o644)
            if content is None:
                member.type = tarfile.DIRTYPE
            member.size = len(content or b"")
            archive.addfile(member, io.BytesIO(content or b""))
    return gzip.compress(made.getvalue(), mtime=0)


def link(name: str, target: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = tarfile.SYMTYPE, target
        archive.addfile(member)
    return gzip.compress(made.getvalue(), mtime=0)


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()
