"""The site in a real Chromium: a reader's ways through it, on a desk and on a phone."""

import gzip
import re

import pytest
from browsing import browsing, serving
from conftest import build
from playwright.sync_api import expect
from trees import ROOT, copy_of

from kb.render import whole_file
from kb.rules import check

SAMPLE = (
    "", "tasks/", "tasks/train-physicians/", "tasks/troubleshoot-dicom-connections/", "competencies/dicom/",
    "roles/systems-administrator/", "backgrounds/radiologic-technologist/", "staffing/small-community-site/",
    "reference/matrix/", "reference/article-today/", "reference/glossary/", "reference/sources/", "contributing/rules/",
    "intranet/", "runbooks/", "learn/", "404.html", "runbooks/called-ae-title-refused/", "symptoms/", "reference/codes/",
    "reference/printed-lines/", "learn/lab/",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def catalogue(tree):
    return check(tree)[0]


@pytest.fixture
def page(browser):
    """A desk: 1280 pixels wide. Anything written to the console as an error fails the test."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page, errors = context.new_page(), []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        assert errors == []


def test_home_leads_to_a_task_in_two_clicks(page, address, catalogue):
    title = catalogue.get("task", "train-physicians").title
    page.goto(address)
    page.get_by_role("article").get_by_role("link", name="Application specialist").click()
    page.get_by_role("article").get_by_role("link", name=title, exact=True).first.click()
    expect(page).to_have_url(address + "tasks/train-physicians/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


@pytest.mark.parametrize(
    ("door", "target"),
    [
        ("I have a problem now", "runbooks/"),
        ("I am new to this", "learn/"),
        ("I must hire or staff", "staffing/"),
        ("I want to contribute", "contributing/"),
        ("I run an intranet", "intranet/"),
        ("PACS manager", "roles/pacs-manager/"),
    ],
)
def test_every_door_opens(door, target, page, address):
    page.goto(address)
    page.get_by_role("article").get_by_role("link", name=door).first.click()
    expect(page).to_have_url(address + target)


@pytest.mark.parametrize(
    ("words", "task"),
    [
        ("disaster recovery", "plan-disaster-recovery"),
        ("train physicians", "train-physicians"),
        ("capacity growth", "plan-capacity"),
    ],
)
def test_search_finds_a_task(words, task, page, address, catalogue):
    title = catalogue.get("task", task).title
    page.goto(address)
    page.get_by_role("searchbox", name="Search the handbook").fill(words)
    first = page.locator("#found li a").first
    expect(first).to_contain_text(title)
    first.click()
    expect(page).to_have_url(re.compile(f"/tasks/{task}/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def test_the_search_page_has_an_address(page, address):
    page.goto(address + "search/?q=disaster+recovery")
    expect(page.locator(".results li a").first).to_contain_text("disaster recovery")
    page.get_by_role("searchbox", name="Words, a code").fill("capacity growth")
    expect(page.locator(".results li a").first).to_contain_text("capacity")
    expect(page).to_have_url(address + "search/?q=capacity%20growth")
    expect(page.get_by_role("status").filter(has_text="found").last).to_be_visible()


def test_the_index_is_fetched_when_the_search_is_first_used(page, address):
    asked = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    page.goto(address + "tasks/train-physicians/", wait_until="networkidle")
    assert [path for path in asked if "search" in path] == []
    page.get_by_role("searchbox", name="Search the handbook").focus()
    page.wait_for_function("globalThis.kbSearch && kbSearch.text")
    assert {"assets/search.js", "assets/search-engine.js", "search/titles.js", "search/text.js"} <= set(asked)


@pytest.mark.parametrize(
    "path", ["", "tasks/troubleshoot-dicom-connections/", "competencies/dicom/", "roles/pacs-manager/"]
)
def test_a_first_page_is_light(path, browser, address, site):
    """At most 50 KB compressed and 10 requests, whatever the number of pages; the search and the kept pages come later."""
    with browser.new_context(service_workers="block") as context:
        page, asked = context.new_page(), []
        page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
        page.goto(address + path, wait_until="networkidle")
    files = [site / (name + "index.html" if name.endswith("/") or not name else name) for name in asked]
    assert len(files) <= 10
    assert sum(len(gzip.compress(file.read_bytes(), 6)) for file in files) <= 50_000


def test_results_are_walked_by_keyboard_and_announced(page, address):
    page.goto(address)
    field = page.get_by_role("searchbox", name="Search the handbook")
    field.fill("worklist")
    expect(page.locator("#found li a").first).to_be_visible()
    expect(page.locator("header [role=status]")).to_contain_text("found")
    field.press("ArrowDown")
    expect(page.locator("#found li a").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#found li a").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    expect(page.locator("#found")).to_be_hidden()
    field.fill("xqzzy")
    expect(page.locator("header [role=status]")).to_have_text("0 pages found.")


def test_enter_opens_the_page_of_all_results(page, address):
    page.goto(address)
    page.get_by_role("searchbox", name="Search the handbook").fill("worklist")
    page.keyboard.press("Enter")
    expect(page).to_have_url(address + "search/?q=worklist")
    expect(page.locator(".results li a").first).to_be_visible()


def shown(page):
    return page.locator("#matrix tbody tr:visible")


def test_every_runbook_is_reached_in_four_choices_without_scripts(browser, address, catalogue):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address + "runbooks/")
        first = page.locator(".kb-choices a").evaluate_all("links => links.map(link => link.href)")
        assert 5 <= len(first) <= 9
        reached, waiting = {}, [(1, link) for link in first]
        page.goto(address + "symptoms/")
        while waiting:
            choices, link = waiting.pop()
            # What stands under a heading: all that follows, up to the next heading.
            section = page.locator(f"[id='{link.partition('#')[2]}']")
            below = section.evaluate("""heading => {
                const found = [];
                for (let next = heading.nextElementSibling; next && !/^H[1-6]$/.test(next.tagName); next = next.nextElementSibling)
                    for (const link of next.querySelectorAll("a")) found.push(link.href);
                return found;
            }""")
            assert below, link
            for target in below:
                if "/symptoms/" in target:
                    waiting.append((choices + 1, target))
                else:
                    reached[target.removeprefix(address)] = choices + 1
        assert {f"runbooks/{id}/" for id in catalogue.records("runbook")} <= reached.keys()
        assert max(reached.values()) <= 4


def test_copying_a_session_copies_what_is_typed(browser, address):
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(address + "runbooks/called-ae-title-refused/")
        page.get_by_role("button", name="Copy").nth(1).click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        typed = page.evaluate("navigator.clipboard.readText()")
    assert typed.splitlines() == ["echoscu -v -aet CT1 -aec OLDPACS pacs 4242", "echo $?"]


def test_the_matrix_is_filtered_by_its_address(page, address, catalogue):
    tasks = catalogue.records("task").values()
    mine = [task for task in tasks if task.role == "systems-administrator" and task.cadence == "weekly"]
    page.goto(address + "reference/matrix/?role=systems-administrator&cadence=weekly")
    expect(shown(page)).to_have_count(len(mine))
    expect(page.get_by_label("Role")).to_have_value("systems-administrator")
    expect(page.get_by_role("status").filter(has_text="tasks shown")).to_have_text(
        f"{len(mine)} of {len(tasks)} tasks shown."
    )


def test_the_matrix_keeps_its_filter_in_the_address(page, address, catalogue):
    total = len(catalogue.records("task"))
    page.goto(address + "reference/matrix/")
    expect(shown(page)).to_have_count(total)
    page.get_by_label("Competency area").select_option("technical")
    expect(page).to_have_url(address + "reference/matrix/?area=technical")
    expect(page.locator("#matrix thead th:visible")).to_have_count(1 + 11)
    page.get_by_label("Level needed").select_option("expert")
    expect(shown(page)).to_have_count(0)
    page.get_by_role("button", name="Show all").click()
    expect(page).to_have_url(address + "reference/matrix/")
    expect(shown(page)).to_have_count(total)


def test_a_wrong_filter_is_ignored(page, address, catalogue):
    page.goto(address + "reference/matrix/?role=nobody&toString=x&__proto__=y")
    expect(shown(page)).to_have_count(len(catalogue.records("task")))


def test_the_matrix_is_complete_without_scripts(browser, address, catalogue):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address + "reference/matrix/")
        expect(page.locator("#matrix tbody tr")).to_have_count(len(catalogue.records("task")))
        expect(page.locator("#matrix td[data-level]")).to_have_count(
            sum(len(task.competencies) for task in catalogue.records("task").values())
        )
        expect(page.locator("form.kb-filter")).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_or_reports_an_error(width, scheme, browser, address):
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        page, errors, asked = context.new_page(), [], []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        for path in SAMPLE:
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert errors == []
        assert [url for url in asked if not url.startswith((address.removesuffix("kb/"), "data:"))] == []


def test_a_moved_page_leads_on_without_scripts(browser, tmp_path_factory):
    served = tmp_path_factory.mktemp("moved")
    (served / "old").mkdir()
    (served / "new").mkdir()
    (served / "old/index.html").write_text(whole_file("redirect.html", target="../new/"), "utf-8")
    (served / "new/index.html").write_text("<h1>Here</h1>", "utf-8")
    with serving(served) as root, browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(root + "old/")
        expect(page.get_by_role("heading", name="Here")).to_be_visible()


def test_a_page_prints_its_text_and_not_its_frame(page, address):
    page.goto(address + "tasks/train-physicians/")
    page.emulate_media(media="print")
    expect(page.locator("header")).to_be_hidden()
    expect(page.locator(".edit")).to_be_hidden()
    expect(page.get_by_role("heading", name="Done means")).to_be_visible()


def test_markup_in_a_record_stays_text_everywhere(page, tmp_path):
    tree = copy_of(ROOT, tmp_path / "tree")
    markup = "Zebra <img src=x onerror=window.bad=1> {: onclick=bad } *a* <script>window.bad=1</script>"
    record = tree / "data/tasks/train-physicians.yml"
    text = re.sub(r"^(title|summary): .*$", rf"\1: '{markup}'", record.read_text("utf-8"), flags=re.MULTILINE)
    record.write_text(text, "utf-8")
    run = build(tree, SITE_URL="")
    assert run.returncode == 0, run.stderr
    with serving(tree / "site") as root:
        for path in ("tasks/train-physicians/", "tasks/", "reference/matrix/", "roles/application-specialist/"):
            page.goto(root + path)
            expect(page.get_by_text("<script>window.bad=1</script>").first).to_be_visible()
        page.get_by_role("searchbox", name="Search the handbook").fill("zebra")
        expect(page.locator("#found li a").first).to_contain_text("onerror")
        assert page.evaluate("window.bad") is None
