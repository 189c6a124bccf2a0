"""Bytes, stored once under their digest."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import models
from django.utils.timezone import now

from trusted_releases.lib.digests import Digest, Digester, blocks, digest_of


class Corrupt(Exception):
    """Stored bytes are not what their name says. Never served, never published."""


def store() -> Storage:
    return storages["blobs"]


def scratch() -> Path:
    """The directory for files on their way, made when it is missing."""
    directory = Path(settings.SCRATCH_DIR)
    directory.mkdir(parents=True, exist_ok=True)
    return directory


class BlobManager(models.Manager["Blob"]):
    def keep(self, file: Path, digest: Digest) -> "Blob":
        """Store a local file under its digest and return its row; the file may be gone after.

        Call it outside transactions: it may take as long as the bytes take. Storing the same
        bytes twice, at once or after a crash, ends in one file and one row.
        """
        name = Blob.name_for(digest.sha256)
        storage = store()
        if isinstance(storage, FileSystemStorage):
            _settle(file, Path(storage.path(name)), digest)
        elif not self._stored(storage, name, digest):
            with file.open("rb") as stream:
                storage.save(name, File(stream, name))
        blob, _ = self.get_or_create(
            sha256=digest.sha256, defaults={"sha512": digest.sha512, "size": digest.size}
        )
        return blob

    def _stored(self, storage: Storage, name: str, digest: Digest) -> bool:
        """Whole and in place: an upload that was cut short has another size, or no name."""
        return storage.exists(name) and storage.size(name) == digest.size


def _settle(file: Path, target: Path, digest: Digest) -> None:
    """Move a file to its place so that it is there whole or not at all, also after a crash.

    What a failing disk has damaged there gives way: the same bytes, uploaded again, mend it.
    """
    if target.exists() and _is(target, digest):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(f"{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        _link_or_copy(file, arriving)
        with arriving.open("rb") as stream:
            os.fsync(stream.fileno())
        arriving.chmod(0o444)
        arriving.replace(target)
    finally:
        arriving.unlink(missing_ok=True)
    sync_directory(target.parent)


def _is(file: Path, digest: Digest) -> bool:
    if file.stat().st_size != digest.size:
        return False
    with file.open("rb") as stream:
        return digest_of(stream) == digest


def _link_or_copy(file: Path, target: Path) -> None:
    """A second name for the bytes where the file system allows; else a copy."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)


def sync_directory(directory: Path) -> None:
    """Make a rename or a new name in the directory survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Blob(models.Model):
    """One run of bytes, known by its SHA-256 and never changed.

    Whatever names files (revisions, publications, checks) points here; the same bytes in ten
    releases are stored once.
    """

    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    sha512 = models.CharField(max_length=128, db_index=True, editable=False)
    size = models.PositiveBigIntegerField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    verified_at = models.DateTimeField(
        default=now,
        editable=False,
        help_text="When its bytes were last read and were right; at first, when they came in.",
    )

    objects = BlobManager()

    class Meta:
        indexes = [models.Index(fields=["verified_at"], name="releases_blob_verified")]

    def __str__(self) -> str:
        return f"{self.sha256[:12]}… ({self.size} bytes)"

    @staticmethod
    def name_for(sha256: str) -> str:
        return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"

    @property
    def name(self) -> str:
        return self.name_for(self.sha256)

    @property
    def digest(self) -> Digest:
        return Digest(self.sha256, self.sha512, self.size)

    def open(self) -> "File[bytes]":
        scratch()  # where a remote store's client keeps what it has fetched
        return store().open(self.name, "rb")

    def stream(self) -> Iterator[bytes]:
        """The bytes, block by block; raises Corrupt at the end if they are not what they claim."""
        digester = Digester()
        with self.open() as stream:
            for block in blocks(stream):
                digester.feed(block)
                yield block
        if digester.digest() != self.digest:
            raise Corrupt(f"Blob {self.sha256} is damaged in the store: its digest differs.")

    def verify(self) -> None:
        """Read the stored bytes back; raise Corrupt unless they are what their name says."""
        with self.open() as stream:
            if digest_of(stream) != self.digest:
                raise Corrupt(f"Blob {self.sha256} is damaged in the store: its digest differs.")

    @contextmanager
    def local_file(self) -> Iterator[Path]:
        """The bytes as a local file, for readers that need one: the stored file itself where the
        store is a directory, else a verified copy that is removed at the end."""
        storage = store()
        if isinstance(storage, FileSystemStorage):
            yield Path(storage.path(self.name))
            return
        copy = scratch() / f"blob-{self.sha256}-{os.urandom(4).hex()}"
        try:
            with copy.open("wb") as target:
                for block in self.stream():
                    target.write(block)
            yield copy
        finally:
            copy.unlink(missing_ok=True)


def keep_text(text: str) -> Blob:
    """Store a small text of ours. Call it outside transactions."""
    file = scratch() / f"text-{os.urandom(16).hex()}"
    try:
        file.write_text(text, encoding="utf-8")
        with file.open("rb") as stream:
            digest = digest_of(stream)
        return Blob.objects.keep(file, digest)
    finally:
        file.unlink(missing_ok=True)
