"""What the pages for contributors say is what the check, the model and the macros do."""

import re

import pytest
import yaml
from browsing import browsing
from playwright.sync_api import expect
from trees import ROOT, copy_of, edit, problems

from kb.load import FRONT_FIELDS
from kb.model import KINDS, TASK_HEADINGS, Task
from kb.render import MACROS
from kb.scaffold import NAMED, begin
from kb.source import MAX_BYTES

BROWSER, EDITOR, RULES, RUNBOOKS, WITHOUT_GIT = (
    f"docs/contributing/{name}.md" for name in ("in-the-browser", "with-an-editor", "rules", "runbooks", "without-git")
)
FORM = ".github/ISSUE_TEMPLATE/task.yml"
# What only somebody who knows the other records can say, or what comes later.
NOT_ASKED = {"related", "exam", "standards", "seed", "reviewed", "aliases"}


def text(file):
    return (ROOT / file).read_text("utf-8")


def section(file, heading):
    """What stands under a heading of the second or third rank, up to the next of its rank."""
    marks = heading.partition(" ")[0]
    return text(file).partition(f"\n{heading}\n")[2].partition(f"\n{marks} ")[0]


EXAMPLES = [
    (file, kind, title)
    for file in ("README.md", "Makefile", EDITOR, RUNBOOKS)
    for kind, title in re.findall(r'make new KIND=(\w+) TITLE="([^"]+)"', text(file))
]


def test_each_place_has_an_example_of_a_new_record():
    assert {file for file, _, _ in EXAMPLES} == {"README.md", "Makefile", EDITOR, RUNBOOKS}


@pytest.mark.parametrize(("file", "kind", "title"), EXAMPLES)
def test_an_example_of_a_new_record_can_be_typed_as_it_stands(file, kind, title, tmp_path):
    root = copy_of(ROOT, tmp_path / "tree")
    written = [path.relative_to(root).as_posix() for path in begin(root, kind, title)]
    if file == EDITOR:
        assert [path for path in written if f"`{path}`" not in text(file)] == []


def test_a_kind_that_needs_an_id_says_so_in_the_words_of_the_page():
    assert NAMED["source"] in text(EDITOR)


def misspell_a_level(root):
    edit(root, "data/tasks/monitor-systems.yml", "monitoring-capacity, level: practitioner", "monitoring-capacity, level: practicioner")  # fmt: skip


def put_a_colon_into_a_value(root):
    edit(root, "data/tasks/monitor-systems.yml", "summary: Watch ", "summary: Watch: every probe ")


def reword_a_fixed_heading(root):
    edit(root, "docs/tasks/monitor-systems.md", "## What goes wrong", "## What can go wrong")


def rename_a_task(root):
    for folder, suffix in (("data", "yml"), ("docs", "md")):
        path = root / folder / "tasks" / f"monitor-systems.{suffix}"
        path.rename(path.with_stem("watch-systems"))
    edit(root, "data/tasks/watch-systems.yml", "reviewed:", "aliases: [monitor-systems]\nreviewed:")
    edit(root, "data/addresses.txt", "/tasks/win-leadership-support/", "/tasks/watch-systems/\n/tasks/win-leadership-support/")  # fmt: skip


BROKEN = (
    (BROWSER, misspell_a_level, 1),
    (BROWSER, put_a_colon_into_a_value, 1),
    (BROWSER, reword_a_fixed_heading, 1),
    (EDITOR, rename_a_task, 2),
)


def printed(file):
    """The messages of the check that a page shows."""
    return re.findall(r"^ *((?:data|docs)/\S+:\d+:\d+: .*)$", text(file), flags=re.MULTILINE)


@pytest.mark.parametrize(("file", "break_it", "count"), BROKEN, ids=lambda value: getattr(value, "__name__", None))
def test_a_message_on_a_page_is_what_the_check_prints(file, break_it, count, tmp_path):
    root = copy_of(ROOT, tmp_path / "tree")
    break_it(root)
    found = problems(root)
    shown = [message for message in printed(file) if message in found]
    assert len(shown) == count, "\n".join(found)
    if file == BROWSER:
        for message in shown:
            after = text(file).partition(message)[2].partition("```\n")[2]
            assert re.search(rf"\b[Ll]ine {message.split(':')[1]}\b", after.partition("```")[0]), message


@pytest.mark.parametrize("file", [BROWSER, EDITOR])
def test_every_message_on_a_page_is_tried(file):
    assert len(printed(file)) == sum(count for page, _, count in BROKEN if page == file)


def test_the_limit_of_a_file_is_the_one_that_is_enforced():
    assert f"({MAX_BYTES:,} bytes)" in text(RULES)


def test_the_fields_of_front_matter_are_listed():
    (line,) = re.findall(r"^- Front matter has only .*$", text(RULES), flags=re.MULTILINE)
    assert re.findall(r"`(\w+)`", line) == list(FRONT_FIELDS)


def test_every_macro_is_explained_and_none_that_is_not():
    examples = section(RULES, "### Examples")
    told = set(re.findall(r"\{\{ (\w+)\(", examples)) | set(re.findall(r"`(\w+)`", examples)) - {"raw", "endraw"}
    assert told == set(MACROS)


def test_every_kind_that_somebody_writes_has_its_fields_listed():
    fields = section(RULES, "## Fields")
    listed = re.findall(r'^\{\{ fields\("(\w+)"\) \}\}$', fields + text(RUNBOOKS), flags=re.MULTILINE)
    assert sorted(listed) == sorted(kind.name for kind in KINDS.values() if not kind.recorded)
    for kind in KINDS.values():
        if kind.recorded:
            assert f"`data/{kind.data}`" in fields


def test_every_kind_with_pages_has_its_headings_and_its_macro_listed():
    rows = section(RULES, "### Other records with pages").splitlines()
    kinds = [kind for kind in KINDS.values() if kind.pages and kind.name != "task"]
    for kind in kinds:
        assert [row for row in rows if f"| {'; '.join(kind.headings)} | the record, by the macro `{kind.macros[-1]}`" in row], kind.name  # fmt: skip
    assert len([row for row in rows if "by the macro" in row]) == len(kinds)
    for heading in TASK_HEADINGS:
        assert f"| {heading} |" in section(RULES, "### A task")


def test_the_example_of_a_form_is_sound(tmp_path):
    (example,) = re.findall(r"^```yaml\n(.*?)^```", section(RULES, "### Template"), flags=re.MULTILINE | re.DOTALL)
    root = copy_of(ROOT, tmp_path / "tree")
    record = root / "data/forms/go-live-checklist.yml"
    before, _, after = record.read_text("utf-8").partition("parts:\n")
    record.write_text(before + example + after[after.index("files:") :], "utf-8")
    assert problems(root) == []


def test_the_form_for_a_task_asks_for_the_fields_of_the_record():
    questions = {field["id"]: field["attributes"] for field in yaml.safe_load(text(FORM))["body"] if "id" in field}
    assert set(Task.model_fields) - set(questions) == NOT_ASKED
    (most,) = [mark.max_length for mark in Task.model_fields["summary"].metadata if getattr(mark, "max_length", 0)]
    for file in (FORM, WITHOUT_GIT):
        assert re.findall(r"up to (\d+) characters", text(file)) == [str(most)], file
        assert questions["heard"]["label"] in text(file)
        assert "Two phrases or more" in text(file)


def test_the_questions_on_paper_are_numbered_as_the_page_says():
    asked = re.findall(r"^(\d+)\. \*\*(.+?)\.\*\*", section(WITHOUT_GIT, "## To propose a task"), flags=re.MULTILINE)
    number = {label: int(digits) for digits, label in asked}
    assert list(number.values()) == list(range(1, len(number) + 1))
    told = [number[heading] for heading in TASK_HEADINGS if heading in number and heading != "Sources"]
    assert told == list(range(told[0], told[-1] + 1))
    assert (
        f"The answers 1 to {told[0] - 1} become the record, {told[0]} to {told[-1]} the sections of the page, "
        f"{number['Sources']} the sources."
    ) in text(WITHOUT_GIT)
    assert f"What differs ({number['What differs']})" in text(WITHOUT_GIT)


def test_search_works_in_a_preview_that_is_opened_as_a_file(site):
    with browsing() as browser, browser.new_page() as page:
        page.goto((site / "tasks/monitor-systems/index.html").as_uri())
        page.get_by_role("searchbox", name="Search the handbook").fill("disaster recovery")
        expect(page.locator("#found li a").first).to_contain_text("disaster recovery")
