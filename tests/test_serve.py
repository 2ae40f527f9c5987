"""The served site: after any edit it is, byte for byte, what a whole build makes; and what need not be made again is not."""

import contextlib
import filecmp
import logging
import os
import re
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from browsing import free_ports, until
from conftest import ENVIRONMENT
from trees import ROOT, copy_of, edit

from kb import reuse

PAGE = "docs/tasks/train-physicians.md"
RECORD = "data/tasks/train-physicians.yml"


def mkdocs(tree, *arguments, **more):
    """The command and the surroundings to run MkDocs with."""
    environment = {**os.environ, **ENVIRONMENT, "NO_MKDOCS_2_WARNING": "1", **more}
    return {"args": [sys.executable, "-m", "mkdocs", *arguments], "cwd": tree, "env": environment}


@contextlib.contextmanager
def served(tree, work):
    """Serve a tree; yields the folder it is served from, its log and its address."""
    work.mkdir()
    place = f"127.0.0.1:{free_ports(1)[0]}"
    log = work / "serve.log"
    with log.open("w") as out:
        run = mkdocs(tree, "serve", "--dev-addr", place, TMPDIR=str(work))
        server = subprocess.Popen(**run, stdout=out, stderr=subprocess.STDOUT)
    try:
        until(lambda: "Serving on" in log.read_text() or server.poll() is not None)
        assert server.poll() is None, log.read_text()
        yield next(work.glob("mkdocs_*")), log, f"http://{place}/kb/"
    finally:
        server.terminate()
        server.wait(20)


def build(tree, to, address):
    """Build the site whole, for the address at which it is served."""
    run = subprocess.run(
        **mkdocs(tree, "build", "--site-dir", str(to), SITE_URL=address), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr


def differing(one, other):
    """Files that are not the same in both folders."""
    names = {path.relative_to(folder) for folder in (one, other) for path in folder.rglob("*") if path.is_file()}
    same, _, _ = filecmp.cmpfiles(one, other, names, shallow=False)
    return sorted(map(str, names - set(same)))


def replace(tree, file, pattern, new):
    """Replace all matches of a pattern, which there must be."""
    text = (tree / file).read_text("utf-8")
    changed = re.sub(pattern, new, text, flags=re.MULTILINE)
    assert changed != text, f"{pattern!r} is not in {file}"
    (tree / file).write_text(changed, "utf-8")


def edit_page_and_record(tree):
    edit(tree, PAGE, "## Why it matters\n", "## Why it matters\n\nNewest words.\n")
    replace(tree, "data/competencies/dicom.yml", "^title: ", "title: Freshly named ")


def change_what_abbreviations_stand_for(tree):
    replace(tree, "data/glossary.yml", "^( +expansion: )", r"\1Freshly ")


def add_a_task(tree):
    for file in (PAGE, RECORD):
        path = tree / file
        path.with_stem("freshly-added").write_bytes(path.read_bytes())
    replace(tree, "data/tasks/freshly-added.yml", "^title: ", "title: Also ")
    with (tree / "data/addresses.txt").open("a") as addresses:
        addresses.write("/tasks/freshly-added/\n")


def remove_that_task(tree):
    for file in (PAGE, RECORD):
        (tree / file).with_stem("freshly-added").unlink()
    edit(tree, "data/addresses.txt", "/tasks/freshly-added/\n", "")
    # The site is to differ from the one before the task was added, too.
    edit(tree, PAGE, "Newest words.", "Even newer words.")


def change_templates(tree):
    edit(tree, "scripts/kb/templates/below.html", "kb-lead", "kb-lead freshly-changed")
    edit(tree, "docs/.theme/partials/foot.html", "How to contribute", "How you contribute")


def change_code(tree):
    edit(tree, "scripts/kb/render.py", '"Previous"', '"The one before"')
    edit(tree, "scripts/kb/tables.py", 'heading}, table"', 'heading} as a table"')


def change_the_configuration(tree):
    edit(tree, "mkdocs.yml", "toc_depth: 3", "toc_depth: 2")


EDITS = (
    edit_page_and_record, change_what_abbreviations_stand_for, add_a_task, remove_that_task, change_templates,
    change_code, change_the_configuration,
)  # fmt: skip


def test_after_every_edit_the_served_site_is_that_of_a_whole_build(tmp_path):
    tree, whole = copy_of(ROOT, tmp_path / "tree"), tmp_path / "whole"
    # One more task must not ask too much of anybody.
    replace(tree, "data/staffing.yml", r"hours: \S+", "hours: 100000")
    with served(tree, tmp_path / "serve") as (site, log, address):
        build(tree, whole, address)
        assert differing(site, whole) == []
        for change in EDITS:
            before = whole.rename(tmp_path / f"before-{change.__name__}")
            change(tree)
            build(tree, whole, address)
            assert differing(before, whole) != [], f"{change.__name__} changes nothing, so it proves nothing"
            if not until(lambda: differing(site, whole) == []):
                pytest.fail(f"{change.__name__}: {differing(site, whole)}\n{log.read_text()[-2000:]}")


def test_a_fault_of_a_page_is_reported_by_every_build_until_it_is_cured(tmp_path):
    tree = copy_of(ROOT, tmp_path / "tree")
    # Our own check knows no target that a macro makes, so the builder finds the fault.
    link = '[Nowhere](nowhere-{{ count("role") }}.md)'
    with served(tree, tmp_path / "serve") as (_, log, _):
        edit(tree, PAGE, "## Why it matters\n", f"## Why it matters\n\n{link}\n")
        assert until(lambda: log.read_text().count("contains a link 'nowhere-3.md'") == 1), log.read_text()
        edit(tree, "docs/tasks/index.md", "\n", "\nNewest words.\n")
        assert until(lambda: log.read_text().count("contains a link 'nowhere-3.md'") == 2), log.read_text()
        edit(tree, PAGE, link, "Cured.")
        assert until(lambda: "Reloading browsers" in log.read_text()), log.read_text()


class File(SimpleNamespace):
    """A file of the site, as far as it matters here."""

    __hash__ = object.__hash__


class Page:
    """What a builder's page looks like, as far as it matters here: it counts how often it is converted."""

    def __init__(self, fault=""):
        self.file = File(src_uri="x.md", inclusion=0)
        self.content = self.links_to_anchors = None
        self.conversions, self.fault = [], fault

    def render(self, config, files):
        self.conversions.append(files)
        self.content = "<p>Words</p>"
        self.links_to_anchors = {files.src_uris["x.md"]: {"steps": "x.md#steps"}}
        if self.fault:
            logging.getLogger(__name__).warning(self.fault)


class Files(list):
    """The files of one build."""

    @property
    def src_uris(self):
        return {file.src_uri: file for file in self}


def convert(page, markdown="# Words", others=(), options=None, printed=(), code=None):
    """Convert a page in a build of its own, in which there are other files, and the code was read as `code`."""
    files = Files([page.file, *(File(src_uri=uri, inclusion=0) for uri in others)])
    env = SimpleNamespace(page=page, markdown=markdown)
    reuse.Reuse(ROOT, {"mdx_configs": options or {}}, list(printed), code or reuse.code_of(ROOT)).after_macros(env)
    page.render({}, files)
    return page


@pytest.fixture(autouse=True)
def nothing_kept():
    reuse._pages.clear()
    reuse._sections.clear()


@dataclass
class Section:
    text: str


class Search:
    """The search, as far as it matters here: it notes what it reads, and it changes what it is given."""

    def __init__(self):
        self.read = []

    def read_page(self, html, titles):
        self.read.append(html)
        return [Section("a title" if html in titles else "words")]


def search(html, titles):
    """Read one page for the search in a build of its own: (how many were read, the text found)."""
    one = Search()
    reuse.Reuse(ROOT, {"mdx_configs": {}}, [], reuse.code_of(ROOT)).before_search(one)
    section = one.read_page(html, titles)[0]
    text, section.text = section.text, "changed"
    return len(one.read), text


def test_what_code_made_that_changed_meanwhile_is_not_used_again():
    page = Page()
    for _ in range(2):
        convert(page, code=b"what it was before")
    assert len(page.conversions) == 2


def test_an_equal_page_is_read_once_for_the_search():
    assert [search("x", {"y"}), search("x", {"y"}), search("x", {"y", "z"})] == [
        (1, "words"),
        (0, "words"),
        (0, "words"),
    ]


def test_a_page_is_read_again_for_the_search_when_it_or_a_title_on_it_has_changed():
    assert [search("x", {"y"}), search("x", {"x"}), search("z", {"x"})] == [(1, "words"), (1, "a title"), (1, "words")]


def test_equal_markdown_is_converted_once():
    first, second = convert(Page()), convert(Page())
    assert (len(first.conversions), len(second.conversions)) == (1, 0)
    assert second.content == first.content == "<p>Words</p>"
    assert second.links_to_anchors == {second.file: {"steps": "x.md#steps"}}


@pytest.mark.parametrize(
    "change",
    [
        {"markdown": "# Other words"},
        {"printed": ["<p>Other words of a macro</p>"]},
        {"others": ["y.md"]},
        {"options": {"toc": {"toc_depth": 2}}},
    ],
)
def test_markdown_is_converted_again_when_anything_it_depends_on_has_changed(change):
    convert(Page())
    assert convert(Page(), **change).conversions


def test_a_page_with_a_fault_is_converted_again():
    convert(Page(fault="a link to nowhere"))
    assert convert(Page()).conversions


def test_the_served_site_follows_edits_and_survives_faults(tmp_path):
    tree = copy_of(ROOT, tmp_path / "tree")
    (port,) = free_ports(1)
    log = (tmp_path / "serve.log").open("w")
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, cwd=tree, stdout=log, stderr=subprocess.STDOUT)

    def shows(text, path="tasks/train-physicians/"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=60) as page:
                return text in page.read().decode()
        except OSError:
            assert server.poll() is None, (tmp_path / "serve.log").read_text()
            return False

    try:
        assert until(lambda: shows("<h1"))
        edit(tree, "data/tasks/train-physicians.yml", "title: ", "title: Newly ")
        assert until(lambda: shows("Newly "))
        edit(tree, "scripts/kb/templates/below.html", "kb-lead", "kb-lead freshly-changed")
        assert until(lambda: shows("freshly-changed"))
        edit(tree, "scripts/kb/render.py", '"Previous"', '"The one before"')
        assert until(lambda: shows("The one before"))
        edit(tree, "data/tasks/train-physicians.yml", "cadence: monthly", "cadence: never")
        assert until(lambda: "unknown value 'never'" in (tmp_path / "serve.log").read_text())
        edit(tree, "data/tasks/train-physicians.yml", "cadence: never", "cadence: yearly")
        assert until(lambda: shows("Yearly"))
        edit(tree, "docs/tasks/train-physicians.md", "## Why it matters\n", "## Why it matters\n\nNewest words.\n")
        assert until(lambda: shows("Newest words."))
    finally:
        server.terminate()
        server.wait(20)
        log.close()
