#!/usr/bin/env python3
"""Makes a release below dist/: the site and its offline copy as archives, the list of what they were made with, sums.

Everything is dated after the commit, so that the same commit gives the same bytes anywhere.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from kb.publish import NAME, BuildError, publish, version_of, write_zip
from kb.rules import check


def main() -> int:
    """Exit status: 0 when the release was made, 1 when not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="the checkout (default: this one)")
    root = parser.parse_args().root.resolve()
    if "SOURCE_DATE_EPOCH" not in os.environ:
        command = ["git", "log", "-1", "--format=%ct"]
        os.environ["SOURCE_DATE_EPOCH"] = subprocess.run(
            command, cwd=root, check=True, capture_output=True, text=True
        ).stdout.strip()
    catalogue, problems = check(root)
    if errors := [problem for problem in problems if not problem.warning]:
        print(*errors, sep="\n", file=sys.stderr)
        return 1
    try:
        site, archive = publish(root, catalogue, offline=True)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    dist = root / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir()
    version = version_of(root)
    write_zip(site, dist / f"{NAME}-{version}-site.zip")
    shutil.copyfile(archive, dist / archive.name)
    bill = dist / f"{NAME}-{version}.cdx.json"
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible", "-o", str(bill)]
    subprocess.run([*command, "requirements.txt"], cwd=root, check=True)
    files = sorted(path for path in dist.iterdir())
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (dist / "SHA256SUMS").write_text(sums, encoding="utf-8")
    print(*(f"dist/{path.name}" for path in [*files, dist / "SHA256SUMS"]), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
