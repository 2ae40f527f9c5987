"""Builds the site, and on demand its offline copy, in one step: what is in place stays until the new is whole."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from kb import outputs
from kb.catalogue import Catalogue
from kb.load import build_day

NAME = "pacs-administration-handbook"
OFFLINE_FOLDER = "offline"


class BuildError(Exception):
    """The site could not be built; the one in place is untouched."""


def publish(root: Path, catalogue: Catalogue, *, offline: bool = False) -> list[Path]:
    """Build the site of the checkout `root` into site/, with `offline` also the copy that the site links to.

    Returns what was made. Raises BuildError when MkDocs fails; the site in place is then the old one.
    """
    root = root.resolve()
    version = version_of(root)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=root) as scratch:
        new, old, copy = (Path(scratch) / name for name in ("new", "old", NAME))
        archive = f"{OFFLINE_FOLDER}/{NAME}-{version}.zip" if offline else ""
        _mkdocs(root, "mkdocs.yml", new, HANDBOOK_VERSION=version, HANDBOOK_ARCHIVE=archive)
        outputs.remove_unused(new)
        outputs.write_redirects(new, catalogue)
        outputs.write_schemas(new)
        outputs.write_search_description(new, os.environ.get("SITE_URL", ""))
        outputs.write_service_worker(new, catalogue)
        if offline:
            _mkdocs(root, "mkdocs.offline.yml", copy, HANDBOOK_VERSION=version, HANDBOOK_ARCHIVE="")
            outputs.remove_unused(copy)
            for useless in ("404.html", "sitemap.xml", "sitemap.xml.gz"):
                (copy / useless).unlink(missing_ok=True)
            (new / OFFLINE_FOLDER).mkdir()
            write_zip(copy, new / archive)
        if (root / "site").exists():
            (root / "site").rename(old)
        shutil.move(new, root / "site")
    return [root / "site", *([root / "site" / archive] if offline else [])]


def _mkdocs(root: Path, configuration: str, site: Path, **environment: str) -> None:
    """Run MkDocs strictly; its messages reach the terminal."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", configuration, "--site-dir", str(site)]
    # The theme prints a notice about the future of MkDocs at every start; requirements.txt pins what we use.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", **environment}
    if subprocess.run(command, cwd=root, env=environment, check=False).returncode:
        raise BuildError("the build failed; the site in place is untouched")


def version_of(root: Path) -> str:
    """The day and the name of the commit that is built; "-edited" when files differ from it; else the day alone."""
    if (root / ".git").exists() and shutil.which("git"):
        stamp = _git(root, "log", "-1", "--date=format:%Y.%m.%d", "--format=%cd-%h")
        if stamp:
            return stamp + ("-edited" if _git(root, "status", "--porcelain") else "")
    return build_day().strftime("%Y.%m.%d")


def _git(root: Path, *arguments: str) -> str:
    run = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    return run.stdout.strip()


def write_zip(folder: Path, archive: Path) -> None:
    """Pack a folder so that equal contents give equal bytes: in the order of names, all of one time."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    stamp = (max(moment.year, 1980), moment.month, moment.day, moment.hour, moment.minute, moment.second // 2 * 2)
    with zipfile.ZipFile(archive, "w") as pack:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, path.read_bytes(), compresslevel=9)
