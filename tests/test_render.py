"""What the macros print: every value as text, every link right from every page."""

import re
from typing import get_args

import markdown
import pytest
from trees import ROOT, SMALL, copy_of, edit

from kb.abbreviations import FirstUse
from kb.pages import address, parse_page
from kb.render import MACROS, MAP, UNDERNEATH, Picture, View, inline, picture, plain
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
            lines[number] = f"{name}: '{HOSTILE} {number}'"
            found += 1
        elif "{means: [" in line:
            lines[number] = f"{name}: {{means: ['{HOSTILE}']}}"
            found += 1
    assert found or file.endswith(("exam.yml", "proven.yml"))
    path.write_text("\n".join(lines) + "\n", "utf-8")
    # What people say may only stand for words that some page uses.
    edit(root, "docs/index.md", "# Home\n", f"# Home\n\n{{% raw %}}{HOSTILE}{{% endraw %}}\n")
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


def test_a_list_of_fields_says_how_much_each_holds():
    printed = MACROS["fields"](view("index.md"), "competency") + MACROS["fields"](view("index.md"), "claim")
    needed = dict(re.findall(r"<code>(\w+)</code></th>\n<td>.*</td>\n<td>(.*)</td>", printed))
    assert needed["title"] == "yes"
    assert needed["summary"] == "yes, up to 240 characters"
    assert needed["knowledge"] == "yes, three or more"
    assert needed["levels"] == "yes, three or more for each"
    assert needed["requires"] == "if it applies"


def test_an_overdue_record_says_so_on_its_page(tmp_path):
    root = copy_of(SMALL, tmp_path / "small")
    assert "Due for review" not in MACROS["title"](view("tasks/fix-wires.md", root))
    edit(root, "data/tasks/fix-wires.yml", "2026-11-01", "2003-05-22")
    assert "Due for review" in MACROS["title"](view("tasks/fix-wires.md", root))


def test_pictures_lead_to_records_that_exist():
    """Nothing else would miss a task that was renamed and is no longer in the picture's lists, or in its labels."""
    catalogue = check(ROOT)[0]
    for *_, task, competency in MAP:
        assert (task in catalogue.known["task"], competency in catalogue.known["competency"]) == (True, True), task
    assert set(UNDERNEATH) <= catalogue.known["task"]
    for name in get_args(Picture):
        printed = picture(View(catalogue, "reference/workflow-map.md", {}), name)
        for link in re.findall(r'href="\.\./\.\./([^"]+)/"', printed):
            assert f"{link}.md" in catalogue.pages, (name, link)
        written = (ROOT / f"scripts/kb/templates/picture-{name}.html").read_text("utf-8")
        for id in re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)": "', written):
            assert id in catalogue.knows("paged"), (name, id)


def test_single_points_of_failure_are_named():
    printed = MACROS["staffing"](view("staffing/two-people.md"))
    alone = printed.partition("Single points of failure")[2].partition("## What each")[0]
    assert "Count the money" in alone
    assert "Fix the wires" not in alone, "the head technologist stands in"


def test_tasks_of_a_staffing_model_come_by_how_often_they_come_up(tmp_path):
    root = copy_of(SMALL, tmp_path / "small")
    edit(root, "data/tasks/draw-map.yml", "cadence: yearly", "cadence: event\nper_year: 2")
    printed = MACROS["staffing"](view("staffing/two-people.md", root))
    urgent, _, rest = printed.partition("## People and hours")
    table, _, alone = rest.partition("## Who leads")[2].partition("## Single points")
    assert in_order(urgent, "Weekly", "Fix the wires", "Event", "Draw the map")
    assert "Count the money" not in urgent, "it can wait for the end of the month"
    assert in_order(table, "Weekly", "Fix the wires", "Monthly", "Count the money", "Event", "Draw the map")
    assert in_order(alone, "Monthly", "Count the money", "Event", "Draw the map")


def test_a_weekly_task_can_wait_unless_a_runbook_or_an_event_names_it(tmp_path):
    root = copy_of(SMALL, tmp_path / "small")
    edit(root, "data/tasks/count-money.yml", "cadence: monthly", "cadence: weekly")
    assert "Count the money" not in urgent_of(view("staffing/two-people.md", root))
    edit(root, "data/tasks/draw-map.yml", "cadence: yearly", "cadence: event\nper_year: 2")
    edit(root, "data/tasks/draw-map.yml", "related: [fix-wires]", "related: [fix-wires, count-money]")
    assert "Count the money" in urgent_of(view("staffing/two-people.md", root))


@pytest.mark.parametrize("model", check(ROOT)[0].records("staffing"))
def test_every_daily_task_has_an_owner_and_a_stand_in_on_the_page(model):
    page = view(f"staffing/{model}.md", ROOT)
    daily = [task.title for task in page.catalogue.records("task").values() if task.cadence == "daily"]
    rows = re.findall(r'<tr><th scope="row"><a [^>]+>(.*?)</a></th>\s*<td>(.*?)</td>\s*<td>(.*?)</td>', urgent_of(page))
    assert [title for title, _, _ in rows][: len(daily)] == daily
    people = {person.title for person in page.entry.record.people}
    for title, owner, deputies in rows[: len(daily)]:
        assert owner in people, title
        assert deputies
        assert set(deputies.split("; ")) <= people - {owner}, title


def in_order(text, *words):
    """Whether the words stand in a text one after the other."""
    return re.search(".*".join(map(re.escape, words)), text, flags=re.DOTALL) is not None


def urgent_of(view):
    """What the page of a staffing model prints about what cannot wait."""
    return MACROS["staffing"](view).partition("## People and hours")[0]


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
