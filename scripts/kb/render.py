"""Renders records to the HTML that the macros of the pages print; every value is escaped by the templates."""

import inspect
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from annotated_types import MaxLen, MinLen
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown.extensions.toc import slugify
from markupsafe import Markup, escape
from pydantic.fields import FieldInfo

from kb import forms
from kb.catalogue import Catalogue, Entry, Gap
from kb.console import error_lines
from kb.model import (
    KINDS,
    PER_YEAR,
    WEEKS_PER_YEAR,
    Area,
    BackgroundRef,
    Cadence,
    Kind,
    Level,
    Model,
    PagedRef,
    RoleRef,
    SourceRef,
    TaskRef,
)
from kb.pages import address


@dataclass(frozen=True)
class View:
    """What a macro sees: the catalogue, the page it prints on (path below docs/) and the way addresses look.

    `meta` is the page's front matter; what a macro puts there reaches the theme. `rules` are the rules in words,
    `settings` what mkdocs.yml says under `extra`.
    """

    catalogue: Catalogue
    path: str
    meta: dict[str, Any]
    directory_urls: bool = True
    rules: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def href(self, path: str, anchor: str = "") -> str:
        """Relative address of another page (path below docs/) from this one."""
        start = posixpath.dirname(self._url(self.path))
        target = self._url(path)
        relative = posixpath.relpath(target or ".", start or ".") + ("/" if target.endswith("/") or not target else "")
        relative = "" if path == self.path and anchor else relative
        return relative + (f"#{anchor}" if anchor else "")

    def _url(self, path: str) -> str:
        return address(path).lstrip("/") if self.directory_urls else path.removesuffix(".md") + ".html"

    @property
    def entry(self) -> Entry:
        """The record that this page belongs to; LookupError when the page has none."""
        if entry := self.catalogue.page_entry(self.path):
            return entry
        raise LookupError(f"docs/{self.path} has no record, so this macro does not work here")

    def link(self, kind: str, id: str, text: str = "") -> Markup:
        """A link to a record, wherever its kind is shown; its text is the current title unless given."""
        record = self.catalogue.get(kind, id)
        path, anchor = (f"{KINDS[kind].pages}/{id}.md", "") if KINDS[kind].pages else (KINDS[kind].listed, id)
        return self.to(path, text or getattr(record, "title", id), anchor)

    def to(self, path: str, text: str, anchor: str = "") -> Markup:
        """A link to a page (path below docs/)."""
        return Markup('<a href="{}">{}</a>').format(self.href(path, anchor), inline(text))

    def file(self, path: str) -> str:
        """Relative address of a file of the site that is no page."""
        return posixpath.relpath(path, posixpath.dirname(self._url(self.path)) or ".")

    def sources_here(self) -> list[str]:
        """Ids of the sources that the record of this page lists or the page cites, each once."""
        entry = self.catalogue.page_entry(self.path)
        listed = entry.record.sources if entry else ()
        inside = [
            part.source
            for field in ("learn", "elsewhere", "printed")
            for part in (getattr(entry.record, field, ()) if entry else ())
            if part.source
        ]
        return list(dict.fromkeys([*listed, *self.catalogue.pages[self.path].cited(), *inside]))

    def cite(self, source: str, place: str = "") -> Markup:
        """A short mark that leads to a source: on this page where it lists its sources, else in the list of all."""
        lists = {"sources", "competency", "role", "background", "staffing", "runbook"}
        here = any(call.name in lists for call in self.catalogue.pages[self.path].calls)
        record = self.catalogue.get("source", source)
        return Markup(self.template("cite", id=source, source=record, place=place, here=here))

    def template(self, name: str, **values: Any) -> str:
        """Render scripts/kb/templates/<name>.html; blank lines are dropped, since they end an HTML block."""
        html = _templates().get_template(f"{name}.html").render(view=self, catalogue=self.catalogue, **values)
        return re.sub(r"\n\s*\n+", "\n", html).strip()


def inline(text: object) -> Markup:
    """A value as HTML: escaped, with `code` between backticks."""
    if isinstance(text, Markup):
        return text
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def plain(text: str) -> str:
    """A value for use in Markdown: every character that means something there becomes a reference."""
    return re.sub(r"[^\w\s,.;?/'’–—()-]", lambda found: f"&#{ord(found[0])};", text)


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: inline(value) if isinstance(value, str) else value,
    )
    environment.globals.update(
        areas=list(Area),
        levels=list(Level),
        cadences=list(Cadence),
        kinds=KINDS,
        per_year=PER_YEAR,
        weeks=WEEKS_PER_YEAR,
    )
    environment.globals["path_page"] = path_page
    environment.filters["zip"] = zip
    environment.filters["hours"] = lambda value: f"{value:.1f}".removesuffix(".0")
    environment.filters["slug"] = lambda text: slugify(text, "-")
    return environment


@cache
def lasting_anchors(kind: Kind) -> tuple[str, ...]:
    """Anchors that every page of a kind has: of its fixed headings, and of those that the kind's own macro prints."""
    template = Path(__file__).parent / "templates" / f"{kind.name}.html"
    printed = (
        re.findall(r"^## ([^{\n]+)$", template.read_text("utf-8"), flags=re.MULTILINE) if template.exists() else []
    )
    return tuple(slugify(heading.strip(), "-") for heading in (*kind.headings, *printed))


def offline_copy(view: View) -> str:
    """Prints the link to the offline copy, where the site was built with one."""
    archive = view.settings.get("archive", "")
    return view.template("offline", archive=archive, start="../" * view._url(view.path).count("/"))


def tooltips(catalogue: Catalogue) -> dict[str, str]:
    """Abbreviation → what it stands for."""
    return {term.term: term.expansion for term in catalogue.records("term").values() if term.expansion}


def title(view: View) -> str:
    """Prints the way to the page, its heading and its summary, all from the record."""
    entry = view.entry
    siblings = list(view.catalogue.records(entry.kind.name).items())
    place = [id for id, _ in siblings].index(entry.id)
    view.meta["description"] = entry.record.summary
    view.meta["record"] = entry.document.path
    view.meta["near"] = [
        {
            "rel": rel,
            "label": label,
            "title": siblings[at][1].title,
            "href": view.href(f"{entry.kind.pages}/{siblings[at][0]}.md"),
        }
        for rel, label, at in (("prev", "Previous", place - 1), ("next", "Next", place + 1))
        if 0 <= at < len(siblings)
    ]
    # The heading comes first: MkDocs takes the title of the page from it. The theme prints the way to the page.
    view.meta["crumbs"] = [
        {"title": "Handbook", "href": view.href("index.md")},
        {"title": entry.kind.pages.capitalize(), "href": view.href(f"{entry.kind.pages}/index.md")},
    ]
    below = view.template("below", entry=entry, overdue=view.catalogue.overdue(entry))
    return f"# {plain(entry.record.title)}\n\n{below}"


def facts(view: View) -> str:
    """Prints the card of a task: who leads it, how often and how long, what it takes and what it gives."""
    return view.template("facts", task=view.entry.record)


def sources(view: View) -> str:
    """Prints the sources that the record lists or the page cites, and for a task what to read next."""
    entry = view.catalogue.page_entry(view.path)
    task = entry.record if entry and entry.kind.name == "task" else None
    return view.template("sources", task=task, runbooks=_runbooks(view, "task", entry.id) if task else [])


def ref(view: View, id: PagedRef, section: str = "") -> str:
    """Prints a link to any record that has a page, with its current title as text; `section` is an anchor there."""
    entry = view.catalogue.paged(id)
    if entry is None:
        raise LookupError(f"no record with the id '{id}'")
    return str(view.to(entry.page, entry.record.title, section))


def cite(view: View, source: SourceRef, place: str = "") -> str:
    """Prints a short mark that leads to the source, with the place in it where one is given."""
    return str(view.cite(source, place))


def competency(view: View) -> str:
    """Prints all sections of a competency that come from its record, and what is computed from the others."""
    id, entry = view.entry.id, view.entry
    tasks = [(task, level, view.catalogue.get("task", task)) for task, level in view.catalogue.tasks_for(id)]
    holders = [
        (kind, holder, record.levels.get(id))
        for kind in ("role", "background")
        for holder, record in view.catalogue.records(kind).items()
    ]
    needed_by = [other for other, record in view.catalogue.records("competency").items() if id in record.requires]
    return _sections(
        view,
        "competency",
        entry=entry,
        competency=entry.record,
        tasks=tasks,
        holders=holders,
        needed_by=needed_by,
        runbooks=_runbooks(view, "competency", id),
    )


def _runbooks(view: View, kind: str, id: str) -> list[Entry]:
    """The runbooks that name a record, by title; of a symptom, those to try first in their order before the others."""
    named = [entry for entry in view.catalogue.named_by.get((kind, id), []) if entry.kind.name == "runbook"]
    first = view.catalogue.get(kind, id).first if kind == "symptom" else ()
    order = {id: place for place, id in enumerate(first)}
    return sorted(named, key=lambda entry: (order.get(entry.id, len(order)), entry.record.title.casefold()))


def role(view: View) -> str:
    """Prints the profile of a role, its tasks by calendar, who grows into it and the titles it goes by."""
    tasks = {id: task for id, task in view.catalogue.records("task").items() if task.role == view.entry.id}
    helps = {id: task for id, task in view.catalogue.records("task").items() if view.entry.id in task.supports}
    gaps = {id: view.catalogue.gap(id, view.entry.id) for id in view.catalogue.records("background")}
    return _sections(view, "role", role=view.entry.record, tasks=tasks, helps=helps, gaps=gaps)


def background(view: View) -> str:
    """Prints what a background brings, where it comes to grief, and the way to each role in learning order."""
    gaps = {id: view.catalogue.gap(view.entry.id, id) for id in view.catalogue.records("role")}
    return _sections(view, "background", background=view.entry.record, gaps=gaps)


def staffing(view: View) -> str:
    """Prints a staffing model: what cannot wait, hours, who leads and stands in, who is alone, what to learn."""
    model = view.entry.record
    leads, covers = view.catalogue.owners(model), view.catalogue.owners(model, deputy=True)
    covers = {id: [deputy for deputy in deputies if deputy not in leads[id]] for id, deputies in covers.items()}
    tasks = view.catalogue.records("task")
    people = []
    for person in model.people:
        led = [id for id, owners in leads.items() if person in owners]
        needs: dict[str, Level] = {}
        for need in (need for id in led for need in tasks[id].competencies):
            needs[need.id] = max(need.level, needs.get(need.id, need.level), key=lambda level: level.rank)
        has = view.catalogue.get("background", person.background).levels
        people.append((person, led, view.catalogue.hours_of(model, person), view.catalogue.gap_between(has, needs)))
    alone = [id for id, deputies in covers.items() if not deputies]
    return _sections(
        view,
        "staffing",
        staffing=model,
        people=people,
        leads=leads,
        covers=covers,
        tasks=tasks,
        ordered=_by_cadence(tasks, leads),
        urgent=_by_cadence(tasks, (id for id in leads if _urgent(view.catalogue, id))),
        alone=_by_cadence(tasks, alone),
    )


def _by_cadence(tasks: Mapping[str, Any], ids: Iterable[str]) -> dict[Cadence, list[str]]:
    """Tasks by how often they come up, the most frequent first; projects, which can be planned, last."""
    groups: dict[Cadence, list[str]] = {cadence: [] for cadence in (*PER_YEAR, Cadence.EVENT, Cadence.PROJECT)}
    for id in ids:
        groups[tasks[id].cadence].append(id)
    return {cadence: found for cadence, found in groups.items() if found}


def _urgent(catalogue: Catalogue, id: str) -> bool:
    """Whether a task cannot wait: daily tasks, events, and weekly ones that a runbook or an event names."""
    cadence = catalogue.get("task", id).cadence
    if cadence != Cadence.WEEKLY:
        return cadence in (Cadence.DAILY, Cadence.EVENT)
    named_by = catalogue.named_by.get(("task", id), [])
    return any(
        entry.kind.name == "runbook" or (entry.kind.name == "task" and entry.record.cadence == Cadence.EVENT)
        for entry in named_by
    )


def runbook(view: View) -> str:
    """Prints what a runbook was proven with, what is otherwise at other products, and where it belongs."""
    proof = view.catalogue.records("proof").get(view.entry.id)
    return _sections(view, "runbook", runbook=view.entry.record, proof=proof)


def template(view: View) -> str:
    """Prints a form to take away, and the links to its files."""
    entry = view.entry
    parts = forms.parts(view.catalogue, entry.record)
    return _sections(view, "template", id=entry.id, template=entry.record, parts=parts, filled=forms.filled)


def pains(view: View) -> str:
    """Prints what administrators report to struggle with, and the pages that answer it."""
    return view.template("pains")


def crosswalks(view: View) -> str:
    """Prints the outlines of the profession by others, heading by heading, with the pages that answer each."""
    schemes: dict[str, list[tuple[str, Any]]] = {}
    for id, heading in view.catalogue.records("heading").items():
        schemes.setdefault(heading.scheme, []).append((id, heading))
    return _sections(view, "crosswalks", schemes=schemes)


# Box of the map: column, row, what stands in it, task, competency.
MAP = (
    (0, 0, ("Order entry", "patient record (EHR)"), "maintain-interface-maps", "health-data-integration"),
    (1, 0, ("Schedule", "radiology system (RIS)"), "map-imaging-workflow", "imaging-workflow"),
    (2, 0, ("Worklist", "what the room will do"), "configure-worklist-mpps", "imaging-workflow"),
    (3, 0, ("Scanner", "the technologist's room"), "integrate-modality", "dicom"),
    (3, 1, ("PACS", "stores, checks, finds"), "verify-completeness", "pacs-applications"),
    (2, 1, ("Reading station", "study beside priors"), "build-hanging-protocols", "displays-workstations"),
    (1, 1, ("Report", "dictate, sign, correct"), "support-reporting", "pacs-applications"),
    (0, 1, ("Result in the record", "report and viewer"), "support-referrer-viewing", "user-support"),
    (0, 2, ("Patients", "portal, copies"), "release-images-to-patients", "governance-compliance"),
    (1, 2, ("Other hospitals", "exchange and discs"), "run-exchange-gateways", "health-data-integration"),
    (2, 2, ("AI and dose", "what listens beside"), "integrate-ai-results", "health-data-integration"),
    (3, 2, ("Archive and backup", "tiers, copies"), "run-archive-tiers", "storage-archives"),
)
UNDERNEATH = ("keep-ae-register", "keep-clocks-in-step", "manage-access", "monitor-systems", "plan-disaster-recovery")
Picture = Literal["imaging-workflow", "recovery-times", "archive-tiers", "reading-room"]


def picture(view: View, name: Picture) -> str:
    """Prints a drawing with its text alternative."""
    return view.template(f"picture-{name}", boxes=MAP, underneath=UNDERNEATH)


def path_page(background: str, role: str) -> str:
    """The page (path below docs/) with the plan from a background to a role."""
    return f"learn/paths/{background}-to-{role}.md"


def paths(view: View) -> str:
    """Prints the plans from each background to each role."""
    return view.template("paths")


STAGES = ("The first 30 days", "Days 31 to 60", "Days 61 to 90")
AT_ONCE = 4  # competencies that one can begin in 30 days beside the work


@dataclass(frozen=True)
class Step:
    """A competency in a plan: where somebody starts, how far the 90 days lead, and what the role needs in the end."""

    competency: str
    has: Level | None
    goal: Level
    needs: Level


def path(view: View, background: BackgroundRef, role: RoleRef) -> str:
    """Prints the way from a background to a role as a plan of 90 days."""
    steps = [Step(gap.competency, gap.has, _goal(gap), gap.needs) for gap in view.catalogue.plan(background, role)]
    stages = [(days, steps[AT_ONCE * at : AT_ONCE * (at + 1)]) for at, days in enumerate(STAGES)]
    planned = AT_ONCE * len(STAGES)
    later = [step for step in steps[:planned] if step.goal != step.needs], steps[planned:]
    practice = {step.competency: _practice(view.catalogue, step.competency, role) for step in steps[:planned]}
    names = [view.catalogue.get(kind, id).title for kind, id in (("background", background), ("role", role))]
    start, end = (name if name[1].isupper() else name[0].lower() + name[1:] for name in names)
    view.meta["description"] = f"What to read, do and show in 90 days on the way from {start} to {end}."
    values = {"background": background, "role": role, "stages": stages, "practice": practice, "later": later}
    return f"# From {plain(start)} to {plain(end)}\n\n{_sections(view, 'path', **values)}"


def _goal(gap: Gap) -> Level:
    """What 90 days can lead to: one level up, at least work under guidance, and no more than is needed."""
    levels = list(Level)
    up = max(levels[gap.has.rank] if gap.has else Level.AWARENESS, Level.WORKING, key=levels.index)
    return min(up, gap.needs, key=levels.index)


def _practice(catalogue: Catalogue, competency: str, role: str) -> list[str]:
    """Two tasks of a role to take part in: those that are about the competency first, then the most frequent."""
    tasks = {id: catalogue.get("task", id) for id, _ in catalogue.tasks_for(competency)}
    led = [id for id, task in tasks.items() if task.role == role]

    def fit(id: str) -> tuple[bool, float]:
        task = tasks[id]
        return task.competencies[0].id != competency, -(task.per_year or PER_YEAR.get(task.cadence, 0))

    return sorted(led, key=fit)[:2]


def finder(view: View, form: str = "long") -> str:
    """Prints the way from a symptom to its runbook in choices; the form "short" prints the first choices only."""
    children: dict[str, list[str]] = {}
    for id, symptom in view.catalogue.records("symptom").items():
        children.setdefault(symptom.under or "", []).append(id)
    if form == "short":
        return view.template("first-choices", first=children[""])
    leads = {id: _runbooks(view, "symptom", id) for id in view.catalogue.records("symptom")}
    return _sections(view, "finder", children=children, leads=leads)


def printed_lines(view: View) -> str:
    """Prints every error line that a proven page shows, with the places where it is explained."""
    places: dict[str, dict[tuple[str, str, str], None]] = {}
    for id, runbook in view.catalogue.records("runbook").items():
        for block in view.catalogue.pages[f"runbooks/{id}.md"].blocks:
            for line in error_lines([block]):
                places.setdefault(line, {})[id, block.place, slugify(block.place, "-")] = None
        for other in runbook.printed:
            places.setdefault(other.line, {})[id, f"reported of {other.by}", "proven-with"] = None
    order = sorted(places.items(), key=lambda item: re.sub(r"^[EFWI]: |\W", "", item[0]).casefold())
    return view.template("printed-lines", lines=order)


def codes(view: View) -> str:
    """Prints the dictionary of codes by family."""
    families: dict[str, list[tuple[str, Any]]] = {}
    for id, code in view.catalogue.records("code").items():
        families.setdefault(code.family, []).append((id, code))
    return _sections(view, "codes", families=families)


def exercises(view: View) -> str:
    """Prints the lessons of the learner's lab, their answers folded away."""
    lessons = [(id, record) for id, record in view.catalogue.records("runbook").items() if record.exercise]
    return view.template("exercises", lessons=sorted(lessons, key=lambda lesson: lesson[1].exercise.number))


def _sections(view: View, name: str, **values: Any) -> str:
    """A template whose headings are Markdown, so that they get anchors and a place in the table of contents."""
    parts = re.split(r"^(#{2,4} .*)$", view.template(name, **values), flags=re.MULTILINE)
    return "\n\n".join(part.strip() for part in parts)


def listing(view: View, kind: str, form: str = "long") -> str:
    """Prints all records of a kind that has pages; the form "short" leaves summaries out."""
    name = f"list-{kind}" if kind in ("task", "competency") else "list"
    return view.template(name, kind=kind, long=form == "long")


def count(view: View, kind: str) -> str:
    """Prints how many records of a kind there are."""
    return str(len(view.catalogue.records(kind)))


def effort(view: View, task: TaskRef) -> str:
    """Prints the planned hours of a task, from a small to a large site."""
    hours = view.catalogue.get("task", task).effort
    return f"{hours.low:g} to {hours.high:g} hours"


def matrix(view: View) -> str:
    """Prints the table of all tasks against all competencies, and the form that filters it."""
    view.meta["scripts"] = ["assets/matrix.js"]
    order = {
        area: [id for id, record in view.catalogue.records("competency").items() if record.area == area]
        for area in Area
    }
    return view.template("matrix", competencies=order)


def claims(view: View) -> str:
    """Prints each statement of the article with its verdict today."""
    answered = {
        id: [entry.id for entry in view.catalogue.named_by.get(("claim", id), []) if entry.kind.name == "task"]
        for id in view.catalogue.records("claim")
    }
    return view.template("claims", answered=answered)


def measures(view: View) -> str:
    """Prints all measures with their formulas and the tasks that use them."""
    return view.template("measures", named_by=view.catalogue.named_by)


def bibliography(view: View) -> str:
    """Prints all sources with the pages that cite them."""
    order = sorted(view.catalogue.records("source").items(), key=lambda item: item[1].title.casefold())
    titles = {entry.page: entry.record.title for entry in view.catalogue.all() if entry.page}
    return view.template(
        "bibliography", order=order, citing=view.catalogue.pages_citing, named_by=view.catalogue.named_by, titles=titles
    )


def exam(view: View) -> str:
    """Prints the domains of the ABII outline: the tasks that answer each, in learning order, and what they ask for."""
    tasks, order = view.catalogue.records("task"), view.catalogue.learning_order
    answers = {}
    for id in view.catalogue.records("exam"):
        named = [entry.id for entry in view.catalogue.named_by.get(("exam", id), []) if entry.id in tasks]
        main = {task: tasks[task].competencies[0].id for task in named}
        answers[id] = sorted(named, key=lambda task: order.index(main[task])), _most(main.values(), 5)
    return _sections(view, "exam", answers=answers)


def _most(values: Iterable[str], count: int) -> list[str]:
    return [value for value, _ in Counter(values).most_common(count)]


def standards(view: View) -> str:
    """Prints the clauses of standards and rules with the tasks that answer each."""
    by_standard: dict[str, dict[str, Any]] = {}
    for id, clause in view.catalogue.records("clause").items():
        by_standard.setdefault(clause.standard, {})[id] = clause
    ordered = sorted(by_standard.items(), key=lambda item: _natural(item[0]))
    return _sections(view, "standards", by_standard=ordered, named_by=view.catalogue.named_by)


def _natural(text: str) -> list[tuple[int, str]]:
    """A sorting key that puts PS3.4 before PS3.15."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", text.casefold())]


def glossary(view: View) -> str:
    """Prints all terms by letter."""
    terms = sorted(view.catalogue.records("term").items(), key=lambda item: item[1].term.casefold())
    letters: dict[str, list[tuple[str, Any]]] = {}
    for id, term in terms:
        letters.setdefault(term.term[0].upper(), []).append((id, term))
    return _sections(view, "glossary", letters=letters)


def accessibility(view: View) -> str:
    """Prints how the accessibility of the site was tested, and what the last recorded run found."""
    trials = view.catalogue.records("trial")
    tested = dict.fromkeys(page for trial in trials.values() for page in trial.pages)
    # The title of a page stands in its record or in its first heading; the page "not found" has neither.
    titles = {
        address(path): (
            path,
            entry.record.title if (entry := view.catalogue.page_entry(path)) else page.headings[0].text,
        )
        for path, page in view.catalogue.pages.items()
        if page.headings or view.catalogue.page_entry(path)
    }
    return view.template("accessibility", trials=trials, tested=tested, titles=titles)


def rules(view: View) -> str:
    """Prints the rules that the check enforces."""
    return view.template("rules", rules=view.rules)


def macro_table(view: View) -> str:
    """Prints the macros that a page may call."""
    listed = {
        name: (", ".join(list(inspect.signature(macro).parameters)[1:]), inspect.getdoc(macro))
        for name, macro in MACROS.items()
    }
    return view.template("macros", macros=listed)


def fields(view: View, kind: str) -> str:
    """Prints the fields of a kind of record."""
    model: type[Model] = KINDS[kind].model
    limits = {name: _limits(info) for name, info in model.model_fields.items()}
    return view.template("fields", kind=kind, fields=model.model_fields, limits=limits)


def _limits(info: FieldInfo) -> str:
    """How much a field holds, where its model says so: ", two or more", ", up to 240 characters"."""
    if isinstance(info.annotation, type) and issubclass(info.annotation, Model):
        inside = {_limits(part) for part in info.annotation.model_fields.values()}
        return f"{inside.pop()} for each" if len(inside) == 1 and "" not in inside else ""
    least = next((mark.min_length for mark in info.metadata if isinstance(mark, MinLen)), 0)
    most = next((mark.max_length for mark in info.metadata if isinstance(mark, MaxLen)), 0)
    numbers = ("", "one", "two", "three", "four", "five")
    return (f", {numbers[least]} or more" if least else "") + (f", up to {most} characters" if most else "")


MACROS: Mapping[str, Callable[..., str]] = {
    macro.__name__: macro
    for macro in (
        title,
        facts,
        sources,
        ref,
        cite,
        competency,
        role,
        background,
        staffing,
        runbook,
        template,
        pains,
        crosswalks,
        path,
        paths,
        picture,
        finder,
        printed_lines,
        codes,
        exercises,
        listing,
        count,
        effort,
        matrix,
        claims,
        measures,
        bibliography,
        exam,
        standards,
        glossary,
        accessibility,
        rules,
        macro_table,
        offline_copy,
        fields,
    )
}


def whole_file(template: str, **values: Any) -> str:
    """A whole file made from a template; in scripts and XML, too, values are escaped as in HTML unless marked safe."""
    return _templates().get_template(template).render(**values) + "\n"
