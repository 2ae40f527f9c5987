"""Every rule catches its fault, says where and how to cure it, and one fault gives one message."""

import os
import subprocess
import sys

import pytest
from trees import BAD, ROOT, SMALL, apply, copy_of, edit, problems

from kb.rules import RULES, check
from kb.source import MAX_BYTES, Problem

TASK = "data/tasks/fix-wires.yml"


def run_check(root, **environment):
    command = [sys.executable, str(ROOT / "scripts" / "build.py"), "--check", "--root", str(root)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)


@pytest.fixture
def small(tmp_path):
    return copy_of(SMALL, tmp_path / "small")


def test_the_small_handbook_is_sound():
    assert problems(SMALL) == []


def test_the_handbook_is_sound():
    assert problems(ROOT) == []


@pytest.mark.parametrize("case", sorted(BAD.iterdir()), ids=lambda case: case.stem)
def test_a_fault_gives_exactly_its_message(case, small):
    expected = case.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
    apply(small, case)
    assert problems(small) == [expected]


def test_every_rule_has_a_bad_file_and_every_bad_file_a_rule():
    named = {case.name.partition(".")[0] for case in BAD.iterdir()}
    assert named == {rule.__name__ for rule in RULES} | {"field", "file", "yaml"}


TWENTY = (
    ("data/tasks/train-physicians.yml", "competencies:\n", "competence:\n", 2),  # an unknown and a missing field
    ("data/tasks/monitor-systems.yml", "cadence: daily", "cadence: dayly", 1),
    ("data/tasks/plan-capacity.yml", "cadence: quarterly", "cadence: quarterly\ncadence: yearly", 1),
    ("data/tasks/troubleshoot-hl7.yml", "role: systems-administrator", "role: system-administrator", 1),
    ("data/tasks/hire-staff.yml", "reviewed: 2026-11-24", "reviewed: 2999-11-24", 1),
    ("data/tasks/plan-staffing.yml", "reviewed: 2026-11-24", "reviewed: yesterday", 1),
    ("data/tasks/align-strategy.yml", "title: ", "title:\nsubtitle: ", 2),
    ("data/competencies/dicom.yml", "area: technical", "area: tecnical", 1),
    ("data/competencies/networks.yml", "title: Networks", "title: [Networks]", 1),
    ("data/competencies/databases.yml", "requires: [servers-platforms]", "requires: [databases]", 1),
    ("data/competencies/security.yml", "title: Security", "title: !!str Security", 1),
    ("data/competencies/strategy.yml", "title: Strategy", "title: &s Strategy", 1),
    ("data/competencies/communication.yml", "area: behavioral", "area: behavioral\n\tx: y", 1),
    ("docs/tasks/align-strategy.md", "## Done means", "## Done meens", 1),
    ("docs/tasks/plan-education.md", "{{ facts() }}", "{{ fact() }}", 2),  # unknown macro, and facts() is missing
    ("docs/roles/pacs-manager.md", "## Mission", "## Missions", 1),
    ("docs/index.md", '{{ listing("role") }}', "{{ listing() }}", 1),
)


def test_twenty_faults_in_one_tree_give_twenty_messages_in_file_order(tmp_path):
    tree = copy_of(ROOT, tmp_path / "tree")
    for file, old, new, _ in TWENTY:
        edit(tree, file, old, new)
    run = run_check(tree)
    *messages, summary = run.stderr.splitlines()
    assert run.returncode == 1
    assert len(messages) == sum(count for *_, count in TWENTY) == 20, run.stderr
    assert summary == "20 problems; nothing was built"
    places = [(path, int(line), int(column)) for path, line, column, _ in (m.split(":", 3) for m in messages)]
    assert places == sorted(places)
    assert {path for path, _, _ in places} == {file for file, *_ in TWENTY}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a byte-order mark", b"\xef\xbb\xbftitle: x\n", "1:1: starts with a byte-order mark; save as UTF-8 without BOM"),
        ("another encoding", "title: x\nsummary: Köln\n".encode("latin-1"), "2:11: byte 0xF6 is not UTF-8; save the file as UTF-8"),
        ("too much", b"# " + b"x" * MAX_BYTES, f"1:1: {MAX_BYTES + 2} bytes is more than the {MAX_BYTES} allowed; split the file"),
        ("a control character", b"title: a\x07b\n", "1:9: a control character (0x07); remove it"),
        ("deep nesting", b"title: " + b"[" * 5000, "1:1: nested too deeply; a record is a few levels deep"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value and ":" not in value else "",
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named(name, content, expected, small):
    (small / TASK).write_bytes(content)
    assert problems(small) == [f"{TASK}:{expected}"]


@pytest.mark.parametrize("file", [TASK, "docs/tasks/fix-wires.md", "data/roles.yml", "data/addresses.txt"])
def test_a_symbolic_link_is_not_followed(file, small, tmp_path):
    (small / file).rename(tmp_path / "elsewhere")
    (small / file).symlink_to(tmp_path / "elsewhere")
    assert f"{file}:1:1: a symbolic link; put the file itself here" in problems(small)


def test_a_linked_folder_is_not_followed(small, tmp_path):
    (small / "data/tasks").rename(tmp_path / "elsewhere")
    (small / "data/tasks").symlink_to(tmp_path / "elsewhere")
    assert "data/tasks:1:1: not a folder; put the record files in a real folder here" in problems(small)


def test_scalars_stay_text(small):
    edit(small, TASK, "title: Fix the wires", "title: no")
    edit(small, TASK, "[A record, A result]", "[1.10, 0010, 2026-11-24, on, 1e3]")
    catalogue, found = check(small)
    assert found == []
    assert catalogue.get("task", "fix-wires").title == "no"
    assert catalogue.get("task", "fix-wires").deliverables == ("1.10", "0010", "2026-11-24", "on", "1e3")


def test_any_line_may_be_missing_without_a_traceback(small):
    for path in sorted([*small.glob("data/**/*.yml"), *small.glob("docs/**/*.md"), small / "data/addresses.txt"]):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        for number in range(len(lines)):
            path.write_text("".join(lines[:number] + lines[number + 1 :]), encoding="utf-8")
            for problem in check(small)[1]:
                assert (small / problem.path).exists() or problem.path in ("data/tasks",), problem
        path.write_text("".join(lines), encoding="utf-8")
    assert problems(small) == []


def test_any_file_may_be_missing_without_a_traceback(small):
    for path in sorted([*small.glob("data/**/*.*"), *small.glob("docs/**/*.md")]):
        content = path.read_bytes()
        path.unlink()
        assert problems(small), f"nobody misses {path.name}"
        path.write_bytes(content)
    assert problems(small) == []


def test_an_empty_folder_gives_messages(tmp_path):
    run = run_check(tmp_path)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "data/roles.yml:1:1: missing; restore the file" in run.stderr


GOOD_LINKS = """# Words

## Words

Links to [a page](../index.md "home"), [one of its own](#words_1), [a record](#pacs), [a title](../tasks/fix-wires.md#fix-the-wires),
[a section](../competencies/wires.md#tasks-that-use-it), [another](../competencies/wires.md#expert), [with spaces](<a b.txt>),
[a letter](#p), [what a macro counts](to-{{ count("role") }}.md), [the same](a%20b.txt), ![a picture](one.svg), [in parts][there], [the web](https://example.org/x), [mail](mailto:a@example.org).

[there]: ../staffing/two-people.md

No links: `[code](no.md)`, ``a ` [code](no.md)``, <!-- [comment](no.md) -->

```text
[fence](no.md)
```

- in a list

    ~~~text
    [fence](no.md)
    ~~~

{{ glossary() }}
"""


def with_glossary(small, text):
    (small / "docs/reference").mkdir(exist_ok=True)
    (small / "docs/reference/glossary.md").write_text(text, encoding="utf-8")
    for other in ("a b.txt", "one.svg"):
        (small / "docs/reference" / other).touch()
    edit(small, "data/addresses.txt", "/tasks/count-money/\n", "/tasks/count-money/\n/reference/glossary/\n")


def test_links_that_lead_somewhere_are_sound(small):
    edit(small, TASK, "title: Fix the wires", "title: 'Fix: the \"wires\"'")
    with_glossary(small, GOOD_LINKS)
    assert problems(small) == []


def test_a_link_is_named_with_its_place(small):
    text = "# Words\n\n`[code](no.md)`, [a\nlink](no.md) and ![a picture](no.svg), [a term](#nope)\n\n"
    text += "{{ glossary() }}\n\n{{ offline_copy() }}\n"
    with_glossary(small, f"---\nhide: [toc]\n---\n{text}")
    found = [problem.partition("; ")[0] for problem in problems(small)]
    assert found == [
        "docs/reference/glossary.md:7:7: no file 'no.md'",
        "docs/reference/glossary.md:7:31: no file 'no.svg'",
        "docs/reference/glossary.md:7:49: docs/reference/glossary.md has no section 'nope'",
    ]


def test_a_link_to_a_record_that_cannot_be_read_is_no_second_fault(small):
    with_glossary(small, GOOD_LINKS.replace("(#p)", "(#pacs)"))
    edit(small, "data/glossary.yml", "  term: PACS", "  trem: PACS")
    assert {problem.partition(":")[0] for problem in problems(small)} == {"data/glossary.yml"}


def test_warnings_do_not_fail_the_check(small):
    edit(small, TASK, "2026-11-01", "2003-05-22")
    run = run_check(small)
    assert run.returncode == 0
    assert "warning: 'fix-wires' was last reviewed on 2003-05-22" in run.stderr


def test_a_renamed_task_needs_an_alias(small):
    for folder, suffix in (("data", "yml"), ("docs", "md")):
        (small / folder / f"tasks/count-money.{suffix}").rename(small / folder / f"tasks/count-coins.{suffix}")
    edit(small, "data/tasks/draw-map.yml", "related: [fix-wires]", "related: [count-coins]")
    assert problems(small) == [
        "data/addresses.txt:60:1: /tasks/count-money/ would die; add the alias 'count-money' to the record that took its place",
        "data/addresses.txt:63:1: a page has a new address; add the line /tasks/count-coins/",
    ]  # fmt: skip
    edit(small, "data/tasks/count-coins.yml", "reviewed:", "aliases: [count-money]\nreviewed:")
    edit(small, "data/addresses.txt", "/tasks/count-money/\n", "/tasks/count-money/\n/tasks/count-coins/\n")
    assert problems(small) == []


def test_on_github_problems_are_annotations_too(small):
    edit(small, TASK, "role: wire-lead", "role: 100% wire-led")
    run = run_check(small, GITHUB_ACTIONS="true")
    message = "'100%25 wire-led' is not an id; use lower-case words joined by hyphens, such as 'verify-backups'"
    assert f"::error file={TASK},line=3,col=7::{message}" in run.stdout.splitlines()


def test_annotations_are_escaped():
    problem = Problem("data/a,b:c.yml", 1, 2, "100 %\nmore", warning=True)
    assert problem.annotation() == "::warning file=data/a%2Cb%3Ac.yml,line=1,col=2::100 %25%0Amore"
