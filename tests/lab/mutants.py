"""Counts how many faults in the text of the runbooks would go unnoticed.

    python tests/lab/mutants.py

Runs every runbook once, then compares what was printed with pages in which one expected line was dropped, one invented
line was added, or one character was changed (at up to six places of each line; what a mask or `...` stands for is left
alone, since it is not claimed to be checked). Exit status 1 when one in a thousand or more goes unnoticed.
"""

import os
import random
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import runner

import data

PLACES = 6
LIMIT = 1 / 1000


def mutants(expected: tuple[str, ...], chance: random.Random) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(what was done, the lines after it), for every change of the expected lines of a command."""
    yield "added", ("an invented line", *expected)
    for index, line in enumerate(expected):
        before, after = expected[:index], expected[index + 1 :]
        yield "added", (*before, line, "an invented line", *after)
        if line.strip() == "...":
            continue
        yield "dropped", (*before, *after)
        free = _checked(line)
        for place in chance.sample(free, min(PLACES, len(free))):
            other = "#" if line[place] != "#" else "%"
            yield "changed", (*before, line[:place] + other + line[place + 1 :], *after)


def _checked(line: str) -> list[int]:
    """Places of a line that no mask and no `...` stands for; spaces are left alone, since those at an end are cut."""
    hidden: set[int] = set()
    for pattern, _ in runner.MASKS:
        for found in pattern.finditer(line):
            hidden.update(range(*found.span()))
    start = line.find("...")
    while start >= 0:
        hidden.update(range(start - 1, start + 4))
        start = line.find("...", start + 1)
    return [place for place, char in enumerate(line) if place not in hidden and char != " "]


def main() -> int:
    """Run, count, report."""
    pages = sorted(path for path in (runner.ROOT / "docs/runbooks").glob("*.md") if path.stem != "index")
    tried = unnoticed = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        data.make(Path(folder))
        outcomes = pool.map(lambda page: runner.run(page.read_text("utf-8"), Path(folder)), pages)
        for page, outcome in zip(pages, outcomes, strict=True):
            if outcome.problem:
                print(f"{page.name}: {outcome.problem}")
                return 1
            chance = random.Random(page.stem)
            for shown in outcome.shown:
                for done, lines in mutants(shown.command.output, chance):
                    tried += 1
                    if runner.same(lines, shown.printed):
                        unnoticed += 1
                        print(f"unnoticed, {done}: {page.name}:{shown.command.line}: {lines}")
    print(f"{len(pages)} pages, {tried} mutants, {unnoticed} unnoticed")
    return int(unnoticed >= tried * LIMIT)


if __name__ == "__main__":
    sys.exit(main())
