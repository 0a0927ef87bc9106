"""Every spec: documented, to JSON and back unchanged, and strict about its bounds both ways."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from engine import InvalidSpec, Recipe, Spec, families
from tests.conformance.examples import bounds, examples, members, specs, titles

SPECS = specs()
EXAMPLES = [example for spec in SPECS for example in examples(spec)]
OUTSIDE = [(spec, name, value) for spec in SPECS for name, value in bounds(spec)]
FAMILIES = [family for family in families() if members(family)]


def adapter(spec: Any) -> TypeAdapter[Any]:
    if spec not in _ADAPTERS:
        _ADAPTERS[spec] = TypeAdapter(spec)
    return _ADAPTERS[spec]


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def as_json(example: Any) -> dict[str, Any]:
    dumped: dict[str, Any] = adapter(type(example)).dump_python(example, mode="json")
    return dumped


@pytest.mark.parametrize("example", EXAMPLES, ids=titles(EXAMPLES))
def test_round_trip_through_json(example: Any) -> None:
    text = adapter(type(example)).dump_json(example)
    again = adapter(type(example)).validate_json(text)
    assert again == example
    assert adapter(type(example)).validate_python(json.loads(text)) == example
    assert type(again) is type(example)


def recipe_with(example: Any) -> Recipe | None:
    """A recipe that holds the example where such a thing belongs; None if it has no place."""
    for field in dataclasses.fields(Recipe):
        for value in (example, [example]):
            try:
                recipe = Recipe(**{field.name: value})  # type: ignore[arg-type]
            except InvalidSpec:
                continue
            return recipe
    return None


@pytest.mark.parametrize("example", EXAMPLES, ids=titles(EXAMPLES))
def test_round_trip_inside_a_recipe(example: Any) -> None:
    recipe = recipe_with(example)
    if recipe is None:
        return  # an activation or an initializer: a layer's example holds it
    assert adapter(Recipe).validate_json(adapter(Recipe).dump_json(recipe)) == recipe


@pytest.mark.parametrize(
    ("spec", "name", "value"), OUTSIDE, ids=[f"{s.__name__}-{n}-{v!r}" for s, n, v in OUTSIDE]
)
class TestBounds:
    def test_python_refuses(self, spec: Any, name: str, value: Any) -> None:
        with pytest.raises(InvalidSpec) as caught:
            dataclasses.replace(examples(spec)[0], **{name: value})
        assert caught.value.pointer == f"/{name}"
        assert caught.value.message.startswith(name)

    def test_json_refuses(self, spec: Any, name: str, value: Any) -> None:
        body = as_json(examples(spec)[0]) | {name: value}
        with pytest.raises(ValidationError) as caught:
            adapter(spec).validate_python(body)
        assert all(name in error["loc"] for error in caught.value.errors())


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(spec.__name__))
class TestStrictness:
    def test_unknown_keys_are_refused(self, spec: Any) -> None:
        with pytest.raises(ValidationError) as caught:
            adapter(spec).validate_python(as_json(examples(spec)[0]) | {"learning_rat": 1})
        assert [error["loc"] for error in caught.value.errors()] == [("learning_rat",)]

    def test_numbers_beyond_every_format_are_refused(self, spec: Any) -> None:
        numbers = [name for name, value in bounds(spec) if value == float("inf")]
        for name in numbers:
            body = json.dumps(as_json(examples(spec)[0]) | {name: 0}).replace(
                f'"{name}": 0', f'"{name}": 1e999'
            )
            with pytest.raises(ValidationError):
                adapter(spec).validate_json(body)

    def test_is_documented(self, spec: Any) -> None:
        assert spec.summary().endswith(".") or ":" in spec.summary()
        fields = {field.name for field in dataclasses.fields(spec)} - {"kind"}
        assert fields == set(spec.field_help()) - {"kind"}
        assert all(text.endswith((".", ")")) for text in spec.field_help().values())

    def test_help_reaches_the_json_schema(self, spec: Any) -> None:
        schema = adapter(spec).json_schema()
        own = schema["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        for name, text in spec.field_help().items():
            assert own["properties"][name]["description"] == text
        assert own["additionalProperties"] is False


@pytest.mark.parametrize("family", FAMILIES)
class TestFamily:
    def test_kinds_are_unique(self, family: str) -> None:
        kinds = [member.kind_name() for member in members(family)]
        assert len(kinds) == len(set(kinds))

    def test_short_form(self, family: str) -> None:
        base = base_of(family)
        for member in members(family):
            if member.has_short_form():
                assert adapter(base).validate_python(member.kind_name()) == member()
            else:
                with pytest.raises(ValidationError):
                    adapter(base).validate_python(member.kind_name())

    def test_an_unknown_kind_is_answered_with_the_known_ones(self, family: str) -> None:
        with pytest.raises(ValidationError) as caught:
            adapter(base_of(family)).validate_python({"kind": "adma"})
        (error,) = caught.value.errors()
        for member in members(family):
            assert member.kind_name() in error["msg"]

    def test_the_kind_cannot_be_left_out(self, family: str) -> None:
        with pytest.raises(ValidationError):
            adapter(base_of(family)).validate_python({})


def base_of(family: str) -> type[Spec]:
    parents = members(family)[0].__mro__
    bases: list[type[Spec]] = [c for c in parents if issubclass(c, Spec) and c.is_family()]
    return bases[0]


def test_class_names_are_unique() -> None:
    """OpenAPI components are named after them."""
    names = [spec.__name__ for spec in SPECS]
    assert len(names) == len(set(names))
