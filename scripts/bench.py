#!/usr/bin/env python3
"""Measures the handbook: its check, its build, its pages in a browser and how all of it grows. Judges nothing.

Parts: check (the check of growing catalogues, and how much of a build is ours), build and page (against the theme as it
comes, with the same pages), growth (our build and its bytes). Times depend on the machine: read the ratios.
"""

import argparse
import contextlib
import gzip
import http.server
import json
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import defaultdict
from pathlib import Path

import yaml
from jinja2 import Environment, StrictUndefined

from kb.catalogue import Catalogue
from kb.pages import parse_page
from kb.render import MACROS, View, tooltips
from kb.rules import check, in_words

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("check", "build", "page", "growth")
OURS, STOCK = "ours", "stock"
# A slow office network and a slow thin client.
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
CPU_SLOWDOWN = 4
SEARCHED = "storage"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

Measures = dict[str, dict[str, list[float]]]


# What is measured: the handbook with its tasks repeated, and the same pages for the theme as it comes.


def grown(root: Path, tasks: int) -> Path:
    """Copy the checkout to `root`, its tasks repeated until there are `tasks`; returns `root`."""
    root.mkdir()
    for name in ("data", "docs", "scripts", "macros.py", "mkdocs.yml", "mkdocs.offline.yml"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(root)], check=True)
    kept = sorted((root / "data/tasks").glob("*.yml"))
    addresses = root / "data/addresses.txt"
    lines = addresses.read_text("utf-8").splitlines()
    for number in range(tasks - len(kept)):
        model = kept[number % len(kept)]
        id = f"{model.stem}-copy-{number}"
        title = rf'title: "Copy {number} of \1"'
        record = re.sub(r'^title: *"?(.+?)"?$', title, model.read_text("utf-8"), count=1, flags=re.M)
        (root / f"data/tasks/{id}.yml").write_text(record, "utf-8")
        (root / f"docs/tasks/{id}.md").write_bytes((root / f"docs/tasks/{model.stem}.md").read_bytes())
        lines.append(f"/tasks/{id}/")
    addresses.write_text("\n".join(lines) + "\n", "utf-8")
    # A few people cannot do thousands of tasks; their hours are not what is measured here.
    staffing = root / "data/staffing.yml"
    staffing.write_text(re.sub(r"hours: \S+", "hours: 100000", staffing.read_text("utf-8")), "utf-8")
    return root


def stock(root: Path, ours: Path) -> Path:
    """Write the pages of the checkout `ours` to `root` with their macros printed, for the theme as it comes."""
    catalogue = sound(ours)
    sections: dict[str, list[str]] = defaultdict(list)
    for path in sorted(catalogue.pages):
        if path != "search/index.md":
            target = root / "docs" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(printed(catalogue, path, (ours / "docs" / path).read_text("utf-8")), "utf-8")
            sections[path.rpartition("/")[0]].append(path)
    top = sections.pop("")
    with (ours / "mkdocs.yml").open() as file:
        # The file has tags that only MkDocs knows; what follows the extensions is not needed.
        text = re.search(r"^markdown_extensions:\n(?:[ -].*\n)+", file.read(), re.MULTILINE)
    extensions = yaml.safe_load(text[0])["markdown_extensions"] if text else []
    glossary = {"abbr": {"glossary": tooltips(catalogue)}}
    settings = {
        "site_name": "The theme as it comes",
        # Fonts would come from another host.
        "theme": {"name": "material", "font": False},
        "plugins": ["search"],
        "markdown_extensions": [glossary if name == "abbr" else name for name in extensions],
        "nav": [*top, *({folder.capitalize(): paths} for folder, paths in sections.items())],
    }
    (root / "mkdocs.yml").write_text(yaml.safe_dump(settings, sort_keys=False), "utf-8")
    return root


def printed(catalogue: Catalogue, path: str, text: str) -> str:
    """The Markdown of a page after its macros."""
    front = re.match(r"\A(---\n.*?\n---\n)?", text, re.DOTALL)
    view = View(catalogue, path, {}, rules=in_words(), settings={"offline": False})
    macros = {name: lambda *given, macro=macro: macro(view, *given) for name, macro in MACROS.items()}
    # As mkdocs.yml sets it for the macros plugin.
    template = Environment(undefined=StrictUndefined, comment_start_string="{##", comment_end_string="##}")
    return front[0] + template.from_string(text[front.end() :]).render(macros)


def sound(root: Path) -> Catalogue:
    """The catalogue of a checkout; ends the program when the check finds faults."""
    catalogue, problems = check(root)
    if errors := [str(problem) for problem in problems if not problem.warning]:
        sys.exit("\n".join(["the handbook is not sound; run the check first", *errors[:5]]))
    return catalogue


# check


def cpu(action, repeat: int = 3) -> float:
    """CPU seconds of this process for `action()`: the least of several runs."""
    seconds = []
    for _ in range(repeat):
        begin = time.process_time()
        action()
        seconds.append(time.process_time() - begin)
    return min(seconds)


def render_all(catalogue: Catalogue) -> None:
    """Print every macro call of every page, as a build does."""
    for path in sorted(catalogue.pages):
        page = parse_page(path, (ROOT / "docs" / path).read_text("utf-8"))
        for call in page.calls:
            view = View(catalogue, path, {}, rules=in_words(), settings={"offline": False})
            MACROS[call.name](view, *call.arguments)


def measure_check(scratch: Path, options: argparse.Namespace) -> dict:
    """The check of growing catalogues, and how much of a whole build is ours."""
    found: dict = {"sizes": {}}
    print(f"\ncheck of a growing catalogue\n{'tasks':>8} {'CPU s':>8} {'ms a task':>10} {'problems':>9}")
    for size in options.check_tasks:
        root = grown(scratch / f"check-{size}", size)
        problems = len(check(root)[1])
        seconds = cpu(lambda root=root: check(root))
        found["sizes"][size] = {"cpu_s": seconds, "problems": problems}
        print(f"{size:8} {seconds:8.2f} {1000 * seconds / size:10.3f} {problems:9}")
        shutil.rmtree(root)
    catalogue, tree = sound(ROOT), grown(scratch / "as-it-is", 0)
    checking, rendering = cpu(lambda: check(ROOT)), cpu(lambda: render_all(catalogue))
    whole = min(build_cpu(tree, OURS) for _ in range(3))
    # The build checks twice: once before it begins, and once when MkDocs loads the macros.
    shares = {"check (each of two)": checking, "all macros": rendering, "whole build": whole}
    shares["ours altogether, without the search index"] = 2 * checking + rendering
    print(f"\nthe handbook itself: {len(catalogue.pages)} pages")
    for name, seconds in shares.items():
        print(f"{name:>42} {seconds:8.2f} CPU s {100 * seconds / whole:6.1f} %")
    return {**found, "pages": len(catalogue.pages), "cpu_s": shares}


# build


def build_cpu(root: Path, which: str) -> float:
    """CPU seconds of a cold build in processes of its own: ours with checks, redirects and search index."""
    program = ["scripts/build.py"] if which == OURS else ["-m", "mkdocs", "build", "--quiet"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([sys.executable, *program], cwd=root, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(run.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Served:
    """A checkout served by MkDocs while it is edited."""

    def __init__(self, root: Path, page: str) -> None:
        self.root, self.page = root, page
        with socket.socket() as any_port:
            any_port.bind(("127.0.0.1", 0))
            place = f"127.0.0.1:{any_port.getsockname()[1]}"
        self.address = f"http://{place}/"
        command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", place]
        self.server = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not self.reached():
            if self.server.poll() is not None:
                sys.exit(f"mkdocs serve ended in {root}")
            time.sleep(0.2)

    def reached(self) -> bool:
        """Whether the first build is there."""
        with contextlib.suppress(OSError):
            return bool(self.get(self.page))
        return False

    def get(self, path: str) -> str:
        """What the server answers."""
        with urllib.request.urlopen(self.address + path, timeout=600) as answer:
            return answer.read().decode()

    def cpu(self) -> float:
        """CPU seconds so far (on Linux; elsewhere 0)."""
        stat = Path(f"/proc/{self.server.pid}/stat")
        times = stat.read_text().rpartition(")")[2].split()[11:13] if stat.exists() else (0, 0)
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")

    def edited(self, file: str, pattern: str, new: str) -> tuple[float, float]:
        """(wall seconds until the browser is told, CPU seconds) of one edit."""
        shown = int(re.search(r"livereload\((\d+)", self.get(self.page))[1])
        path, began = self.root / file, self.cpu()
        text = re.sub(pattern, new, path.read_text("utf-8"), count=1, flags=re.MULTILINE)
        begin = time.perf_counter()
        path.write_text(text, "utf-8")
        while int(self.get(f"livereload/{shown}/1")) <= shown:
            pass
        return time.perf_counter() - begin, self.cpu() - began


def measure_build(trees: dict[str, Path], task: str, options: argparse.Namespace) -> Measures:
    """Cold builds, and what a contributor waits for after saving a page or a record."""
    found: Measures = defaultdict(lambda: defaultdict(list))
    for _ in range(options.rounds):
        for which, root in trees.items():
            found["cold build, CPU s"][which].append(build_cpu(root, which))
    with contextlib.ExitStack() as stack:
        served = {}
        for which, root in trees.items():
            served[which] = Served(root, f"tasks/{task}/")
            stack.callback(served[which].server.wait)
            stack.callback(served[which].server.terminate)
        edits = {"page": (f"docs/tasks/{task}.md", r"^(## .*\n)", r"\1\nMore words.\n")}
        edits["record"] = (f"data/tasks/{task}.yml", r"^(summary: [\"']?)", r"\1More. ")
        for _ in range(options.rounds):
            for which, server in served.items():
                for what, edit in edits.items():
                    if (server.root / edit[0]).exists():
                        wall, seconds = server.edited(*edit)
                        found[f"rebuild after the edit of a {what}, wall s"][which].append(wall)
                        found[f"rebuild after the edit of a {what}, CPU s"][which].append(seconds)
    return found


# page


class Zipped(http.server.SimpleHTTPRequestHandler):
    """Serves a folder compressed and counts, since a browser does not tell what its workers fetch."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer with the file, compressed when it is text."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        body = path.read_bytes() if path.is_file() else b""
        zipped = path.suffix in {".html", ".css", ".js", ".json", ".svg", ".xml", ".txt"}
        body = gzip.compress(body, 6, mtime=0) if zipped else body
        # What a service worker keeps for later is not part of the page that a reader waits for.
        later = self.path.endswith("/sw.js") or self.headers.get("Referer", "").endswith("/sw.js")
        self.server.sent.append((later, len(body)))
        self.send_response(200 if path.is_file() else 404)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)


@contextlib.contextmanager
def serving(folder: Path):
    """Serve a folder on a free port; yields the server."""
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *given: Zipped(*given, directory=str(folder))
    ) as server:
        server.daemon_threads, server.sent = True, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


OBSERVE = """
  window.seen = {paint: 0, largest: 0, shift: 0, tasks: [], first: 0};
  const on = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({type, buffered: true});
  on("paint", (e) => { if (e.name === "first-contentful-paint") seen.paint = e.startTime; });
  on("largest-contentful-paint", (e) => { seen.largest = e.startTime; });
  on("layout-shift", (e) => { if (!e.hadRecentInput) seen.shift += e.value; });
  on("longtask", (e) => { seen.tasks.push(e.duration); });
  addEventListener("keydown", (event) => {
    if (seen.key) return;
    seen.key = event.timeStamp;
    const look = () => {
      const results = [...document.querySelectorAll("#found li, .md-search-result__item")];
      if (results.some((item) => item.checkVisibility())) seen.first = performance.now() - seen.key;
      else requestAnimationFrame(look);
    };
    look();
  }, true);
"""  # noqa: E501 (a script)
FIELD = ".head__search input, .md-search__input"


def visit(browser, server, path: str, *, at_once: bool) -> dict[str, float]:
    """Open a page with a cold cache on a slow machine, then search; at once, or when the page has come to rest."""
    found: dict[str, float] = {}
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", NETWORK)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
        page.add_init_script(OBSERVE)
        server.sent.clear()
        page.goto(f"http://127.0.0.1:{server.server_port}/{path}", wait_until="commit" if at_once else "load")
        if not at_once:
            page.wait_for_timeout(5000)
            seen = page.evaluate("seen")
            at_rest = sum(size for _, size in server.sent)
            at_first = [size for later, size in server.sent if not later]
            found["first page, KB"] = sum(at_first) / 1000
            found["first page, requests"] = len(at_first)
            found["kept for later by a service worker, KB"] = sum(size for later, size in server.sent if later) / 1000
            found["first paint, ms"] = seen["paint"]
            found["largest paint, ms"] = seen["largest"]
            found["blocked, ms"] = sum(max(0, task - 50) for task in seen["tasks"])
            found["longest task, ms"] = max(seen["tasks"], default=0)
            found["layout shift"] = seen["shift"]
        field = page.locator(FIELD).first
        # Where there is no search, or none that answers, there is no figure.
        with contextlib.suppress(Exception):
            field.wait_for(state="visible", timeout=30_000)
            field.click()
            field.press_sequentially(SEARCHED, delay=80)
            page.wait_for_function("seen.first > 0", timeout=60_000)
            found[f"search, first result, {'typing at once' if at_once else 'page at rest'}, ms"] = page.evaluate(
                "seen.first"
            )
            if not at_once:
                page.wait_for_timeout(3000)
                found["search, KB more"] = (sum(size for _, size in server.sent) - at_rest) / 1000
    return found


def measure_page(trees: dict[str, Path], task: str, options: argparse.Namespace) -> Measures:
    """A task page as the first page of a reader."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or sys.exit("chromium is missing; `make bench` installs it or says how")
    found: Measures = defaultdict(lambda: defaultdict(list))
    with contextlib.ExitStack() as stack:
        servers = {}
        for which, root in trees.items():
            if not (root / "site").is_dir():
                build_cpu(root, which)
            servers[which] = stack.enter_context(serving(root / "site"))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for _ in range(options.rounds):
            for at_once in (False, True):
                for which, server in servers.items():
                    for name, value in visit(browser, server, f"tasks/{task}/", at_once=at_once).items():
                        found[name][which].append(value)
        browser.close()
    if not any(OURS in values for name, values in found.items() if name.startswith("search")):
        print("note: the search of the handbook shows no results (#found li)")
    return found


# growth


def measure_growth(scratch: Path, options: argparse.Namespace) -> dict:
    """Our build and its bytes, in one run for each size."""
    found = {}
    files = {"task page": None, "task list": "tasks/index.html", "titles": "search/titles.js", "text": "search/text.js"}
    print(f"\nour build as it grows (KB: gzip)\n{'tasks':>8} {'CPU s':>8} {'ms a page':>10} {'site MB':>8}", end="")
    print("".join(f" {name + ' KB':>13}" for name in files))
    for size in options.growth_tasks:
        root = grown(scratch / f"growth-{size}", size)
        seconds = build_cpu(root, OURS)
        site = root / "site"
        pages = len(list(site.rglob("*.html")))
        task = f"tasks/{first_task(root)}/index.html"
        weights = {name: zipped_kb(site / (file or task)) for name, file in files.items()}
        total = sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) / 1e6
        found[size] = {"cpu_s": seconds, "pages": pages, "site_mb": total, "gzip_kb": weights}
        print(f"{size:8} {seconds:8.1f} {1000 * seconds / pages:10.1f} {total:8.1f}", end="")
        print("".join(f" {weight:13.1f}" for weight in weights.values()), flush=True)
        shutil.rmtree(root)
    return found


def zipped_kb(file: Path) -> float:
    """Size of a file as it is sent; 0 when it is not there."""
    return len(gzip.compress(file.read_bytes(), 6)) / 1000 if file.exists() else 0


def first_task(root: Path) -> str:
    """The task whose page is looked at and edited."""
    return sorted(path.stem for path in (root / "data/tasks").glob("*.yml"))[0]


def table(found: Measures) -> dict:
    """Print medians and their ratios; returns them for the record."""
    print(f"{'median of the rounds':>46} {'ours':>10} {'stock':>10} {'ours/stock':>11}")
    summary = {}
    for name, values in found.items():
        ours, other = (statistics.median(values[which]) if values.get(which) else None for which in (OURS, STOCK))
        ratio = ours / other if ours is not None and other else None
        summary[name] = {"ours": ours, "stock": other, "ratio": ratio, "runs": {key: values[key] for key in values}}
        shown = " ".join(f"{'-' if value is None else format(value, '.2f'):>10}" for value in (ours, other, ratio))
        print(f"{name:>46} {shown}", flush=True)
    return summary


def main() -> None:
    """Run the parts, print tables and write bench.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="run these parts (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions of build and page, ours and stock in turn")
    parser.add_argument("--pages", type=int, default=300, help="how many pages to compare with the theme as it comes")
    parser.add_argument("--check-tasks", type=int, nargs="+", default=[750, 1500, 3000], help="sizes for the check")
    parser.add_argument("--growth-tasks", type=int, nargs="+", default=[100, 1000, 3000], help="sizes for the growth")
    parser.add_argument("--json", type=Path, default=ROOT / "bench.json", help="where the figures go")
    options = parser.parse_args()
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    results: dict = {"rounds": options.rounds, "pages": options.pages}
    catalogue = sound(ROOT)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        if "check" in options.only:
            results["check"] = measure_check(scratch, options)
        if {"build", "page"} & set(options.only):
            others = len(catalogue.pages) - len(catalogue.records("task"))
            ours = grown(scratch / OURS, max(0, options.pages - others))
            trees = {OURS: ours, STOCK: stock(scratch / STOCK, ours)}
            print(f"\n{options.pages} pages, ours against the theme as it comes")
            for part, measure in (("build", measure_build), ("page", measure_page)):
                if part in options.only:
                    results[part] = table(measure(trees, first_task(ours), options))
        if "growth" in options.only:
            results["growth"] = measure_growth(scratch, options)
    options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"\nwrote {options.json}")


if __name__ == "__main__":
    main()
