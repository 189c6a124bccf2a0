"""One archive, read in three ways: by our checks, once by anybody, and as often as is usual.

No Django here, so that `python -m tests.bench.archives FILE` measures the checks and nothing else.
"""

import hashlib
import io
import random
import resource
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from isal import isal_zlib

from checks.engine.archive.apart import end_reader
from checks.engine.headers import EXTENSIONS, extension, has_header
from checks.engine.model import Candidate, File, Limits, Policy
from checks.engine.plan import Unit, plan
from checks.engine.run import run
from trusted_releases.lib.digests import BLOCK, digest_of

MEMBERS = 120_000  # of the archive that is made
POLICY = Policy(license_mode="both", limits=replace(Limits(), members=2 * MEMBERS))
HEADER = b"""/* Licensed to the Apache Software Foundation (ASF) under one or more contributor
 * license agreements. See the NOTICE file distributed with this work for additional information
 * regarding copyright ownership. The ASF licenses this file to you under the Apache License,
 * Version 2.0 (the "License"); you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0 Unless
 * required by applicable law or agreed to in writing, software distributed under the License is
 * distributed on an "AS IS" BASIS. */
"""


# Ours


def planned(path: Path) -> tuple[Candidate, Unit]:
    """A release of this archive and one in another format, so that every rule applies."""
    with path.open("rb") as stream:
        digest = digest_of(stream)
    stem = path.name.removesuffix(".tar.gz")
    names = (path.name, f"{stem}.tar.xz")
    files = (File(each, path, digest.size, digest.sha256, digest.sha512) for each in names)
    candidate = Candidate(tuple(files), POLICY)
    units = plan(candidate)
    return candidate, next(u for u in units if u.kind == "archive" and u.path == path.name)


def checked(candidate: Candidate, unit: Unit) -> None:
    for result in run(candidate, [unit]):
        if result.error:
            raise RuntimeError(result.error)


def in_process(path: Path) -> tuple[float, int]:
    """Peak memory in MB, and bytes of files read, of a process that does nothing else."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.archives", str(path)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    peak, read = done.stdout.split()
    return float(peak), int(read)


def peak_memory() -> float:
    """What this process and the one it read with held at most, in MB: what both share counts twice.
    Of this one not by getrusage: that counts its parent's as well."""
    status = Path("/proc/self/status").read_text()
    reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (int(status.partition("VmHWM:")[2].split()[0]) + reader) / 1024


def read_until_now() -> int:
    """Bytes this process has read with calls to the system, and those it started that ended."""
    return int(Path("/proc/self/io").read_text().split()[1])


# The floor


def floor(path: Path) -> None:
    sha256, sha512 = hashlib.sha256(), hashlib.sha512()
    inflate = isal_zlib.decompressobj(31)
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            sha256.update(block)
            sha512.update(block)
            inflate.decompress(block)


# The usual sequence


def sequence(path: Path) -> None:
    for step in (digests, integrity, structure, licence_files, headers, extraction):
        step(path)


def digests(path: Path) -> None:
    with path.open("rb") as stream:
        hashlib.file_digest(stream, "sha256")
    with path.open("rb") as stream:
        hashlib.file_digest(stream, "sha512")


def integrity(path: Path) -> None:
    with tarfile.open(path) as archive:
        for member in archive:
            if content := archive.extractfile(member) if member.isfile() else None:
                while content.read(BLOCK):
                    pass


def structure(path: Path) -> None:
    with tarfile.open(path) as archive:
        if len({member.name.split("/")[0] for member in archive}) != 1:
            raise RuntimeError("A benchmark with several roots would measure something else.")


def licence_files(path: Path) -> None:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.name.count("/") == 1 and member.name.endswith(("/LICENSE", "/NOTICE")):
                archive.extractfile(member)


def headers(path: Path) -> None:
    with tarfile.open(path) as archive:
        for member in archive:
            ext = extension(member.name.rpartition("/")[2])
            if member.isfile() and ext in EXTENSIONS and (content := archive.extractfile(member)):
                has_header(content.read(4096), ext)


def extraction(path: Path) -> None:
    with TemporaryDirectory() as folder, tarfile.open(path) as archive:
        archive.extractall(folder, filter="data")


# What is made for it


def made(folder: Path) -> Path:
    """An archive of many small sources: three in four with a header, of 100 to 4,000 bytes."""
    chance = random.Random(1)
    words = [b"%x" % chance.getrandbits(chance.randrange(8, 48)) for _ in range(4_000)]
    path = folder / "many-1.0.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for number in range(MEMBERS):
            text = b" ".join(chance.choices(words, k=chance.randrange(10, 400)))
            content = HEADER + text if number % 4 else text
            kind = ("c", "java", "py", "txt", "h", "xml")[number % 6]
            info = tarfile.TarInfo(
                f"many-1.0/module{number // 1200}/src/package{number // 40}/file{number}.{kind}"
            )
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


if __name__ == "__main__":
    one = planned(Path(sys.argv[1]))
    before = read_until_now()
    checked(*one)
    end_reader()  # of a process that has ended, the system says what it took
    print(peak_memory(), read_until_now() - before)
