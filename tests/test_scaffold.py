"""A new record begins with everything but what only the author knows."""

import subprocess
import sys

import pytest
import yaml
from trees import ROOT, SMALL, copy_of, problems

from kb.scaffold import BEGUN, NAMED, ScaffoldError, begin


@pytest.fixture
def small(tmp_path):
    return copy_of(SMALL, tmp_path / "small")


@pytest.mark.parametrize("kind", BEGUN)
def test_only_what_the_author_must_write_is_missing(kind, small):
    id = "nist-800-34" if kind in NAMED else ""
    files = [path.relative_to(small).as_posix() for path in begin(small, kind, "Verify the backups", id)]
    # A new competency needs a level in each role, which only its author knows.
    levels = [problem for problem in problems(small) if "no level for the competency" in problem]
    assert len(levels) == (3 if kind == "competency" else 0)
    found = [problem for problem in problems(small) if problem not in levels]
    assert found
    for problem in found:
        path, line, _, message = problem.split(":", 3)
        assert path in files, problem
        text = (small / path).read_text("utf-8").splitlines()[int(line) - 1]
        wanted = ("empty", "nothing stands under", "nothing leads on from")
        assert any(word in message for word in wanted), problem
        assert text.rstrip().endswith((":", "-")) or text.startswith("## "), problem


def test_a_filled_in_task_is_sound(small):
    begin(small, "task", "Verify: the backups")
    model = yaml.safe_load((small / "data/tasks/fix-wires.yml").read_text("utf-8"))
    record = small / "data/tasks/verify-the-backups.yml"
    written = yaml.safe_load(record.read_text("utf-8"))
    assert written["title"] == "Verify: the backups"
    filled = {name: value if name in ("title", "reviewed") else model[name] for name, value in written.items()}
    record.write_text(yaml.safe_dump(filled, sort_keys=False), "utf-8")
    page = small / "docs/tasks/verify-the-backups.md"
    page.write_text(page.read_text("utf-8").replace("\n\n## ", "\n\nSomething.\n\n## "), "utf-8")
    assert problems(small) == []


def test_the_record_names_its_schema(small):
    begin(small, "task", "Verify the backups")
    first = (small / "data/tasks/verify-the-backups.yml").read_text("utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=../../site/schema/task.json"


@pytest.mark.parametrize(
    ("kind", "title", "id", "message"),
    [
        ("tusk", "Verify", "", "unknown kind 'tusk'"),
        ("proof", "Verify", "", "unknown kind 'proof'"),
        ("trial", "Verify", "", "unknown kind 'trial'"),
        ("task", "Fix the wires!", "", "'fix-the-wires' exists already; choose another title"),
        ("task", "???", "", "gives no id"),
        ("task", "Verify", "Not an id", "'Not an id' is not an id"),
        ("source", "Contingency planning", "", "a source needs an id; make it from publisher and number"),
    ],
)
def test_nothing_is_written_when_it_cannot_be(kind, title, id, message, small):
    if "exists" in message:
        begin(small, "task", "Fix the wires")
    before = {path: path.read_bytes() for path in small.rglob("*") if path.is_file()}
    with pytest.raises(ScaffoldError, match=message.replace("?", r"\?")):
        begin(small, kind, title, id)
    assert before == {path: path.read_bytes() for path in small.rglob("*") if path.is_file()}


def test_a_source_is_named_by_its_author(small):
    before = set(yaml.safe_load((small / "data/sources.yml").read_text("utf-8")))
    begin(small, "source", "Contingency planning", "nist-800-34")
    sources = yaml.safe_load((small / "data/sources.yml").read_text("utf-8"))
    assert set(sources) - before == {"nist-800-34"}
    assert sources["nist-800-34"]["title"] == "Contingency planning"
    with pytest.raises(ScaffoldError, match="'nist-800-34' exists already; choose another id"):
        begin(small, "source", "Contingency planning", "nist-800-34")


def test_only_the_record_of_a_task_speaks_of_tasks(small):
    for kind in ("task", "runbook", "competency"):
        begin(small, kind, "Verify the backups" if kind == "task" else f"A {kind}")
    help_for_title = {
        path.parent.name: path.read_text("utf-8").splitlines()[1]
        for path in (small / "data").glob("*/*.yml")
        if path.stem in ("verify-the-backups", "a-runbook", "a-competency")
    }
    assert help_for_title == {
        "tasks": "# the heading of the page; a task begins with a verb",
        "runbooks": "# the heading of the page: what is seen, not its cause",
        "competencies": "# the heading of the page",
    }


def test_the_script_asks_for_what_is_not_given(small):
    command = [sys.executable, str(ROOT / "scripts/new.py"), "--root", str(small)]
    run = subprocess.run(command, input="term\nTally\n", capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "wrote data/glossary.yml" in run.stdout
    assert "trial" not in run.stdout
    run = subprocess.run(command, input="source\nTally\nwho-2026\n", capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "who-2026:" in (small / "data/sources.yml").read_text("utf-8")
    run = subprocess.run(command, input="", capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
