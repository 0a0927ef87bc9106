"""Spec: the small base of every hyper-parameter dataclass.

A spec is a frozen dataclass whose annotations carry its bounds and whose fields are documented by
the string below them::

    @dataclass(frozen=True, kw_only=True)
    class ELU(Activation):
        \"\"\"Exponential linear unit.\"\"\"

        kind: Literal["elu"] = "elu"
        alpha: Annotated[float, Gt(0)] = 1.0
        \"\"\"The value approached for very negative inputs, with its sign turned.\"\"\"

A *family* is a direct subclass of ``Spec`` declared with ``family="activation"``; its members are
the subclasses that have a ``kind``. To add a member is to write the class: the family finds it.

Everything else follows from that one definition: bounds are checked when a spec is built in
Python, and Pydantic, where it is used at a border, reads the same classes through the two hooks
at the end of ``Spec`` (they return plain dictionaries, so the engine does not need Pydantic).
"""

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from math import isfinite
from threading import Lock
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen

from engine.errors import InvalidSpec

__all__ = ["Spec", "families"]

_FAMILIES: dict[str, type["Spec"]] = {}
# Some releases of Python cannot parse in several threads at once (python/cpython#106905).
_parsing = Lock()


def families() -> dict[str, tuple[type["Spec"], ...]]:
    """Every family by name, each with its members in the order of their definition."""
    return {name: base.members() for name, base in _FAMILIES.items()}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Spec:
    """The base: strict keys, finite numbers, bounds as data, help beside each field."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}
    __family__: ClassVar[str] = ""
    __equation__: ClassVar[str] = ""
    """The defining equation in LaTeX; empty where there is none."""

    def __init_subclass__(cls, family: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        if family:
            cls.__family__ = family
            _FAMILIES[family] = cls

    def __post_init__(self) -> None:
        """Check every value against its annotation; raise InvalidSpec at the first misfit."""
        own_class: Any = type(self)
        for name, annotation in _annotations(own_class).items():
            complaint = _complaint(getattr(self, name), annotation)
            if complaint:
                raise InvalidSpec(f"{name} {complaint}", f"/{name}")

    @classmethod
    def is_family(cls) -> bool:
        """Whether this class stands for all its members, and is none itself."""
        return _FAMILIES.get(cls.__family__) is cls

    @classmethod
    def members(cls) -> tuple[type["Spec"], ...]:
        """Every subclass with a ``kind``, in the order of definition."""
        return tuple(sub for sub in _subclasses(cls) if "kind" in sub.__dict__)

    @classmethod
    def kind_name(cls) -> str:
        """The word that selects this member in JSON."""
        return str(cls.__dict__["kind"])

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(cls) or "").partition("\n")[0]

    @classmethod
    def field_help(cls) -> dict[str, str]:
        """The sentence below each field, also of inherited ones."""
        own_class: Any = cls
        return dict(_field_help(own_class))

    @classmethod
    def has_short_form(cls) -> bool:
        """Whether the bare word ``kind`` may stand for the whole spec."""
        return all(
            f.default is not dataclasses.MISSING or f.default_factory is not dataclasses.MISSING
            for f in dataclasses.fields(cls)
        )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> dict[str, Any]:
        """Pydantic's hook: a family is a union over ``kind``, a member is itself, strictly."""
        if not cls.is_family():
            schema: dict[str, Any] = handler(source)
            _make_strict(schema)
            return schema
        union = {
            "type": "tagged-union",
            "discriminator": "kind",
            "choices": {m.kind_name(): handler.generate_schema(m) for m in cls.members()},
        }
        return {
            "type": "function-before",
            "function": {
                "type": "no-info",
                "function": lambda value: {"kind": value} if isinstance(value, str) else value,
            },
            "schema": union,
        }

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        """Pydantic's hook: help for every field, and ``kind`` (or its short form) shown."""
        schema: dict[str, Any] = handler(core_schema)
        if cls.is_family():
            short = [m.kind_name() for m in cls.members() if m.has_short_form()]
            return {"anyOf": [schema, {"type": "string", "enum": short}]} if short else schema
        own = handler.resolve_ref_schema(schema)
        for name, sentence in cls.field_help().items():
            if name in own.get("properties", {}):
                own["properties"][name].setdefault("description", sentence)
        if "kind" in own.get("properties", {}):
            own["required"] = ["kind", *(n for n in own.get("required", []) if n != "kind")]
        return schema


def _subclasses(cls: type[Spec]) -> Iterator[type[Spec]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def _make_strict(schema: Any) -> None:
    """Numbers, booleans and text are taken as they are: "0.5" is no number, 1 no boolean."""
    if isinstance(schema, dict):
        if schema.get("type") in {"int", "float", "bool", "str"}:
            schema["strict"] = True
        for value in schema.values():
            _make_strict(value)
    elif isinstance(schema, list):
        for value in schema:
            _make_strict(value)


@cache
def _annotations(cls: Any) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


@cache
def _field_help(cls: Any) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    parents: list[Any] = [each for each in reversed(cls.__mro__) if dataclasses.is_dataclass(each)]
    for parent in parents:
        if parent is not Spec:
            found.update(_documented_fields(parent))
    names = {field.name for field in dataclasses.fields(cls)}
    return tuple((name, sentence) for name, sentence in found.items() if name in names)


@cache
def _documented_fields(cls: Any) -> tuple[tuple[str, str], ...]:
    with _parsing:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    return tuple(_sentences(getattr(definition, "body", [])))


def _sentences(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement, following in pairwise(body):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
            and isinstance(following.value.value, str)
        ):
            yield statement.target.id, " ".join(following.value.value.split())


_TYPES: dict[Any, tuple[tuple[type, ...], str]] = {
    float: ((float, int), "a number"),
    int: ((int,), "a whole number"),
    bool: ((bool,), "true or false"),
    str: ((str,), "a text"),
}


def _complaint(value: Any, annotation: Any) -> str | None:
    """Why ``value`` does not fit ``annotation``, as the end of a sentence; None if it does."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner, *bounds = arguments
        return _complaint(value, inner) or next(
            filter(None, (_out(value, b) for b in bounds)), None
        )
    if origin is Literal:
        known = ", ".join(map(repr, arguments))
        return None if value in arguments else f"must be one of {known}, not {value!r}"
    if type(None) in arguments:
        if value is None:
            return None
        others = [a for a in arguments if a is not type(None)]
        return (
            None
            if any(_complaint(value, a) is None for a in others)
            else _complaint(value, others[0])
        )
    if origin in {list, dict}:
        return _entry_complaint(value, origin, arguments[-1])
    if annotation in _TYPES:
        kinds, wanted = _TYPES[annotation]
        if not isinstance(value, kinds) or (isinstance(value, bool) and annotation is not bool):
            return f"must be {wanted}, not {value!r}"
        if isinstance(value, float) and not isfinite(value):
            return f"must be finite, not {value!r}"
        return None
    if isinstance(annotation, type) and not isinstance(value, annotation):
        return f"must be {annotation.__name__}, not {type(value).__name__}"
    return None


def _entry_complaint(value: Any, container: Any, annotation: Any) -> str | None:
    """Why an entry of a list or dictionary does not fit its annotation; None if all do."""
    if not isinstance(value, container):
        return f"must be a {container.__name__}, not {type(value).__name__}"
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    complaints = ((place, _complaint(entry, annotation)) for place, entry in entries)
    return next((f"entry {place!r} {why}" for place, why in complaints if why), None)


def _out(value: Any, bound: Any) -> str | None:
    """Why ``value`` is outside ``bound``; None if it is inside, or there is nothing to bound."""
    if value is None:
        return None
    match bound:
        case Gt(gt=limit) if not value > limit:
            return f"must be greater than {limit}, not {value!r}"
        case Ge(ge=limit) if not value >= limit:
            return f"must be at least {limit}, not {value!r}"
        case Lt(lt=limit) if not value < limit:
            return f"must be less than {limit}, not {value!r}"
        case Le(le=limit) if not value <= limit:
            return f"must be at most {limit}, not {value!r}"
        case MinLen(min_length=limit) if len(value) < limit:
            return f"must have at least {limit} entries, not {len(value)}"
        case MaxLen(max_length=limit) if len(value) > limit:
            return f"must have at most {limit} entries, not {len(value)}"
    return None
