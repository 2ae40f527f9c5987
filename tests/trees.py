"""Trees to break: copies of the small handbook or of the whole one, changed as a test says."""

import shutil
from pathlib import Path

import yaml

from kb.rules import check

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "tests" / "small"
BAD = ROOT / "tests" / "bad"


def copy_of(tree: Path, to: Path) -> Path:
    """A copy that a test may change, without what can be made again."""
    leave = shutil.ignore_patterns(".git", ".venv", "site", ".site-*", "__pycache__", ".pytest_cache", ".ruff_cache")
    return Path(shutil.copytree(tree, to, ignore=leave))


def edit(root: Path, file: str, old: str, new: str) -> None:
    """Replace text that occurs at least once; only the first occurrence changes."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def apply(root: Path, case: Path) -> None:
    """Change a tree as a file in tests/bad says: a list of edits, removals, moves and new files."""
    for change in yaml.safe_load(case.read_text(encoding="utf-8")):
        match change:
            case {"file": file, "replace": old, "with": new}:
                edit(root, file, old, new)
            case {"write": file, "text": text}:
                (root / file).write_text(text, encoding="utf-8")
            case {"remove": file}:
                (root / file).unlink()
            case {"move": file, "to": new}:
                (root / file).rename(root / new)
            case _:
                raise ValueError(f"{case.name}: not a change: {change}")


def problems(root: Path) -> list[str]:
    """What the check prints, a line each."""
    return [str(problem) for problem in check(root)[1]]
