"""Every spec there is, with what forms and documentation need to know of it."""

import dataclasses
import inspect
from functools import cache
from threading import Lock
from typing import Any

from pydantic_core import to_jsonable_python

from engine import Recipe, Spec, families
from service.catalog.schemas import Catalog, CatalogEntry, CatalogField
from service.recipes import adapter

__all__ = ["catalogue"]

_building = Lock()


def catalogue() -> Catalog:
    """Built once, which takes a while: whoever asks meanwhile waits for it."""
    with _building:
        return _built()


@cache
def _built() -> Catalog:
    return Catalog(
        families={
            name: [_entry(member) for member in members] for name, members in families().items()
        },
        recipe=_recipe(),
    )


def _recipe() -> dict[str, Any]:
    """The recipe's schema, with the defaults that are made, which JSON Schema does not know."""
    schema = adapter(Recipe).json_schema()
    for field in dataclasses.fields(Recipe):
        if field.default_factory is not dataclasses.MISSING:
            made = to_jsonable_python(field.default_factory())
            _properties(schema)[field.name].setdefault("default", made)
    return schema


def _entry(spec: type[Spec]) -> CatalogEntry:
    schema = adapter(spec).json_schema()
    return CatalogEntry(
        kind=spec.kind_name(),
        summary=spec.summary(),
        description=inspect.getdoc(spec) or "",
        equation=spec.__equation__,
        short_form=spec.has_short_form(),
        fields=[
            _field(spec, field, schema)
            for field in dataclasses.fields(spec)
            if field.name != "kind"
        ],
        json_schema=schema,
    )


def _field(
    spec: type[Spec], field: "dataclasses.Field[Any]", schema: dict[str, Any]
) -> CatalogField:
    own = _properties(schema)[field.name]
    default = own.get("default")
    if field.default_factory is not dataclasses.MISSING:
        default = to_jsonable_python(field.default_factory())
    return CatalogField(
        name=field.name,
        help=spec.field_help().get(field.name, ""),
        required=not _has_default(field),
        default=default,
        json_schema=own,
    )


def _has_default(field: "dataclasses.Field[Any]") -> bool:
    missing = dataclasses.MISSING
    return field.default is not missing or field.default_factory is not missing


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    """Those of the schema itself, which may stand among its own definitions."""
    if "$ref" in schema:
        schema = schema["$defs"][schema["$ref"].rpartition("/")[2]]
    properties: dict[str, Any] = schema["properties"]
    return properties
