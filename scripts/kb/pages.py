"""Reads the pages below docs/: front matter, headings, links and the macros they call."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from markdown.extensions.toc import slugify, unique

from kb.console import Block, blocks
from kb.source import Document, Problem, parse_yaml

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_FENCE = re.compile(r"^\s*(```+|~~~+)")
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")
_LINKED = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_EXPLICIT_ID = re.compile(r"\s*\{:?\s*#([\w-]+)[^}]*\}$")
_CODE_OR_COMMENT = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)\1(?!`)|<!--.*?-->", re.DOTALL)
# The target of a link, a picture or a definition such as "[name]: target"; not one that begins with https: or mailto:.
_LINK = re.compile(
    r"(?:\]\([ \t]*|^ {0,3}\[[^\]\n]+\]:[ \t]*)(?!<?[a-z][a-z0-9+.-]*:)(?!<?//)"
    r"(?P<target><[^>\n]+>|[^\s()<>]+(?:\([^\s()]*\)[^\s()]*)*)",
    re.MULTILINE,
)
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_RAW_MARK = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_EXPRESSION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}|(\{%.*?%\})", re.DOTALL)
_CALL = re.compile(r"(\w+)\(((?:\s*(?:\"[^\"]*\"|'[^']*')\s*,?)*)\s*\)")
_ARGUMENT = re.compile(r"\"([^\"]*)\"|'([^']*)'")


@dataclass(frozen=True)
class Heading:
    """A heading; `under` are the lines with text, no headings, between it and the next of its rank."""

    rank: int
    text: str
    anchor: str
    line: int
    under: tuple[str, ...]

    @property
    def filled(self) -> bool:
        """Whether anything stands under it."""
        return bool(self.under)


@dataclass(frozen=True)
class Link:
    """A link or picture that leads to something of this site, with its target as written."""

    target: str
    line: int
    column: int


@dataclass(frozen=True)
class Call:
    """A macro call with its text arguments; `name` is empty when the expression is no plain call."""

    name: str
    arguments: tuple[str, ...]
    expression: str
    line: int
    column: int


@dataclass
class Page:
    """A page below docs/; `path` is relative to docs/, such as "tasks/verify-backups.md".

    `text` is the page without its front matter.
    """

    path: str
    front: Document
    text: str = ""
    headings: list[Heading] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def problem(self, line: int, column: int, message: str) -> Problem:
        """A problem at a place of this page (line and column count from 1)."""
        return Problem(f"docs/{self.path}", line, column, message)

    @property
    def aliases(self) -> list[str]:
        """Former addresses of this page, from its front matter."""
        return self._texts("aliases")

    @property
    def heard(self) -> list[str]:
        """What people say who need this page, from its front matter; of a record's page the record says it."""
        return self._texts("heard")

    def _texts(self, field: str) -> list[str]:
        value = self.front.value.get(field, []) if isinstance(self.front.value, dict) else []
        return [str(text) for text in value] if isinstance(value, list) else [str(value)]

    def cited(self) -> list[str]:
        """Ids of the sources cited on the page, each once, in order."""
        return list(dict.fromkeys(call.arguments[0] for call in self.calls if call.name == "cite" and call.arguments))


def address(path: str) -> str:
    """The address of a page: "tasks/index.md" → "/tasks/", "tasks/x.md" → "/tasks/x/"."""
    return "/" + re.sub(r"(^|/)index/$", r"\1", path.removesuffix(".md") + "/")


def parse_page(path: str, text: str) -> Page:
    """Parse the text of a page; `path` is relative to docs/."""
    front = _FRONT.match(text)
    name = f"docs/{path}"
    document = parse_yaml(name, front[1], first_line=2) if front else Document(name)
    offset = text[: front.end()].count("\n") if front else 0
    body = text[front.end() :] if front else text
    headings, calls = _headings(body.split("\n"), offset), _calls(body, offset)
    return Page(path, document, body, headings, calls, list(blocks(text)), _links(body, offset))


def _outside_fences(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Each line that is not in a fence, with its number from 0."""
    fence = ""
    for number, line in enumerate(lines):
        if mark := _FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif line.strip().startswith(fence):
                fence = ""
        elif not fence:
            yield number, line


def _headings(lines: list[str], offset: int) -> list[Heading]:
    found = [
        (number, len(heading[1]), heading[2])
        for number, line in _outside_fences(lines)
        if (heading := _HEADING.match(line))
    ]
    # As MkDocs does: written ids first, and a number where two headings have the same words.
    taken = {explicit[1] for _, _, text in found if (explicit := _EXPLICIT_ID.search(text))}
    headings = []
    for index, (number, rank, text) in enumerate(found):
        title, explicit = _EXPLICIT_ID.sub("", text), _EXPLICIT_ID.search(text)
        anchor = explicit[1] if explicit else unique(slugify(_LINKED.sub(r"\1", title), "-"), taken)
        end = next((start for start, other, _ in found[index + 1 :] if other <= rank), len(lines))
        under = tuple(line for line in lines[number + 1 : end] if line.strip() and not _HEADING.match(line))
        headings.append(Heading(rank, title, anchor, number + offset + 1, under))
    return headings


def _links(body: str, offset: int) -> list[Link]:
    if not _LINK.search(body):
        return []
    # Code and comments are blanked, not cut, so that places stay right. A target that a macro makes is not known here.
    lines = body.split("\n")
    outside = dict(_outside_fences(lines))
    body = "\n".join(outside.get(number, "") for number in range(len(lines)))
    body = _EXPRESSION.sub(lambda call: _blank(call, "\0"), _CODE_OR_COMMENT.sub(_blank, body))
    links = []
    for match in _LINK.finditer(body):
        if "\0" in match["target"]:
            continue
        line, column = _place(body, match.start("target"))
        links.append(Link(match["target"].strip("<>"), line + offset, column))
    return links


def _blank(match: re.Match[str], put: str = " ") -> str:
    return re.sub(r"[^\n]", put, match[0])


def _place(text: str, at: int) -> tuple[int, int]:
    """Line and column, both from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def expand(text: str, macros: Mapping[str, Callable[..., str]]) -> str:
    """The text of a page (without front matter) with each macro call replaced by what it prints.

    Raw blocks stand as they are. The check allows plain calls only, so no template language is needed: to compile each
    page as a template was a tenth of a build. Raises LookupError for anything else in double braces.
    """
    parts, at = [], 0
    for raw in _RAW.finditer(text):
        parts += [_expand(text[at : raw.start()], macros), _RAW_MARK.sub("", raw[0])]
        at = raw.end()
    return "".join([*parts, _expand(text[at:], macros)])


def _expand(text: str, macros: Mapping[str, Callable[..., str]]) -> str:
    def printed(match: re.Match[str]) -> str:
        call = _CALL.fullmatch(match[1] or "")
        if call is None or call[1] not in macros:
            raise LookupError(f"not a macro call: {match[0]}")
        return macros[call[1]](*(double or single for double, single in _ARGUMENT.findall(call[2])))

    return _EXPRESSION.sub(printed, text)


def _calls(body: str, offset: int) -> list[Call]:
    # Raw blocks are blanked, not cut, so that places stay right.
    body = _RAW.sub(_blank, body)
    calls = []
    for match in _EXPRESSION.finditer(body):
        line, column = _place(body, match.start())
        call = _CALL.fullmatch(match[1] or "")
        arguments = tuple(double or single for double, single in _ARGUMENT.findall(call[2])) if call else ()
        calls.append(Call(call[1] if call else "", arguments, match[1] or match[2] or "", line + offset, column))
    return calls
