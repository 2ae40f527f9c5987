"""Keeps what macros print out of the Markdown parser: it is HTML already, and to parse it was a fifth of a build."""

import re

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

# Characters for private use: no page holds them, and no step before the parser takes them away.
_OPEN, _CLOSE = "\ue000", "\ue001"
_TOKEN = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


class PrintedHtml(Extension):
    """Holds the HTML printed on the page that is being made, in `pieces`; for Markdown(extensions=[…])."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def keep(self, text: str) -> str:
        """The Markdown of what a macro prints, with a token for each part that is HTML; blank lines part it."""
        return "\n\n".join(self._token(part) if part.startswith("<") else part for part in text.split("\n\n"))

    def _token(self, html: str) -> str:
        self.pieces.append(html)
        return f"{_OPEN}{len(self.pieces) - 1}{_CLOSE}"

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        """Run before fences and HTML blocks are looked for, whose priorities are 25 and 20."""
        md.preprocessors.register(_Hand(md, self.pieces), "printed-html", 26)


class _Hand(Preprocessor):
    def __init__(self, md: Markdown, pieces: list[str]) -> None:
        super().__init__(md)
        self.pieces = pieces

    def run(self, lines: list[str]) -> list[str]:
        """Hand the HTML to the parser's own stash, which puts it back at the end; a block gets no paragraph."""
        return [_TOKEN.sub(lambda found: self.md.htmlStash.store(self.pieces[int(found[1])]), line) for line in lines]
