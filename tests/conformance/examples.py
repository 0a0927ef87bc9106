"""Valid and invalid examples of any spec, made from its annotations alone.

The tables of this folder are drawn from here and from ``families()``, so that a new member of a
family, or a new field of a member, is tested the moment it exists.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, product
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MaxLen

import engine
from engine import InvalidSpec, Spec, families

__all__ = ["bounds", "examples", "hints_of", "members", "specs", "titles"]

NUMBERS = (0.5, 0.25, 2.0)
COUNTS = (3, 1)
WORD = "column"


def members(family: str) -> tuple[Any, ...]:
    """The classes of one of the engine's families."""
    return tuple(m for m in families()[family] if m.__module__.startswith("engine"))


def specs() -> list[Any]:
    """Every concrete spec of the engine: members of families, and the parts of a recipe."""
    found = [member for family in families() for member in members(family)]
    public = [getattr(engine, name) for name in engine.__all__]
    parts = [
        part
        for part in public
        if isinstance(part, type) and issubclass(part, Spec) and not part.is_family()
    ]
    return list(dict.fromkeys([*found, *(part for part in parts if part is not Spec)]))


def hints_of(spec: Any) -> dict[str, Any]:
    """The annotation of every field."""
    hints = get_type_hints(spec, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(spec)}


def titles(found: Sequence[Any]) -> list[str]:
    """A name for every row of a table of examples, unique among them."""
    names = [_title(example) for example in found]
    return [
        name if names.count(name) == 1 else f"{name}-{names[:place].count(name) + 1}"
        for place, name in enumerate(names)
    ]


def _title(example: Any) -> str:
    """The class, and what is not as by default."""
    changed = []
    for field in dataclasses.fields(example):
        value = getattr(example, field.name)
        if value != field.default and field.name != "kind":
            inner = isinstance(value, Spec) and "kind" in type(value).__dict__
            changed.append(f"{field.name}={value.kind_name() if inner else value}")
    name = type(example).__name__
    return f"{name}({','.join(changed)})" if len(",".join(changed)) < 60 else name


@cache
def examples(spec: Any) -> tuple[Any, ...]:
    """The defaults, then specs that differ from them in one field, then in two.

    Combinations that the spec refuses are left out, so a field that only makes sense together
    with another appears through the pairs.
    """
    hints = hints_of(spec)
    required = {
        field.name: _values(hints[field.name])[0]
        for field in dataclasses.fields(spec)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    changes = {name: _values(hint) for name, hint in hints.items() if name != "kind"}
    single = [{name: value} for name, values in changes.items() for value in values]
    pairs = [
        dict(zip(names, values, strict=True))
        for names in combinations(changes, 2)
        for values in product(*(changes[name][:1] for name in names))
    ]
    return tuple(_valid(spec, [required, *({**required, **change} for change in single + pairs)]))


def _valid(spec: Any, candidates: list[dict[str, Any]]) -> list[Any]:
    found: list[Any] = []
    for values in candidates:
        try:
            example = spec(**values)
        except InvalidSpec:
            continue
        if example not in found:
            found.append(example)
    return found


def _values(annotation: Any) -> list[Any]:
    """A few values that an annotation allows, the most ordinary first."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        limits = [m for m in arguments[1:] if not isinstance(m, MaxLen)]
        return [v for v in _values(arguments[0]) if all(_inside(v, limit) for limit in limits)]
    if type(None) in arguments:
        return [v for a in arguments if a is not type(None) for v in _values(a)] + [None]
    if origin is Literal:
        return list(arguments)
    return _containers(origin, arguments) if origin else _plain(annotation)


def _containers(origin: Any, arguments: tuple[Any, ...]) -> list[Any]:
    if origin is list:
        return [_values(arguments[0]), []]
    return [{WORD: value} for value in _values(arguments[1])] + [{}]


def _plain(annotation: Any) -> list[Any]:
    if issubclass(annotation, Spec):
        classes = annotation.members() if annotation.is_family() else (annotation,)
        return [example for member in classes for example in examples(member)[:1]]
    return list({float: NUMBERS, int: COUNTS, bool: (True, False), str: (WORD,)}[annotation])


def _inside(value: Any, limit: Any) -> bool:
    match limit:
        case Gt(gt=low):
            return bool(value > low)
        case Ge(ge=low):
            return bool(value >= low)
        case Lt(lt=high):
            return bool(value < high)
        case Le(le=high):
            return bool(value <= high)
    return True


_BEYOND = {"gt": 0, "ge": -1, "lt": 0, "le": 1}
"""Which way out of a bound is, by its attribute; the bound itself is out where it is exclusive."""


def bounds(spec: Any) -> Iterator[tuple[str, Any]]:
    """Every field of a number, with values just outside its bounds and of no number at all."""
    for name, annotation in hints_of(spec).items():
        number, limits = _number(annotation)
        if number is None:
            continue
        least = 1 if number is int else 1e-9
        for limit, (side, beyond) in product(limits, _BEYOND.items()):
            bound: Any = getattr(limit, side, None)
            if bound is not None:
                scale = 1 if number is int else max(1.0, abs(bound))
                yield name, number(bound + beyond * least * scale)
        yield from ((name, wrong) for wrong in ("1", True, float("nan"), float("inf"), [1]))


def _number(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The number type inside an annotation (None if there is none), and its bounds."""
    if annotation in {int, float}:
        return annotation, ()
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _number(arguments[0])[0], arguments[1:]
    if type(None) in arguments:
        return _number(next(a for a in arguments if a is not type(None)))
    return None, ()
