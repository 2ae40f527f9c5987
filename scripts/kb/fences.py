"""Shows console sessions with faults and changes marked, and folds what the lab does out of the reader's sight."""

import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from kb.console import CONSOLE, FAULT, LAB, Block, is_error

_CHANGE = re.compile(r"  ?#\s*((?:writes|deletes)\b.*)$")
SUMMARIES = {LAB: "What the lab does here", FAULT: "What the lab breaks here"}


class Fence:
    """Formats the fences of one kind; an instance for each language of `custom_fences`."""

    def __init__(self, kind: str) -> None:
        """`kind` is console, lab or fault."""
        self.kind = kind

    def __repr__(self) -> str:
        # The same in every process: what is kept between builds is found by it.
        return f"Fence({self.kind!r})"

    def __call__(self, source: str, *_: Any, **__: Any) -> str:
        """The fence as HTML."""
        if self.kind == CONSOLE:
            return _box(_session(source))
        summary = Markup("<summary>{}</summary>").format(SUMMARIES[self.kind])
        return Markup('<details class="kb-lab">{}{}</details>').format(summary, _box(Markup.escape(source)))


def custom_fences() -> list[dict[str, str | Callable]]:
    """The setting of the same name of pymdownx.superfences."""
    return [{"name": kind, "class": kind, "format": Fence(kind)} for kind in (CONSOLE, *SUMMARIES)]


def _box(inside: Markup) -> Markup:
    return Markup('<div class="highlight"><pre><code>{}\n</code></pre></div>').format(inside)


def _session(source: str) -> Markup:
    lines: list[Markup] = []
    for command in Block(CONSOLE, 0, "", "", source.rstrip("\n")).commands:
        prompts = ["$ ", *["> "] * command.text.count("\n")]
        for prompt, line in zip(prompts, command.text.split("\n"), strict=True):
            change = _CHANGE.search(line)
            shown = Markup('<span class="gp">{}</span><span class="kb-command">{}</span>').format(
                prompt, line[: change.start()] if change else line
            )
            lines.append(
                shown + Markup('  <strong class="kb-change">{}</strong>').format(change[1]) if change else shown
            )
        for line in command.output:
            form = '<span class="go kb-error">{}</span>' if is_error(line) else '<span class="go">{}</span>'
            lines.append(Markup(form).format(line))
    return Markup("\n").join(lines)
