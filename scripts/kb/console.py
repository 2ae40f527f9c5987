"""Reads the parts of a runbook that run: console sessions, files, and what the lab does out of the reader's sight."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# A console session is shown and checked; `lab` blocks set up and mend without output, `fault` blocks break something.
CONSOLE, LAB, FAULT, FILE = "console", "lab", "fault", "file"

_FENCE = re.compile(r"^(?P<mark>```+|~~~+)\s*(?P<language>[\w-]*)(?:\s+title=\"(?P<title>[^\"]+)\")?\s*$")
_HEADING = re.compile(r"^(#{2,3})\s+(.+?)\s*$")


@dataclass(frozen=True)
class Command:
    """A command of a console session and what is expected of it; `line` counts from 1 and is that of the prompt.

    `last` is the line of the last line of its output, or of the command itself where nothing is expected.
    """

    text: str
    output: tuple[str, ...]
    line: int
    last: int


@dataclass(frozen=True)
class Block:
    """A fence that runs, in order of the page; `section` is the heading (##) and `place` the nearest one above it."""

    kind: str
    line: int
    section: str
    place: str
    text: str
    name: str = ""

    @property
    def commands(self) -> list[Command]:
        """The commands of a console session; ValueError with the line where it does not begin with a prompt."""
        found: list[Command] = []
        text: list[str] = []
        output: list[str] = []
        start = self.line + 1
        for number, line in enumerate(self.text.split("\n"), self.line + 1):
            if line.startswith("$ "):
                if text:
                    found.append(Command("\n".join(text), tuple(output), start, number - 1))
                text, output, start = [line[2:]], [], number
            elif line.startswith("> ") and text and not output:
                text.append(line[2:])
            elif text:
                output.append(line)
            elif line:
                raise ValueError(f"line {number}: a console session begins with '$ ' and a command")
        if text:
            found.append(Command("\n".join(text), tuple(output), start, self.line + 1 + self.text.count("\n")))
        return found


def blocks(text: str) -> Iterator[Block]:
    """All fences of a page (its whole text, with front matter) that run, in their order."""
    section = place = ""
    mark, language, title, start, inside = "", "", "", 0, list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if mark:
            if line.strip() == mark:
                kind = language if language in (CONSOLE, LAB, FAULT) else FILE
                if kind != FILE or title:
                    yield Block(kind, start, section, place, "\n".join(inside), title)
                mark = ""
            else:
                inside.append(line)
        elif fence := _FENCE.match(line):
            mark, language, title, start, inside = fence["mark"], fence["language"], fence["title"] or "", number, []
        elif heading := _HEADING.match(line):
            place = heading[2]
            section = place if heading[1] == "##" else section


# Lines that somebody would type into a search: what clients, logs, listeners and web servers say when work fails.
_ERROR = re.compile(
    r"[EFW]: (?![(#]|\s*$)"  # DCMTK and pynetdicom, without the data sets that they print
    r"|[EW]\d{4} \d\d:\d\d:\d\d"  # Orthanc's log
    r"|[IW]: (Received .*Response|Move [Rr]esponse|.*status).*\((Refused|Failed|Error|Warning|Unknown|Cancel)"
    r"|[IDEW]: Refusing "
    r"|[0-9a-f]{4}:[0-9a-f]{4} "  # DCMTK's conditions in other programs' logs
    r"|MSA\|A[ER]\||ERR\|"
    r"|(curl|nc|openssl|gdcm\w+): |Error( in)?[: ]|\w+Error: |HTTP/[\d.]+ [45]\d\d"
    r"|\s*\"(Message|OrthancError|Details)\" : "
)
_NOISE = re.compile(r"has started|listening on port|remote access is|HTTPS? server|without authentication|^[EFW]: -+$")


def error_lines(blocks: Iterable[Block]) -> Iterator[str]:
    """Every error line that console sessions show, as one would look it up."""
    for block in blocks:
        for command in block.commands if block.kind == CONSOLE else ():
            yield from map(message, filter(is_error, command.output))


_LOG_PREFIX = re.compile(r"^[EW]\d{4} \d\d:\d\d:\d\d\.\d+ \S+\] ")


def is_error(line: str) -> bool:
    """Whether a printed line tells of a fault."""
    return bool(_ERROR.match(line)) and not _NOISE.search(line)


def message(line: str) -> str:
    """An error line as one would look it up: without the time and the place in the program's code."""
    return " ".join(_LOG_PREFIX.sub("", line).split())
