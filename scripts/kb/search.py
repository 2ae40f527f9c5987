"""Makes the two index files of the search from the built pages; the reader's half is docs/assets/search-engine.js.

`titles` is small and answers at once: address, title, kind and summary of each page, and the abbreviations.
`text` holds what stands in each section, inverted: a sorted vocabulary and, for each word, the sections that hold it.
Both are classic scripts that set kbSearch.titles and kbSearch.text, since a page opened from a folder cannot fetch.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path

from kb.catalogue import Catalogue
from kb.console import error_lines
from kb.model import KINDS
from kb.pages import address

# A word in at most this many sections is kept with its sections, any other only with its pages: rare words decide
# which section is shown, and the rest would be two thirds of the index.
RARE = 7
# A word on more than this share of the pages tells none of them apart; only pages that are about it are kept.
EVERYWHERE = 0.12
# A page is about a word that stands in one of its headings, or at least so often in its text.
OFTEN = 5
# Characters of a summary that a result shows.
SHOWN = 100
# Sections that make a page a long list of entries.
LONG = 100
# Label of a kind and its weight in the ranking: big tables match everything, so they stand back.
LABELS = {
    "task": ("Task", 1.0),
    "competency": ("Competency", 1.0),
    "role": ("Role", 1.0),
    "runbook": ("Runbook", 1.0),
    "background": ("Background", 0.9),
    "staffing": ("Staffing model", 0.9),
    "term": ("Glossary", 0.6),
    "measure": ("Measures", 0.6),
    "clause": ("Standards", 0.5),
    "symptom": ("Symptoms", 0.8),
    "code": ("Code", 0.6),
    "proof": ("Printed lines", 0.6),
    "exam": ("Exam outline", 0.5),
    "heading": ("Crosswalks", 0.4),
    "pain": ("What hurts most", 0.6),
    "template": ("Form", 0.8),
    "claim": ("The article today", 0.5),
    "source": ("Sources", 0.3),
}
FOLDERS = {"": ("Handbook", 0.8), "runbooks": ("Runbook", 1.0), "learn": ("Guide", 0.8), "intranet": ("Guide", 0.7)}
FOLDERS |= {"reference": ("Reference", 0.5), "contributing": ("Contribute", 0.5)}
LISTS = ("Overview", 0.6)

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_INLINE = {"a", "abbr", "b", "code", "em", "i", "kbd", "mark", "q", "s", "span", "strong", "sub", "sup", "u"}
_LEFT_OUT = {"nav", "aside", "form", "script", "style", "svg", "footer", "caption"}
# Repeated on every page, lists of other pages' titles, or marks of a source.
_LEFT_OUT_CLASSES = {"headerlink", "contents", "unseen", "kb-cite", "kb-next", "kb-door", "kb-chip", "kb-checked"}
_LEFT_OUT_CLASSES |= {"kb-overdue", "kb-calendar", "kb-verdict", "kb-lead"}
# What the lab does out of sight; lists of links and of lines that stand on other pages.
_LEFT_OUT_CLASSES |= {
    "kb-lab",
    "kb-choices",
    "kb-answers",
    "kb-lines",
    "kb-form",
    "kb-ticks",
    "kb-plan",
    "kb-said",
    "kb-heard",
}
_HEADINGS = {"h1", "h2", "h3", "dt", "li"}


@dataclass
class Section:
    """A part of a page that has an anchor; `heading` is empty for what stands before the first one.

    `errors` repeats those lines of the text that tell of a fault.
    """

    anchor: str
    heading: str = ""
    text: str = ""
    errors: str = ""


@dataclass
class SearchPage:
    """A page as the search sees it; `url` is relative to the site's root, such as "tasks/verify-backups/"."""

    url: str
    title: str
    kind: tuple[str, float]
    summary: str
    sections: list[Section] = field(default_factory=list)
    heard: Sequence[str] = ()


# What MkDocs writes is well-formed, so a tag is found by its brackets: the parser of the standard library takes
# several times as long, which was a tenth of a build.
_TAG_OR_COMMENT = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>|<!--.*?-->", re.DOTALL)
_ATTRIBUTE = re.compile(r"(?<![\w-])(id|class)=\"([^\"]*)\"")


class _Reader:
    """Collects the sections of the <article> of a page; `titles` are link texts that only name another page."""

    def __init__(self, titles: set[str]) -> None:
        self.titles = titles
        # Open elements: tag, the tags and classes around and in it, whether it is left out.
        self.open: list[tuple[str, frozenset[str], bool]] = [("", frozenset(), True)]
        self.sections = [Section("")]
        self.heading = ""
        self.link: list[str] | None = None

    def feed(self, html: str) -> None:
        """Reads a whole page."""
        at, end = html.find("<article"), html.find("</article>")
        for found in _TAG_OR_COMMENT.finditer(html, at, end):
            if found.start() > at:
                self.handle_data(unescape(html[at : found.start()]))
            at = found.end()
            if found[1]:
                self.handle_endtag(found[2])
            elif found[2]:
                self.handle_starttag(found[2], dict(_ATTRIBUTE.findall(found[3])))
        self.handle_data(unescape(html[at:end]))

    def handle_starttag(self, tag: str, values: dict[str, str]) -> None:
        """Enters an element, which is left out when the one around it is."""
        if tag not in _INLINE:
            self.handle_data(" ")
        if tag in _VOID:
            return
        _, around, left_out = self.open[-1]
        classes = set(values.get("class", "").split())
        left_out = (left_out and tag != "article") or self.leaves_out(tag, classes, around)
        self.open.append((tag, around | classes | {tag}, left_out))
        if left_out:
            return
        if tag in _HEADINGS and values.get("id"):
            self.sections.append(Section(values["id"]))
            self.heading = tag
        elif tag == "small":  # In a term: what it stands for.
            self.heading = ""
        elif tag == "a":
            self.link = []

    def leaves_out(self, tag: str, classes: set[str], around: frozenset[str]) -> bool:
        """Whether an element repeats on every page, lists other pages or names a source."""
        if "kb-level" in classes:
            return not self.heading
        if tag == "small":
            return "dt" not in around
        if "go" in classes:  # What a command prints, but for its faults, stands on many pages.
            return "kb-error" not in classes
        if "kb-facts" in around:
            return tag == "dt" or (tag == "dl" and "kb-lists" not in classes)
        return tag in _LEFT_OUT or bool(classes & _LEFT_OUT_CLASSES) or (tag == "ol" and "kb-sources" in classes)

    def handle_endtag(self, tag: str) -> None:
        """Leaves an element, and those in it that were never closed."""
        if tag not in self.open[-1][1]:
            return
        while self.open.pop()[0] != tag:
            pass
        if tag == "a" and self.link is not None:
            text, self.link = "".join(self.link), None
            if self.heading or " ".join(text.split()) not in self.titles:
                self.add(text)
        # Of an entry in a list, its first link or what is set in bold is the heading.
        if tag == self.heading or (self.heading == "li" and tag in ("a", "strong")):
            self.heading = ""
        if tag not in _INLINE:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        """Takes text that is not left out."""
        if self.open[-1][2]:
            return
        if self.link is not None:
            self.link.append(data)
        else:
            self.add(data)

    def add(self, text: str) -> None:
        """Adds text to the heading or the body of the section."""
        section = self.sections[-1]
        if self.heading:
            section.heading += text
        else:
            section.text += text
            if "kb-error" in self.open[-1][1]:
                section.errors += f" {text}"


def read_page(html: str, titles: set[str]) -> list[Section]:
    """Sections of a built page, in order, without navigation, labels and lists of other pages."""
    reader = _Reader(titles)
    reader.feed(html)
    for section in reader.sections:
        section.heading, section.text = " ".join(section.heading.split()), " ".join(section.text.split())
    return [section for section in reader.sections if section.text or section.heading not in ("", "Sources")]


def read_site(site: Path, catalogue: Catalogue, *, directory_urls: bool = True) -> list[SearchPage]:
    """All pages of the handbook as built below `site`, in the order of their paths; redirects are left out."""
    titles = {entry.record.title for entry in catalogue.all() if hasattr(entry.record, "title")}
    listed = {kind.listed: name for name, kind in KINDS.items() if kind.listed}
    pages = []
    for path in sorted(catalogue.pages):
        if path.startswith("search"):  # The page that shows what is found.
            continue
        url = _url(path, directory_urls=directory_urls)
        file = site / url / "index.html" if directory_urls else site / url
        sections = read_page(file.read_text(encoding="utf-8"), titles)
        # Nine hundred titles match everything and answer nothing; what the plans say stands at the competencies.
        if path == KINDS["source"].listed or path.startswith("learn/paths/"):
            del sections[1:]
        entry = catalogue.page_entry(path)
        name = entry.kind.name if entry else listed.get(path, "")
        folder = path.rpartition("/")[0]
        other = LISTS if path.endswith("/index.md") and folder not in FOLDERS else FOLDERS.get(folder, FOLDERS[""])
        body = next((section.text for section in sections if section.text), "")
        described = (catalogue.pages[path].front.value or {}).get("description")
        summary = entry.record.summary if entry else described or _beginning(body)
        heard = entry.record.heard if entry else catalogue.pages[path].heard
        title = next((section.heading for section in sections if section.heading), url)
        pages.append(SearchPage(url, title, LABELS.get(name, other), summary, sections, heard))
    return pages


def _url(path: str, *, directory_urls: bool) -> str:
    return address(path).lstrip("/") if directory_urls else path.removesuffix(".md") + ".html"


def _beginning(text: str, length: int = 150) -> str:
    """The first sentences of a text, at most `length` characters, cut between words."""
    if len(text) <= length:
        return text
    cut = text[:length]
    return cut[: cut.rfind(". ") + 1] or cut[: cut.rfind(" ")] + " …"


# The same rules stand in search-engine.js; a test compares them over all words of the handbook.
_TAG = re.compile(r"\b([0-9a-fx]{4}),\s?([0-9a-fx]{4})\b", re.IGNORECASE | re.ASCII)
_CHUNK = re.compile(r"[A-Za-z0-9]+(?:[-_^.:,/+&~\\]+[A-Za-z0-9]+)*")
_JOINT = re.compile(r"[^A-Za-z0-9]+")
# Whole words: nobody writes benefit-cost as one, while e-mail, C-MOVE and ORM^O01 come either way.
_PLAIN_PARTS = re.compile(r"[A-Za-z]{4,}(?:[-/.:&+]+[A-Za-z]{4,})+")
_HUMP = re.compile(r"([a-z])([A-Z])")
_WORD = re.compile(r"(?!\d{1,2}$|\d{5,6}$)[A-Za-z0-9]{2,24}")


def words(text: str) -> list[str]:
    """Index words of a text, in order: `ORM^O01` gives ormo01, orm, o01; `(0010,0020)` gives 00100020."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char)[0] != "M")
    text = _TAG.sub(r" \1\2 ", re.sub(r"['’](s\b)?", "", text, flags=re.ASCII))
    found = []
    for chunk in _CHUNK.findall(text):
        parts = _JOINT.split(chunk)
        if len(parts) > 1 and not _PLAIN_PARTS.fullmatch(chunk):
            found.append("".join(parts))
        for part in parts:
            found.append(part)
            if _HUMP.search(part):
                found += _HUMP.sub(r"\1 \2", part).split()
    return [stem(word.lower()) for word in found if _WORD.fullmatch(word)]


_STEMS = [
    (re.compile(pattern), put)
    for pattern, put in (
        (r"^0x([0-9a-f]+)$", r"\1"),
        (r"^([0-9a-f]{4})h$", r"\1"),
        (r"^([a-z]{3,})ie[sd]$", r"\1y"),
        (r"^([a-z]+(?:ss|x|ch|sh))es$", r"\1"),
        (r"^([a-z]*[b-df-hj-rt-z]|[a-z]+[aeo])s$", r"\1"),
        (r"^([a-z]{4,})(?:ing|ed)$", r"\1"),
        (r"^(?!access|certificat)([a-z]{4,}[st])ion$", r"\1"),
        (r"^([a-z]{3,})([bdgmnprt])\2$", r"\1\2"),
        (r"^([a-z]{4,})e$", r"\1"),
    )
]


@cache
def stem(word: str) -> str:
    """A word without its ending, so that archive, archives, archived and archiving are one; codes stay."""
    for pattern, put in _STEMS:
        word = pattern.sub(put, word)
    return word


_DIGITS = "".join(chr(code) for code in range(35, 127) if chr(code) not in "\\,")
_LAST = 62


def number(value: int) -> str:
    """A number from 0 in printable characters: those from the _LAST-th on say that more follow."""
    value, last = divmod(value, _LAST)
    text = _DIGITS[last]
    while value:
        value, more = divmod(value, len(_DIGITS) - _LAST)
        text = _DIGITS[_LAST + more] + text
    return text


def titles_index(pages: Iterable[SearchPage], catalogue: Catalogue) -> dict:
    """The small index: kinds [label, weight], pages [url, title, place in kinds, summary], terms [short, long]."""
    pages = list(pages)
    kinds = sorted({page.kind for page in pages})
    terms = sorted((term.term, term.expansion) for term in catalogue.records("term").values() if term.expansion)
    return {
        "kinds": [list(kind) for kind in kinds],
        "pages": [[page.url, page.title, kinds.index(page.kind), _beginning(page.summary, SHOWN)] for page in pages],
        "terms": [list(term) for term in terms],
    }


def printed_lines(catalogue: Catalogue) -> dict[str, set[str]]:
    """What programs print when work fails → paths of the pages that explain it."""
    found: dict[str, set[str]] = {}
    for id, runbook in catalogue.records("runbook").items():
        path = f"runbooks/{id}.md"
        for line in error_lines(catalogue.pages[path].blocks):
            found.setdefault(line, set()).add(path)
        for other in runbook.printed:
            found.setdefault(other.line, set()).add(path)
    for code in catalogue.records("code").values():
        for line in code.also:
            paths = {KINDS["code"].listed, *(f"runbooks/{id}.md" for id in code.runbooks)}
            found.setdefault(line, set()).update(paths)
    return found


def text_index(
    pages: Iterable[SearchPage],
    lines: Mapping[str, Iterable[str]],
    said: Mapping[str, Iterable[str]],
) -> dict:
    """The full index, as six long strings.

    sections: a line for each page with "anchor, tab, heading" of each section, joined by vertical tabs; no anchor when
    the heading gives it, no heading when the anchor says it. The first section of a page is its title and summary.
    words: sorted; each begins with how many characters it shares with the one before it, in the notation of number().
    places: for each word its sections, counted over all pages, as differences in the notation of number(); for a word
    that is not rare "!", the number of its pages, the pages that are about it, "!" and the other pages.
    Words and places are joined by ",".
    lines: a line for each of `lines` (what is printed → addresses): what is printed, tab, its pages.
    said: a line for each word of `said` (what people say → words of the handbook): word and meanings, joined by tabs.
    heard: a line for each page of which is known what people say who need it: page, and what they say, joined by tabs.
    """
    pages = list(pages)
    number_of = {page.url: number for number, page in enumerate(pages)}
    # A heading that a whole kind of pages has says nothing about any of them.
    fixed = {heading for kind in KINDS.values() for heading in kind.headings}
    sections: dict[str, dict[int, None]] = {}
    times: dict[str, Counter[int]] = {}
    at = 0
    for index, page in enumerate(pages):
        # What a long list says in many of its entries is not what it is about.
        long = len(page.sections) > LONG
        for place, section in enumerate(page.sections):
            heading = set() if section.heading in fixed else set(words(section.heading))
            told = set(words(section.errors))
            body = words(section.text)
            if place == 0:
                heard = words(" ".join(page.heard))
                body += [*words(page.summary), *_name(page.url), *heard]
                told.update(heard)
            for word in (*heading, *body):
                sections.setdefault(word, {})[at] = None
                often = OFTEN if word in heading or word in told else 0 if long else 1
                times.setdefault(word, Counter())[index] += often
            at += 1
    vocabulary, places, before = [], [], ""
    for word in sorted(sections):
        if len(sections[word]) <= RARE:
            places.append(_steps(sections[word]))
        else:
            about = [page for page, count in times[word].items() if count >= OFTEN]
            others = [page for page, count in times[word].items() if count < OFTEN]
            if len(times[word]) > len(pages) * EVERYWHERE:
                others = []
            places.append(f"!{number(len(times[word]))}{_steps(about)}!{_steps(others)}")
        shared = next(i for i in range(len(word) + 1) if word[: i + 1] != before[: i + 1] or i == len(word))
        vocabulary.append(number(shared) + word[shared:])
        before = word
    return {
        "sections": "\n".join("\v".join(map(_section, page.sections)) for page in pages),
        "words": ",".join(vocabulary),
        "places": ",".join(places),
        "lines": "\n".join(
            f"{line}\t{_steps(sorted(number_of[url] for url in urls))}" for line, urls in sorted(lines.items())
        ),
        "said": "\n".join("\t".join((word, *means)) for word, means in said.items()),
        "heard": "\n".join("\t".join((number(at), *page.heard)) for at, page in enumerate(pages) if page.heard),
    }


def _name(url: str) -> list[str]:
    return [stem(word) for word in re.split(r"\W+", url) if word]


def _steps(places: Iterable[int]) -> str:
    """Rising numbers as the differences between them, less one."""
    places = list(places)
    return "".join(number(now - last - 1) for last, now in zip((-1, *places), places, strict=False))


def _section(section: Section) -> str:
    heading = section.heading
    return heading if section.anchor == slug(heading) else f"{section.anchor}\t{heading}"


def slug(text: str) -> str:
    """The anchor that a heading gets by itself."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text, flags=re.ASCII).strip().lower())


def script(name: str, value: dict) -> str:
    """A classic script that sets kbSearch.<name>; the scripts of the search may arrive in any order."""
    return f"(globalThis.kbSearch??={{}}).{name}={json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n"


def files(site: Path, catalogue: Catalogue, *, directory_urls: bool = True) -> Iterator[tuple[str, str]]:
    """(path below the site, content) of both index files."""
    pages = read_site(site, catalogue, directory_urls=directory_urls)
    yield "search/titles.js", script("titles", titles_index(pages, catalogue))
    lines = {
        line: [_url(path, directory_urls=directory_urls) for path in paths]
        for line, paths in printed_lines(catalogue).items()
    }
    said = {word: record.means for word, record in catalogue.records("word").items()}
    yield "search/text.js", script("text", text_index(pages, lines, said))
