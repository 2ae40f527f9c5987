"""Writes what a published site has beside its pages: redirects, schemas, a service worker, a search description."""

import json
import shutil
from hashlib import sha256
from pathlib import Path

from kb.catalogue import Catalogue
from kb.model import KINDS
from kb.pages import address
from kb.render import whole_file


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
        target.write_text(whole_file("redirect.html", target=up + address(path).lstrip("/")), encoding="utf-8")


def write_schemas(site: Path) -> None:
    """JSON Schemas for editors, made from the models: schema/<kind>.json, for a list one of its whole file."""
    folder = site / "schema"
    folder.mkdir()
    for kind in KINDS.values():
        schema = kind.model.model_json_schema()
        if kind.in_one_file:
            definitions = {**schema.pop("$defs", {}), kind.model.__name__: schema}
            one = {"$ref": f"#/$defs/{kind.model.__name__}"}
            schema = {"type": "object", "additionalProperties": one, "$defs": definitions}
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        (folder / f"{kind.name}.json").write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def kept_for_downtime(catalogue: Catalogue) -> list[str]:
    """Paths below docs/ of the pages that must open when the network is gone: runbooks, downtime and recovery."""
    downtime = {"floor-continuity", "recovery-availability"}
    tasks = {
        f"tasks/{id}.md"
        for id, task in catalogue.records("task").items()
        if downtime & {needed.id for needed in task.competencies}
    }
    runbooks = {path for path in catalogue.pages if path.startswith("runbooks/")}
    lookup = {KINDS[kind].listed for kind in ("symptom", "code", "proof")}
    kept = {"index.md", "competencies/floor-continuity.md"} | lookup
    return sorted(kept & catalogue.pages.keys() | tasks | runbooks)


def write_service_worker(site: Path, catalogue: Catalogue) -> None:
    """The script that keeps pages for the time without a network; its version is that of everything it may keep."""
    kept = [address(path).lstrip("/") or "./" for path in kept_for_downtime(catalogue)]
    assets = sorted(path.relative_to(site).as_posix() for path in (site / "assets").iterdir())
    everything = sha256()
    for path in sorted(site.rglob("*")):
        if path.is_file():
            everything.update(path.relative_to(site).as_posix().encode() + b"\0" + path.read_bytes())
    script = whole_file("sw.js", version=everything.hexdigest()[:16], kept=json.dumps([*kept, *assets], indent=1))
    (site / "sw.js").write_text(script, encoding="utf-8")


def write_search_description(site: Path, site_url: str) -> None:
    """The OpenSearch description with which browsers and portals add the handbook to their own search.

    It must hold the whole address of the site, so a site that does not know its address has none.
    """
    if site_url:
        text = whole_file("opensearch.xml", url=site_url.rstrip("/") + "/")
        (site / "opensearch.xml").write_text(text, encoding="utf-8")
