"""Recipes to and from the JSON that is kept of them."""

from typing import Any

from pydantic import TypeAdapter

from engine.recipe import Recipe

__all__ = ["recipe_from_json", "recipe_to_json"]

_ADAPTER = TypeAdapter(Recipe)


def recipe_from_json(spec: dict[str, Any]) -> Recipe:
    """The recipe; raises pydantic's ValidationError if this version does not understand it."""
    return _ADAPTER.validate_python(spec)


def recipe_to_json(recipe: Recipe) -> dict[str, Any]:
    """Plain JSON values, complete: every default is written out."""
    spec: dict[str, Any] = _ADAPTER.dump_python(recipe, mode="json")
    return spec
