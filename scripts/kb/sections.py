"""Offers a link at the headings whose addresses last: those of the second rank. Finer ones may be reworded."""

import xml.etree.ElementTree as ET

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor


class SectionLinks(Extension):
    """Adds the links; for Markdown(extensions=[…])."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        """Run after the table of contents has given each heading its id."""
        md.treeprocessors.register(_Links(md), "section-links", 4)


class _Links(Treeprocessor):
    def run(self, root: ET.Element) -> None:
        """The text of a link says where it leads, so that a list of links makes sense, too."""
        for heading in root.iter("h2"):
            text = "".join(heading.itertext()).strip()
            attributes = {"class": "headerlink", "href": f"#{heading.get('id')}", "aria-label": f"Link to: {text}"}
            ET.SubElement(heading, "a", attributes).text = "#"
