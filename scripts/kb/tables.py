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
        self.heading, self.count = "Table", 0
        self._frame(root)

    def _frame(self, parent: ET.Element) -> None:
        # In the order of the text, since a table may stand inside a step of a list.
        for place, child in enumerate(list(parent)):
            if child.tag in HEADINGS:
                self.heading, self.count = "".join(child.itertext()).strip(), 0
            elif child.tag == "table" and "kb-table" not in parent.get("class", ""):
                parent[place] = self._framed(child)
            else:
                self._frame(child)

    def _framed(self, table: ET.Element) -> ET.Element:
        self.count += 1
        name = f"{self.heading}, table {self.count}" if self.count > 1 else f"{self.heading}, table"
        for cell in table.iter("th"):
            cell.set("scope", "col")
        frame = ET.Element("div", {"class": "kb-table kb-prose", "role": "region", "tabindex": "0", "aria-label": name})
        frame.append(table)
        frame.tail, table.tail = table.tail, None
        return frame
