"""Recipes, and other specs, to and from the JSON that is kept of them."""

from typing import Any

from pydantic import TypeAdapter

from engine import Recipe, Spec

__all__ = ["adapter", "recipe_from_json", "recipe_to_json", "spec_to_json"]


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def adapter(spec: type[Spec]) -> TypeAdapter[Any]:
    """What validates, dumps and describes a class of specs; built once."""
    if spec not in _ADAPTERS:
        _ADAPTERS[spec] = TypeAdapter(spec)
    return _ADAPTERS[spec]


def recipe_from_json(spec: dict[str, Any]) -> Recipe:
    """The recipe; raises pydantic's ValidationError if this version does not know it."""
    recipe: Recipe = adapter(Recipe).validate_python(spec)
    return recipe


def recipe_to_json(recipe: Recipe) -> dict[str, Any]:
    """Plain JSON values, complete: every default is written out."""
    return spec_to_json(recipe)


def spec_to_json(spec: Spec) -> dict[str, Any]:
    """The same for any spec."""
    dumped: dict[str, Any] = adapter(type(spec)).dump_python(spec, mode="json")
    return dumped
