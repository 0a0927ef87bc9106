"""Where in a request a validation error is, as a JSON pointer, and what to change, in plain words.

Pydantic reports a location such as ``("body", "network", "layers", 0, "dense", "units")``: it
names the branch of a union (``dense``) beside keys and indices. Walking the body that was sent
tells them apart, so that the pointer, ``/network/layers/0/units``, is one the caller can follow.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.errors import json_pointer

__all__ = ["explain", "message", "printable"]


def printable(key: str) -> str:
    """A name that was sent, so that it can be written: half a surrogate pair becomes ``?``."""
    return key.encode("utf-8", "replace").decode("utf-8")


def explain(errors: Sequence[Mapping[str, Any]], body: object) -> Iterator[tuple[str, str, str]]:
    """Each error once, as (``body``, ``query``, ``path`` or ``header``; its pointer; a message).

    Neither the value sent nor an exception is repeated: the value may be no JSON.
    """
    seen = set()
    for error in errors:
        at, *location = error["loc"] or ("body",)
        pointer = _pointer(location, body, error) if at == "body" else _parameter(location)
        found = (str(at), pointer, message(error))
        if found not in seen:
            seen.add(found)
            yield found


def _parameter(location: Sequence[str | int]) -> str:
    """The name of a parameter and a place in it, without the branches of a union."""
    name, *rest = location
    return json_pointer(name, *(part for part in rest if isinstance(part, int)))


_KEYS = {"missing", "missing_argument", "extra_forbidden", "unexpected_keyword_argument"}
"""Errors whose location ends in a key of the object, whatever else it may look like."""
_KINDS = {"union_tag_invalid", "union_tag_not_found"}
"""Errors about the key ``kind``."""


def _pointer(location: Sequence[str | int], body: object, error: Mapping[str, Any]) -> str:
    parts: list[str | int] = []
    node: Any = body
    for position, part in enumerate(location):
        last = position == len(location) - 1
        names_a_key = last and error["type"] in _KEYS
        if isinstance(node, dict):
            is_branch = node.get("kind") == part and not names_a_key
            if part in node and not is_branch:
                node = node[part]
                parts.append(part)
            elif names_a_key:
                parts.append(part)
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node = node[part]
            parts.append(part)
    if error["type"] in _KINDS and isinstance(node, dict):
        parts.append("kind")
    # A check of several fields names the one to change itself, below the object it belongs to.
    cause = error.get("ctx", {}).get("error")
    return json_pointer(*parts) + str(getattr(cause, "pointer", ""))


def message(error: Mapping[str, Any]) -> str:
    """What to change, without where."""
    context = error.get("ctx", {})
    cause = context.get("error")
    if error["type"] == "union_tag_invalid":
        known = context["expected_tags"].replace("'", "")
        return f"Unknown kind {context['tag'][:50]!r}; known kinds are: {known}."
    if isinstance(cause, Exception):
        return str(getattr(cause, "message", cause))
    return _MESSAGES.get(error["type"]) or _tidy(error["msg"])


_MESSAGES = {
    "extra_forbidden": "Unknown key; remove it or correct its spelling.",
    "unexpected_keyword_argument": "Unknown key; remove it or correct its spelling.",
    "missing": "This is required.",
    "missing_argument": "This is required.",
    "dataclass_type": "Must be an object.",
    "model_attributes_type": "Must be an object.",
    "model_type": "Must be an object.",
    "dict_type": "Must be an object.",
    "list_type": "Must be a list.",
    "string_type": "Must be a text.",
    "int_type": "Must be a whole number.",
    "int_from_float": "Must be a whole number.",
    "int_parsing": "Must be a whole number.",
    "float_type": "Must be a number.",
    "float_parsing": "Must be a number.",
    "bool_type": "Must be true or false.",
    "bool_parsing": "Must be true or false.",
    "union_tag_not_found": "Must be an object with a 'kind'.",
    "finite_number": "Must be a finite number.",
}


def _tidy(message: str) -> str:
    for beginning in ("Input should", "String should", "List should"):
        message = message.replace(beginning, "Must")
    message = message.replace(" after validation", "")
    return message if message.endswith(".") else message + "."
