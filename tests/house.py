"""The files of the house, for the tests that walk through it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("trusted_releases", "projects", "keys", "releases", "checks", "distribution", "notices")
# Made by tools or by running, and not ours to keep in order.
MADE = {"var", "staticfiles", "node_modules", "htmlcov", "__pycache__"}
HIDDEN_BUT_OURS = {".ci", ".dockerignore", ".env.example", ".gitignore"}
TEXT = {".py", ".html", ".txt", ".md", ".toml", ".sh", ".yaml", ".yml", ".conf", ".service", ".css"}
TEXT |= {".js", ".in", ".example", ".json", ""}


@cache
def files() -> tuple[Path, ...]:
    """All files of ours, relative to the root."""
    found = []
    for top in sorted(ROOT.iterdir()):
        if top.name.startswith(".") and top.name not in HIDDEN_BUT_OURS:
            continue
        below = sorted(top.rglob("*")) if top.is_dir() else [top]
        found += [path.relative_to(ROOT) for path in below if path.is_file()]
    return tuple(path for path in found if not MADE & set(path.parts))


def texts() -> Iterator[tuple[Path, int, str]]:
    """Each line of each text that people write: file, number, line. Data for tests is none."""
    for path in files():
        if path.suffix not in TEXT or "data" in path.parts or "vendor" in path.parts:
            continue
        try:
            content = (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(content.splitlines(), start=1):
            yield path, number, line


@cache
def sources() -> tuple[Path, ...]:
    """The product's Python files, without migrations and empty package markers."""
    return tuple(
        path
        for path in files()
        if path.suffix == ".py"
        and path.parts[0] in PACKAGES
        and "migrations" not in path.parts
        and (ROOT / path).read_text().strip()
    )


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(), str(path))
