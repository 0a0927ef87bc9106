"""The page about every object that is sent or answered, from the OpenAPI document."""

import json
from typing import Any

from service.reference.markdown import GENERATED, as_markdown, cell, table
from service.reference.schemas import in_words
from service.reference.specs import described

__all__ = ["fields", "page"]

_HEAD = """\
# Objects

What is sent and answered over HTTP, field by field. [Requests](http.md) say which goes where; what
a job is made of (layers, optimizers and so on) is in the [pages about specs](index.md).

"""


def page(document: dict[str, Any]) -> str:
    """All schemas but those of specs, which have pages of their own, in alphabetical order."""
    schemas = document["components"]["schemas"]
    own = sorted(name for name in schemas if schemas[name] and name not in described())
    return GENERATED + _HEAD + "\n".join(_object(name, schemas[name]) for name in own)


def _object(name: str, schema: dict[str, Any]) -> str:
    about = as_markdown(schema.get("description", ""))
    what = fields(schema) if schema.get("properties") else f"One of {_choices(schema)}.\n"
    return "\n\n".join(part for part in (f"## {name}", about, what) if part)


def _choices(schema: dict[str, Any]) -> str:
    return in_words(schema).replace(" or ", ", ")


def fields(schema: dict[str, Any]) -> str:
    """A table of the fields; of an object that has all of them, without a column for defaults."""
    required = set(schema.get("required", ()))
    properties = schema["properties"]
    if required >= properties.keys():
        rows = [_row(name, field) for name, field in properties.items()]
        return table("field", "type", "what it is", rows=rows)
    rows = [
        _row(name, field, "required" if name in required else _default(field))
        for name, field in properties.items()
    ]
    return table("field", "type", "default", "what it is", rows=rows)


def _row(name: str, field: dict[str, Any], *default: str) -> str:
    about = cell(field.get("description", ""))
    return f"| {' | '.join([f'`{name}`', in_words(field), *default, about])} |"


def _default(field: dict[str, Any]) -> str:
    return f"`{json.dumps(field['default'])}`" if "default" in field else ""
