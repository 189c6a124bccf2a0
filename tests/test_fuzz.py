"""The targets of fuzzing hold for what they begin with, and for what fuzzing has found."""

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from checks.engine.archive import walk
from tests.checks.engine.archive.test_differences import TAR, ZIP, Contents
from tests.fuzz import archives, built, mending
from tests.fuzz.targets import FOUND, TARGETS, kept

DRAWN = 60  # archives that are compared with what other programs read


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_for_its_seeds(name: str) -> None:
    target = TARGETS[name]
    seeds = list(target.seeds())
    assert seeds
    for seed in seeds:
        target.run(seed)
        target.run(target.mend(seed))
        target.run(seed[: len(seed) // 2])
    target.run(b"")


@pytest.mark.parametrize(
    ("name", "path"), list(kept()), ids=lambda value: getattr(value, "name", value)
)
def test_what_was_found_stays_mended(name: str, path: Path) -> None:
    TARGETS[name].run(path.read_bytes())


def test_every_folder_of_findings_is_that_of_a_target() -> None:
    assert {path.name for path in FOUND.iterdir()} <= set(TARGETS)


@pytest.mark.parametrize("name", ["tar", "zip"])
def test_what_is_put_right_is_read_without_a_word(name: str) -> None:
    seed = next(TARGETS[name].seeds())
    changed = seed.replace(b"Apache\n", b"Apache\n").replace(b"t-1/LIC", b"t-1/lic")
    report, seen = archives.read(f"t-1.{name}", TARGETS[name].mend(changed))
    assert archives.is_silent(report), report.problems
    assert "t-1/licENSE" in [each.name for each in seen.entries]


@pytest.mark.parametrize(
    ("name", "draw", "programs"), [("tar", built.tar_of, TAR), ("zip", built.zip_of, ZIP)]
)
def test_what_is_drawn_and_read_without_a_word_is_the_same_to_every_program(
    tmp_path: Path, name: str, draw: Callable[[bytes], bytes], programs: dict
) -> None:
    chance, path, silent = Random(20), tmp_path / f"t-1.{name}", 0
    here = [read for program, read in programs.items() if shutil.which(program)]
    while silent < DRAWN:
        path.write_bytes(draw(chance.randbytes(chance.randrange(10, 160))))
        ours = Contents()
        if not archives.is_silent(walk(path, path.name, archives.LIMITS, [ours])):
            continue
        silent += 1
        for read in here:
            names, content = read(path)
            assert sorted(names) == sorted(ours.names)
            # Programs print links each in its own way.
            assert content == ours.digest.hexdigest() or ours.links or names != ours.names


def test_a_stream_is_compressed_anew() -> None:
    seed = next(TARGETS["streams"].seeds())
    assert archives.UNPACK["tar.bz2"](mending.stream(seed)[1:])[:3] == b"t-1"
