"""Reads built pages as a browser would see their links, ids and text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

VOID = {"br", "hr", "img", "input", "link", "meta", "path", "rect", "circle"}


@dataclass
class Built(HTMLParser):
    """One built page."""

    path: Path
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    article: str = ""
    title: str = ""

    def __post_init__(self):
        super().__init__()
        self.open: list[str] = []
        self.feed(self.path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag in ("script", "img", "iframe") and given.get("src"):
            self.loads.append(given["src"])
        if tag == "link" and given.get("href") and given.get("rel") not in ("canonical", "prev", "next"):
            self.loads.append(given["href"])
        if tag in ("h1", "h2", "h3"):
            self.headings.append("")

    def handle_endtag(self, tag):
        if tag in VOID or tag not in self.open:
            return
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "article" in self.open and "script" not in self.open:
            self.article += data
        if self.open[-1:] == ["title"] and "svg" not in self.open:
            self.title += data
        if self.headings and any(tag in self.open for tag in ("h1", "h2", "h3")):
            self.headings[-1] += data


def pages_of(site: Path) -> dict[str, Built]:
    """All built pages by their address below the site, such as "tasks/x/"."""
    return {
        path.relative_to(site).as_posix().removesuffix("index.html"): Built(path)
        for path in sorted(site.rglob("*.html"))
    }


def broken_links(site: Path, pages: dict[str, Built]) -> list[str]:
    """Links inside the site to a page, file or place that is not there."""
    broken = []
    for address, page in pages.items():
        for link in [*page.links, *page.loads]:
            # The page for addresses that do not exist is shown at any depth, so its links are not relative.
            if urlsplit(link).scheme or link.startswith("/"):
                continue
            target, fragment = urldefrag(urljoin(f"http://x/{address}", link))
            inside = unquote(urlsplit(target).path.lstrip("/"))
            if inside in pages:
                if fragment and unquote(fragment) not in pages[inside].ids:
                    broken.append(f"{address}: {link}: no such place on the page")
            elif not (site / inside).is_file():
                broken.append(f"{address}: {link}: no such page or file")
    return broken
