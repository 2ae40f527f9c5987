"""Makes the forms to take away: the parts of a template, with what other records add, as Markdown, CSV and workbook."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime

import xlsxwriter

from kb.catalogue import Catalogue
from kb.model import Level, Part, Template

FOLDER = "files"
BLANK = "_"  # stands for a cell to fill in that has filled ones after it
# The workbook's own time stamp: two builds of the same records must give the same bytes.
_MADE = datetime(2000, 1, 1)
# What the name of a sheet must not hold; it has at most 31 characters.
_NOT_IN_NAMES = re.compile(r"[][:*?/\\]")
_WIDEST = 60  # characters of a column


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
    return [
        Part(
            title="Job description",
            text=(
                f"Position: {role.title} (also called {', '.join(role.also_called)})",
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
            intro="The same questions for everybody, in this order. Write down what was said, then score 0 to 4.",
            columns=("Competency", "Question", "A good answer", "Said", "Score 0 to 4"),
            rows=tuple(
                (competencies[id].title, ask.question, ask.answer) for id in main for ask in competencies[id].ask[:2]
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
    """A template as a workbook with a sheet for each part."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": template.title, "created": _MADE})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 2, "bg_color": "#E8EBF8"})
    cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    for number, part in enumerate(parts, 1):
        sheet = book.add_worksheet(f"{number} {_NOT_IN_NAMES.sub(' ', part.title)}"[:31].strip(" '"))
        rows = filled(part) if part.columns else [(line,) for line in (*part.text, *part.checklist)]
        columns = part.columns or ((part.title, "Done") if part.checklist else (part.title,))
        sheet.write_row(0, 0, columns, head)
        for row, cells in enumerate(rows, 1):
            for column, value in enumerate((*cells, *("",) * (len(columns) - len(cells)))):
                _write(sheet, row, column, value, cell)
        for column in range(len(columns)):
            longest = max(len(row[column]) if column < len(row) else 0 for row in [columns, *rows])
            sheet.set_column(column, column, min(_WIDEST, max(12, longest + 2)))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer(f"&L{template.title}&R&P / &N")
    book.close()
    return target.getvalue()


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: str, form: object) -> None:
    if value.startswith("="):
        sheet.write_formula(row, column, value, form)
    elif re.fullmatch(r"-?\d+(\.\d+)?", value):
        sheet.write_number(row, column, float(value), form)
    else:
        sheet.write_string(row, column, value, form)
