#!/usr/bin/env python3
"""Begins a record and its page; what is left to write is what the check then asks for."""

import argparse
import sys
from pathlib import Path

from kb.scaffold import BEGUN, NAMED, ScaffoldError, begin


def main() -> int:
    """Exit status: 0 when the files were written, 1 when nothing was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", help=f"one of {', '.join(BEGUN)}")
    parser.add_argument("--title", help="the title")
    parser.add_argument("--id", default="", help="the id (default: made from the title, where the kind allows that)")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="the checkout (default: this one)")
    options = parser.parse_args()
    try:
        kind = options.kind or input(f"Kind ({', '.join(BEGUN)}): ").strip()
        title = options.title or input("Title: ").strip()
        id = options.id or (input(f"Id ({NAMED[kind]}): ").strip() if kind in NAMED else "")
        files = begin(options.root.resolve(), kind, title, id)
    except (ScaffoldError, EOFError) as error:
        print(error or "no kind, title or id given; nothing was written", file=sys.stderr)
        return 1
    for path in files:
        print(f"wrote {path.relative_to(options.root.resolve())}")
    print("fill in the empty fields and sections, then run: make check")
    return 0


if __name__ == "__main__":
    sys.exit(main())
