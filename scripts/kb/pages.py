"""Reads the pages below docs/: front matter, headings and the macros they call."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from markdown.extensions.toc import slugify

from kb.console import Block, blocks
from kb.source import Document, Problem, parse_yaml

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_FENCE = re.compile(r"^\s*(```+|~~~+)")
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")
_EXPLICIT_ID = re.compile(r"\s*\{:?\s*#([\w-]+)[^}]*\}$")
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_RAW_MARK = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_EXPRESSION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}|(\{%.*?%\})", re.DOTALL)
_CALL = re.compile(r"(\w+)\(((?:\s*(?:\"[^\"]*\"|'[^']*')\s*,?)*)\s*\)")
_ARGUMENT = re.compile(r"\"([^\"]*)\"|'([^']*)'")


@dataclass(frozen=True)
class Heading:
    """A heading; `filled` says whether anything stands between it and the next of its rank."""

    rank: int
    text: str
    anchor: str
    line: int
    filled: bool


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
    """A page below docs/; `path` is relative to docs/, such as "tasks/verify-backups.md"."""

    path: str
    front: Document
    headings: list[Heading] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def problem(self, line: int, column: int, message: str) -> Problem:
        """A problem at a place of this page (line and column count from 1)."""
        return Problem(f"docs/{self.path}", line, column, message)

    @property
    def aliases(self) -> list[str]:
        """Former addresses of this page, from its front matter."""
        value = self.front.value.get("aliases", []) if isinstance(self.front.value, dict) else []
        return [str(alias) for alias in value] if isinstance(value, list) else [str(value)]

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
    return Page(path, document, _headings(body.split("\n"), offset), _calls(body, offset), list(blocks(text)))


def _headings(lines: list[str], offset: int) -> list[Heading]:
    found: list[tuple[int, str, str, int]] = []
    fence = ""
    for number, line in enumerate(lines):
        if mark := _FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif line.strip().startswith(fence):
                fence = ""
        elif not fence and (heading := _HEADING.match(line)):
            title = _EXPLICIT_ID.sub("", heading[2])
            explicit = _EXPLICIT_ID.search(heading[2])
            anchor = explicit[1] if explicit else slugify(title, "-")
            found.append((len(heading[1]), title, anchor, number))
    headings = []
    for index, (rank, title, anchor, number) in enumerate(found):
        end = next((start for other, _, _, start in found[index + 1 :] if other <= rank), len(lines))
        filled = any(line.strip() and not _HEADING.match(line) for line in lines[number + 1 : end])
        headings.append(Heading(rank, title, anchor, number + offset + 1, filled))
    return headings


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
    body = _RAW.sub(lambda raw: re.sub(r"[^\n]", " ", raw[0]), body)
    calls = []
    for match in _EXPRESSION.finditer(body):
        before = body[: match.start()]
        line, column = before.count("\n") + offset + 1, match.start() - before.rfind("\n")
        call = _CALL.fullmatch(match[1] or "")
        arguments = tuple(double or single for double, single in _ARGUMENT.findall(call[2])) if call else ()
        calls.append(Call(call[1] if call else "", arguments, match[1] or match[2] or "", line, column))
    return calls
