"""Without a network: the copy on a file share, the pages kept for a downtime, and releases that can be compared."""

import filecmp
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from browsing import browsing, serving
from conftest import ENVIRONMENT, build
from html_pages import broken_links, pages_of
from playwright.sync_api import Error, expect
from trees import ROOT, copy_of

from kb.outputs import kept_for_downtime
from kb.pages import address
from kb.rules import check


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A checkout whose site is built with its offline copy."""
    root = copy_of(ROOT, tmp_path_factory.mktemp("released") / "tree")
    run = build(root, "--offline")
    assert run.returncode == 0, run.stderr
    return root


@pytest.fixture(scope="module")
def archive(released):
    (found,) = (released / "site/offline").iterdir()
    return found


@pytest.fixture(scope="module")
def share(archive, tmp_path_factory):
    """The offline copy, unpacked where file shares put it."""
    folder = tmp_path_factory.mktemp("Öffentliche Ablage") / "Röntgen & IT (neu)"
    with zipfile.ZipFile(archive) as pack:
        pack.extractall(folder)
    (top,) = folder.iterdir()
    return top


@pytest.fixture(scope="module")
def browser():
    with browsing() as browser:
        yield browser


@pytest.fixture
def page(browser):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page, errors, asked = context.new_page(), [], []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        yield page
        assert errors == []
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_the_site_links_to_its_offline_copy(released, archive):
    links = pages_of(released / "site")["intranet/"].links
    assert f"../offline/{archive.name}" in links
    assert "2026.11.18" in archive.name, "the day of SOURCE_DATE_EPOCH"


def test_the_copy_holds_every_page_and_every_link_works(released, share):
    expected = {path.removesuffix(".md") + ".html" for path in check(released)[0].pages}
    assert {path.relative_to(share).as_posix() for path in share.rglob("*.html")} == expected
    assert broken_links(share, pages_of(share)) == []


def test_no_link_of_the_copy_leads_to_a_folder(share):
    for page in pages_of(share).values():
        assert [link for link in page.links if "://" not in link and link.partition("#")[0].endswith("/")] == []


def test_the_copy_works_from_a_file_share(page, share):
    page.goto((share / "index.html").as_uri())
    page.get_by_role("article").get_by_role("link", name="I have a problem now").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("I have a problem now")
    page.get_by_role("link", name="Tasks × competencies").click()
    expect(page.locator("#matrix tbody tr")).to_have_count(len(check(ROOT)[0].records("task")))
    page.get_by_label("How often").select_option("daily")
    daily = [task for task in check(ROOT)[0].records("task").values() if task.cadence == "daily"]
    expect(page.locator("#matrix tbody tr:visible")).to_have_count(len(daily))
    icon = page.locator("header img")
    assert icon.evaluate("image => image.naturalWidth") > 0
    expect(page.locator("footer")).to_contain_text("offline copy")
    page.get_by_role("button", name="Use dark colors").click()
    expect(page.locator("body")).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(18, 24, 31)"


def test_search_works_from_a_file_share(page, share):
    page.goto((share / "index.html").as_uri())
    page.get_by_role("searchbox", name="Search the handbook").fill("disaster recovery")
    first = page.locator("#found li a").first
    expect(first).to_contain_text("disaster recovery")
    first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("disaster recovery")


def test_the_copy_prints(page, share, tmp_path):
    page.goto((share / "tasks/train-physicians.html").as_uri())
    paper = page.pdf(format="A4", path=tmp_path / "page.pdf")
    assert paper.startswith(b"%PDF")
    assert len(paper) > 20_000


def test_the_copy_has_no_service_worker(share):
    assert not (share / "sw.js").exists()
    assert "data-worker" not in (share / "index.html").read_text("utf-8")


def visited(context, address):
    """A page of the served site, after the service worker has kept what it keeps."""
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')")
    return page


def test_pages_seen_and_pages_for_a_downtime_open_when_the_server_is_gone(released, browser):
    kept = kept_for_downtime(check(released)[0])
    assert "runbooks/index.md" in kept
    assert "tasks/plan-disaster-recovery.md" in kept
    with browser.new_context() as context:
        with serving(released / "site") as root:
            page = visited(context, root)
            page.goto(root + "tasks/train-physicians/")
        for path in (*kept, "tasks/train-physicians.md"):
            page.goto(root + address(path).lstrip("/"))
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert page.evaluate("getComputedStyle(document.querySelector('header')).display") == "flex", (
                "without styles"
            )
        with pytest.raises(Error):
            page.goto(root + "tasks/plan-capacity/")


def test_no_stale_page_is_shown_while_the_network_is_there(released, browser, tmp_path):
    site = shutil.copytree(released / "site", tmp_path / "site")
    with serving(site) as root, browser.new_context() as context:
        page = visited(context, root)
        page.goto(root + "runbooks/")
        file = site / "runbooks/index.html"
        file.write_text(file.read_text("utf-8").replace("</h1>", " changed just now</h1>"), "utf-8")
        page.goto(root + "runbooks/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("changed just now")


def test_a_new_build_has_a_new_worker_and_drops_the_old_pages(released, browser, tmp_path):
    site = shutil.copytree(released / "site", tmp_path / "site")
    with serving(site) as root, browser.new_context() as context:
        page = visited(context, root)
        script = (site / "sw.js").read_text("utf-8")
        old = script.partition("handbook-")[2].partition('"')[0]
        (site / "sw.js").write_text(script.replace(old, "0123456789abcdef"), "utf-8")
        page.evaluate("navigator.serviceWorker.ready.then(registration => registration.update())")
        page.wait_for_function(
            "caches.keys().then(names => names.length === 1 && names[0] === 'handbook-0123456789abcdef')"
        )


def test_the_worker_is_versioned_with_what_it_keeps(tree, released):
    assert (tree / "site/sw.js").read_text("utf-8") != (released / "site/sw.js").read_text("utf-8")


def test_two_releases_are_the_same_to_the_byte(tmp_path):
    made = []
    for name in ("one", "another place"):
        root = copy_of(ROOT, tmp_path / name)
        env = {**os.environ, **ENVIRONMENT, "TZ": "Asia/Tokyo" if made else "UTC"}
        run = subprocess.run(
            [sys.executable, "scripts/release.py"], cwd=root, env=env, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        made.append(root / "dist")
    one, two = made
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in two.iterdir())
    assert filecmp.cmpfiles(one, two, names, shallow=False) == (names, [], [])
    sums = dict(reversed(line.split("  ")) for line in (one / "SHA256SUMS").read_text().splitlines())
    assert set(sums) == set(names) - {"SHA256SUMS"}
    assert all(hashlib.sha256((one / name).read_bytes()).hexdigest() == value for name, value in sums.items())
    (bill,) = one.glob("*.cdx.json")
    components = {part["name"] for part in json.loads(bill.read_text())["components"]}
    assert {"mkdocs", "mkdocs-material", "mkdocs-macros-plugin", "pyyaml", "pydantic"} <= {
        name.lower() for name in components
    }
