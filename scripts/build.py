#!/usr/bin/env python3
"""Checks the handbook and builds it; with --check it stops after the check. Prints every problem with its cure."""

import argparse
import os
import sys
from pathlib import Path

from kb.publish import BuildError, publish
from kb.rules import check


def main() -> int:
    """Exit status: 0 when the handbook is sound (and built), 1 when it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="check the records and pages only")
    parser.add_argument("--offline", action="store_true", help="make the offline copy, too, and link the site to it")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="the checkout (default: this one)")
    options = parser.parse_args()
    catalogue, problems = check(options.root)
    for problem in problems:
        print(problem, file=sys.stderr)
        if os.environ.get("GITHUB_ACTIONS"):
            print(problem.annotation())
    errors = sum(not problem.warning for problem in problems)
    if errors:
        print(f"{errors} {'problem' if errors == 1 else 'problems'}; nothing was built", file=sys.stderr)
        return 1
    counted = ", ".join(f"{len(entries)} {kind}" for kind, entries in catalogue.entries.items())
    print(f"sound: {len(catalogue.pages)} pages; records: {counted}")
    if not options.check:
        try:
            for path in publish(options.root, catalogue, offline=options.offline):
                print(f"made {path}")
        except BuildError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
