"""Runs the console sessions of a page in a private world and compares what they print with what the page says.

python tests/lab/runner.py docs/runbooks/PAGE.md            run a page
python tests/lab/runner.py --accept docs/runbooks/PAGE.md   and write what was printed into it, for review
python tests/lab/runner.py --shell                          a shell in the lab
python tests/lab/runner.py --shell --fault 3                and in it, unseen, what the third lesson breaks
"""

import argparse
import difflib
import os
import re
import select
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LAB = Path(__file__).resolve().parent
ROOT = LAB.parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(LAB)]

from kb.console import CONSOLE, FAULT, FILE, Block, Command, blocks  # noqa: E402

NAMESPACES = ("unshare", "--net", "--mount", "--pid", "--uts", "--fork", "--mount-proc", "--kill-child")
if os.geteuid():
    NAMESPACES += ("--user", "--map-root-user")
COMMAND_TIME = 60  # seconds that one command may take
LOG_TIME = 10.0  # seconds until a log must hold what the page shows of it
_END = "\x1e"
_READS_LOG = re.compile(r"^(grep|tail|cat|sed|awk|cut)\b.*\.log\b")

# What differs from run to run, made equal on both sides before they are compared.
MASKS = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"\b([EWIT])\d{4} \d\d:\d\d:\d\d\.\d{6} ", r"\1<time> "),
        (r"\b20\d\d-?\d\d-?\d\d[ T]\d\d:?\d\d:?\d\d(\.\d+)?\b", "<time>"),
        (r"\|20\d{12}\|\|(ACK|RSP)", r"|<time>||\1"),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>"),
        (r"\b1\.2\.(276\.0\.7230010\.3\.1|826\.0\.1\.3680043\.8\.498)\.[\d.]{8,}", "<uid>"),
        (r"(after child \(|pid |PID: ?)\d+", r"\1<pid>"),
    )
)


@dataclass(frozen=True)
class Shown:
    """A command of a page with what it printed."""

    command: Command
    section: str
    printed: tuple[str, ...]


@dataclass
class Outcome:
    """What came of a run: every command that ran, and the first fault.

    `problem` is empty when the page is right; `differs` tells a printed line that differs from a lab that broke.
    """

    shown: list[Shown] = field(default_factory=list)
    problem: str = ""
    differs: bool = False
    section: str = ""


class BrokenLabError(Exception):
    """Something other than the text of the page went wrong."""


def mask(line: str) -> str:
    """A line without what differs from run to run."""
    for pattern, put in MASKS:
        line = pattern.sub(put, line)
    return line.rstrip()


def same(expected: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether the lines are those expected; `...` alone stands for any lines, and within a line for any text."""
    return _same([_pattern(line) for line in expected], [mask(line) for line in printed])


def _same(expected: list[re.Pattern | None], printed: list[str]) -> bool:
    for index, pattern in enumerate(expected):
        if pattern is None:
            rest = expected[index + 1 :]
            return any(_same(rest, printed[start:]) for start in range(index, len(printed) + 1))
        if index >= len(printed) or not pattern.fullmatch(printed[index]):
            return False
    return len(expected) == len(printed)


def _pattern(line: str) -> re.Pattern | None:
    if line.strip() == "...":
        return None
    # Exactly three dots: DCMTK prints its progress in longer rows of them.
    parts = re.split(r"(?<!\.)\.\.\.(?!\.)", mask(line))
    return re.compile(".*".join(map(re.escape, parts)))


class World:
    """A bash in namespaces of its own, which ends with everything that it started."""

    def __init__(self, data: Path) -> None:
        """`data` is the folder of the lab's images."""
        environment = {"LAB": str(LAB), "LAB_DATA": str(data), "LAB_PYTHON": sys.executable, "PATH": os.environ["PATH"]}
        self.shell = subprocess.Popen(
            [*NAMESPACES, "bash", "--norc", "--noprofile"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        self.quietly(f". {shlex.quote(str(LAB / 'world.sh'))}")

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *_: object) -> None:
        self.shell.kill()
        self.shell.wait()
        for pipe in (self.shell.stdin, self.shell.stdout):
            pipe.close()

    def run(self, command: str) -> tuple[list[str], int]:
        """The lines that a command prints, and its exit status, which the next command sees as `$?`."""
        line = f"eval {shlex.quote(command)} </dev/null; _s=$?; printf '{_END}%d{_END}\\n' $_s; (exit $_s)\n"
        try:
            self.shell.stdin.write(line.encode())
            self.shell.stdin.flush()
        except BrokenPipeError:
            raise BrokenLabError("the shell of the page has ended") from None
        end, text = re.compile(f"{_END}(\\d+){_END}\n".encode()), b""
        limit = time.monotonic() + COMMAND_TIME
        while not (found := end.search(text)):
            if not select.select([self.shell.stdout], [], [], max(0, limit - time.monotonic()))[0]:
                raise BrokenLabError(f"no end after {COMMAND_TIME} seconds:\n{text.decode(errors='replace')}")
            more = os.read(self.shell.stdout.fileno(), 65536)
            if not more:
                raise BrokenLabError(f"the shell of the page has ended:\n{text.decode(errors='replace')}")
            text += more
        printed = text[: found.start()].decode("utf-8", errors="replace")
        return printed.removesuffix("\n").split("\n") if printed else [], int(found[1])

    def quietly(self, command: str) -> None:
        """Run what the page does not show; it must succeed."""
        printed, status = self.run(command)
        if status:
            raise BrokenLabError("\n".join([f"exit status {status}", *printed]))


def run(
    text: str,
    data: Path,
    *,
    without: Callable[[Block], bool] = lambda block: False,
    accept: bool = False,
    log_time: float = LOG_TIME,
) -> Outcome:
    """Run the text of a page, leaving out the blocks that `without` names; with `accept` go on after a difference."""
    outcome = Outcome()
    with World(data) as world:
        for block in blocks(text):
            if without(block):
                continue
            try:
                for problem in _run_block(world, block, outcome, log_time):
                    outcome.problem, outcome.differs, outcome.section = problem, True, block.section
                    if not accept:
                        return outcome
            except (BrokenLabError, ValueError) as broken:
                outcome.problem, outcome.differs = f"line {block.line}: {broken}", False
                return outcome
    return outcome


def _run_block(world: World, block: Block, outcome: Outcome, log_time: float) -> Iterator[str]:
    if block.kind == FILE:
        world.quietly(_write(block))
    elif block.kind != CONSOLE:
        world.quietly(block.text)
    else:
        commands = block.commands
        for command, following in zip(commands, [*commands[1:], None], strict=True):
            printed, status = world.run(command.text)
            limit = time.monotonic() + log_time
            while not same(command.output, printed) and _READS_LOG.match(command.text) and time.monotonic() < limit:
                time.sleep(0.1)
                printed, status = world.run(command.text)
            outcome.shown.append(Shown(command, block.section, tuple(printed)))
            if not same(command.output, printed):
                difference = difflib.ndiff(command.output, printed)
                yield "\n".join(
                    [f"line {command.line}: $ {command.text}", *(line for line in difference if line[0] != "?")]
                )
            elif status and not (following and following.text == "echo $?") and not _found_nothing(command):
                yield f"line {command.line}: exit status {status}; show it with '$ echo $?' after the command"


def _write(block: Block) -> str:
    """The command that writes a file as the page shows it."""
    return f"cat > {shlex.quote(block.name)} <<'END OF FILE'\n{block.text}\nEND OF FILE"


def _found_nothing(command: Command) -> bool:
    unquoted = re.sub(r"'[^']*'|\"[^\"]*\"", "", command.text)
    return not command.output and re.search(r"\bgrep\b[^|]*$", unquoted) is not None


def accepted(text: str, outcome: Outcome) -> str:
    """The page with the outputs that no longer match replaced by what was printed."""
    lines = text.split("\n")
    for shown in reversed(outcome.shown):
        command = shown.command
        if not same(command.output, shown.printed):
            first = command.last - len(command.output)
            lines[first : command.last] = [line.rstrip() if line.strip() else line for line in shown.printed]
    return "\n".join(lines)


def shell(text: str, data: Path) -> int:
    """An interactive shell in a world where all that the page does up to its fault has been done, unseen."""
    script = [f". {shlex.quote(str(LAB / 'world.sh'))}"]
    parts = list(blocks(text))
    fault = next((number for number, block in enumerate(parts) if block.kind == FAULT), -1)
    for block in parts[: fault + 1]:
        if block.kind == FILE:
            script.append(_write(block))
        elif block.kind == CONSOLE:
            script += [f"{{ {command.text}\n}} > /dev/null 2>&1 </dev/null" for command in block.commands]
        else:
            script.append(f"{{ {block.text}\n}} > /dev/null")
    script += ["set -m", r"PS1='lab:\w$ '", '[ -n "$PACS_PID" ] || pacs']
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write("\n".join(script) + "\n")
        file.flush()
        environment = {**os.environ, "LAB": str(LAB), "LAB_DATA": str(data), "LAB_PYTHON": sys.executable}
        command = [*NAMESPACES, "bash", "--noprofile", "--rcfile", file.name, "-i"]
        return subprocess.run(command, env=environment, check=False).returncode


def lesson(number: int) -> str:
    """The page whose fault is the lesson of that number; SystemExit when there is none."""
    from kb.load import load

    runbooks = load(ROOT)[0].records("runbook")
    numbers = {record.exercise.number: id for id, record in runbooks.items() if record.exercise}
    if number not in numbers:
        sys.exit(f"no fault {number}; choose one of {', '.join(map(str, sorted(numbers)))}")
    return (ROOT / "docs/runbooks" / f"{numbers[number]}.md").read_text("utf-8")


def main() -> int:
    """The command line."""
    import data

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help="write what was printed into the page")
    parser.add_argument("--shell", action="store_true", help="open a shell in the lab")
    parser.add_argument("--fault", type=int, help="break what the lesson of this number breaks")
    parser.add_argument("pages", nargs="*", type=Path)
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        data.make(Path(folder))
        if options.shell:
            return shell(lesson(options.fault) if options.fault else "", Path(folder))
        for page in options.pages:
            text, start = page.read_text("utf-8"), time.monotonic()
            outcome = run(text, Path(folder), accept=options.accept, log_time=2 if options.accept else LOG_TIME)
            if options.accept:
                page.write_text(accepted(text, outcome), encoding="utf-8")
            print(f"{page}: {time.monotonic() - start:.1f} s, {len(outcome.shown)} commands")
            if outcome.problem:
                failures += 1
                print(outcome.problem)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
