"""Reads all records and pages into one catalogue and reports every fault of the files themselves."""

import os
import re
from calendar import month_name, monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from kb.catalogue import Catalogue, Entry
from kb.model import KINDS, Kind
from kb.pages import parse_page
from kb.source import SLUG, Document, Loc, Problem, RejectedError, read_text, read_yaml, suggest

ADDRESSES = "data/addresses.txt"
FRONT_FIELDS = ("title", "description", "aliases", "heard", "hide")


def build_day() -> date:
    """The day that the pages are built for: SOURCE_DATE_EPOCH where it is set, or else today."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC).date() if epoch else date.today()


def load(root: Path) -> tuple[Catalogue, list[Problem]]:
    """Load data/ and docs/ of a checkout; problems of single files are returned, never raised."""
    root = root.resolve()
    catalogue, problems = Catalogue(today=build_day()), []
    expected = {Path(kind.data) for kind in KINDS.values()} | {Path(ADDRESSES).relative_to("data")}
    for path in sorted((root / "data").iterdir()) if (root / "data").is_dir() else []:
        if path.relative_to(root / "data") not in expected:
            cure = suggest(path.name, map(str, expected)) or "; remove it, or teach the model about it"
            problems.append(Problem(f"data/{path.name}", 1, 1, f"not a file of the handbook{cure}"))
    for kind in KINDS.values():
        documents = _list(root, kind, catalogue) if kind.in_one_file else _folder(root, kind, catalogue)
        for document in documents:
            problems += document.problems
    problems += _pages(root, catalogue)
    problems += _addresses(root, catalogue)
    return catalogue, problems


def _list(root: Path, kind: Kind, catalogue: Catalogue) -> Iterator[Document]:
    """One file that lists all records of a kind."""
    path = root / "data" / kind.data
    if not path.is_file():
        catalogue.unreadable.add(kind.name)
        yield Document(f"data/{kind.data}", problems=[Problem(f"data/{kind.data}", 1, 1, "missing; restore the file")])
        return
    document = read_yaml(root, path)
    if isinstance(document.value, dict):
        for id, value in document.value.items():
            catalogue.known[kind.name].add(id)
            if not SLUG.fullmatch(id):
                message = f"'{id}' is not an id; use lower-case words joined by hyphens"
                document.problems.append(document.problem((id,), message, key=True))
            _add(catalogue, kind, id, document, (id,), value)
    else:
        catalogue.unreadable.add(kind.name)
        if document.value is not None:
            message = f"not a list of records; write 'id:' and the fields of the {kind.name} below it"
            document.problems.append(document.problem((), message))
    yield document


def _folder(root: Path, kind: Kind, catalogue: Catalogue) -> Iterator[Document]:
    """A folder with one file for each record."""
    folder = root / "data" / kind.data
    if folder.is_symlink() or not folder.is_dir():
        catalogue.unreadable.add(kind.name)
        message = "not a folder; put the record files in a real folder here"
        yield Document(kind.data, problems=[Problem(f"data/{kind.data}", 1, 1, message)])
        return
    for path in sorted(folder.iterdir()):
        name = f"data/{kind.data}/{path.name}"
        if path.suffix != ".yml" or path.is_dir():
            message = "not a record file; name it after its id and end it with .yml"
            yield Document(name, problems=[Problem(name, 1, 1, message)])
            continue
        if not SLUG.fullmatch(path.stem):
            message = f"'{path.stem}' is not an id; name the file with lower-case words joined by hyphens"
            yield Document(name, problems=[Problem(name, 1, 1, message)])
            continue
        catalogue.known[kind.name].add(path.stem)
        document = read_yaml(root, path)
        if document.value is not None:
            _add(catalogue, kind, path.stem, document, (), document.value)
        elif not path.is_symlink():
            text = path.read_text("utf-8", errors="replace")
            catalogue.mentioned.update(word[0] for word in SLUG.finditer(text))
        yield document


def _add(catalogue: Catalogue, kind: Kind, id: str, document: Document, loc: tuple[str, ...], value: Any) -> None:
    """Put one record into the catalogue, or its faults into its document."""
    faults: dict[Loc, Problem] = {}
    if isinstance(value, dict):
        try:
            record = kind.model.model_validate(value)
        except ValidationError as error:
            found = {tuple(part for part in fault["loc"] if part != "[key]"): fault for fault in error.errors()}
            for place, fault in found.items():
                # Faulty entries of a list do not count, so that the list seems too short as well: once is enough.
                inside = any(other[: len(place)] == place and other != place for other in found)
                if not (fault["type"] == "too_short" and inside):
                    faults[*loc, *place] = _explain(document, kind, (*loc, *place), len(loc), dict(fault))
    else:
        faults[loc] = document.problem(loc, f"not a record; write the fields of a {kind.name} as 'field: value'")
    for empty in _empty(value, loc):
        if empty not in faults:
            faults[empty] = document.problem(empty, "empty; write a value or remove the field", key=True)
    document.problems += faults.values()
    if not faults:
        catalogue.entries[kind.name][id] = Entry(kind, id, record, document, loc)
    else:
        catalogue.mentioned.update(_texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _texts(inner)
    else:
        yield str(value)


def _empty(value: Any, loc: Loc) -> Iterator[Loc]:
    if value in ("", [], {}):
        yield loc
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _empty(inner, (*loc, key))


def _explain(document: Document, kind: Kind, loc: Loc, depth: int, fault: dict[str, Any]) -> Problem:
    """One validation fault in the contributor's words. `depth` is the length of the way to the record."""
    # An entry of a list is explained by the field that holds the list.
    inside = loc[depth:]
    while inside and isinstance(inside[-1], int):
        inside = inside[:-1]
    model, field, value = _model_at(kind.model, inside[:-1]), str(inside[-1]) if inside else "", fault["input"]
    info = model.model_fields.get(field) if model else None
    cure = f"; {info.description}" if info and info.description else ""
    context = fault.get("ctx", {})
    if value == "":
        return document.problem(loc, f"empty{cure or '; write a value or remove the field'}")
    match fault["type"]:
        case "missing":
            message = f"missing field '{field}'{cure}"
            return document.problem(loc[:-1], message)
        case "extra_forbidden":
            known = list(model.model_fields) if model else []
            near = suggest(field, known) or f"; the fields are {', '.join(known)}"
            return document.problem(loc, f"unknown field '{field}'{near}", key=True)
        case "enum" | "literal_error":
            choices = re.findall(r"'([^']*)'", str(context["expected"]))
            message = f"unknown value '{value}'" + (
                suggest(str(value), choices) or f"; use one of {', '.join(choices)}"
            )
        case "too_short":
            message = f"{context['actual_length']} of at least {context['min_length']} entries{cure}"
        case "greater_than":
            message = f"'{value}' is not more than {context['gt']:g}{cure}"
        case "string_pattern_mismatch":
            message = f"'{value}' does not fit{cure}"
        case kind_of_fault if kind_of_fault.startswith("date"):
            message = f"'{value}' is no day of the calendar: {_no_day(value)}"
        case "string_too_long":
            message = f"{len(str(value))} characters, at most {context['max_length']} are allowed; shorten it"
        case "value_error":
            message = f"'{value}' is {context['error']}"
        case "tuple_type":
            message = f"not a list; begin each entry on its own line with '- '{cure}"
        case "string_type":
            message = f"not a plain text; write one value here, and quote it if it holds ': '{cure}"
        case "model_type" | "dict_type":
            message = f"not a group of fields; write 'field: value'{cure}"
        case _:
            message = f"'{value}' is not valid ({fault['msg']}){cure}"
    return document.problem(loc, message)


def _no_day(text: str) -> str:
    """Why the calendar has no such day, of one written like 2026-11-24; and the cure."""
    year, month, day = map(int, text.split("-"))
    if 1 <= month <= 12 and day and year:
        return f"{month_name[month]} {year} has {monthrange(year, month)[1]} days; write one of them"
    missing = f"month {month}" if not 1 <= month <= 12 else "day 0" if not day else "year 0"
    return f"there is no {missing}; write year-month-day, such as 2026-11-24"


def _model_at(model: type[BaseModel] | None, loc: Loc) -> type[BaseModel] | None:
    """The model that the way `loc` leads to from `model`; None when it leads to no model."""
    for part in loc:
        if model is None or isinstance(part, int):
            continue
        info = model.model_fields.get(part)
        model = next(_models(info.annotation), None) if info else None
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def _pages(root: Path, catalogue: Catalogue) -> Iterator[Problem]:
    """All pages below docs/; folders that begin with a dot belong to the theme."""
    docs = root / "docs"
    for path in sorted(docs.rglob("*")):
        inside = path.relative_to(docs)
        if path.is_dir() or any(part.startswith(".") for part in inside.parts):
            continue
        catalogue.files.add(inside.as_posix())
        if path.suffix != ".md":
            continue
        bad = [part for part in (*inside.parts[:-1], inside.stem) if not SLUG.fullmatch(part)]
        if bad:
            message = f"'{bad[0]}' is not an id; use lower-case words joined by hyphens"
            yield Problem(f"docs/{inside.as_posix()}", 1, 1, message)
            continue
        try:
            page = parse_page(inside.as_posix(), read_text(root, path))
        except RejectedError as rejected:
            yield rejected.problem
            continue
        catalogue.pages[page.path] = page
        yield from page.front.problems
        for field in page.front.value if isinstance(page.front.value, dict) else ():
            if field not in FRONT_FIELDS:
                message = f"unknown front matter '{field}'{suggest(field, FRONT_FIELDS) or '; remove it'}"
                yield page.front.problem((field,), message, key=True)


def _addresses(root: Path, catalogue: Catalogue) -> Iterator[Problem]:
    """The list of published addresses, one a line; `/tasks/*/#steps` stands for a section of every page there."""
    path = root / ADDRESSES
    if not path.is_file():
        yield Problem(ADDRESSES, 1, 1, "missing; restore the file")
        return
    try:
        lines = read_text(root, path).splitlines()
    except RejectedError as rejected:
        yield rejected.problem
        return
    for number, line in enumerate(lines, 1):
        if not re.fullmatch(r"/([a-z0-9-]+/)*(\*/#[a-z0-9-]+)?", line):
            yield Problem(ADDRESSES, number, 1, f"'{line}' is not an address; write it like /tasks/verify-backups/")
        elif line in catalogue.addresses:
            first = catalogue.addresses[line]
            yield Problem(ADDRESSES, number, 1, f"{line} is listed twice (first on line {first}); keep one")
        else:
            catalogue.addresses[line] = number
