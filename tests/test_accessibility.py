"""Nobody is kept out: the rules of WCAG 2.2 A and AA on every type of page, by rule and by keyboard in a browser.

`pytest tests/test_accessibility.py --record` writes what was tested and found to data/accessibility.yml, from where
the page "Accessibility" takes it.
"""

import re
import shutil
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml
from axe_playwright_python.base import AXE_SCRIPT
from browsing import browsing, serving
from markdown import Markdown
from playwright.sync_api import expect
from test_browser import SAMPLE
from trees import ROOT

from kb.tables import NamedTables

BARRIERS = (Path(__file__).parent / "barriers.js").read_text("utf-8")
# One page of each type; the search page with results, since without a question it is one more empty form.
PAGES = (*SAMPLE, "accessibility/", "search/?q=dicom")
TASK, MATRIX = "tasks/troubleshoot-dicom-connections/", "reference/matrix/"
WITH_CODE = "intranet/"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ABOUT_COLORS = ("color-contrast", "link-in-text-block")
SCHEMES = {
    "light colors": {"color_scheme": "light", "forced_colors": "none"},
    "dark colors": {"color_scheme": "dark", "forced_colors": "none"},
    "forced colors": {"color_scheme": "light", "forced_colors": "active"},
}
WIDTHS = (1280, 390, 320)
NARROW = WIDTHS[1:]
# A desk at 400 % is 320 pixels wide and as low as this.
LOW = 256
# Between a phone and a desk the menu lies over the page.
COVERING = 800
# What WCAG 1.4.12 lets a reader set.
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }"""


def size(width):
    return {"width": width, "height": LOW if width == NARROW[-1] else 800}


def none(barriers):
    """There are none; a failure tells all of them."""
    assert not barriers, f"{len(barriers)} barriers\n" + "\n".join(barriers)


def open_menu(page):
    page.get_by_role("button", name="Menu").click()
    expect(page.locator("#menu")).to_be_visible()


def open_details(page):
    folded = page.locator("details:visible")
    assert folded.count()
    folded.evaluate_all("all => all.forEach((details) => { details.open = true })")


def choose_filter(page):
    page.get_by_label("Competency area").select_option("technical")
    page.get_by_label("Level needed").select_option("practitioner")
    expect(page.locator("#matrix td.kb-dim").first).to_be_attached()


def copy_code(page):
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_attached()


def open_search(page):
    page.get_by_role("searchbox", name="Search the handbook").fill("dicom")
    expect(page.locator("#found li").first).to_be_visible()


@dataclass(frozen=True)
class State:
    """A page after something was done to it, at the widths where that can be done."""

    path: str
    do: object
    widths: tuple[int, ...] = WIDTHS


STATES = {
    "menu open": State(TASK, open_menu, NARROW),
    "contents open": State(TASK, open_details, NARROW),
    "details open": State("accessibility/", open_details),
    "filter chosen": State(MATRIX, choose_filter),
    "code copied": State(WITH_CODE, copy_code),
    "search results open": State("", open_search),
}
SIZES = tuple(f"{width} pixels" for width in WIDTHS)
ZOOM = f"{NARROW[-1]} pixels (400 % zoom)"
WIDE = "wider text spacing (WCAG 1.4.12)"


@dataclass(frozen=True)
class Part:
    """One kind of test, as data/accessibility.yml tells of it."""

    title: str
    tool: str
    states: tuple[str, ...]
    rules: dict[str, str]
    pages: tuple[str, ...] = PAGES


MADE_OF = {
    "language": "The page says its language and has a title.",
    "landmarks": "There is one main part, one header, one footer, and every navigation and region has a name of its own.",
    "headings": "There is one heading of the first rank, and no heading skips a rank.",
    "tables": "Tables have names, header cells say what they head, and what scrolls does so by keyboard.",
    "images": "Images and drawings have a text.",
    "fields": "Fields have a label that stays when one types.",
    "references": "What is said to control or name something points to what is there.",
}
LOOKS = {
    "sideways": "No page scrolls sideways.",
    "clipped": "No text is cut off or leaves its box.",
    "targets": "Buttons, fields and the links of the frame are 24 pixels high and wide or more.",
    "motion": "Nothing moves, fades or scrolls smoothly for readers who ask for less motion.",
}
COLORS = {"contrast": "Text has a contrast of 4.5 to 1, large text of 3 to 1."}
STOPS = {
    "stop": "Every stop of the Tab key, in both directions, is visible, not covered, and shows that it has the focus.",
    "missed": "The Tab key reaches everything that can be clicked.",
}
WAYS = {
    "skip": "The first stop skips to the text.",
    "menu": "The menu opens, says that it is open, leads to every section, closes with Escape and gives the focus back.",
    "away": "A menu that lies over the page closes when the focus leaves it.",
    "copy": "What was copied is announced.",
    "filter": "The filter of the matrix works by keyboard and announces the number of tasks.",
    "search": "The search works by keyboard, announces the number of pages and closes with Escape.",
    "keys": "No key does anything by itself outside a field.",
    "colors": "The button for the colors works by keyboard and says what it will do.",
}
PARTS = {
    "axe": Part("Rules of axe-core", "axe-core", (*SCHEMES, *SIZES, *STATES), {}),
    "made-of": Part("What pages are made of", "own checks", SIZES, MADE_OF),
    "contrast": Part("Contrast", "own checks", (*SCHEMES, *SIZES, *STATES), COLORS),
    "looks": Part("Zoom, spacing, targets and motion", "own checks", (*SIZES, ZOOM, WIDE), LOOKS),
    "stops": Part("Walks with the Tab key", "keys pressed by the tests", (SIZES[0], f"{COVERING} pixels", SIZES[-1], "no scripts"), STOPS),
    "ways": Part("Things to do without a mouse", "keys pressed by the tests", (SIZES[0], f"{COVERING} pixels", SIZES[-1]), WAYS, ("", TASK, MATRIX, WITH_CODE, PAGES[-1])),
}  # fmt: skip


class Notes:
    """What was looked at and what was found, part by part."""

    def __init__(self):
        self.checks, self.found = defaultdict(int), defaultdict(list)
        self.pages, self.states, self.rules = defaultdict(set), defaultdict(set), defaultdict(set)
        self.versions = {}
        self.one_at_a_time = threading.Lock()

    def take(self, part, path, states, rules, checks, found):
        """Note one look; gives back the barriers with the place where they were found."""
        lines = [f"/{path} ({', '.join(states)}): {line}" for line in found]
        with self.one_at_a_time:
            self.pages[part].add(path)
            self.states[part].update(states)
            self.rules[part].update(rules)
            self.checks[part] += checks
            self.found[part] += lines
        return lines


@pytest.fixture(scope="module")
def notes():
    return Notes()


@pytest.fixture(scope="module")
def browser(notes):
    with browsing() as browser:
        notes.versions["browser"] = f"Chromium {browser.version.partition('.')[0]}"
        yield browser


# A page that the browser keeps for the time without a network would hide what a test has changed; smooth scrolling
# would have the walks look while the page still moves.
QUIET = {"service_workers": "block", "reduced_motion": "reduce"}


def go(page, address, path):
    page.goto(address + path)
    if path.startswith("search/"):
        expect(page.locator(".results li").first).to_be_visible()
    page.evaluate(BARRIERS)


def look(page, check):
    """(how many things were looked at, the barriers) of a check of barriers.js."""
    result = page.evaluate(f"barriers.{check}()")
    return result["checks"], result["found"]


# ---- what can be looked at ----


def axe(page, scheme):
    """(rules that apply, barriers) by axe-core, which the page must have."""
    # What the other rules look at is the same in dark colors, and takes as long again.
    dark = {"type": "rule", "values": ABOUT_COLORS}
    options = {
        "runOnly": dark if scheme == "dark colors" else {"type": "tag", "values": TAGS},
        # It reads a color that Chromium does not report as forced; barriers.contrast() looks at forced colors.
        "rules": {rule: {"enabled": scheme != "forced colors"} for rule in ABOUT_COLORS},
        "resultTypes": ["violations"],
    }
    result = page.evaluate("options => axe.run(options)", options)
    found = [
        f"{rule['id']}: {node['html'][:150]}: {node['failureSummary']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]
    return len(result["passes"]) + len(result["violations"]), found


def look_at_all(width, address, notes):
    """Look at all pages in windows of one width, in a browser of its own so that the widths run side by side."""
    at = f"{width} pixels"
    with browsing() as browser:
        page = browser.new_context(viewport=size(width), permissions=["clipboard-write"], **QUIET).new_page()
        for path in PAGES:
            go(page, address, path)
            for check in MADE_OF:
                notes.take("made-of", path, (at,), [check], *look(page, check))
            look_in_all_colors(page, path, (at,), notes)
            zoom = (at,) if width > NARROW[-1] else (at, ZOOM)
            for check in LOOKS:
                notes.take("looks", path, zoom, [check], *look(page, check))
            page.add_style_tag(content=SPACING)
            for check in ("sideways", "clipped"):
                notes.take("looks", path, (*zoom, WIDE), [check], *look(page, check))
            for name, state in STATES.items():
                if state.path == path and width in state.widths:
                    go(page, address, path)
                    state.do(page)
                    look_in_all_colors(page, path, (at, name), notes)
        with notes.one_at_a_time:
            notes.versions["axe"] = f"axe-core {page.evaluate('axe.version')}"
            notes.rules["axe"] = {rule["ruleId"] for rule in page.evaluate("tags => axe.getRules(tags)", TAGS)}


def look_in_all_colors(page, path, states, notes):
    page.evaluate(AXE_SCRIPT)
    for scheme, media in SCHEMES.items():
        page.emulate_media(**media)
        notes.take("contrast", path, (scheme, *states), COLORS, *look(page, "contrast"))
        notes.take("axe", path, (scheme, *states), (), *axe(page, scheme))
    page.emulate_media(**SCHEMES["light colors"])


@pytest.fixture(scope="module")
def looked(address, notes):
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda width: look_at_all(width, address, notes), WIDTHS))


@pytest.mark.parametrize("part", ["axe", "made-of", "contrast", "looks"])
def test_no_page_keeps_anybody_out(part, looked, notes):
    assert notes.checks[part]
    none(notes.found[part])


def test_axe_knows_the_rules_of_wcag_2_2(browser, address):
    with browser.new_context(**QUIET) as context:
        page = context.new_page()
        page.goto(address)
        page.evaluate(AXE_SCRIPT)
        assert page.evaluate("axe.getRules(['wcag22aa']).map((rule) => rule.ruleId)") == ["target-size"]


def test_a_table_is_named_after_the_heading_above_it_also_inside_a_list():
    table = "| A | B |\n|---|---|\n| 1 | 2 |\n"
    inside = "\n".join(f"    {line}" for line in table.splitlines())
    text = f"# Title\n\n{table}\n## Steps\n\n1. Do it:\n\n{inside}\n\n{table}\n## Sources\n"
    html = Markdown(extensions=["tables", "sane_lists", NamedTables()]).convert(text)
    assert re.findall(r'aria-label="([^"]*)"', html) == ["Title, table", "Steps, table", "Steps, table 2"]
    assert html.count('<th scope="col">') == 6


# ---- by keyboard ----


def hold(page, key, times):
    """Hold a key down: a press each time, and one release."""
    for _ in range(times):
        page.keyboard.down(key)
    page.keyboard.up(key)


def walk(page, address, path, keys):
    """(how many things were looked at, the barriers) of walks through a page: forward, and backward with Shift."""
    checks, found, ways = 0, [], []
    for key in keys:
        go(page, address, path)
        page.evaluate("barriers.begin()")
        if key == "Shift+Tab":
            page.keyboard.down("Shift")
        # One press goes in, one looks at the last stop; what is left over begins again at the first.
        hold(page, "Tab", page.locator("a, button, input, select, summary, [tabindex]").count() + 2)
        page.keyboard.up("Shift")
        walked = page.evaluate("barriers.walked()")
        checks += walked["checks"]
        found += [f"{key}: {line}" for line in walked["found"]]
        ways.append(sorted(walked["way"]))
    if ways[0] != ways[-1]:
        found.append(f"the ways differ: {len(ways[0])} stops forward, {len(ways[-1])} backward")
    return checks, found


BOTH = ("Tab", "Shift+Tab")
# Hundreds of entries, all alike: once is enough.
LONG = ("reference/glossary/", "reference/sources/")
SHORT = tuple(path for path in PAGES if path not in LONG)


# Backward is another matter only below a head that stays in place, which it does not do on a phone.
@pytest.mark.parametrize(
    ("width", "pages", "keys"),
    [(WIDTHS[0], SHORT, BOTH), (WIDTHS[0], LONG, BOTH[:1]), (COVERING, (TASK, MATRIX), BOTH), (WIDTHS[-1], SHORT, BOTH[:1]), (WIDTHS[-1], (MATRIX,), BOTH)],
)  # fmt: skip
def test_every_stop_of_the_tab_key_is_visible(width, pages, keys, browser, address, notes):
    barriers = []
    with browser.new_context(viewport=size(width), **QUIET) as context:
        page = context.new_page()
        for path in pages:
            barriers += notes.take("stops", path, (f"{width} pixels",), STOPS, *walk(page, address, path, keys))
    none(barriers)


def sections_of(page):
    return page.locator("#menu a").evaluate_all("all => all.map((link) => link.href)")


def test_every_section_is_reached_without_scripts_on_a_phone(browser, address, notes):
    with browser.new_context(viewport=size(NARROW[-1]), java_script_enabled=False, **QUIET) as context:
        page = context.new_page()
        for path in ("", TASK, MATRIX, "404.html"):
            page.goto(address + path)
            links = page.locator("#menu a")
            assert links.count() > 15
            for link in links.all():
                expect(link).to_be_visible()
            notes.take("stops", path, ("no scripts",), (), links.count(), [])
            page.keyboard.press("Tab")
            while page.locator("#menu a:focus").count() == 0:
                page.keyboard.press("Tab")
            for _ in range(links.count() - 1):
                page.keyboard.press("Tab")
                expect(page.locator("#menu a:focus")).to_be_in_viewport()
            last = links.last.get_attribute("href")
            assert page.locator("#menu a:focus").get_attribute("href") == last


def tab_to(page, locator, key="Tab"):
    """Press Tab until something has the focus; it must be reached before the focus has been everywhere."""
    expect(locator).to_be_visible()
    for _ in range(page.locator("a, button, input, select, summary, [tabindex]").count()):
        page.keyboard.press(key)
        if locator.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the {key} key does not reach {locator}")


@pytest.mark.parametrize("width", [COVERING, WIDTHS[-1]])
def test_the_menu_leads_everywhere_by_keyboard(width, browser, address, notes):
    with browser.new_context(viewport=size(width), **QUIET) as context:
        page = context.new_page()
        go(page, address, TASK)
        button, sections = page.get_by_role("button", name="Menu"), sections_of(page)
        for _ in range(2):
            tab_to(page, button)
            expect(button).to_have_attribute("aria-expanded", "false")
            page.keyboard.press("Enter")
            expect(button).to_have_attribute("aria-expanded", "true")
            met = [page.evaluate("barriers.stop()")]
            for _ in sections[1:]:
                page.keyboard.press("Tab")
                met.append(page.evaluate("barriers.stop()"))
            assert [stop["href"] for stop in met] == sections
            assert [stop for stop in met if stop["faults"]] == []
            page.keyboard.press("Escape")
            expect(button).to_be_focused()
            expect(button).to_have_attribute("aria-expanded", "false")
            expect(page.locator("#menu")).to_be_hidden()
            page.evaluate("document.activeElement.blur()")
            page.keyboard.press("Shift+Tab")
        tab_to(page, button)
        page.keyboard.press("Space")
        tab_to(page, page.locator("#menu").get_by_role("link", name="Glossary"))
        page.keyboard.press("Enter")
        expect(page).to_have_url(address + "reference/glossary/")
        notes.take("ways", TASK, (f"{width} pixels",), ["menu"], 2 * len(sections) + 8, [])


def test_a_menu_over_the_page_closes_when_the_focus_leaves_it(browser, address, notes):
    with browser.new_context(viewport=size(COVERING), **QUIET) as context:
        page = context.new_page()
        go(page, address, TASK)
        tab_to(page, page.get_by_role("button", name="Menu"))
        page.keyboard.press("Enter")
        tab_to(page, page.locator("#menu a").last)
        page.keyboard.press("Tab")
        expect(page.locator("#menu")).to_be_hidden()
        expect(page.get_by_role("button", name="Menu")).to_have_attribute("aria-expanded", "false")
        assert page.evaluate("barriers.stop().faults") == []
        notes.take("ways", TASK, (f"{COVERING} pixels",), ["away"], 3, [])


@pytest.fixture
def page(browser):
    options = {"viewport": size(WIDTHS[0]), "permissions": ["clipboard-write"]}
    with browser.new_context(**options, **QUIET) as context:
        yield context.new_page()


def did(notes, path, rule, checks):
    notes.take("ways", path, (SIZES[0],), [rule], checks, [])


def test_the_first_stop_skips_to_the_text(page, address, notes):
    go(page, address, TASK)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the text")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    did(notes, TASK, "skip", 3)


def test_what_was_copied_is_announced(page, address, notes):
    go(page, address, WITH_CODE)
    button = page.get_by_role("article").get_by_role("button").first
    expect(button).to_have_accessible_name("Copy")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_attached()
    expect(button).to_be_focused()
    did(notes, WITH_CODE, "copy", 2)


def test_the_filter_announces_the_number_of_tasks(page, address, notes):
    go(page, address, MATRIX)
    status = page.get_by_role("status").filter(has_text="tasks shown.")
    before = status.text_content()
    tab_to(page, page.get_by_label("Level needed"))
    page.keyboard.press("e")
    expect(page.get_by_label("Level needed")).to_have_value("expert")
    expect(status).not_to_have_text(before)
    expect(status).to_have_text(re.compile(r"^\d+ of \d+ tasks shown\.$"))
    tab_to(page, page.get_by_role("button", name="Show all"))
    page.keyboard.press("Enter")
    expect(status).to_have_text(before)
    did(notes, MATRIX, "filter", 4)


def test_the_search_announces_what_it_found(page, address, notes):
    go(page, address, "")
    field = page.get_by_role("searchbox", name="Search the handbook")
    tab_to(page, field)
    page.keyboard.type("dicom")
    expect(page.get_by_role("status").filter(has_text="found")).to_have_text(
        re.compile(r"^\d+ (or more )?pages? found\.$")
    )
    results = page.locator("#found")
    expect(results).to_be_visible()
    for _ in range(results.get_by_role("link").count()):
        page.keyboard.press("Tab")
        stop = page.evaluate("barriers.stop()")
        assert stop["faults"] == [], stop
    page.keyboard.press("Escape")
    expect(results).to_be_hidden()
    expect(field).to_be_focused()
    did(notes, "", "search", 12)


def test_the_colors_are_changed_by_keyboard(page, address, notes):
    go(page, address, "")
    tab_to(page, page.get_by_role("button", name="Use dark colors"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Use light colors")).to_be_focused()
    assert look(page, "contrast")[1] == []
    did(notes, "", "colors", 2)


KEYS = [chr(code) for code in range(ord("!"), ord("~") + 1)]


def acts_of_keys(page):
    """(how many keys were pressed outside a field, the barriers)."""
    page.evaluate("""() => {
        document.activeElement.blur();
        window.addEventListener("keydown", (event) => { if (event.defaultPrevented) window.taken = event.key });
    }""")
    state = "() => JSON.stringify([location.href, document.activeElement.id, scrollX, scrollY, window.taken])"
    before = page.evaluate(state)
    for key in KEYS:
        page.keyboard.press(key)
        if (after := page.evaluate(state)) != before:
            return len(KEYS), [f"the key {key} acts: {before} became {after}"]
    return len(KEYS), []


@pytest.mark.parametrize("path", PARTS["ways"].pages)
def test_no_key_acts_outside_a_field(path, page, address, notes):
    go(page, address, path)
    none(notes.take("ways", path, (SIZES[0],), ["keys"], *acts_of_keys(page)))


# ---- the checks themselves ----


CSS, PAGE, JS = "assets/handbook.css", f"{TASK}index.html", "assets/handbook.js"


FOCUS = ":focus-visible { outline: 3px solid var(--link)"
MENU = '<button type="button" class="head__button head__menu"'


@pytest.fixture(scope="module")
def copy(site, tmp_path_factory):
    """A copy of the site to break, and its address."""
    root = tmp_path_factory.mktemp("broken")
    shutil.copytree(site, root / "kb")
    with serving(root) as at:
        yield root / "kb", at + "kb/"


@pytest.mark.parametrize(
    ("check", "file", "old", "new", "width", "message"),
    [
        ("axe", CSS, "--quiet: #4c5a67", "--quiet: #a9b3bc", 1280, r"color-contrast: (.|\n)*insufficient color contrast"),
        ("walk", PAGE, MENU, MENU.replace("button", "span", 1), 320, r"Tab: <span#menu-button> .*is not reached"),
        ("walk", CSS, FOCUS, FOCUS.replace("3px", "0"), 1280, r"does not show that it has the focus"),
        ("walk", CSS, FOCUS, FOCUS.replace("link", "line"), 1280, r"shows the focus with a contrast of only"),
        ("walk", PAGE, "<article>", '<article><a href="/" style="opacity: 0">Hidden</a>', 1280, r'"Hidden" is not visible'),
        ("walk", PAGE, "<article>", '<article><a href="/" style="position: fixed; left: -99px">Away</a>', 1280, r'"Away" is outside the window'),
        ("walk", PAGE, "<article>", '<article><a href="/" tabindex="-1">Shut</a>', 1280, r'"Shut": is not reached'),
        ("walk", CSS, "scroll-padding-top: calc(var(--head-height) + 1rem)", "", 1280, r"Shift\+Tab: .* is covered by"),
        ("keys", JS, '"use strict";', '"use strict"; addEventListener("keydown", (event) => { if (event.key === "n") location.hash = "next"; });', 1280, r"the key n acts"),
        ("keys", JS, '"use strict";', '"use strict"; addEventListener("keydown", (event) => event.key === "/" && event.preventDefault());', 1280, r"the key / acts"),
        ("language", PAGE, 'lang="en"', "", 1280, r"the page does not say its language"),
        ("headings", PAGE, "<h2", "<h4", 1280, r"a heading that skips a rank"),
        ("landmarks", PAGE, ' aria-label="Handbook"', "", 1280, r"a navigation without a name"),
        ("landmarks", PAGE, 'aria-label="Improve this page"', 'aria-label="Handbook"', 1280, r"a name that another part has too"),
        ("tables", PAGE, 'scope="col"', "", 1280, r"a header cell that does not say what it heads"),
        ("images", PAGE, ' alt=""', "", 1280, r"an image without a text"),
        ("fields", PAGE, '<label for="search', '<label data-for="search', 1280, r"#search.*a field without a label"),
        ("references", PAGE, 'aria-controls="menu"', 'aria-controls="meny"', 1280, r"points to #meny"),
        ("contrast", CSS, "--quiet: #4c5a67", "--quiet: #a9b3bc", 1280, r"contrast 2\.\d\d"),
        ("sideways", PAGE, "<article>", '<article><p style="width: 400px">Wide</p>', 320, r"the page is \d+ pixels wide in a window of 320"),
        ("clipped", CSS, "/* ---- cards ---- */", "article h2 { height: 1.3em; overflow: hidden; }", 320, r"its text is cut off or leaves its box"),
        ("targets", CSS, "/* ---- cards ---- */", ".head__button { height: 1.2rem !important; }", 320, r"a target of \d+ × 19 pixels"),
        ("motion", CSS, "/* ---- cards ---- */", "a { transition: color 1s; }", 1280, r"is set to move"),
        ("motion", CSS, "(prefers-reduced-motion: no-preference)", "all", 1280, r"is set to scroll smoothly"),
    ],
)  # fmt: skip
def test_a_barrier_would_be_found(check, file, old, new, width, message, copy, browser):
    folder, address = copy
    whole = (folder / file).read_text("utf-8")
    assert old in whole
    (folder / file).write_text(whole.replace(old, new), "utf-8")
    try:
        with browser.new_context(viewport=size(width), **QUIET) as context:
            page = context.new_page()
            go(page, address, TASK)
            match check:
                case "axe":
                    page.evaluate(AXE_SCRIPT)
                    found = axe(page, "light colors")[1]
                case "walk":
                    found = walk(page, address, TASK, BOTH)[1]
                case "keys":
                    found = acts_of_keys(page)[1]
                case _:
                    found = look(page, check)[1]
    finally:
        (folder / file).write_text(whole, "utf-8")
    assert re.search(message, "\n".join(found)), found


def addresses(pages):
    return ["/" + path.partition("?")[0] for path in pages]


def rules_of(id, notes):
    return sorted(notes.rules[id]) if id == "axe" else list(PARTS[id].rules.values())


def record_of(notes):
    """What data/accessibility.yml holds after this run."""
    return {
        id: {
            "title": part.title,
            "tool": notes.versions["axe"] if id == "axe" else part.tool,
            "browser": notes.versions["browser"],
            "checked": date.today(),
            "pages": addresses(part.pages),
            "states": list(part.states),
            "rules": rules_of(id, notes),
            "checks": notes.checks[id],
            "barriers": len(notes.found[id]),
        }
        for id, part in PARTS.items()
    }


RECORD = ROOT / "data/accessibility.yml"


def test_the_record_is_about_what_is_tested_now(notes, looked, request):
    if request.config.getoption("--record"):
        for id, part in PARTS.items():
            assert notes.pages[id] == set(part.pages), id
            assert notes.states[id] == set(part.states), id
            assert id == "axe" or notes.rules[id] == set(part.rules), id
        text = yaml.safe_dump(record_of(notes), sort_keys=False, allow_unicode=True, width=118)
        RECORD.write_text("# Written by: pytest tests/test_accessibility.py --record\n" + text, "utf-8")
    recorded = yaml.safe_load(RECORD.read_text("utf-8"))
    assert list(recorded) == list(PARTS)
    for id, part in PARTS.items():
        assert recorded[id]["pages"] == addresses(part.pages), id
        assert recorded[id]["states"] == list(part.states), id
        assert recorded[id]["rules"] == rules_of(id, notes), id
