"""The pages about specs: one for each family of them, and one for the job that they make up.

Everything on them is read from the classes: docstrings, equations, bounds, defaults.
"""

import dataclasses
import inspect
import json
import re
from collections.abc import Iterator
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen

import engine.insight.surfaces  # the family of surfaces exists once this is imported  # noqa: F401
import service.datasets.builtin  # likewise the built-in data  # noqa: F401
from engine import Recipe, Spec, families
from service.recipes import spec_to_json
from service.reference.markdown import GENERATED, as_markdown, cell, table

__all__ = ["described", "link", "pages"]

_PLAIN = {
    float: "number",
    int: "whole number",
    bool: "true or false",
    str: "text",
    NoneType: "null",
}


def pages() -> dict[str, str]:
    """The text of every page by the name of its file."""
    written = {
        f"{name}.md": _family_page(name, members) for name, members in families().items() if members
    }
    return {"index.md": _index(), "job.md": _job_page(), **written}


def _index() -> str:
    rows = [
        f"| [`{name}`]({name}.md) | {', '.join(f'`{m.kind_name()}`' for m in members)} |"
        for name, members in sorted(families().items())
    ]
    return (
        f"{GENERATED}# Reference\n\nEverything that a [job](job.md) can be made of. A running "
        "service tells the same in `GET /v1/catalog`, with JSON schemas, and `trainyard catalog` "
        "in a terminal.\n\n" + table("family", "members", rows=rows)
    )


def described() -> dict[str, type[Spec]]:
    """Every spec that the pages describe, by the name that it has in the OpenAPI document."""
    found: list[type[Spec]] = [Recipe, *_parts(Recipe)]
    for members in families().values():
        found += members
    return {spec.__name__: spec for spec in found}


def _job_page() -> str:
    """The recipe, and every spec in it that is of no family."""
    head = f"{GENERATED}# What makes up a job\n\nBesides its `dataset`:\n\n{_fields(Recipe)}"
    return "\n".join([head, *map(_part, _parts(Recipe))])


def _part(spec: type[Spec]) -> str:
    return f"## {_part_title(spec)}\n\n{as_markdown(_doc(spec))}\n\n{_fields(spec)}"


def _parts(spec: type[Spec]) -> Iterator[type[Spec]]:
    """The specs of no family among the fields of a spec, and among theirs, each once."""
    found: dict[type[Spec], None] = {}
    for annotation in _hints(spec).values():
        for part in _specs_in(annotation):
            if not part.__family__:
                found |= dict.fromkeys([part, *_parts(part)])
    yield from found


def _specs_in(annotation: Any) -> Iterator[type[Spec]]:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for argument in get_args(annotation):
        yield from _specs_in(argument)


def _part_title(spec: type[Spec]) -> str:
    """As the class is called, in words: TrainingSpec is "Training"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", spec.__name__.removesuffix("Spec"))
    return words.capitalize()


def _family_page(name: str, members: tuple[type[Spec], ...]) -> str:
    base = next(c for c in members[0].__mro__ if issubclass(c, Spec) and c.is_family())
    title = name.replace("_", " ").capitalize()
    rows = [f"| [`{m.kind_name()}`](#{m.kind_name()}) | {m.summary()} |" for m in members]
    head = f"{GENERATED}# {title}\n\n{as_markdown(_doc(base))}\n\n"
    return head + "\n".join([table("kind", "what it is", rows=rows), *map(_member, members)])


def _member(spec: type[Spec]) -> str:
    parts = [f"## {spec.kind_name()}", as_markdown(_doc(spec))]
    if spec.__equation__:
        parts.append(f"$$\n{spec.__equation__}\n$$")
    if len(dataclasses.fields(spec)) > 1:
        parts.append(_fields(spec).rstrip())
    if spec.has_short_form():
        parts.append(_example(spec))
    return "\n\n".join(parts) + "\n"


def _example(spec: type[Spec]) -> str:
    """How it is written with nothing left out."""
    whole = json.dumps({"kind": spec.kind_name()} | spec_to_json(spec()))
    return f"`{json.dumps(spec.kind_name())}` is short for `{whole}`."


def _fields(spec: type[Spec]) -> str:
    hints, notes = _hints(spec), spec.field_help()
    rows = [
        f"| `{field.name}` | {_type(hints[field.name])} | {_default(field)} "
        f"| {cell(notes.get(field.name, ''))} |"
        for field in dataclasses.fields(spec)
        if field.name != "kind"
    ]
    return table("field", "type", "default", "what it does", rows=rows)


def _hints(spec: Any) -> dict[str, Any]:
    return get_type_hints(spec, include_extras=True)


def _default(field: "dataclasses.Field[Any]") -> str:
    missing = dataclasses.MISSING
    if field.default is missing and field.default_factory is missing:
        return "required"
    value = field.default if field.default_factory is missing else field.default_factory()
    if isinstance(value, Spec):
        is_member = any(value.__class__ in members for members in families().values())
        return f"`{json.dumps(type(value).kind_name())}`" if is_member else "its defaults"
    return f"`{json.dumps(value)}`"


def _type(annotation: Any) -> str:
    """An annotation in words, with its bounds."""
    arguments = get_args(annotation)
    match get_origin(annotation):
        case None:
            return _plain_type(annotation)
        case origin if origin is Annotated:
            return ", ".join([_type(arguments[0]), *filter(None, map(_bound, arguments[1:]))])
        case origin if origin is Literal:
            return " or ".join(f"`{json.dumps(value)}`" for value in arguments)
        case origin if origin is list:
            return f"list of {_type(arguments[0])}"
        case origin if origin is dict:
            return f"{_type(arguments[1])} by name"
    return " or ".join(map(_type, arguments))


def _plain_type(annotation: Any) -> str:
    return link(annotation) if annotation not in _PLAIN else _PLAIN[annotation]


def link(spec: type[Spec]) -> str:
    """To the page of a family, to a member's place on it, or to a part of the job."""
    if spec.is_family():
        return f"[{spec.__family__}]({spec.__family__}.md)"
    if spec.__family__:
        return f"[{spec.kind_name()}]({spec.__family__}.md#{spec.kind_name()})"
    if spec is Recipe:
        return "[recipe](job.md)"
    title = _part_title(spec)
    return f"[{title.lower()}](job.md#{title.lower().replace(' ', '-')})"


_BOUNDS = {
    Gt: "> {.gt:,}",
    Ge: "≥ {.ge:,}",
    Lt: "< {.lt:,}",
    Le: "≤ {.le:,}",
    MinLen: "at least {.min_length} of them",
    MaxLen: "at most {.max_length} of them",
}


def _bound(bound: Any) -> str:
    return _BOUNDS[type(bound)].format(bound) if type(bound) in _BOUNDS else ""


def _doc(spec: type[Spec]) -> str:
    return inspect.getdoc(spec) or ""
