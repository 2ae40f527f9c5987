"""Builds the site into site/ in one step: pages, redirects from former addresses and schemas for editors."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kb.catalogue import Catalogue
from kb.model import KINDS
from kb.pages import address
from kb.render import redirect


class BuildError(Exception):
    """The site could not be built; the one in place is untouched."""


def publish(root: Path, catalogue: Catalogue) -> None:
    """Build below `root` into a new folder and put it in place of site/ only when it is whole.

    Raises BuildError when MkDocs fails; the site in place is then the old one.
    """
    root = root.resolve()
    with tempfile.TemporaryDirectory(prefix=".site-", dir=root) as scratch:
        new, old = Path(scratch) / "new", Path(scratch) / "old"
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", "mkdocs.yml", "--site-dir"]
        # The theme prints a notice about the future of MkDocs at every start; requirements.txt pins what we use.
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        if subprocess.run([*command, str(new)], cwd=root, env=environment, check=False).returncode:
            raise BuildError("the build failed; the site in place is untouched")
        remove_unused(new)
        write_redirects(new, catalogue)
        write_schemas(new)
        if (root / "site").exists():
            (root / "site").rename(old)
        shutil.move(new, root / "site")


def remove_unused(site: Path) -> None:
    """Take out what the theme brings along and none of our pages loads."""
    for name in ("javascripts", "stylesheets", "images"):
        shutil.rmtree(site / "assets" / name, ignore_errors=True)


def write_redirects(site: Path, catalogue: Catalogue) -> None:
    """A page at each former address that leads to the new one without scripts."""
    for former, path in catalogue.redirects.items():
        target = site / former.strip("/") / "index.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * former.strip("/").count("/") + "../"
        target.write_text(redirect(up + address(path).lstrip("/")), encoding="utf-8")


def write_schemas(site: Path) -> None:
    """JSON Schemas for editors, made from the models: schema/<kind>.json, for a list one of its whole file."""
    folder = site / "schema"
    folder.mkdir()
    for kind in KINDS.values():
        schema = kind.model.model_json_schema()
        if kind.in_one_file:
            definitions = {**schema.pop("$defs", {}), kind.model.__name__: schema}
            schema = {
                "type": "object",
                "additionalProperties": {"$ref": f"#/$defs/{kind.model.__name__}"},
                "$defs": definitions,
            }
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        (folder / f"{kind.name}.json").write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n", encoding="utf-8")
