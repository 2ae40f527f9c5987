"""A copy on an intranet: the settings for nginx that we publish, in a real nginx, seen by a real Chromium."""

import contextlib
import os
import random
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from browsing import browsing, free_ports, until
from html_pages import pages_of
from playwright.sync_api import expect
from test_browser import SAMPLE
from trees import ROOT

from kb.model import KINDS, Level
from kb.pages import address as address_of
from kb.rules import check

POLICY = "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"
SETTINGS = ROOT / "docs/intranet/nginx.conf"
# Debian keeps it where only root looks.
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
# Every other name than these leads nowhere, so that no test can reach a real host.
NAMES = "MAP handbook.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
MISSING = ("nothing", "tasks/no-such-task/", "tasks/train-physicians/no/such.html", "assets/nothing.js")
LIGHT_HEAD, DARK_HEAD = "rgb(23, 50, 77)", "rgb(13, 22, 33)"


def settings(port, folder, path="/kb/"):
    """The published settings, changed as their comments say and no further."""
    text = SETTINGS.read_text("utf-8")
    for old, new in (("listen 80;", f"listen 127.0.0.1:{port};"), ("/srv/handbook/site/", f"{folder}/")):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text.replace("/kb/", path)


def code_on_the_page(language):
    """The only block of code in this language on the page about server settings."""
    text = (ROOT / "docs/intranet/servers.md").read_text("utf-8")
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    return block


@contextlib.contextmanager
def nginx(folder, servers, port):
    """Run a private nginx with these `server` blocks until the port answers; it writes below `folder` only."""
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # One process and no workers: it runs as whoever runs the tests, and ends with its own id.
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off;\n{temporary}\n{servers}\n}}\n",
        "utf-8",
    )
    command = [NGINX, "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"]
    check = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    log = (folder / "error.log").read_text("utf-8") + check.stderr
    assert check.returncode == 0, log
    assert "[warn]" not in log
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        answers = until(
            lambda: process.poll() is not None or socket.create_connection(("127.0.0.1", port)).close() is None
        )
        assert answers and process.poll() is None, (folder / "error.log").read_text("utf-8")
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def served(site, tmp_path_factory):
    """Where nginx serves the built site, once built for /kb/: as its settings say, elsewhere, and with faults."""
    assert NGINX, "nginx is missing; `make test` installs it or says how"
    folder = tmp_path_factory.mktemp("nginx")
    portal, faulty = folder / "portal", folder / "faulty"
    portal.mkdir()
    icon = '<link rel="icon" href="/kb/assets/icon.svg">'
    (portal / "index.html").write_text(f"<!doctype html><title>Portal</title>{icon}{code_on_the_page('html')}", "utf-8")
    shutil.copytree(site, faulty)
    home = (faulty / "index.html").read_text("utf-8")
    for name, fault in FAULTS.items():
        (faulty / f"{name}.html").write_text(home.replace("</body>", f"{fault}</body>"), "utf-8")
    ports = free_ports(5)
    kb, root, beside, bad, bare = (f"127.0.0.1:{port}" for port in ports)
    proxied = code_on_the_page("nginx").replace("handbook.example", kb)
    blocks = [
        settings(ports[0], site),
        settings(ports[1], site, "/"),
        # A portal: a page with the frame of our page about servers, and the handbook at two paths of the same host.
        f"server {{ listen {beside}; location / {{ root {portal}; types {{ text/html html; }} }}\n"
        f"location /kb/ {{ proxy_pass http://{kb}; }}\n{proxied} }}",
        settings(ports[3], faulty),
        # The same faults without the settings, to see that the tests would notice them even so.
        f"server {{ listen {bare}; location /kb/ {{ alias {faulty}/; types {{ text/html html; text/css css; }} }} }}",
    ]
    with nginx(folder, "\n".join(blocks), ports[-1]):
        yield SimpleNamespace(
            kb=f"http://{kb}/kb/",
            root=f"http://{root}/",
            localhost=f"http://localhost:{ports[0]}/kb/",
            host=f"http://handbook.example:{ports[0]}/kb/",
            proxied=f"http://{beside}/portal/handbook/",
            portal=f"http://{beside}/",
            faulty=f"http://{bad}/kb/",
            bare=f"http://{bare}/kb/",
        )


FAULTS = {
    "script": "<script>document.title = 'taken over'</script>",
    "handler": "<p onclick='document.title = 1'>Text</p>",
    "style": "<p style='color: red'>Text</p>",
    "picture": "<img src='http://elsewhere.example/x.png' alt=''>",
    "form": "<form action='http://elsewhere.example/'><button id='send'>Send</button></form>",
}
PLACES = ["kb", "root", "localhost", "host", "proxied"]


@pytest.fixture(scope="module")
def browser():
    with browsing(f"--host-resolver-rules={NAMES}") as browser:
        yield browser


@dataclass
class Watched:
    """A page of the browser, and what it has asked for and complained about."""

    page: object
    asked: list = field(default_factory=list)
    errors: list = field(default_factory=list)

    def __post_init__(self):
        # Playwright puts this in before anything of the page runs; the policy does not apply to it.
        self.page.add_init_script(
            "window.violations = [];"
            "addEventListener('securitypolicyviolation', (event) =>"
            " window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`));"
        )
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", self.note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def note(self, message):
        """Keep errors of the console; that 404.html looks for this script at heights where it is not is no fault."""
        text = f"{message.text} ({message.location['url']})"
        if message.type == "error" and "/assets/lost.js" not in text:
            self.errors.append(text)

    def violations(self):
        """What the policy has stopped on the page shown now. Events that are under way come first."""
        return self.page.evaluate("new Promise((done) => setTimeout(() => done(window.violations)))")

    def elsewhere(self, address):
        """Requests to another origin than that of the address."""
        origin = re.match(r"\w+://[^/]+/", address)[0]
        return [url for url in self.asked if not url.startswith(origin)]


@pytest.fixture
def watched(browser):
    """A desk: 1280 pixels wide. The clipboard may be used; the service worker has a test of its own and stays away."""
    size, permissions = {"width": 1280, "height": 900}, ["clipboard-read", "clipboard-write"]
    with browser.new_context(viewport=size, permissions=permissions, service_workers="block") as context:
        yield Watched(context.new_page())


def answer(address, **headers):
    """Status, headers and body of an address, whatever the status is."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_every_page_type_keeps_to_the_policy(watched, served, site):
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    others = sorted(set(pages_of(site)) - {*SAMPLE, "search/"})
    drawn = random.Random(seed).sample(others, 10)
    print(f"SEED={seed}: {drawn}")
    for path in (*SAMPLE, "search/?q=worklist", *drawn):
        response = watched.page.goto(served.kb + path)
        assert response.headers["content-security-policy"] == POLICY, path
        assert watched.violations() == [], path
    assert watched.errors == []
    assert watched.elsewhere(served.kb) == []


def test_what_pages_do_works_under_the_policy(watched, served):
    page = watched.page
    page.goto(served.kb)
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Use dark colors").click()
    expect(page.get_by_role("button", name="Use light colors")).to_be_visible()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark

    assert page.locator("abbr[title]").first.get_attribute("title")
    page.locator("abbr[title]").first.hover()

    page.goto(served.kb + "intranet/servers/")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()").strip() == POLICY

    page.goto(served.kb + "reference/matrix/?role=pacs-manager")
    rows = page.locator("#matrix tbody tr:visible")
    managers = rows.count()
    page.get_by_label("Competency area").select_option("technical")
    expect(page).to_have_url(re.compile(r"\?role=pacs-manager&area=technical$"))
    page.get_by_role("button", name="Show all").click()
    expect(page).to_have_url(served.kb + "reference/matrix/")
    assert 0 < managers < rows.count()

    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation", name="Handbook").get_by_role("link", name="Tasks", exact=True).click()
    expect(page).to_have_url(served.kb + "tasks/")
    assert watched.violations() == []
    assert watched.errors == []
    assert watched.elsewhere(served.kb) == []


def test_search_works_under_the_policy(watched, served):
    titles = {id: runbook.title for id, runbook in check(ROOT)[0].records("runbook").items()}
    page = watched.page
    page.goto(served.kb + "tasks/train-physicians/")
    page.get_by_role("searchbox", name="Search the handbook").fill("0006:0317 Peer aborted Association")
    result = page.locator("#found li a").first
    expect(result).to_have_text(titles["association-aborted-after-accept"])
    result.click()
    expect(page).to_have_url(re.compile("/kb/runbooks/association-aborted-after-accept/"))
    page.goto(served.kb + "search/?q=ORM%5EO01")
    expect(page.locator(".results li a").first).to_be_visible()
    assert watched.violations() == []
    assert watched.errors == []
    assert watched.elsewhere(served.kb) == []


def test_the_service_worker_starts_under_the_policy(browser, served):
    with browser.new_context() as context:
        watched = Watched(context.new_page())
        watched.page.goto(served.kb)
        scope = watched.page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.scope)")
        assert scope == served.kb
        assert watched.violations() == []
        assert watched.errors == []
        assert watched.elsewhere(served.kb) == []


@pytest.mark.parametrize("place", PLACES)
def test_the_same_folder_works_at_any_path_and_under_any_name(place, watched, served):
    address, page = getattr(served, place), watched.page
    page.goto(address)
    page.get_by_role("article").get_by_role("link", name="I have a problem now").first.click()
    expect(page).to_have_url(address + "runbooks/")
    page.goto(address + "tasks/train-physicians/")
    expect(page.locator(".head")).to_have_css("background-color", LIGHT_HEAD)
    page.get_by_role("button", name="Use dark colors").click()
    page.get_by_role("navigation", name="Handbook").get_by_role("link", name="Home").click()
    expect(page).to_have_url(address)
    expect(page.get_by_role("button", name="Use light colors")).to_be_visible()
    assert watched.violations() == []
    assert watched.errors == []
    assert watched.elsewhere(address) == []


@pytest.mark.parametrize("place", PLACES)
def test_not_found_is_whole_at_any_path_and_depth(place, watched, served):
    address, page = getattr(served, place), watched.page
    for missing in MISSING:
        response = page.goto(address + missing)
        assert response.status == 404
        assert response.headers["content-security-policy"] == POLICY
        expect(page.get_by_role("heading", level=1)).to_have_text("This page is not here")
        expect(page.locator(".head")).to_have_css("background-color", LIGHT_HEAD)
        links = page.locator("a").evaluate_all("links => links.map((link) => link.href)")
        inside = {link.partition("#")[0] for link in links if "github.com" not in link} - {address + missing}
        assert len(inside) > 15
        assert [link for link in inside if not link.startswith(address)] == []
        assert watched.violations() == []
    # Only the browser knows this name.
    assert {answer(link.replace("handbook.example", "127.0.0.1"))[0] for link in inside} == {200}
    assert page.locator(".head img").evaluate("async (image) => { await image.decode(); return image.naturalWidth; }")
    page.get_by_role("button", name="Use dark colors").click()
    expect(page.locator(".head")).to_have_css("background-color", DARK_HEAD)
    page.get_by_role("article").get_by_role("link", name="All tasks").click()
    expect(page).to_have_url(address + "tasks/")
    expect(page.locator(".head")).to_have_css("background-color", DARK_HEAD)
    assert watched.elsewhere(address) == []


def test_not_found_is_right_without_scripts_where_the_site_was_built_for(browser, served):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        assert page.goto(served.kb + "tasks/no-such-task/").status == 404
        expect(page.locator(".head")).to_have_css("background-color", LIGHT_HEAD)
        page.get_by_role("article").get_by_role("link", name="All tasks").click()
        expect(page).to_have_url(served.kb + "tasks/")


def test_a_page_of_the_same_host_can_frame_the_handbook(watched, served):
    watched.page.goto(served.portal)
    expect(watched.page.get_by_title("PACS runbooks")).to_be_visible()
    frame = watched.page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    frame.get_by_role("button", name="Use dark colors").click()
    frame.get_by_role("navigation", name="Handbook").get_by_role("link", name="Tasks", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(re.compile("Tasks"))
    expect(frame.get_by_role("button", name="Use light colors")).to_be_visible()
    inner = watched.page.frames[1]
    assert inner.evaluate("window.violations") == []
    assert watched.errors == []

    inner.goto(served.portal + "portal/handbook/tasks/no-such-task/")
    expect(frame.get_by_role("heading", level=1)).to_have_text("This page is not here")
    expect(frame.locator(".head")).to_have_css("background-color", DARK_HEAD)
    frame.get_by_role("article").get_by_role("link", name="All tasks").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(re.compile("Tasks"))
    assert inner.url == served.portal + "portal/handbook/tasks/"
    assert watched.page.evaluate("window.violations") == inner.evaluate("window.violations") == []
    assert watched.elsewhere(served.portal) == []


def test_a_page_of_another_host_cannot_frame_the_handbook(watched, served):
    page = watched.page
    page.goto(served.portal)
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.evaluate("address => document.querySelector('iframe').src = address", served.kb)
    expect(page.frame_locator("iframe").get_by_role("banner")).to_have_count(0)


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("script", "script-src-elem inline"),
        ("handler", "script-src-attr inline"),
        ("style", "style-src-attr inline"),
        ("picture", "img-src http://elsewhere.example/x.png"),
    ],
)
def test_a_fault_on_a_page_is_caught(fault, found, watched, served):
    watched.page.goto(f"{served.faulty}{fault}.html")
    assert watched.violations() == [found]
    assert len(watched.errors) == 1
    assert watched.page.title() != "taken over"


def test_a_form_that_leads_elsewhere_is_caught(watched, served):
    watched.page.goto(f"{served.faulty}form.html")
    with watched.page.expect_console_message(lambda message: "form-action" in message.text):
        watched.page.locator("#send").click(no_wait_after=True)
    assert [violation.split()[0] for violation in watched.violations()] == ["form-action"]


def test_a_request_to_another_host_is_caught_without_the_policy(watched, served):
    watched.page.goto(f"{served.bare}picture.html")
    assert watched.violations() == []
    assert watched.elsewhere(served.bare) == ["http://elsewhere.example/x.png"]


@pytest.mark.parametrize(
    ("path", "type"),
    [
        ("", "text/html"),
        ("assets/handbook.css", "text/css"),
        ("assets/handbook.js", "text/javascript"),
        ("assets/icon.svg", "image/svg+xml"),
        ("schema/task.json", "application/json"),
        ("sitemap.xml", "text/xml"),
        ("opensearch.xml", "application/opensearchdescription+xml"),
        ("intranet/nginx.conf", "text/plain"),
        ("intranet/iis-web-config.xml", "text/xml"),
        ("sw.js", "text/javascript"),
        ("files/ae-title-register.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("files/ae-title-register.csv", "text/csv"),
        ("files/ae-title-register.md", "text/markdown"),
        ("nothing", "text/html"),
    ],
)
def test_every_kind_of_file_has_its_media_type_and_the_headers(path, type, served):
    status, headers, body = answer(served.kb + path)
    assert status == (404 if path == "nothing" else 200)
    assert headers.get_content_type() == type
    assert headers.get_all("Content-Security-Policy") == [POLICY]
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("Referrer-Policy") == ["same-origin"]
    assert headers.get_all("Cache-Control") == ["no-cache"]
    if type.startswith("text/"):
        assert headers.get_content_charset() == "utf-8"
    packed = answer(served.kb + path, **{"Accept-Encoding": "gzip"})
    # A workbook is packed already.
    assert packed[1]["Content-Encoding"] == ("gzip" if len(body) >= 1000 and not path.endswith(".xlsx") else None)
    if status == 200:
        for tag in (headers["ETag"], packed[1]["ETag"]):
            assert answer(served.kb + path, **{"If-None-Match": tag})[0] == 304


def test_a_changed_page_is_seen_at_once(browser, site, tmp_path):
    folder, (port,) = shutil.copytree(site, tmp_path / "site"), free_ports(1)
    page_file = folder / "runbooks/index.html"
    with nginx(tmp_path, settings(port, folder), port), browser.new_context(service_workers="block") as context:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/kb/runbooks/")
        html, times = page_file.read_text("utf-8"), page_file.stat()
        page_file.write_text(re.sub("<h1[^>]*>", r"\g<0>Newest ", html), "utf-8")
        # As when an archive is unpacked: the new file is older than the one it replaces.
        os.utime(page_file, (times.st_atime, times.st_mtime - 86400))
        page.goto(f"http://127.0.0.1:{port}/kb/")
        page.goto(f"http://127.0.0.1:{port}/kb/runbooks/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Newest")


def test_no_folder_is_listed(served):
    for path in ("assets/", "schema/"):
        status, _, body = answer(served.kb + path)
        assert status == 404
        assert b"This page is not here" in body
        assert b"handbook.css</a>" not in body


def test_a_missing_slash_is_added_wherever_the_handbook_stands(served, watched):
    for short, whole in (
        (served.kb.removesuffix("/"), served.kb),
        (served.kb + "tasks", served.kb + "tasks/"),
        (served.root + "tasks", served.root + "tasks/"),
        (served.proxied + "tasks", served.proxied + "tasks/"),
    ):
        watched.page.goto(short)
        assert watched.page.url == whole


KNOWN_TO = {
    # What a server knows without our file; nginx is told everything.
    "nginx.conf": set(),
    "apache.conf": set(),
    "iis-web-config.xml": {".css", ".gz", ".html", ".txt", ".xml", ".zip"},
}


@pytest.mark.parametrize("file", KNOWN_TO)
def test_every_server_knows_the_type_of_every_file(file, site):
    text = (ROOT / "docs/intranet" / file).read_text("utf-8")
    told = {
        "nginx.conf": lambda: {
            f".{suffix}"
            for line in re.search(r"types \{\n(.*?)\}", text, flags=re.DOTALL)[1].splitlines()
            for suffix in line.strip().rstrip(";").split()[1:]
        },
        "apache.conf": lambda: {suffix for line in re.findall(r"AddType \S+ (.*)", text) for suffix in line.split()},
        "iis-web-config.xml": lambda: {
            element.get("fileExtension") for element in ElementTree.fromstring(text).iter("mimeMap")
        },
    }[file]()
    # The offline copy, where the site has one, is a zip.
    needed = {path.suffix for path in site.rglob("*") if path.is_file()} | {".zip"}
    assert needed - told - KNOWN_TO[file] == set()


def test_iis_replaces_a_type_that_the_server_may_have():
    text = (ROOT / "docs/intranet/iis-web-config.xml").read_text("utf-8")
    for content in ElementTree.fromstring(text).iter("staticContent"):
        types = [(element.tag, element.get("fileExtension")) for element in content if element.get("fileExtension")]
        assert types
        assert types[::2] == [("remove", suffix) for _, suffix in types[1::2]]
        assert {tag for tag, _ in types[1::2]} == {"mimeMap"}


def test_all_servers_send_the_files_of_the_forms_with_the_same_types():
    texts = {file: (ROOT / "docs/intranet" / file).read_text("utf-8") for file in KNOWN_TO}
    for type in ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv", "text/markdown"):
        assert [file for file, text in texts.items() if type not in text] == []
    assert texts["iis-web-config.xml"].count("; charset=utf-8") == 2
    assert re.search(r"AddCharset utf-8 .*\.csv \.md", texts["apache.conf"])


def test_all_servers_send_the_same_headers():
    texts = [
        (ROOT / "docs/intranet" / name).read_text("utf-8")
        for name in ("apache.conf", "iis-web-config.xml", "nginx.conf")
    ]
    for text in texts:
        for value in (POLICY, "nosniff", "same-origin", "404.html", "index.html"):
            assert value in text
    assert POLICY in (ROOT / "docs/intranet/servers.md").read_text("utf-8")


PAGE = ROOT / "docs/intranet/index.md"


def test_the_page_promises_the_sections_that_are_kept(site):
    catalogue, pages = check(ROOT)[0], pages_of(site)
    table = PAGE.read_text("utf-8").partition("| Pages | Anchors |\n")[2].partition("\n\n")[0]
    promised = {
        f"/{name.lower()}/*/{anchor}"
        for name, anchors in re.findall(r"^\| (\w+).*? \| (.*) \|$", table, flags=re.MULTILINE)
        for anchor in re.findall(r"`(#[\w-]+)`", anchors)
    }
    assert promised == {listed for listed in catalogue.addresses if "#" in listed}
    # And those that are made from names.
    for id in catalogue.records("competency"):
        assert set(Level) <= set(pages[f"competencies/{id}/"].ids)
    for id in catalogue.records("background"):
        assert {f"toward-{role}" for role in catalogue.records("role")} <= set(pages[f"backgrounds/{id}/"].ids)


def test_the_page_names_every_list_whose_entries_have_addresses(site):
    catalogue, pages = check(ROOT)[0], pages_of(site)
    table = PAGE.read_text("utf-8").partition("| Page | What the anchor names |\n")[2].partition("\n\n")[0]
    anchored = set()
    for kind in KINDS.values():
        at = address_of(kind.listed)
        if kind.listed and not kind.recorded and set(catalogue.records(kind.name)) <= set(pages[at.lstrip("/")].ids):
            anchored.add(at)
    assert set(re.findall(r"^\| `([^`]+)`", table, flags=re.MULTILINE)) == anchored
    assert anchored


def test_every_address_that_the_page_offers_leads_somewhere(site):
    pages = pages_of(site)
    for offered in set(re.findall(r"`/([a-z0-9/-]*/(?:#[\w-]+)?)`", PAGE.read_text("utf-8"))):
        at, _, anchor = offered.partition("#")
        if at not in ("assets/", "tasks/old-name/"):
            assert at in pages, offered
            assert not anchor or anchor in pages[at].ids, offered


class Inline(HTMLParser):
    """What a page holds that the policy would stop."""

    ADDRESSES = ("href", "src", "srcset", "action", "formaction", "poster", "data", "xlink:href", "background")

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.found.append(f"<{tag}> with its text inside")
        for name, value in given.items():
            scheme = (value or "").strip().lower().partition(":")[0]
            if name == "style" or name.startswith("on"):
                self.found.append(f"<{tag} {name}>")
            if name in self.ADDRESSES and scheme in ("javascript", "data"):
                self.found.append(f"<{tag} {name}={scheme}:>")


def test_no_page_has_scripts_or_styles_in_its_markup(site):
    for address, page in pages_of(site).items():
        assert Inline(page.path.read_text("utf-8")).found == [], address


def test_scripts_and_styles_in_markup_would_be_found():
    for html, found in (
        ("<script>1</script>", "<script> with its text inside"),
        ("<style>p {}</style>", "<style> with its text inside"),
        ("<p STYLE='x'>", "<p style>"),
        ("<svg onload=x>", "<svg onload>"),
        ("<a href=' JavaScript:x'>", "<a href=javascript:>"),
        ("<img src='data:image/png;base64,x'>", "<img src=data:>"),
    ):
        assert Inline(html).found == [found], html
    assert Inline("<script src='x.js'></script><p class='style' data-on='1'><a href='data/'>x</a>").found == []
