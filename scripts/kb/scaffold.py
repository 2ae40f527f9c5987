"""Begins a record and its page: everything that follows from kind and title is filled in, the rest is left to write."""

import types
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from annotated_types import MinLen
from markdown.extensions.toc import slugify
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kb.load import ADDRESSES, load
from kb.model import KINDS, Kind
from kb.pages import address
from kb.source import SLUG

BEGUN = tuple(kind.name for kind in KINDS.values() if not kind.recorded)
# Kinds whose ids are not made from the title, and how they are made.
NAMED: Mapping[str, str] = {"source": "publisher and number for standards, otherwise family name, year and topic"}


class ScaffoldError(Exception):
    """Nothing was written; the message says why and what to do."""


def begin(root: Path, kind_name: str, title: str, id: str = "") -> list[Path]:
    """Write record, page and address of a new record and return the files touched.

    The id is made from the title unless it is given. Raises ScaffoldError, and writes nothing, when the kind is
    unknown, when the id is none or taken, or when a kind that is named otherwise comes without.
    """
    if kind_name not in BEGUN:
        raise ScaffoldError(f"unknown kind '{kind_name}'; use one of {', '.join(BEGUN)}")
    if kind_name in NAMED and not id:
        raise ScaffoldError(f"a {kind_name} needs an id; make it from {NAMED[kind_name]}")
    if id and not SLUG.fullmatch(id):
        raise ScaffoldError(f"'{id}' is not an id; use lower-case words joined by hyphens")
    kind, id, cure = KINDS[kind_name], id or slugify(title, "-"), "id" if id else "title"
    if not id:
        raise ScaffoldError(f"'{title}' gives no id; write a title with letters or digits")
    catalogue, _ = load(root)
    taken = catalogue.known[kind.name] | (catalogue.knows("paged") if kind.pages else set())
    if id in taken:
        raise ScaffoldError(f"'{id}' exists already; choose another {cure}")
    competencies = sorted(catalogue.known["competency"])
    lines = list(_fields(kind.model, title, competencies))
    files = [_write_record(root, kind, id, lines)]
    if kind.pages:
        files += [_write_page(root, kind, id), _list_address(root, address(f"{kind.pages}/{id}.md"))]
    return files


def _write_record(root: Path, kind: Kind, id: str, lines: list[str]) -> Path:
    if kind.in_one_file:
        path = root / "data" / kind.data
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join([f"{id}:", *(f"  {line}" for line in lines)]) + "\n")
        return path
    path = root / "data" / kind.data / f"{id}.yml"
    schema = f"# yaml-language-server: $schema=../../site/schema/{kind.name}.json"
    path.write_text("\n".join([schema, *lines]) + "\n", encoding="utf-8")
    return path


def _write_page(root: Path, kind: Kind, id: str) -> Path:
    """Macros come in their fixed order: the first below nothing, the last below everything."""
    first, *others = kind.macros
    last = others.pop()
    blocks = [first, *others]
    text = "\n\n".join(f"{{{{ {macro}() }}}}" for macro in blocks)
    text += "".join(f"\n\n## {heading}" for heading in kind.headings) + f"\n\n{{{{ {last}() }}}}\n"
    path = root / "docs" / kind.pages / f"{id}.md"
    path.write_text(text, encoding="utf-8")
    return path


def _list_address(root: Path, new: str) -> Path:
    path = root / ADDRESSES
    lines = {*path.read_text(encoding="utf-8").splitlines(), new}
    path.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    return path


def _fields(model: type[BaseModel], title: str, competencies: list[str]) -> Iterator[str]:
    """Lines for each field: what is required with an empty value, what is optional as a comment."""
    for name, info in model.model_fields.items():
        yield f"# {info.description}"
        if not info.is_required():
            yield f"# {name}:"
        elif name == "title":
            yield f"title: {_quoted(title)}"
        elif name in ("reviewed", "checked"):
            yield f"{name}: {date.today()}"
        else:
            yield from _empty(name, info, competencies)


def _empty(name: str, info: FieldInfo, competencies: list[str]) -> Iterator[str]:
    """Lines for a required field whose values the author has still to write."""
    annotation = _bare(info.annotation)
    yield f"{name}:"
    if get_origin(annotation) is tuple:
        item = _bare(get_args(annotation)[0])
        inside = [*_nested(item, competencies)] or [""]
        for _ in range(next((mark.min_length for mark in info.metadata if isinstance(mark, MinLen)), 1)):
            yield f"  - {inside[0]}".rstrip()
            yield from (f"    {line}" for line in inside[1:])
    elif get_origin(annotation) is dict:
        yield from (f"  {id}:" for id in competencies)
    else:
        yield from (f"  {line}" for line in _nested(annotation, competencies))


def _nested(annotation: Any, competencies: list[str]) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, info in annotation.model_fields.items():
            if info.is_required():
                yield from _empty(name, info, competencies)


def _bare(annotation: Any) -> Any:
    """An annotation without its constraints, and without "or nothing"."""
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    if get_origin(annotation) in (Union, types.UnionType):
        return _bare(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
