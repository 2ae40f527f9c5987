"""Reads the files of the handbook so that every value keeps its file, line and column."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 1024 * 1024
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Loc = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """One fault: where it is (line and column count from 1), what it is and how to cure it."""

    path: str
    line: int
    column: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.path}:{self.line}:{self.column}: {kind}{self.message}"

    def annotation(self) -> str:
        """The same problem as a GitHub workflow command (escaped as GitHub asks)."""
        level = "warning" if self.warning else "error"
        path = _escape(self.path, ":,")
        return f"::{level} file={path},line={self.line},col={self.column}::{_escape(self.message)}"


def _escape(text: str, more: str = "") -> str:
    return re.sub(f"[%\r\n{more}]", lambda found: f"%{ord(found[0]):02X}", text)


class RejectedError(Exception):
    """A file that cannot be read at all; carries the one problem that says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass
class Document:
    """A YAML file as plain values (every scalar is text) and the place of each of them.

    `places` maps the way to a value, such as ("competencies", 0, "id"), to (line, column);
    `keys` maps the way to an entry to the place of its key.
    """

    path: str
    value: Any = None
    places: dict[Loc, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Loc, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, loc: Loc, message: str, *, key: bool = False, warning: bool = False) -> Problem:
        """A problem at the value (or at the key) that `loc` leads to, or at the nearest parent."""
        if key and loc in self.keys:
            return Problem(self.path, *self.keys[loc], message, warning)
        while loc and loc not in self.places:
            loc = loc[:-1]
        return Problem(self.path, *self.places.get(loc, (1, 1)), message, warning)


def suggest(word: str, known: Iterable[str]) -> str:
    """The cure for an unknown word: "; did you mean 'x'?", or nothing when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


def read_text(root: Path, path: Path) -> str:
    """The text of one file; raises RejectedError for a link, an oversized file or text that is not UTF-8."""
    name = path.relative_to(root).as_posix()
    if any(part.is_symlink() for part in (path, *path.parents) if part != root and root in part.parents):
        raise RejectedError(Problem(name, 1, 1, "a symbolic link; put the file itself here"))
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise RejectedError(Problem(name, 1, 1, f"{size} bytes is more than the {MAX_BYTES} allowed; split the file"))
    data = path.read_bytes()
    if data.startswith(b"\xef\xbb\xbf"):
        raise RejectedError(Problem(name, 1, 1, "starts with a byte-order mark; save as UTF-8 without BOM"))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"byte 0x{data[error.start]:02X} is not UTF-8; save the file as UTF-8"
        raise RejectedError(Problem(name, line, column, message)) from None


def read_yaml(root: Path, path: Path) -> Document:
    """Read one YAML file; what is wrong with it is in `problems`, and then `value` is None."""
    name = path.relative_to(root).as_posix()
    try:
        return parse_yaml(name, read_text(root, path))
    except RejectedError as rejected:
        return Document(name, problems=[rejected.problem])


def parse_yaml(name: str, text: str, first_line: int = 1) -> Document:
    """Parse YAML text that starts on `first_line` of file `name`; see `read_yaml`."""
    document = Document(name)
    for number, line in enumerate(text.split("\n"), first_line):
        if (column := line.find("\t")) >= 0:
            document.problems.append(Problem(name, number, column + 1, "a tab; indent with two spaces"))
    if document.problems:
        return document
    try:
        document.value = _Builder(document, text, first_line).build()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + first_line, mark.column + 1) if mark else (first_line, 1)
        cause = " ".join(part for part in (error.context, error.problem) if part)
        cure = "check the indentation, and quote values that hold ': ' or ' #'"
        document.problems.append(Problem(name, line, column, f"not valid YAML: {cause}; {cure}"))
    except RecursionError:
        document.problems.append(Problem(name, first_line, 1, "nested too deeply; a record is a few levels deep"))
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + first_line, error.position - before.rfind("\n")
        message = f"a control character (0x{ord(text[error.position]):02X}); remove it"
        document.problems.append(Problem(name, line, column, message))
    if document.problems:
        document.value = None
    return document


class _Builder:
    """Turns YAML events into plain values; events, not nodes, still know anchors and tags."""

    def __init__(self, document: Document, text: str, first_line: int) -> None:
        self.document = document
        self.first_line = first_line
        # The parser's own marks are 0-based. CSafeLoader parses 12 times faster than SafeLoader.
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=yaml.CSafeLoader))

    def build(self) -> Any:
        next(self.events)  # stream start
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            self._report(event, "the file is empty; write the record or remove the file")
            return None
        value = self._value(next(self.events), ())
        next(self.events)  # document end
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._report(event, "a second YAML document; keep one record in a file")
        return value

    def _report(self, event: yaml.Event, message: str) -> None:
        self.document.problems.append(Problem(self.document.path, *self._place(event), message))

    def _place(self, event: yaml.Event) -> tuple[int, int]:
        return event.start_mark.line + self.first_line, event.start_mark.column + 1

    def _value(self, event: yaml.Event, loc: Loc) -> Any:
        self.document.places[loc] = self._place(event)
        if isinstance(event, yaml.AliasEvent):
            self._report(event, f"a YAML alias '*{event.anchor}'; write the value out")
            return None
        if event.anchor:
            self._report(event, f"a YAML anchor '&{event.anchor}'; write each value out")
        if event.tag is not None:
            self._report(event, f"a YAML tag '{event.tag}'; remove it, every value is text")
        if isinstance(event, yaml.ScalarEvent):
            # `~` and `null` mean "nothing", which a record never says.
            return "" if not event.style and event.value in {"~", "null", "Null", "NULL"} else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(loc)
        return self._mapping(loc)

    def _sequence(self, loc: Loc) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*loc, len(values))))
        return values

    def _mapping(self, loc: Loc) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._report(event, "a list or mapping used as a field name; write a plain name")
                self._value(event, loc)
                self._value(next(self.events), loc)
                continue
            if event.anchor or event.tag is not None:
                self._report(event, "a YAML anchor or tag on a field name; write the plain name")
            key = event.value
            if key in values:
                first = self.document.keys[(*loc, key)][0]
                self._report(event, f"the field '{key}' is written twice (first on line {first}); keep one")
            self.document.keys.setdefault((*loc, key), self._place(event))
            values[key] = self._value(next(self.events), (*loc, key))
        return values
