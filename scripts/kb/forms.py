"""Makes the forms to take away: the parts of a template, with what other records add, as Markdown, CSV and workbook."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import ceil

import xlsxwriter

from kb.catalogue import Catalogue
from kb.model import Level, Part, Template

FOLDER = "files"
BLANK = "_"  # stands for a cell to fill in that has filled ones after it
# The workbook's own time stamp: two builds of the same records must give the same bytes.
_MADE = datetime(2000, 1, 1)
# What the name of a sheet must not hold; it has at most 31 characters.
_NOT_IN_NAMES = re.compile(r"[][:*?/\\]")
NOTES = "How to use it"  # the sheet with the introductions of the parts
# In characters of a column: what a page takes at full size upright, and across at nine tenths of it.
_PORTRAIT, _LANDSCAPE = 80, 130
# The narrowest column, and one that is left to be filled in.
_NARROWEST, _TO_WRITE = 9, 11
# Heights of rows in points: a printed line, and a row to be filled in by hand.
_LINE, _BY_HAND = 15, 24


def parts(catalogue: Catalogue, template: Template) -> list[Part]:
    """The parts of a template, first those that are made from other records."""
    made = {"job": _job, "measures": _measures, "sign-off": _sign_off}
    added = made[template.made_from](catalogue, template.role or "") if template.made_from else []
    return [*added, *template.parts]


def _job(catalogue: Catalogue, role_id: str) -> list[Part]:
    role = catalogue.get("role", role_id)
    tasks = [task for task in catalogue.records("task").values() if task.role == role_id]
    wanted = {id: level for id in catalogue.learning_order if (level := role.levels.get(id)) and level.rank >= 2}
    competencies = {id: catalogue.get("competency", id) for id in wanted}
    main = [id for id, level in wanted.items() if level.rank >= 3]
    questions = [(competencies[id].title, ask.question, ask.answer) for id in main for ask in competencies[id].ask[:2]]
    return [
        Part(
            title="Job description",
            text=(
                f"Position: {role.title}",
                "Site, department, hours and on-call duty: [fill in]",
                "Reports to: [fill in]",
                role.summary,
            ),
        ),
        Part(title="What you will do", text=tuple(f"{task.title}: {task.summary}" for task in tasks)),
        Part(
            title="What you bring or will learn here",
            columns=("Competency", "Level expected", "What that looks like", "Needed on day one?"),
            rows=tuple(
                (competencies[id].title, level, getattr(competencies[id].levels, level)[0])
                for id, level in wanted.items()
            ),
        ),
        Part(
            title="Interview",
            intro=(
                "One sheet for each candidate and each member of the panel; the candidate does not see it. "
                "The same questions for everybody, in this order. Write down what was said, then score 0 to 4."
            ),
            columns=("Competency", "Question", "A good answer", "Said", "Score 0 to 4"),
            rows=(
                ("Day: [fill in]", "Candidate: [fill in]", "Member of the panel: [fill in]"),
                *questions,
                # The first question stands in row 3, below the heading and the fields.
                (f"Sum, of {4 * len(questions)}", BLANK, BLANK, BLANK, f"=SUM(E3:E{len(questions) + 2})"),
            ),
        ),
    ]


def _measures(catalogue: Catalogue, _: str) -> list[Part]:
    rows = tuple(
        (measure.title, measure.unit, measure.formula, measure.target)
        for measure in catalogue.records("measure").values()
    )
    columns = ("Measure", "Unit", "Formula", "Target", "Baseline", "This period", "Owner", "What we do about it")
    return [Part(title="Benchmarks", columns=columns, rows=rows)]


def _sign_off(catalogue: Catalogue, role_id: str) -> list[Part]:
    levels = catalogue.get("role", role_id).levels
    rows = tuple(
        (catalogue.get("competency", id).title, level, behavior)
        for id in catalogue.learning_order
        if (level := levels.get(id)) and level.rank >= Level.WORKING.rank
        for behavior in getattr(catalogue.get("competency", id).levels, level)
    )
    columns = ("Competency", "Level", "Seen at work", "Day", "Seen by", "Initials")
    return [Part(title="Sign-off", columns=columns, rows=rows)]


def files(catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    """(path below the site, content) of every file that a template offers."""
    write = {"md": markdown, "csv": table, "xlsx": workbook}
    for id, template in catalogue.records("template").items():
        for suffix in template.files:
            yield f"{FOLDER}/{id}.{suffix}", write[suffix](template, parts(catalogue, template))


def markdown(template: Template, parts: list[Part]) -> bytes:
    """A template as a Markdown text."""
    lines = [f"# {template.title}", "", template.summary, ""]
    for part in parts:
        lines += [f"## {part.title}", ""]
        lines += [part.intro, ""] if part.intro else []
        for paragraph in part.text:
            lines += [paragraph, ""]
        lines += [*(f"- [ ] {point}" for point in part.checklist), ""] if part.checklist else []
        if part.columns:
            lines += [_row(part.columns), _row(("---",) * len(part.columns))]
            lines += [_row(row) for row in filled(part)] + [""]
    return "\n".join(lines).encode()


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def filled(part: Part) -> list[tuple[str, ...]]:
    """The rows of a part's table, each of full width, the empty ones included."""
    width = len(part.columns)
    rows = [tuple("" if cell == BLANK else cell for cell in row) for row in part.rows]
    return [(*row, *("",) * (width - len(row))) for row in (*rows, *((),) * part.blank)]


def table(_: Template, parts: list[Part]) -> bytes:
    """The first table of a template as comma-separated values, with the mark by which spreadsheets know UTF-8."""
    part = next(part for part in parts if part.columns)
    text = io.StringIO()
    csv.writer(text).writerows([part.columns, *filled(part)])
    return text.getvalue().encode("utf-8-sig")


def workbook(template: Template, parts: list[Part]) -> bytes:
    """A template as a workbook with a sheet for each part, and one with what the parts say about their use."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": template.title, "created": _MADE})
    for number, part in enumerate(parts, 1):
        rows = filled(part) if part.columns else [(line,) for line in (*part.text, *part.checklist)]
        columns = part.columns or ((part.title, "Done") if part.checklist else (part.title,))
        _sheet(book, f"{number} {part.title}", template.title, columns, rows)
    if notes := [(part.title, part.intro) for part in parts if part.intro]:
        _sheet(book, NOTES, template.title, ("Sheet", "How to use it"), notes)
    book.close()
    return target.getvalue()


def _sheet(
    book: xlsxwriter.Workbook, name: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """A sheet with a table that prints on A4 or Letter without small type."""
    sheet = book.add_worksheet(_NOT_IN_NAMES.sub(" ", name)[:31].strip(" '"))
    look = {"text_wrap": True, "valign": "top"}
    head = book.add_format({**look, "bold": True, "bottom": 2, "bg_color": "#E8EBF8"})
    cell = book.add_format({**look, "border": 1})
    figure = book.add_format({**look, "border": 1, "align": "center"})
    table = [columns, *((*row, *("",) * (len(columns) - len(row))) for row in rows)]
    widths = _widths(table)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for row, cells in enumerate(table):
        # Programs that do not measure wrapped text themselves would cut it off.
        lines = max(_lines(value, width) for value, width in zip(cells, widths, strict=True))
        sheet.set_row(row, _LINE * lines if any(cells) else _BY_HAND)
        for column, value in enumerate(cells):
            _write(sheet, row, column, value, head if row == 0 else cell, figure)
    sheet.freeze_panes(1, 0)
    if sum(widths) > _PORTRAIT:
        sheet.set_landscape()
    sheet.set_margins(left=0.5, right=0.5)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer(f"&L{title}&R&P / &N")


def _widths(table: Sequence[Sequence[str]]) -> list[int]:
    """Widths of the columns in characters: together a page at most, the room where it saves most lines."""
    columns = list(zip(*table, strict=True))
    words = [[word for text in column if text[:1] != "=" for word in text.split()] for column in columns]
    widths = [max([_NARROWEST, *(len(word) + 2 for word in column)]) for column in words]
    to_write = min(_TO_WRITE, _LANDSCAPE // len(columns))
    widths = [width if any(column[1:]) else max(width, to_write) for width, column in zip(widths, columns, strict=True)]
    while sum(widths) + 2 <= (_LANDSCAPE if len(columns) > 2 else _PORTRAIT):
        highest: Counter[int] = Counter()
        for row in table:
            lines = [_lines(text, width) for text, width in zip(row, widths, strict=True)]
            highest[lines.index(max(lines))] += max(lines) - 1
        column, spared = highest.most_common(1)[0]
        if not spared:
            break
        widths[column] += 2
    return widths


def _lines(text: str, width: int) -> int:
    """Lines that a text takes in a column of so many characters, about; a formula shows a number, which takes one."""
    return 1 if text.startswith("=") else ceil(len(text) / (0.85 * width)) or 1


def _write(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: str, form: object, figure: object
) -> None:
    if value.startswith("="):
        sheet.write_formula(row, column, value, figure)
    elif re.fullmatch(r"-?\d+(\.\d+)?", value):
        sheet.write_number(row, column, float(value), figure)
    else:
        sheet.write_string(row, column, value, form)
