"""The rules that the handbook keeps: each function is one rule, and its docstring is the rule in words."""

import inspect
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial
from html import unescape
from pathlib import Path
from typing import Literal, get_args, get_origin
from urllib.parse import unquote

from kb.catalogue import Catalogue, Entry
from kb.console import CONSOLE, FAULT
from kb.forms import FOLDER
from kb.load import ADDRESSES, load
from kb.model import KINDS, PER_YEAR, Area, Refers
from kb.pages import Call, Page, address, expand, parse_page
from kb.render import MACROS, View, lasting_anchors
from kb.search import stem
from kb.source import Loc, Problem, suggest

Rule = Callable[[Catalogue], Iterator[Problem]]


def check(root: Path) -> tuple[Catalogue, list[Problem]]:
    """Load a checkout and apply all rules; the problems come in the order of files, lines and columns."""
    catalogue, problems = load(root)
    for rule in RULES:
        problems += rule(catalogue)
    return catalogue, sorted(set(problems))


def in_words() -> tuple[str, ...]:
    """All rules as sentences."""
    return tuple(inspect.getdoc(rule) or "" for rule in RULES)


def ids_exist(catalogue: Catalogue) -> Iterator[Problem]:
    """Every id that a record names exists."""
    for reference in catalogue.references:
        known = catalogue.knows(reference.kind)
        if reference.kind not in catalogue.unreadable and reference.id not in known:
            kind = "id" if reference.kind == "paged" else reference.kind
            message = f"unknown {kind} '{reference.id}'{_cure(catalogue, reference.kind, reference.id)}"
            yield reference.entry.document.problem(reference.loc, message, key=reference.key)


def _cure(catalogue: Catalogue, kind: str, id: str) -> str:
    where = f"data/{KINDS[kind].data}" if kind in KINDS else "data/"
    return suggest(id, catalogue.knows(kind)) or f"; write one of the ids in {where}, or add the record there first"


def named_once(catalogue: Catalogue) -> Iterator[Problem]:
    """No list names the same record twice, and no record names itself."""
    seen: set[tuple[int, Loc, str]] = set()
    for reference in catalogue.references:
        entry, where = reference.entry, tuple(part for part in reference.loc if not isinstance(part, int))
        if reference.kind == entry.kind.name and reference.id == entry.id:
            yield entry.document.problem(reference.loc, f"'{entry.id}' names itself; remove it")
        if not reference.key and (id(entry), where, reference.id) in seen and where[-1:] != ("background",):
            yield entry.document.problem(reference.loc, f"'{reference.id}' is named twice here; keep one")
        seen.add((id(entry), where, reference.id))


def ids_are_unique(catalogue: Catalogue) -> Iterator[Problem]:
    """Records with a page of their own have different ids, whatever their kind, so that ref() needs no kind."""
    first: dict[str, Entry] = {}
    for entry in catalogue.all():
        if entry.page and (other := first.setdefault(entry.id, entry)) is not entry:
            message = f"the {other.kind.name} '{entry.id}' exists already; choose another id"
            yield entry.document.problem(entry.loc, message, key=True)


def titles_are_unique(catalogue: Catalogue) -> Iterator[Problem]:
    """Records of the same kind that have pages have different titles."""
    for kind in (kind for kind in KINDS.values() if kind.pages):
        first: dict[str, str] = {}
        for id, entry in catalogue.entries[kind.name].items():
            if (other := first.setdefault(entry.record.title.casefold(), id)) != id:
                message = f"the {kind.name} '{other}' has this title, too; choose another"
                yield entry.document.problem((*entry.loc, "title"), message)


def requirements_form_no_cycle(catalogue: Catalogue) -> Iterator[Problem]:
    """No competency requires itself, directly or by way of others."""
    requires = {id: record.requires for id, record in catalogue.records("competency").items()}
    reported: set[str] = set()
    for start in requires:
        path = [start]
        while start not in reported and (
            following := next((id for id in requires.get(path[-1], ()) if _leads(requires, id, start)), None)
        ):
            if following == start:
                reported.update(path)
                if len(path) > 1:
                    chain = " → ".join([*path, start])
                    document = catalogue.entries["competency"][start].document
                    yield document.problem(("requires",), f"a circle of requirements: {chain}; remove one", key=True)
                break
            path.append(following)


def _leads(requires: dict[str, tuple[str, ...]], start: str, goal: str) -> bool:
    """Whether the way of requirements from `start` reaches `goal`."""
    waiting, seen = [start], set()
    while waiting:
        id = waiting.pop()
        if id == goal:
            return True
        if id not in seen:
            seen.add(id)
            waiting.extend(requires.get(id, ()))
    return False


def competencies_are_used(catalogue: Catalogue) -> Iterator[Problem]:
    """Every competency is used by at least one task."""
    if _whole(catalogue, "task"):
        used = {needed.id for task in catalogue.records("task").values() for needed in task.competencies}
        yield from _unused(catalogue, "competency", used, "no task uses it; name it in a task, or remove it")


def _whole(catalogue: Catalogue, kind: str) -> bool:
    """Whether all records of a kind could be read and no page waits for one: else "unused" would say too much."""
    folder = KINDS[kind].pages
    paged = {path.rpartition("/")[2].removesuffix(".md") for path in catalogue.pages if path.startswith(f"{folder}/")}
    return (paged - {"index"}) | catalogue.known[kind] == set(catalogue.entries[kind])


def lists_are_used(catalogue: Catalogue) -> Iterator[Problem]:
    """Every source is cited, and every measure and clause of a standard belongs to a task."""
    for kind in ("source", "measure", "clause"):
        used = {reference.id for reference in catalogue.references if reference.kind == kind}
        if kind == "source":
            used |= {source for page in catalogue.pages.values() for source in page.cited()}
        yield from _unused(catalogue, kind, used, f"nothing uses this {kind}; use it or remove it")


def _unused(catalogue: Catalogue, kind: str, used: set[str], message: str) -> Iterator[Problem]:
    # A misspelled reference, or one in a record that could not be read, is reported once, there.
    meant = {suggest(id, catalogue.known[kind]) for id in used - catalogue.known[kind]}
    for id, entry in catalogue.entries[kind].items():
        if id not in used | catalogue.mentioned and f"; did you mean '{id}'?" not in meant:
            yield entry.document.problem(entry.loc, message, key=True)


def roles_and_areas_have_tasks(catalogue: Catalogue) -> Iterator[Problem]:
    """Every role leads tasks, and every area has a role."""
    leading = {task.role for task in catalogue.records("task").values()}
    if _whole(catalogue, "task"):
        yield from _unused(catalogue, "role", leading, "no task is led by this role; give it one, or remove it")
    if _whole(catalogue, "role"):
        for area in set(Area) - {role.area for role in catalogue.records("role").values()}:
            yield Problem(f"data/{KINDS['role'].data}", 1, 1, f"no role carries the area '{area}'; add one")


def roles_state_every_competency(catalogue: Catalogue) -> Iterator[Problem]:
    """Every role states a level for every competency, and at least the level that its own tasks need."""
    for entry in catalogue.entries["role"].values():
        for id in sorted(catalogue.known["competency"] - entry.record.levels.keys()):
            meant = any(suggest(id, [other]) for other in entry.record.levels.keys() - catalogue.known["competency"])
            if not meant:
                message = f"no level for the competency '{id}'; add one"
                yield entry.document.problem((*entry.loc, "levels"), message, key=True)
    for entry in catalogue.entries["task"].values():
        role = catalogue.entries["role"].get(entry.record.role)
        for index, needed in enumerate(entry.record.competencies):
            has = role.record.levels.get(needed.id) if role else None
            if has and has.rank < needed.level.rank:
                message = (
                    f"{needed.level} in '{needed.id}' is more than the role has ({has}); lower it, or raise the role"
                )
                yield entry.document.problem(("competencies", index, "level"), message)


def efforts_are_plannable(catalogue: Catalogue) -> Iterator[Problem]:
    """A project or event says how often a year it is planned for, other tasks do not; low effort is not above high."""
    for entry in catalogue.entries["task"].values():
        task = entry.record
        if task.cadence not in PER_YEAR and task.per_year is None:
            message = f"a task of cadence '{task.cadence}' needs 'per_year'; add it, such as 0.5 for every two years"
            yield entry.document.problem(("cadence",), message, key=True)
        if task.cadence in PER_YEAR and task.per_year is not None:
            message = f"'per_year' is for projects and events, this task is {task.cadence}; remove it"
            yield entry.document.problem(("per_year",), message, key=True)
        if task.effort.low > task.effort.high:
            yield entry.document.problem(("effort",), "the low effort is above the high one; swap them", key=True)


def staffing_covers_all(catalogue: Catalogue) -> Iterator[Problem]:
    """Every staffing model gives each task exactly one owner, and nobody more hours than they have."""
    names = {area.value for area in Area} | catalogue.known["task"]
    for entry in catalogue.entries["staffing"].values():
        staffing, loc = entry.record, entry.loc
        sound = True
        for number, person in enumerate(staffing.people):
            for field in ("leads", "covers"):
                for index, name in enumerate(getattr(person, field)):
                    if name not in names:
                        sound = False
                        cure = suggest(name, names) or "; write an area or the id of a task"
                        message = f"unknown area or task '{name}'{cure}"
                        yield entry.document.problem((*loc, "people", number, field, index), message)
        if not sound:
            continue
        for id, owners in catalogue.owners(staffing).items():
            if len(owners) != 1:
                who = f"two owners ({' and '.join(person.title for person in owners)})" if owners else "no owner"
                message = f"the task '{id}' has {who}; name it under one 'leads'"
                yield entry.document.problem((*loc, "people"), message, key=True)
        for number, person in enumerate(staffing.people):
            if (needs := catalogue.hours_of(staffing, person)) > person.hours:
                message = (
                    f"{person.title} leads {needs:.1f} hours a week and has {person.hours:g}; add hours or move tasks"
                )
                yield entry.document.problem((*loc, "people", number, "hours"), message)


def forms_fit(catalogue: Catalogue) -> Iterator[Problem]:
    """A form has parts, each with something in it; a row has no more cells than its table has columns."""
    for entry in catalogue.entries["template"].values():
        template = entry.record
        if not template.parts and template.made_from is None:
            yield entry.document.problem(("title",), "a form without parts; add 'parts' or 'made_from'", key=True)
        if template.made_from in ("job", "sign-off") and template.role is None:
            yield entry.document.problem(("made_from",), "made for a role, but for which; add 'role'", key=True)
        for number, part in enumerate(template.parts):
            if not (part.text or part.checklist or part.columns):
                message = "an empty part; add 'text', 'checklist' or 'columns'"
                yield entry.document.problem(("parts", number), message)
            for index, row in enumerate(part.rows):
                if len(row) > len(part.columns):
                    message = f"{len(row)} cells for {len(part.columns)} columns; quote a cell that holds a comma"
                    yield entry.document.problem(("parts", number, "rows", index), message)


def symptoms_lead_somewhere(catalogue: Catalogue) -> Iterator[Problem]:
    """A symptom is at most three choices deep; it asks for the cases below it, or leads to a runbook, task or skill."""
    entries = catalogue.entries["symptom"]
    parents = {entry.record.under for entry in entries.values()}
    for id, entry in entries.items():
        way, above = [id], entry.record.under
        while above in entries and above not in way:
            way.append(above)
            above = entries[above].record.under
        if len(way) > 3 or above in way:
            message = f"{' → '.join([*reversed(way)])} is more than three choices; put it higher"
            yield entry.document.problem((*entry.loc, "under"), message)
        if id in parents and entry.record.ask is None:
            message = "no question tells the cases below this symptom apart; add 'ask'"
            yield entry.document.problem(entry.loc, message, key=True)
        if id not in parents and entry.record.ask is not None:
            yield entry.document.problem((*entry.loc, "ask"), "nothing is below this symptom; remove 'ask'", key=True)
        for index, first in enumerate(entry.record.first):
            runbook = catalogue.records("runbook").get(first)
            if runbook and id not in runbook.symptoms:
                message = f"the runbook '{first}' does not name this symptom; name it there, or remove it here"
                yield entry.document.problem((*entry.loc, "first", index), message)
    for entry in catalogue.entries["runbook"].values():
        for index, id in enumerate(entry.record.symptoms):
            if id in parents and id in entries:
                message = f"'{id}' has cases of its own; name one of those"
                yield entry.document.problem(("symptoms", index), message)
    if _whole(catalogue, "runbook"):
        named = {id for runbook in catalogue.records("runbook").values() for id in runbook.symptoms}
        seen = {id for id, entry in entries.items() if entry.record.see}
        message = "nothing leads on from this symptom; name it in a runbook, or add 'see'"
        yield from _unused(catalogue, "symptom", named | seen | parents - {None}, message)


def runbooks_can_run(catalogue: Catalogue) -> Iterator[Problem]:
    """A runbook shows console sessions and breaks what it mends, in a fence `fault`; each session begins with "$ "."""
    for id in sorted(catalogue.known["runbook"]):
        page = catalogue.pages.get(f"{KINDS['runbook'].pages}/{id}.md")
        if page is None:
            continue
        for block in page.blocks:
            try:
                _ = block.commands if block.kind == CONSOLE else []
            except ValueError as error:
                line, _, message = str(error).removeprefix("line ").partition(": ")
                yield page.problem(int(line), 1, message)
        # A page that is only begun is reported once, where something is missing.
        diagnosed = any(heading.text == "Diagnosis" and heading.filled for heading in page.headings)
        for kind in (FAULT, CONSOLE) if diagnosed else ():
            if all(block.kind != kind for block in page.blocks):
                yield page.problem(1, 1, f"no fence '{kind}'; write one, or keep the text on a task page")


def proofs_belong_to_runbooks(catalogue: Catalogue) -> Iterator[Problem]:
    """What a page was proven with is kept for runbooks that exist."""
    for entry in catalogue.entries["proof"].values():
        if entry.id not in catalogue.known["runbook"]:
            message = f"no runbook '{entry.id}'; remove the proof, the next recorded run writes the right one"
            yield entry.document.problem(entry.loc, message, key=True)


def targets_have_sources(catalogue: Catalogue) -> Iterator[Problem]:
    """A measure whose target is not "set locally" names the source of the target."""
    for entry in catalogue.entries["measure"].values():
        if entry.record.target != "set locally" and entry.record.target_source is None:
            message = "a target needs a 'target_source'; add it, or write 'set locally'"
            yield entry.document.problem((*entry.loc, "target"), message, key=True)


def terms_are_unique(catalogue: Catalogue) -> Iterator[Problem]:
    """No two entries of the glossary explain the same word."""
    first: dict[str, str] = {}
    for entry in catalogue.entries["term"].values():
        if (other := first.setdefault(entry.record.term, entry.id)) != entry.id:
            message = f"'{entry.record.term}' is explained as '{other}' already; keep one"
            yield entry.document.problem((*entry.loc, "term"), message)


def words_are_found(catalogue: Catalogue) -> Iterator[Problem]:
    """What people say is one word, and no term of the glossary; what it means are words that the handbook uses."""
    used = _words_used(catalogue)
    for id, entry in catalogue.entries["word"].items():
        if id in catalogue.known["term"]:
            message = f"the glossary explains '{id}' as a term already; remove it here"
            yield entry.document.problem(entry.loc, message, key=True)
        if "-" in id:
            message = f"'{id}' is never found, since the search reads single words; name it by one of them"
            yield entry.document.problem(entry.loc, message, key=True)
        for index, meaning in enumerate(entry.record.means):
            for word in set(_WORD.findall(meaning.lower())) - used:
                # Singular and plural are one to the search.
                alike = (stem(other) for other in used if other.startswith(word[:3]))
                if stem(word) not in alike and not catalogue.unreadable:
                    cure = suggest(word, used) or "; write words of the handbook"
                    message = f"no page says '{word}', so the search would find nothing{cure}"
                    yield entry.document.problem((*entry.loc, "means", index), message)


_WORD = re.compile(r"[a-z0-9]+")


def _words_used(catalogue: Catalogue) -> set[str]:
    """All words in pages and records, but for sources, which the search leaves out, and what people say."""
    kept = {
        entry.document.path: entry.document for entry in catalogue.all() if entry.kind.name not in ("source", "word")
    }
    records = (str(document.value) for document in kept.values())
    texts = (*(page.text for page in catalogue.pages.values()), *records, *catalogue.mentioned)
    return set(_WORD.findall("\n".join(texts).lower()))


def dates_are_past(catalogue: Catalogue) -> Iterator[Problem]:
    """The days on which something was reviewed or looked up are not in the future."""
    # A day of grace: the contributor may live east of the machine that checks.
    latest = date.today() + timedelta(days=1)
    for entry in catalogue.all():
        for field in ("reviewed", "checked"):
            day = getattr(entry.record, field, None)
            if day and day > latest:
                message = f"{day} is in the future; write the day on which it was done"
                yield entry.document.problem((*entry.loc, field), message)


def reviews_are_recent(catalogue: Catalogue) -> Iterator[Problem]:
    """Tasks and runbooks are reviewed every two years, competencies every three, verdicts every year (a warning)."""
    for entry in catalogue.all():
        if catalogue.overdue(entry):
            message = f"'{entry.id}' was last reviewed on {entry.record.reviewed}; check the page and renew the date"
            yield entry.document.problem((*entry.loc, "reviewed"), message, warning=True)


def records_have_pages(catalogue: Catalogue) -> Iterator[Problem]:
    """Every record whose kind has pages has its page, and every such page its record."""
    for entry in catalogue.all():
        if entry.page and entry.page not in catalogue.pages:
            message = f"the {entry.kind.name} has no page; write docs/{entry.page}"
            yield entry.document.problem(entry.loc, message, key=True)
    for path, page in catalogue.pages.items():
        folder, _, name = path.removesuffix(".md").rpartition("/")
        for kind in KINDS.values():
            known = name in catalogue.known[kind.name] or kind.name in catalogue.unreadable
            if folder == kind.pages and folder and name != "index" and not known:
                where = f"in data/{kind.data}" if kind.in_one_file else f"as data/{kind.data}/{name}.yml"
                yield page.problem(1, 1, f"the page has no record; write the {kind.name} {where}, or remove the page")


def pages_follow_their_pattern(catalogue: Catalogue) -> Iterator[Problem]:
    """A record's page has the fixed headings of its kind in their order, something under each, and its macros."""
    for kind in KINDS.values():
        for id in sorted(catalogue.known[kind.name]) if kind.pages else ():
            if page := catalogue.pages.get(f"{kind.pages}/{id}.md"):
                yield from _pattern(page, kind.headings, kind.macros, f"{{{{ {kind.name}() }}}}")


def _pattern(page: Page, headings: Sequence[str], macros: Iterable[str], closing: str) -> Iterator[Problem]:
    """`closing` is the macro of the kind itself, which ends a page and fills none of its sections."""
    top = [heading for heading in page.headings if heading.rank <= 2]
    missing = [heading for heading in headings if heading not in {found.text for found in top}]
    before = -1
    for number, heading in enumerate(top):
        if heading.text not in headings:
            near = suggest(heading.text, missing)
            missing = [expected for expected in missing if f"'{expected}'" not in near]
            cure = near or "; use '###' under one of the fixed headings"
            yield page.problem(heading.line, 1, f"'{heading.text}' is not a fixed heading of this page{cure}")
            continue
        if heading.text in [other.text for other in top[:number]]:
            yield page.problem(heading.line, 1, f"the heading '{heading.text}' stands twice; keep one")
        elif headings.index(heading.text) < before:
            yield page.problem(heading.line, 1, f"'{heading.text}' stands too late; the order is {', '.join(headings)}")
        elif all(line.strip() == closing for line in heading.under):
            yield page.problem(heading.line, 1, f"nothing stands under '{heading.text}'; write the section")
        before = max(before, headings.index(heading.text))
    for heading in missing:
        yield page.problem(1, 1, f"the heading '## {heading}' is missing; add it")
    called = {call.name for call in page.calls}
    for macro in macros:
        if macro not in called:
            yield page.problem(1, 1, f"the page does not call {macro}(); add {{{{ {macro}() }}}}")


def macros_are_right(catalogue: Catalogue) -> Iterator[Problem]:
    """A page calls only the macros listed below, with ids and sections that exist."""
    for page in catalogue.pages.values():
        for call in page.calls:
            if message := _fault(catalogue, call):
                yield page.problem(call.line, call.column, message)


def _fault(catalogue: Catalogue, call: Call) -> str:
    """What is wrong with a macro call, or nothing."""
    if not call.name:
        return f"'{call.expression}' is not a call such as ref(\"an-id\"); put code with braces between raw and endraw"
    if call.name not in MACROS:
        return f"unknown macro '{call.name}'" + (suggest(call.name, MACROS) or f"; use one of {', '.join(MACROS)}")
    parameters = _parameters(call.name)
    needed = [parameter for parameter in parameters if parameter.default is parameter.empty]
    if not len(needed) <= len(call.arguments) <= len(parameters):
        names = ", ".join(parameter.name for parameter in parameters)
        return f"{call.name}() takes ({names}); {len(call.arguments)} given"
    for parameter, value in zip(parameters, call.arguments, strict=False):
        choices = get_args(parameter.annotation) if get_origin(parameter.annotation) is Literal else ()
        if choices and value not in choices:
            return (
                f"unknown {parameter.name} '{value}'{suggest(value, choices) or '; use one of ' + ', '.join(choices)}"
            )
        for mark in getattr(parameter.annotation, "__metadata__", ()):
            if (
                isinstance(mark, Refers)
                and mark.kind not in catalogue.unreadable
                and value not in catalogue.knows(mark.kind)
            ):
                kind = "id" if mark.kind == "paged" else mark.kind
                return f"unknown {kind} '{value}'{_cure(catalogue, mark.kind, value)}"
    return _section_fault(catalogue, call) if call.name == "ref" and len(call.arguments) == 2 else ""


@cache
def _parameters(macro: str) -> list[inspect.Parameter]:
    """What an author may give a macro: all of its parameters but the view."""
    return list(inspect.signature(MACROS[macro]).parameters.values())[1:]


def _section_fault(catalogue: Catalogue, call: Call) -> str:
    id, section = call.arguments
    entry = catalogue.paged(id)
    return _anchor_fault(catalogue, entry.page, section, f"'{id}'") if entry else ""


def _anchor_fault(catalogue: Catalogue, path: str, anchor: str, name: str) -> str:
    """What is wrong with a link to a section of a page, which the message calls `name`; or nothing."""
    page = catalogue.pages.get(path)
    if page is None:
        return ""
    # Fixed headings that the page lacks, and records that could not be read, are reported once, there.
    anchors = {heading.anchor for heading in page.headings}
    for kind in KINDS.values():
        if kind.listed == path:
            anchors |= catalogue.known[kind.name]
        elif kind.pages and path.removeprefix(f"{kind.pages}/").removesuffix(".md") in catalogue.known[kind.name]:
            anchors.update(lasting_anchors(kind))
    # What the macros print is looked for last, since it takes longest.
    if anchor in anchors or anchor in (printed := _printed_anchors(catalogue, page) or {anchor}):
        return ""
    cure = suggest(anchor, anchors | printed) or "; name one of its headings"
    return f"{name} has no section '{anchor}'{cure}"


def _printed_anchors(catalogue: Catalogue, page: Page) -> set[str]:
    """All ids of a page with what its macros print; none where a fault, reported elsewhere, keeps it from printing."""
    # What mkdocs.yml says is not known here; no id depends on it.
    view = View(catalogue, page.path, {}, settings=defaultdict(str))
    try:
        text = expand(page.text, {name: partial(macro, view) for name, macro in MACROS.items()})
    except Exception:
        return set()
    headings = parse_page("", unescape(text)).headings
    return {*re.findall(r'\bid="([^"]+)"', text), *(heading.anchor for heading in headings)}


def links_lead_somewhere(catalogue: Catalogue) -> Iterator[Problem]:
    """A link or picture in a page leads to a file below docs/, and a link to a section to one that the page has."""
    for page in catalogue.pages.values():
        for link in page.links:
            if message := _link_fault(catalogue, page, link.target):
                yield page.problem(link.line, link.column, message)


def _link_fault(catalogue: Catalogue, page: Page, target: str) -> str:
    """What is wrong with the target of a link, or nothing."""
    there, _, anchor = target.partition("#")
    there, folder = unquote(there.partition("?")[0]), posixpath.dirname(page.path)
    path = posixpath.normpath(posixpath.join(folder, there)) if there else page.path
    if path in catalogue.files:
        return _anchor_fault(catalogue, path, unquote(anchor), f"docs/{path}") if anchor else ""
    made, _, name = path.partition("/")
    if made == FOLDER and (form := name.partition(".")[0]) in catalogue.known["template"]:
        return f"'{there}' is made when the site is built; link to its form: {{{{ ref(\"{form}\") }}}}"
    former = "/" + path.strip("/").removesuffix(".md") + "/"
    if new := catalogue.redirects.get(former):
        return f"'{there}' is a former name; write '{posixpath.relpath(new, folder or '.')}'"
    near = suggest(there, (posixpath.relpath(file, folder or ".") for file in catalogue.files))
    return f"no file '{there}'{near or '; write the path of a file below docs/, seen from the folder of this page'}"


def addresses_live(catalogue: Catalogue) -> Iterator[Problem]:
    """Every address in data/addresses.txt leads somewhere; every page and every lasting section is listed there."""
    pages = {address(path) for path in catalogue.pages}
    sections = {
        f"/{kind.pages}/*/#{anchor}" for kind in KINDS.values() if kind.pages for anchor in lasting_anchors(kind)
    }
    # A record without its page is reported once, at the record.
    owed = {f"/{kind.pages}/{id}/" for kind in KINDS.values() if kind.pages for id in catalogue.known[kind.name]}
    living = pages | owed | sections | catalogue.redirects.keys()
    for listed, line in catalogue.addresses.items():
        if listed not in living and "#" in listed:
            yield Problem(ADDRESSES, line, 1, f"{listed} would die; keep the heading of the section as it was")
        elif listed not in living:
            folder, _, name = listed.strip("/").rpartition("/")
            of_record = any(kind.pages == folder for kind in KINDS.values())
            where = "to the record" if of_record else "in the front matter of the page"
            cure = f"add the alias '{name if of_record else listed}' {where} that took its place"
            yield Problem(ADDRESSES, line, 1, f"{listed} would die; {cure}")
    after = max(catalogue.addresses.values(), default=0) + 1
    for new in sorted((pages | sections) - catalogue.addresses.keys()):
        what = "section" if "#" in new else "page"
        yield Problem(ADDRESSES, after, 1, f"a {what} has a new address; add the line {new}")


def aliases_lead_one_way(catalogue: Catalogue) -> Iterator[Problem]:
    """An alias is no living address, and no two pages claim the same one."""
    pages, first = {address(path) for path in catalogue.pages}, dict[str, str]()
    for former, path, place in catalogue.aliases():
        if former in pages:
            yield replace(place, message=f"{former} is a living page; remove the alias or the page")
        elif first.setdefault(former, path) != path:
            yield replace(place, message=f"{former} is also an alias of {first[former]}; keep one")


RULES: tuple[Rule, ...] = (
    ids_exist,
    named_once,
    ids_are_unique,
    titles_are_unique,
    competencies_are_used,
    requirements_form_no_cycle,
    roles_and_areas_have_tasks,
    roles_state_every_competency,
    efforts_are_plannable,
    staffing_covers_all,
    lists_are_used,
    forms_fit,
    symptoms_lead_somewhere,
    runbooks_can_run,
    proofs_belong_to_runbooks,
    targets_have_sources,
    terms_are_unique,
    words_are_found,
    dates_are_past,
    reviews_are_recent,
    records_have_pages,
    pages_follow_their_pattern,
    macros_are_right,
    links_lead_somewhere,
    addresses_live,
    aliases_lead_one_way,
)
