"""The forms to take away: every file opens, holds what the record says, and computes what it promises."""

import csv
import io
import re
import textwrap
import zipfile
from xml.etree import ElementTree

import pytest
from trees import ROOT

from kb import forms
from kb.rules import check

CATALOGUE = check(ROOT)[0]
FORMS = CATALOGUE.records("template")
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def made():
    return dict(forms.files(CATALOGUE))


def test_the_site_holds_every_file_of_every_form(site, made):
    for path, content in made.items():
        assert (site / path).read_bytes() == content
    assert {f"files/{id}.{suffix}" for id, form in FORMS.items() for suffix in form.files} == made.keys()


@pytest.mark.parametrize("id", [id for id, form in FORMS.items() if "xlsx" in form.files])
def test_a_workbook_has_a_sheet_for_each_part(id, made):
    parts = forms.parts(CATALOGUE, FORMS[id])
    with zipfile.ZipFile(io.BytesIO(made[f"files/{id}.xlsx"])) as book:
        assert book.testzip() is None
        for name in book.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(book.read(name))
        sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).findall(f"{SHEET}sheets/{SHEET}sheet")
        names = [sheet.get("name") for sheet in sheets]
        notes = [forms.NOTES] if any(part.intro for part in parts) else []
        assert len(names) == len(set(names)) == len(parts) + len(notes)
        assert names[len(parts) :] == notes
        for number, part in enumerate(parts, 1):
            sheet = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            formulas = [formula.text for formula in sheet.iter(f"{SHEET}f")]
            assert formulas == [cell[1:] for row in forms.filled(part) for cell in row if cell.startswith("=")]


@pytest.mark.parametrize("id", [id for id, form in FORMS.items() if "xlsx" in form.files])
def test_a_row_is_high_enough_for_its_text_and_a_sheet_no_wider_than_a_page(id, made):
    with zipfile.ZipFile(io.BytesIO(made[f"files/{id}.xlsx"])) as book:
        texts = [
            "".join(found.itertext())
            for found in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{SHEET}si")
        ]
        for name in book.namelist():
            if not name.startswith("xl/worksheets/sheet"):
                continue
            sheet = ElementTree.fromstring(book.read(name))
            widths = [
                float(column.get("width"))
                for column in sheet.iter(f"{SHEET}col")
                for _ in range(int(column.get("min")), int(column.get("max")) + 1)
            ]
            # So many characters fit across a page in type of about eight points.
            assert sum(widths) <= 160, name
            for row in sheet.iter(f"{SHEET}row"):
                for width, cell in zip(widths, row.iter(f"{SHEET}c"), strict=True):
                    if cell.get("t") == "s":
                        text = texts[int(cell.find(f"{SHEET}v").text)]
                        lines = len(textwrap.wrap(text, int(width))) or 1
                        assert float(row.get("ht", "15")) >= 15 * lines, text


def test_formulas_name_cells_that_exist(made):
    """Every cell that a formula names lies within a table of its workbook."""
    for id, form in FORMS.items():
        parts = forms.parts(CATALOGUE, form)
        sizes = {f"{number} {part.title}": part for number, part in enumerate(parts, 1)}
        for part in parts:
            for row in forms.filled(part) if part.columns else []:
                for cell in row:
                    for sheet, column, line in (
                        re.findall(r"(?:'([^']+)'!)?\$?([A-Z])\$?(\d+)", cell) if cell[:1] == "=" else []
                    ):
                        there = sizes[sheet] if sheet else part
                        assert ord(column) - ord("A") < len(there.columns), (id, cell)
                        assert 2 <= int(line) <= len(forms.filled(there)) + 1, (id, cell)


def test_a_table_opens_as_utf_8_with_its_headings(made):
    text = made["files/ae-title-register.csv"].decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][0] == "AE title"
    assert {len(row) for row in rows} == {len(rows[0])}
    assert made["files/ae-title-register.csv"].startswith(b"\xef\xbb\xbf")


def test_a_text_keeps_its_tables_whole(made):
    text = made["files/downtime-kit.md"].decode()
    assert text.startswith("# Downtime kit\n")
    tables = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    assert tables
    for found in tables:
        assert len({line.replace("\\|", "").count("|") for line in found.splitlines()}) == 1


def test_a_job_is_made_from_the_role(made):
    text = made["files/job-systems-administrator.md"].decode()
    for task in CATALOGUE.records("task").values():
        assert (task.title in text) is (task.role == "systems-administrator"), task.title
