"""Knows which files the project consists of; what must hold for them is left to the tests beside this."""

import ast
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project: git's list, or in a bare copy whatever is not hidden."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())
    return tuple(_visible(ROOT))


def _visible(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        if entry.is_dir() and (entry.name == ".ci" or not entry.name.startswith((".", "__pycache__"))):
            yield from _visible(Path(entry.path))
        elif entry.is_file():
            yield Path(entry.path)


def python(*folders: str) -> list[Path]:
    """The Python files in these top-level folders."""
    return [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name(path: Path) -> str:
    """A file's name as a reader of a failure wants it."""
    return path.relative_to(ROOT).as_posix()
