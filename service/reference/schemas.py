"""A JSON schema in words: `text or null`, `list of [Epoch](objects.md#epoch)`."""

import json
from collections.abc import Iterator
from typing import Any

from engine import families
from service.reference.specs import described, link

__all__ = ["in_words", "name_of"]

_PLAIN = {
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "string": "text",
    "null": "null",
    "object": "object",
}
_FORMATS = {"binary": "a file", "date-time": "time"}
_BOUNDS = {
    "exclusiveMinimum": "> {}",
    "minimum": "≥ {}",
    "exclusiveMaximum": "< {}",
    "maximum": "≤ {}",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
}


def name_of(schema: dict[str, Any]) -> str:
    """What a reference refers to; empty if it is none."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def in_words(schema: dict[str, Any]) -> str:
    """The type with its bounds; what has a place in the reference is a link to there."""
    if parts := schema.get("prefixItems"):
        return f"[{'; '.join(map(in_words, parts))}]"
    bounds = [words.format(_number(schema[key])) for key, words in _BOUNDS.items() if key in schema]
    return ", ".join([_type(schema), *bounds])


def _number(value: float) -> str:
    return f"{value:,}".removesuffix(".0")


def _one(words: str) -> str:
    """In parentheses where there is a choice, whose end would not be seen otherwise."""
    return f"({words})" if " or " in words.replace("true or false", "") else words


def _type(schema: dict[str, Any]) -> str:
    if name := name_of(schema):
        return _link(name)
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return _union(alternatives)
    if "const" in schema or "enum" in schema:
        values = schema.get("enum") or [schema["const"]]
        return " or ".join(f"`{json.dumps(value)}`" for value in values)
    return _plain(schema)


def _plain(schema: dict[str, Any]) -> str:
    match schema.get("type"):
        case None:
            return "any JSON"
        case list() as names:
            return " or ".join(_PLAIN[name] for name in names)
        case "array":
            return f"list of {_one(in_words(schema.get('items', {})))}"
        case "object" if isinstance(values := schema.get("additionalProperties"), dict):
            return f"{_one(in_words(values))} by name"
        case name:
            return _FORMATS.get(schema.get("format", ""), _PLAIN[name])


def _link(name: str) -> str:
    """To the page of a spec, or to an object's place among the others."""
    if name == "JsonValue":
        return "any JSON"
    spec = described().get(name)
    return link(spec) if spec else f"[{name}](objects.md#{name.lower()})"


def _union(alternatives: list[dict[str, Any]]) -> str:
    """Each alternative once; all members of a family are the family, with its short forms."""
    flat = list(_flat(alternatives))
    names = {name_of(each) for each in flat}
    words: dict[str, None] = {}
    known: set[str] = set()
    for family, members in families().items():
        if members and {member.__name__ for member in members} <= names:
            words[f"[{family}]({family}.md)"] = None
            known |= {member.__name__ for member in members}
            known |= {member.kind_name() for member in members}
    for each in flat:
        if name_of(each) not in known and not set(each.get("enum", ["-"])) <= known:
            words[in_words(each)] = None
    if "number" in words:
        words.pop("whole number", None)
    return " or ".join(words)


def _flat(alternatives: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """With unions inside the union resolved."""
    for each in alternatives:
        inner = each.get("anyOf") or each.get("oneOf")
        yield from _flat(inner) if inner else [each]
