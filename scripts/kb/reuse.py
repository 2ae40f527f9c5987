"""While the site is served: what the last build made of a page is used again where all that it was made from is equal.

The macros print every page anew, so the records need no watching. What takes most of a build comes after them: to
convert the Markdown, and to read the page for the search. That is kept, in memory only, with all that it depends on;
so a served page is never older than its sources, and it equals the page of a whole build.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import click

# By path of the page: what it was made from, then what was made. macros.py imports the rest of this package anew before
# every build but not this module, so these outlive a build. (A change of this file is seen after a restart.)
_pages: dict[str, tuple[object, dict[str, Any], dict[str, Any]]] = {}
# By built page: what the search asked of the titles and read from the page in the last build.
_sections: dict[tuple[bytes, str], tuple[dict[str, bool], list[Any]]] = {}


def serving() -> bool:
    """Whether this process serves the site, and so will build it again."""
    context = click.get_current_context(silent=True)
    return context is not None and context.info_name == "serve"


def code_of(root: Path) -> bytes:
    """A digest of all files that shape every page."""
    files = sorted([root / "macros.py", *root.glob("mkdocs*.yml"), *(root / "scripts/kb").glob("*.py")])
    return sha256(b"\0".join(path.read_bytes() for path in files)).digest()


class Reuse:
    """Offers one build what the builds before it made."""

    def __init__(self, root: Path, conf: Any, printed: list[str], code: bytes) -> None:
        """`code` is what code_of() gave before our modules were imported, `printed` what the macros of a page print.

        The configuration and our code shape every page: where they change, nothing is used again. Code that changed
        while it was imported may be half old, half new, and nothing is to be known by that.
        """
        if code != code_of(root):
            code = os.urandom(32)
        self.shape = sha256(repr(conf["mdx_configs"]).encode() + code)
        self.targets: object = None
        self.printed = printed

    def after_macros(self, env: Any) -> None:
        """Called by the macros plugin after it has printed a page: convert no Markdown twice."""
        env.page.render = partial(self._render, env.page, env.page.render, env.markdown)

    def before_search(self, search: ModuleType) -> None:
        """Called before the index is made: read no built page twice."""
        last, read = dict(_sections), search.read_page
        _sections.clear()

        def read_page(html: str, titles: set[str]) -> list[Any]:
            key, asked = (self.shape.digest(), html), _Asked(titles)
            answers, sections = last.get(key, ({}, None))
            if sections is None or any((title in titles) != answer for title, answer in answers.items()):
                sections, answers = read(html, asked), asked.answers
            _sections[key] = (answers, sections)
            # The search goes on to change what it is given.
            return [replace(section) for section in sections]

        search.read_page = read_page

    def _render(self, page: Any, convert: Callable[..., None], markdown: str, config: Any, files: Any) -> None:
        # Converting looks up the targets of links, too. All pages of a build share one list of files.
        self.targets = self.targets or [(file.src_uri, file.inclusion) for file in files]
        name, key = page.file.src_uri, (self.shape.digest(), markdown, tuple(self.printed), self.targets)
        if name in _pages and _pages[name][0] == key:
            _, made, anchors = _pages[name]
            vars(page).update(made)
            page.links_to_anchors = {files.src_uris[uri]: links for uri, links in anchors.items()}
            return
        _pages.pop(name, None)
        before, faults = dict(vars(page)), _Faults(logging.WARNING)
        logger = logging.getLogger(type(page).__module__.partition(".")[0])
        logger.addHandler(faults)
        try:
            convert(config, files)
        finally:
            logger.removeHandler(faults)
        # The next build must report a fault of this page again, so it must convert it again.
        if not faults.heard:
            made = {field: value for field, value in vars(page).items() if before.get(field) is not value}
            anchors = {file.src_uri: links for file, links in (made.pop("links_to_anchors", None) or {}).items()}
            _pages[name] = (key, made, anchors)


class _Asked(set):
    """A set that notes what was looked for in it and whether it was there."""

    def __init__(self, values: set[str]) -> None:
        super().__init__(values)
        self.answers: dict[str, bool] = {}

    def __contains__(self, value: object) -> bool:
        self.answers[str(value)] = found = super().__contains__(value)
        return found


class _Faults(logging.Handler):
    heard = False

    def emit(self, record: logging.LogRecord) -> None:
        self.heard = True
