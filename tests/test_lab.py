"""The runbooks: every command runs against real servers, and what it prints is what the page says."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from trees import ROOT

from kb.console import CONSOLE, FAULT, blocks
from kb.load import load

sys.path.append(str(ROOT / "tests" / "lab"))
import runner

RUNBOOKS = sorted(path for path in (ROOT / "docs/runbooks").glob("*.md") if path.stem != "index")
PROVEN = ROOT / "data/proven.yml"
VARIANTS = {
    "whole": lambda block: False,
    "without the fault": lambda block: block.kind == FAULT,
    "without the fix": lambda block: block.section == "Fix",
}
# What the pages name as proven with: a Debian package or Python distribution, its name in words, and what shows its
# use. Programs of a package need no mention.
TOOLS = {
    "orthanc": ("Orthanc", r"\bpacs\b|Orthanc"),
    "orthanc-dicomweb": ("Orthanc DICOMweb plugin", r"dicom-web"),
    "dcmtk": ("DCMTK", ""),
    "dicom3tools": ("dicom3tools", ""),
    "libgdcm-tools": ("GDCM", ""),
    "tshark": ("tshark", ""),
    "openssl": ("OpenSSL", ""),
    "pydicom": ("pydicom", r"\bpydicom\b"),
    "pynetdicom": ("pynetdicom", r"\bpynetdicom\b"),
}


def missing() -> str:
    """Why no page can run here; empty when all can."""
    packages = (ROOT / "tests/lab/packages.txt").read_text("utf-8").split()
    path = f"{os.environ['PATH']}:/usr/sbin"
    lacking = [
        name
        for name, _, probe in (item.partition("=") for item in packages)
        if not (shutil.which(probe or name, path=path) or (probe and Path(probe).exists()))
    ]
    if lacking:
        return f"the lab needs the packages {', '.join(lacking)}"
    trial = subprocess.run([*runner.NAMESPACES, "true"], capture_output=True, text=True, check=False)
    return f"no namespaces here: {trial.stderr.strip()}" if trial.returncode else ""


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    if reason := missing():
        pytest.skip(reason)
    import data

    folder = tmp_path_factory.mktemp("images")
    data.make(folder)
    return folder


@pytest.fixture(scope="module")
def outcomes(request, images):
    """Page and variant → what comes of its run: all those that were asked for, some at a time."""
    asked = [item.callspec.params for item in request.session.items if "variant" in getattr(item, "fixturenames", ())]
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:

        def start(path, variant):
            # Where the page must fail, a log need not be waited for as long.
            patience = runner.LOG_TIME if variant == "whole" else 3
            text = path.read_text("utf-8")
            return pool.submit(runner.run, text, images, without=VARIANTS[variant], log_time=patience)

        yield {(params["path"], params["variant"]): start(**params) for params in asked}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_runbook(outcomes, path, variant):
    outcome = outcomes[path, variant].result()
    if variant == "whole":
        assert not outcome.problem, f"docs/runbooks/{path.name}: {outcome.problem}"
    elif variant == "without the fault":
        assert outcome.differs, outcome.problem or "the page is right without its fault, so it proves nothing"
    else:
        assert outcome.differs, outcome.problem or "the page is right without its fix, so the fix mends nothing"
        assert outcome.section == "Prove it", outcome.problem


LESSONS = [
    (runbook.exercise.number, runbook.exercise.begin)
    for runbook in load(ROOT)[0].records("runbook").values()
    if runbook.exercise
]


@pytest.mark.parametrize(("number", "begin"), sorted(LESSONS))
def test_a_lesson_begins_with_its_fault(number, begin, images):
    """The shell comes up without an error of its own, and what to type first is there."""
    command = [sys.executable, str(ROOT / "tests/lab/runner.py"), "--shell", "--fault", str(number)]
    typed = f"echo begin; {begin}\necho end $?; exit\n"
    run = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=120, check=False)
    before, _, after = run.stdout.partition("begin\n")
    assert before == ""
    assert "end " in after and "end 127" not in after
    assert "No such file" not in run.stdout + run.stderr


def test_lessons_are_numbered_from_one():
    assert sorted(number for number, _ in LESSONS) == list(range(1, len(LESSONS) + 1))
    assert len(LESSONS) >= 10


# What a mark must stand behind: commands that change a server, a file of somebody's, or the network.
CHANGES = re.compile(
    r"^(sudo )?(storescu|dcmsend|movescu|dcmodify|rm|mv|sqlite3 .*(insert|update|delete)|nft (add|delete|flush|insert))\b"
    r"|curl .*(-X ?(POST|PUT|DELETE)|--data|-d )"
)


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_commands_that_change_something_say_so(path):
    commands = [
        command for block in blocks(path.read_text("utf-8")) if block.kind == CONSOLE for command in block.commands
    ]
    asks = re.compile(r"/tools/(find|lookup)|/modalities/\w+/(echo|query)")
    silent = [
        f"line {command.line}: {command.text}"
        for command in commands
        if CHANGES.search(command.text)
        and not asks.search(command.text)
        and not re.search(r"# (writes|deletes)", command.text)
    ]
    assert not silent


def installed(package: str) -> str:
    """The upstream version of a package that is installed here."""
    if package.startswith("py"):
        return version(package)
    query = ["dpkg-query", "-W", "-f", "${Version}", package]
    found = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    return re.sub(r"^\d+:|[+-]\D.*$|-[^-]*$", "", re.sub(r"\+(dfsg|ds).*", "", found))


def programs(package: str) -> set[str]:
    """The programs of a Debian package."""
    listed = subprocess.run(["dpkg-query", "-L", package], capture_output=True, text=True, check=False).stdout.split()
    return {Path(path).name for path in listed if re.match(r"/usr/s?bin/.", path)}


def used(path: Path) -> list[str]:
    """What a page is proven with: names and versions of the tools that its blocks use."""
    text = "\n".join(
        "\n".join(command.text for command in block.commands) if block.kind == CONSOLE else block.text
        for block in blocks(path.read_text("utf-8"))
    )
    words = set(re.findall(r"[\w-]+", text))
    return [
        f"{name} {installed(package)}"
        for package, (name, pattern) in TOOLS.items()
        if (pattern and re.search(pattern, text)) or (not package.startswith("py") and words & programs(package))
    ]


def test_pages_say_what_they_were_proven_with(request, images):
    """`pytest tests/test_lab.py --record` writes them after a run in which every page is right."""
    proofs = yaml.safe_load(PROVEN.read_text("utf-8")) or {}
    now = {path.stem: used(path) for path in RUNBOOKS}
    if request.config.getoption("--record"):
        assert not request.session.testsfailed, "only a run without failures is recorded"
        record(now, proofs)
        return
    assert {page: proof["tools"] for page, proof in proofs.items()} == now


def record(now, proofs):
    from datetime import date

    lines = ["# Written by `pytest tests/test_lab.py --record` when every page has passed. Do not edit.\n"]
    for page, tools in sorted(now.items()):
        same = proofs.get(page, {}).get("tools") == tools
        day = proofs[page]["proven"] if same else date.today()
        lines += [f"{page}:\n", f"  proven: {day}\n", "  tools:\n", *(f"    - {tool}\n" for tool in tools)]
    PROVEN.write_text("".join(lines), encoding="utf-8")
