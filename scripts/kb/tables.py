"""Gives every table written in Markdown a frame that scrolls on narrow screens, by keyboard too, and a name."""

import xml.etree.ElementTree as ET

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

HEADINGS = {"h1", "h2", "h3", "h4"}


class NamedTables(Extension):
    """Adds the frames; for Markdown(extensions=[…])."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        """Run after inline markup, so that a heading's text is whole, and before headings get their links."""
        md.treeprocessors.register(_Frames(md), "named-tables", 7)


class _Frames(Treeprocessor):
    def run(self, root: ET.Element) -> None:
        """Tables are named after the heading above them, from the second on with their number."""
        heading, count = "Table", 0
        for parent in root.iter():
            for place, child in enumerate(list(parent)):
                if child.tag in HEADINGS:
                    heading, count = "".join(child.itertext()).strip(), 0
                elif child.tag == "table" and "kb-table" not in parent.get("class", ""):
                    count += 1
                    name = f"{heading}, table {count}" if count > 1 else f"{heading}, table"
                    frame = ET.Element("div", {"class": "kb-table kb-prose", "role": "region", "tabindex": "0"})
                    frame.set("aria-label", name)
                    frame.append(child)
                    frame.tail, child.tail = child.tail, None
                    parent[place] = frame
