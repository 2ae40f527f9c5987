"""What the macros print: every value as text, every link right from every page."""

import markdown
import pytest
from trees import SMALL, copy_of, edit

from kb.abbreviations import FirstUse
from kb.pages import address, parse_page
from kb.render import MACROS, View, inline, plain
from kb.rules import check, in_words


def view(path, root=SMALL, **options):
    return View(check(root)[0], path, {}, rules=in_words(), **options)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("index.md", "/"), ("tasks/index.md", "/tasks/"), ("tasks/x.md", "/tasks/x/"), ("my-index.md", "/my-index/")],
)
def test_addresses_of_pages(path, expected):
    assert address(path) == expected


@pytest.mark.parametrize(
    ("start", "target", "anchor", "expected"),
    [
        ("index.md", "tasks/x.md", "", "tasks/x/"),
        ("tasks/x.md", "index.md", "", "../../"),
        ("tasks/x.md", "tasks/y.md", "steps", "../y/#steps"),
        ("tasks/x.md", "tasks/x.md", "steps", "#steps"),
        ("tasks/index.md", "tasks/x.md", "", "x/"),
        ("tasks/x.md", "tasks/index.md", "", "../"),
        ("index.md", "index.md", "", "./"),
        ("reference/matrix.md", "competencies/y.md", "", "../../competencies/y/"),
    ],
)
def test_links_are_relative(start, target, anchor, expected):
    assert view(start).href(target, anchor) == expected


@pytest.mark.parametrize(
    ("start", "target", "expected"),
    [("tasks/x.md", "tasks/y.md", "y.html"), ("index.md", "tasks/index.md", "tasks/index.html"), ("tasks/x.md", "index.md", "../index.html")],
)  # fmt: skip
def test_links_without_folders_for_pages(start, target, expected):
    assert view(start, directory_urls=False).href(target) == expected


def test_values_are_text():
    assert inline('<b> & "x"') == "&lt;b&gt; &amp; &#34;x&#34;"
    assert inline("set `(0008,0050)` <now>") == "set <code>(0008,0050)</code> &lt;now&gt;"
    assert "<" not in plain("<script>")
    assert "*" not in plain("*bold* {: onclick=x } [a](b) `c` #x")


HOSTILE = '<script>alert(1)</script> {: onclick="x" } *a* [b](javascript:c) {{ 1 }} </dl>'


@pytest.mark.parametrize("file", sorted(path.relative_to(SMALL).as_posix() for path in SMALL.glob("data/**/*.yml")))
def test_markup_in_any_value_is_printed_as_text(file, tmp_path):
    root = copy_of(SMALL, tmp_path / "small")
    path = root / file
    lines = path.read_text("utf-8").splitlines()
    found = 0
    for number, line in enumerate(lines):
        name, colon, _ = line.partition(": ")
        if colon and name.strip() in (
            "title",
            "summary",
            "fits",
            "statement",
            "today",
            "formula",
            "definition",
            "why",
            "meaning",
            "ask",
        ):
            lines[number] = f"{name}: '{HOSTILE}'"
            found += 1
        elif "{means: [" in line:
            lines[number] = f"{name}: {{means: ['{HOSTILE}']}}"
            found += 1
    assert found or file.endswith(("exam.yml", "proven.yml"))
    path.write_text("\n".join(lines) + "\n", "utf-8")
    catalogue, problems = check(root)
    assert problems == []
    printed = "".join(
        MACROS[name](View(catalogue, page, {}, rules=()))
        for page, names in {
            "tasks/fix-wires.md": ("title", "facts", "sources"),
            "competencies/wires.md": ("title", "competency"),
            "roles/wire-lead.md": ("title", "role"),
            "backgrounds/technologist.md": ("title", "background"),
            "staffing/two-people.md": ("title", "staffing"),
            "runbooks/wire-cut.md": ("title", "runbook"),
            "forms/wire-list.md": ("title", "template"),
            "index.md": (
                "matrix",
                "claims",
                "measures",
                "bibliography",
                "exam",
                "standards",
                "glossary",
                "accessibility",
                "finder",
                "codes",
                "pains",
                "crosswalks",
            ),
        }.items()
        for name in names
    )
    assert "<script" not in printed
    assert 'onclick="x"' not in printed
    assert "alert(1)" in printed or not found


def test_a_reference_shows_the_current_title(tmp_path):
    root = copy_of(SMALL, tmp_path / "small")
    edit(root, "data/tasks/fix-wires.yml", "title: Fix the wires", "title: Mend the wires")
    assert MACROS["ref"](view("index.md", root), "fix-wires") == '<a href="tasks/fix-wires/">Mend the wires</a>'


def test_an_overdue_record_says_so_on_its_page(tmp_path):
    root = copy_of(SMALL, tmp_path / "small")
    assert "Due for review" not in MACROS["title"](view("tasks/fix-wires.md", root))
    edit(root, "data/tasks/fix-wires.yml", "2026-11-01", "2003-05-22")
    assert "Due for review" in MACROS["title"](view("tasks/fix-wires.md", root))


def test_single_points_of_failure_are_named():
    printed = MACROS["staffing"](view("staffing/two-people.md"))
    alone = printed.partition("Single points of failure")[2].partition("## What each")[0]
    assert "Count the money" in alone
    assert "Fix the wires" not in alone, "the head technologist stands in"


def test_calls_are_found_with_their_places():
    page = parse_page("x.md", '---\nhide: [toc]\n---\n# T\n\ntext {{ ref("a", "b") }}\n{% raw %}{{ no }}{% endraw %}\n')
    assert [(call.name, call.arguments, call.line, call.column) for call in page.calls] == [("ref", ("a", "b"), 6, 6)]


def test_headings_in_code_are_no_headings():
    page = parse_page("x.md", "# T\n\n```sh\n# not one\n```\n\n## Two {#two-and}\n\ntext\n")
    assert [(heading.text, heading.anchor, heading.line) for heading in page.headings] == [
        ("T", "t", 1),
        ("Two", "two-and", 7),
    ]


def converted(text):
    terms = {"PACS": "picture archiving and communication system", "RIS": "radiology information system"}
    return markdown.markdown(text, extensions=["abbr", FirstUse()], extension_configs={"abbr": {"glossary": terms}})


def test_an_abbreviation_is_explained_where_it_is_first_used():
    html = converted("# PACS\n\nA PACS, a *PACS* and RIS: PACS.\n\n- PACS\n- RIS and RIS\n")
    assert html.count('title="picture archiving and communication system"') == 1
    assert html.count('title="radiology information system"') == 1
    assert html.index("<h1>PACS</h1>") < html.index("A <abbr")
    assert "<em>PACS</em> and <abbr" in html
    assert "</abbr>: PACS.</p>" in html
