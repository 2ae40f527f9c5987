"""Explains an abbreviation where a page first uses it in its text: a mark on every use would hide what is read."""

import xml.etree.ElementTree as ET

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


class FirstUse(Extension):
    """Takes the later marks of the `abbr` extension away; for Markdown(extensions=[…])."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        """Run right after `abbr`, whose priority is 7."""
        md.treeprocessors.register(_FirstUse(md), "first-use", 6)


class _FirstUse(Treeprocessor):
    def run(self, root: ET.Element) -> None:
        """Headings keep no mark at all: they are read as links and in lists, too."""
        seen: set[str] = set()
        for parent in list(root.iter()):
            for child in list(parent):
                if child.tag == "abbr":
                    if parent.tag in HEADINGS or child.text in seen:
                        _unwrap(parent, child)
                    else:
                        seen.add(child.text or "")


def _unwrap(parent: ET.Element, child: ET.Element) -> None:
    """Put the text of a child, and what follows it, in its place."""
    place = list(parent).index(child)
    text = (child.text or "") + (child.tail or "")
    if place:
        before = parent[place - 1]
        before.tail = (before.tail or "") + text
    else:
        parent.text = (parent.text or "") + text
    parent.remove(child)
