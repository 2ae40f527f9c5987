#!/usr/bin/env python3
"""Measures the check on growing catalogues, and how much of a whole build is ours. CPU seconds; read the ratios."""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kb.catalogue import Catalogue
from kb.pages import parse_page
from kb.render import MACROS, View
from kb.rules import check, in_words

ROOT = Path(__file__).parents[1]


def cpu(action, repeat: int = 3) -> float:
    """CPU seconds of this process for `action()`: the least of several runs."""
    seconds = []
    for _ in range(repeat):
        begin = time.process_time()
        action()
        seconds.append(time.process_time() - begin)
    return min(seconds)


def grown(root: Path, tasks: int) -> None:
    """Write the handbook below `root` with its tasks repeated until there are `tasks`."""
    command = ["cp", "-r", str(ROOT / "data"), str(ROOT / "docs"), str(root)]
    subprocess.run(command, check=True)
    kept = sorted((root / "data/tasks").glob("*.yml"))
    addresses = root / "data/addresses.txt"
    lines = addresses.read_text("utf-8").splitlines()
    for number in range(tasks - len(kept)):
        model = kept[number % len(kept)]
        id = f"{model.stem}-copy-{number}"
        (root / f"data/tasks/{id}.yml").write_bytes(model.read_bytes())
        (root / f"docs/tasks/{id}.md").write_bytes((root / f"docs/tasks/{model.stem}.md").read_bytes())
        lines.append(f"/tasks/{id}/")
    addresses.write_text("\n".join(lines) + "\n", "utf-8")
    # A few people cannot do thousands of tasks; their hours are not what is measured here.
    staffing = root / "data/staffing.yml"
    staffing.write_text(re.sub(r"hours: \S+", "hours: 100000", staffing.read_text("utf-8")), "utf-8")


def render_all(catalogue: Catalogue) -> None:
    """Print every macro call of every page, as a build does."""
    for path in sorted(catalogue.pages):
        page = parse_page(path, (ROOT / "docs" / path).read_text("utf-8"))
        for call in page.calls:
            MACROS[call.name](View(catalogue, path, {}, rules=in_words()), *call.arguments)


def whole_build() -> float:
    """CPU seconds of a whole build, checks and publishing included, in processes of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, str(ROOT / "scripts/build.py")], check=True, capture_output=True, env=os.environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print two small tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, nargs="+", default=[750, 1500, 3000], help="sizes of the catalogue")
    sizes = parser.parse_args().tasks
    if any(not problem.warning for problem in check(ROOT)[1]):
        sys.exit("the handbook is not sound; run the check first")

    print("check of a growing catalogue")
    print(f"{'tasks':>8} {'CPU s':>8} {'ms a task':>10} {'problems':>9}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            grown(Path(scratch), size)
            problems = check(Path(scratch))[1]
            seconds = cpu(lambda folder=Path(scratch): check(folder))
        print(f"{size:8} {seconds:8.2f} {1000 * seconds / size:10.3f} {len(problems):9}")

    checking = cpu(lambda: check(ROOT))
    catalogue = check(ROOT)[0]
    rendering = cpu(lambda: render_all(catalogue))
    whole = min(whole_build() for _ in range(3))
    # The build checks twice: once before it begins, and once when MkDocs loads the macros.
    ours = 2 * checking + rendering
    print(f"\nthe handbook itself: {len(catalogue.pages)} pages")
    for name, seconds in (("check (each of two)", checking), ("render all macros", rendering), ("whole build", whole)):
        print(f"{name:>22} {seconds:8.2f} CPU s {100 * seconds / whole:6.1f} %")
    print(f"{'ours altogether':>22} {ours:8.2f} CPU s {100 * ours / whole:6.1f} %")


if __name__ == "__main__":
    main()
