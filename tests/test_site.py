"""The built site: every page whole, every link alive, nothing half-done, twice the same."""

import filecmp
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections import Counter

import pytest
import yaml
from conftest import ENVIRONMENT, build
from html_pages import broken_links, pages_of
from trees import ROOT, copy_of, edit

from kb.model import KINDS, Level
from kb.publish import version_of
from kb.rules import check


@pytest.fixture(scope="module")
def pages(site):
    return pages_of(site)


@pytest.fixture(scope="module")
def catalogue(tree):
    return check(tree)[0]


def files_below(folder):
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def test_the_build_gives_no_warning(tree):
    log = (tree / "build.log").read_text("utf-8")
    assert "WARNING" not in log
    assert "warning" not in log


def test_the_build_leaves_no_trace_in_the_checkout(source, tree, tmp_path):
    shutil.copytree(tree, tmp_path / "built", ignore=shutil.ignore_patterns("site", "build.log", "__pycache__"))
    before, after = files_below(source), files_below(tmp_path / "built")
    assert before.keys() == after.keys()
    assert [name for name in before if before[name].read_bytes() != after[name].read_bytes()] == []


def test_every_link_inside_the_site_leads_somewhere(site, pages):
    assert broken_links(site, pages) == []


def test_a_broken_link_would_be_found(site, pages, tmp_path):
    copy = shutil.copytree(site, tmp_path / "site")
    (copy / "tasks/train-physicians/index.html").unlink()
    page = copy / "tasks/troubleshoot-hl7/index.html"
    page.write_text(page.read_text("utf-8").replace('id="steps"', 'id="stairs"'), "utf-8")
    found = broken_links(copy, pages_of(copy))
    assert any("train-physicians" in line and "no such page" in line for line in found)
    assert any("#steps" in line and "no such place" in line for line in found)


def test_no_page_loads_anything_from_elsewhere(pages):
    assert {load for page in pages.values() for load in page.loads if "//" in load} == set()


def test_no_page_weighs_more_than_twice_the_median(site):
    weights = {
        file.parent.relative_to(site).as_posix(): len(gzip.compress(file.read_bytes(), 6))
        for file in site.rglob("index.html")
    }
    # Big tables, which are looked into and not read.
    tables = {"reference/sources", "reference/codes", "reference/glossary"}
    limit = 2 * statistics.median(weights.values())
    assert {page for page, weight in weights.items() if weight > limit} <= tables


def test_the_menu_is_the_same_short_list_on_every_page(pages):
    menus = {
        re.sub(
            r' aria-current="\w+"', "", page.path.read_text("utf-8").partition('id="menu"')[2].partition("</nav>")[0]
        )
        for page in pages.values()
    }
    texts = {tuple(re.findall(r">([^<]+)</a>", menu)) for menu in menus}
    assert len(texts) == 1
    assert 10 < len(next(iter(texts))) <= 30


def test_every_page_has_one_heading_and_a_title_of_its_own(pages):
    titles = Counter(page.title for page in pages.values())
    assert [title for title, count in titles.items() if count > 1] == []
    for address, page in pages.items():
        assert page.path.read_text("utf-8").count("<h1") == 1, address


def test_no_id_stands_twice_on_a_page(pages):
    for address, page in pages.items():
        assert [id for id, count in Counter(page.ids).items() if count > 1] == [], address


def test_no_page_shows_a_macro_an_error_or_an_open_end(pages):
    for address, page in pages.items():
        if not address.startswith("contributing/"):
            assert "{{" not in page.article, address
            assert "{%" not in page.article, address
        assert not re.search(
            r"Macro Rendering Error|Traceback|\bTODO\b|\bTBD\b|\bNone\b(?= a)|lorem ipsum", page.article
        ), address
        assert len(page.article.split()) > 40 or address == "search/", f"{address} is nearly empty"


def test_every_record_has_its_page_and_every_page_its_text(pages, catalogue):
    for entry in catalogue.all():
        if entry.page:
            page = pages[entry.page.removesuffix(".md") + "/"]
            assert entry.record.title in page.headings[0]
            assert entry.record.summary in page.article
    for id, task in catalogue.records("task").items():
        words = len(pages[f"tasks/{id}/"].article.split())
        assert words > 900, f"{id} has {words} words"
        assert catalogue.get("role", task.role).title in pages[f"tasks/{id}/"].article


def test_every_published_address_is_there(pages, catalogue):
    for address in catalogue.addresses:
        folder, every, anchor = address.strip("/").partition("/*/#")
        if every:
            below = [page for at, page in pages.items() if at.startswith(f"{folder}/") and at != f"{folder}/"]
            assert below
            assert all(anchor in page.ids for page in below), address
        else:
            assert address.lstrip("/") in pages, address


def test_only_lasting_sections_offer_a_link(pages, catalogue):
    lasting = {listed for listed in catalogue.addresses if "#" in listed}
    for kind in ("tasks", "competencies"):
        for at, page in pages.items():
            if at.startswith(f"{kind}/") and at != f"{kind}/":
                offered = set(re.findall(r'class="headerlink" href="#([^"]+)"', page.path.read_text("utf-8")))
                assert offered, at
                assert {f"/{kind}/*/#{anchor}" for anchor in offered} <= lasting, at


def test_numbered_steps_count_on_across_headings(pages, catalogue):
    for id in catalogue.records("task"):
        text = (ROOT / "docs/tasks" / f"{id}.md").read_text("utf-8")
        steps = text.partition("\n## Steps\n")[2].partition("\n## ")[0]
        typed = re.findall(r"^(\d+)\. ", steps, flags=re.MULTILINE)
        html = pages[f"tasks/{id}/"].path.read_text("utf-8").partition('id="steps"')[2].partition('id="done-means"')[0]
        # Python-Markdown counts on within a list; where a list begins anew it must begin at the typed number.
        begun = [int(start or 1) for start in re.findall(r"<ol(?: start=\"(\d+)\")?>", html)]
        assert begun, id
        assert {start for start in begun if start > 1} <= {int(number) for number in typed}, id
        assert begun.count(1) == typed.count("1"), f"{id}: a list begins at 1 that should count on"


def test_the_search_index_holds_every_page(site, pages):
    script = (site / "search/titles.js").read_text("utf-8")
    titles = json.loads(script.partition("titles=")[2].rstrip(";\n"))
    indexed = {url: title for url, title, *_ in titles["pages"]}
    assert set(indexed) == set(pages) - {"404.html", "search/"}
    assert all(title in pages[url].headings[0] for url, title in indexed.items())


def test_pages_and_records_can_be_edited(pages):
    page = pages["tasks/train-physicians/"]
    edit_at = ENVIRONMENT["REPO_URL"] + "/edit/main/"
    assert edit_at + "docs/tasks/train-physicians.md" in page.links
    assert edit_at + "data/tasks/train-physicians.yml" in page.links
    assert edit_at + "data/roles.yml" in pages["roles/pacs-manager/"].links
    assert edit_at + "docs/reference/glossary.md" in pages["reference/glossary/"].links


def test_the_records_of_a_list_can_be_edited_from_its_page(site, pages):
    edit_at = ENVIRONMENT["REPO_URL"] + "/edit/main/data/"
    for kind in KINDS.values():
        if kind.listed:
            address = kind.listed.removesuffix(".md").removesuffix("index").rstrip("/") + "/"
            assert (edit_at + kind.data in pages[address].links) != kind.recorded, kind.name
    foot = re.compile(r'href="[^"]*/edit/main/data/([^"]+)">([^<]+)</a>')
    assert foot.findall((site / "reference/pains/index.html").read_text("utf-8")) == [("pains.yml", "Edit the records")]
    # Links of one page that lead to different places have different words.
    assert foot.findall((site / "reference/glossary/index.html").read_text("utf-8")) == [
        ("glossary.yml", "Edit the records in glossary.yml"),
        ("everyday.yml", "Edit the records in everyday.yml"),
    ]


def test_tooltips_explain_abbreviations(site):
    assert '<abbr title="' in (site / "index.html").read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_describe_the_records(kind, site):
    schema = json.loads((site / "schema" / f"{kind}.json").read_text("utf-8"))
    record = schema if not KINDS[kind].in_one_file else schema["$defs"][KINDS[kind].model.__name__]
    assert record["additionalProperties"] is False
    assert set(record["properties"]) == set(KINDS[kind].model.model_fields)


def test_two_builds_are_the_same_to_the_byte(tree, tmp_path):
    other = copy_of(tree, tmp_path / "another place")
    run = build(other, TZ="Asia/Tokyo", PYTHONHASHSEED="7", LC_ALL="C")
    assert run.returncode == 0, run.stderr
    one, two = files_below(tree / "site"), files_below(other / "site")
    assert one.keys() == two.keys()
    assert [name for name in one if not filecmp.cmp(one[name], two[name], shallow=False)] == []


def test_properdocs_gives_the_same_pages(tree, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", ENVIRONMENT["SOURCE_DATE_EPOCH"])
    other = copy_of(tree, tmp_path / "tree")
    environment = {**os.environ, **ENVIRONMENT, "HANDBOOK_VERSION": version_of(tree)}
    command = [sys.executable, "-m", "properdocs", "build", "-f", "mkdocs.yml", "-d", str(tmp_path / "site")]
    run = subprocess.run(command, cwd=other, capture_output=True, text=True, env=environment, check=False)
    assert run.returncode == 0, run.stderr
    generator = re.compile(r'<meta name="generator"[^>]*>')
    mine, theirs = pages_of(tree / "site"), pages_of(tmp_path / "site")
    assert {*mine} == {*theirs}
    for address, page in mine.items():
        assert generator.sub("", page.path.read_text("utf-8")) == generator.sub(
            "", theirs[address].path.read_text("utf-8")
        ), address


def test_a_faulty_record_leaves_the_site_alone(tree, tmp_path):
    broken = tmp_path / "tree"
    shutil.copytree(tree, broken, ignore=shutil.ignore_patterns("__pycache__"))
    before = {name: path.read_bytes() for name, path in files_below(broken / "site").items()}
    edit(broken, "data/tasks/train-physicians.yml", "cadence: monthly", "cadence: never")
    run = build(broken)
    assert run.returncode == 1
    assert "data/tasks/train-physicians.yml" in run.stderr
    assert before == {name: path.read_bytes() for name, path in files_below(broken / "site").items()}
    edit(broken, "data/tasks/train-physicians.yml", "cadence: never", "cadence: monthly")
    edit(broken, "docs/tasks/train-physicians.md", "## Why it matters", "## Why it matters\n\n[gone](gone.md)\n")
    run = build(broken)
    assert run.returncode == 1
    assert "gone.md" in run.stderr
    assert before == {name: path.read_bytes() for name, path in files_below(broken / "site").items()}
    assert not list(broken.glob(".site-*"))


def test_a_former_address_leads_on_without_scripts(tmp_path):
    tree = copy_of(ROOT, tmp_path / "tree")
    edit(tree, "data/tasks/train-physicians.yml", "reviewed:", "reviewed: 2026-11-24\naliases: [teach-doctors]\n# was:")
    front = "---\naliases: [/hospital-intranets/]\n---\n"
    page = tree / "docs/intranet/index.md"
    page.write_text(front + page.read_text("utf-8"), "utf-8")
    run = build(tree)
    assert run.returncode == 0, run.stderr
    for former, target in (
        ("tasks/teach-doctors", "../../tasks/train-physicians/"),
        ("hospital-intranets", "../intranet/"),
    ):
        html = (tree / "site" / former / "index.html").read_text("utf-8")
        assert f'content="0; url={target}"' in html
        assert f'<a href="{target}">' in html
        assert "<script" not in html
        assert (tree / "site" / former / target).resolve().is_dir()


def test_issue_forms_offer_the_ids_of_the_model(catalogue):
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/task.yml").read_text("utf-8"))
    choices = {field.get("id"): field["attributes"].get("options", []) for field in form["body"]}
    assert [text.split()[0].strip("`:") for text in choices["cadence"]] == [
        str(cadence) for cadence in KINDS["task"].model.model_fields["cadence"].annotation
    ]
    assert {role for role in catalogue.records("role") if any(role in text for text in choices["role"])} == set(
        catalogue.records("role")
    )


def test_a_plan_leads_one_level_up_and_leaves_nothing_out(pages, catalogue):
    titles = {id: competency.title for id, competency in catalogue.records("competency").items()}
    for background in catalogue.records("background"):
        for role in catalogue.records("role"):
            page, plan = pages[f"learn/paths/{background}-to-{role}/"], catalogue.plan(background, role)
            planned = [
                heading.removesuffix("#") for heading in page.headings if heading.removesuffix("#") in titles.values()
            ]
            assert planned == [titles[gap.competency] for gap in plan[:12]]
            assert {link.rstrip("/").rpartition("/")[2] for link in page.links} >= {gap.competency for gap in plan}
            steps = [line for line in page.article.splitlines() if "→" in line]
            for gap, line in zip(plan[:12], steps, strict=False):
                start, goal = (
                    (str(gap.has).capitalize() if gap.has else "None yet"),
                    line.split("→")[1].split()[0].lower(),
                )
                assert line.strip().startswith(start)
                levels = [str(level) for level in Level]
                assert levels.index(goal) <= max(1, levels.index(gap.has) + 1 if gap.has else 1)
                assert levels.index(goal) <= levels.index(gap.needs)
