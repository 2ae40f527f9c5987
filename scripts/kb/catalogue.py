"""Holds all records and pages, and answers the questions that no single record can."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from typing import Any

from kb.model import KINDS, WEEKS_PER_YEAR, Area, Kind, Level, Model, Person, Refers, Staffing, Task
from kb.pages import Page
from kb.source import Document, Loc, Problem


@dataclass(frozen=True)
class Entry:
    """A record with its kind, its id and the place it was read from.

    `loc` is the way to the record in its document: () when the whole file is the record.
    """

    kind: Kind
    id: str
    record: Any
    document: Document
    loc: tuple[str, ...]

    @property
    def page(self) -> str:
        """Path below docs/ of the record's own page; empty for kinds without pages."""
        return f"{self.kind.pages}/{self.id}.md" if self.kind.pages else ""


@dataclass(frozen=True)
class Reference:
    """A place where a record names another one; `key` when the name is a field name."""

    entry: Entry
    loc: Loc
    kind: str
    id: str
    key: bool = False


@dataclass(frozen=True)
class Gap:
    """How far somebody's level in a competency is from the level that is expected."""

    competency: str
    has: Level | None
    needs: Level

    @property
    def steps(self) -> int:
        """Levels still to climb; 0 when there is nothing to learn."""
        return max(0, self.needs.rank - (self.has.rank if self.has else 0))


@dataclass
class Catalogue:
    """All records by kind and id, all pages by path below docs/, and all published addresses.

    `known` also holds the ids of records that could not be read, `mentioned` all texts in those, and
    `unreadable` the kinds whose list could not be read at all: one fault must not cause a second.
    `files` are the paths of all files below docs/, pages or not.
    `addresses` maps an address to its line in the list.
    """

    entries: dict[str, dict[str, Entry]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    known: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in KINDS})
    mentioned: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    pages: dict[str, Page] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    addresses: dict[str, int] = field(default_factory=dict)
    today: date = field(default_factory=date.today)

    def all(self) -> Iterator[Entry]:
        """Every record, kind by kind."""
        for entries in self.entries.values():
            yield from entries.values()

    def get(self, kind: str, id: str) -> Any:
        """The record of that kind and id; KeyError when there is none."""
        return self.entries[kind][id].record

    def records(self, kind: str) -> Mapping[str, Any]:
        """All records of a kind by id: in the order of their list, or by title when each has its file."""
        return self._records[kind]

    @cached_property
    def _records(self) -> Mapping[str, Mapping[str, Any]]:
        found = {kind: {id: entry.record for id, entry in entries.items()} for kind, entries in self.entries.items()}
        return {
            kind: records
            if KINDS[kind].in_one_file
            else dict(sorted(records.items(), key=lambda item: item[1].title.casefold()))
            for kind, records in found.items()
        }

    def paged(self, id: str) -> Entry | None:
        """The record with a page of its own that has this id."""
        kinds = (name for name, kind in KINDS.items() if kind.pages)
        return next((self.entries[name][id] for name in kinds if id in self.entries[name]), None)

    def knows(self, kind: str) -> set[str]:
        """The ids that a reference to `kind` may name; "paged" stands for all kinds with pages."""
        return self._paged if kind == "paged" else self.known[kind]

    @cached_property
    def _paged(self) -> set[str]:
        return set().union(*(self.known[name] for name, kind in KINDS.items() if kind.pages))

    def page_entry(self, path: str) -> Entry | None:
        """The record that the page at this path below docs/ belongs to."""
        folder, _, name = path.removesuffix(".md").rpartition("/")
        kinds = (kind.name for kind in KINDS.values() if kind.pages and kind.pages == folder)
        return next((self.entries[kind][name] for kind in kinds if name in self.entries[kind]), None)

    @cached_property
    def redirects(self) -> dict[str, str]:
        """Former address → path below docs/ of the page that took its place."""
        return {address: path for address, path, _ in self.aliases()}

    def aliases(self) -> Iterator[tuple[str, str, Problem]]:
        """(former address, path of the page now, an empty problem at the alias), for each alias."""
        for entry in self.all():
            for index, alias in enumerate(getattr(entry.record, "aliases", ())):
                place = entry.document.problem((*entry.loc, "aliases", index), "")
                yield f"/{entry.kind.pages}/{alias}/", entry.page, place
        for page in self.pages.values():
            for index, alias in enumerate(page.aliases):
                yield alias, page.path, page.front.problem(("aliases", index), "")

    @cached_property
    def references(self) -> list[Reference]:
        """Every place where a record names another record."""
        return [reference for entry in self.all() for reference in _walk(entry, entry.record, entry.loc, "")]

    @cached_property
    def _references_of(self) -> Mapping[int, list[Reference]]:
        found: dict[int, list[Reference]] = defaultdict(list)
        for reference in self.references:
            found[id(reference.entry)].append(reference)
        return found

    @cached_property
    def named_by(self) -> Mapping[tuple[str, str], list[Entry]]:
        """(kind, id) → the records that name it, each once, in catalogue order."""
        found: dict[tuple[str, str], dict[int, Entry]] = defaultdict(dict)
        for reference in self.references:
            found[reference.kind, reference.id][id(reference.entry)] = reference.entry
        return {key: list(entries.values()) for key, entries in found.items()}

    @cached_property
    def pages_citing(self) -> Mapping[str, list[str]]:
        """Source id → paths of the pages that cite it or whose record lists it, in path order."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for path, page in sorted(self.pages.items()):
            entry = self.page_entry(path)
            named = [ref.id for ref in self._references_of.get(id(entry), []) if ref.kind == "source"]
            for source in (*page.cited(), *named):
                found[source][path] = None
        return {source: list(paths) for source, paths in found.items()}

    @cached_property
    def _tasks_by_competency(self) -> Mapping[str, list[tuple[str, Level]]]:
        found: dict[str, list[tuple[str, Level]]] = defaultdict(list)
        for id, task in self.records("task").items():
            for needed in task.competencies:
                found[needed.id].append((id, needed.level))
        return found

    def tasks_for(self, competency: str) -> list[tuple[str, Level]]:
        """(task id, level needed) of the tasks that use a competency, by title."""
        return self._tasks_by_competency.get(competency, [])

    def area(self, task: Task) -> Area:
        """The area of a task: that of the role that leads it."""
        return self.get("role", task.role).area

    def overdue(self, entry: Entry) -> bool:
        """Whether a record has not been reviewed for longer than its kind allows."""
        every = entry.record.review_every
        return every is not None and entry.record.reviewed + every < self.today

    @cached_property
    def learning_order(self) -> list[str]:
        """All competencies, each after those it requires, otherwise by area and title.

        Competencies in a cycle of requirements (a rule reports them) come last.
        """
        areas = list(Area)
        waiting = sorted(
            self.records("competency").items(),
            key=lambda item: (areas.index(item[1].area), item[1].title.casefold()),
        )
        order: dict[str, None] = {}
        while ready := next(
            (id for id, record in waiting if id not in order and set(record.requires) <= order.keys()), None
        ):
            order[ready] = None
        return [*order, *(id for id, _ in waiting if id not in order)]

    def gap(self, background: str, role: str) -> list[Gap]:
        """What somebody of that background has still to learn for that role, in learning order."""
        return self.gap_between(self.get("background", background).levels, self.get("role", role).levels)

    def gap_between(self, has: Mapping[str, Level], needs: Mapping[str, Level]) -> list[Gap]:
        """Competencies in which `has` is below `needs`, in learning order."""
        gaps = (Gap(id, has.get(id), needs[id]) for id in self.learning_order if id in needs)
        return [gap for gap in gaps if gap.steps]

    def plan(self, background: str, role: str) -> list[Gap]:
        """The gaps in the order in which that role needs them closed.

        Each comes after those that it builds on; then those of the role's own area come first, and of these what most
        of its tasks ask for, where the main competency of a task counts twice.
        """
        area, wanted = self.get("role", role).area, Counter[str]()
        for task in self.records("task").values():
            if task.role == role:
                wanted.update(needed.id for needed in (task.competencies[0], *task.competencies))
        left, order = {gap.competency: gap for gap in self.gap(background, role)}, list[Gap]()
        while left:
            competencies = {id: self.get("competency", id) for id in left}
            ready = [id for id, record in competencies.items() if not left.keys() & set(record.requires)]
            # Of competencies that require each other (a rule reports them), any.
            best = max(ready or left, key=lambda id: (competencies[id].area == area, wanted[id]))
            order.append(left.pop(best))
        return order

    def owners(self, staffing: Staffing, *, deputy: bool = False) -> dict[str, list[Person]]:
        """Task id → who leads it (as deputy: stands in) in a staffing model, by title of the task.

        Tasks whose role could not be read are left out.
        """
        return {
            id: staffing.people_for(id, self.area(task), deputy=deputy)
            for id, task in self.records("task").items()
            if task.role in self.entries["role"]
        }

    def hours_of(self, staffing: Staffing, person: Person) -> float:
        """Hours a week that the tasks a person leads are planned to take."""
        tasks = self.records("task")
        led = (id for id, owners in self.owners(staffing).items() if person in owners)
        return sum(tasks[id].hours_per_year(staffing.size) for id in led) / WEEKS_PER_YEAR


def _walk(entry: Entry, value: Any, loc: Loc, kind: str) -> Iterator[Reference]:
    """Walks a value along its model and yields every text that is marked as a reference."""
    if isinstance(value, Model):
        for name in type(value).model_fields:
            yield from _walk(entry, getattr(value, name), (*loc, name), _refers(type(value)).get(name, ""))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _walk(entry, item, (*loc, index), kind)
    elif isinstance(value, dict):
        for key in value:
            yield Reference(entry, (*loc, key), kind, key, key=True)
    elif kind and value is not None:
        yield Reference(entry, loc, kind, value)


@cache
def _refers(model: type[Model]) -> dict[str, str]:
    """Field → kind that it refers to."""
    return {
        name: mark.kind
        for name, info in model.model_fields.items()
        for mark in (*info.metadata, *_marks(info.annotation))
        if isinstance(mark, Refers)
    }


def _marks(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for inner in getattr(annotation, "__args__", ()):
        yield from _marks(inner)
