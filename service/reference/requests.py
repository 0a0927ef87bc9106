"""The page about every request that the service answers, from the OpenAPI document."""

import json
from collections.abc import Iterator
from typing import Any

from service.reference.markdown import GENERATED, as_markdown, cell, table
from service.reference.objects import fields
from service.reference.schemas import in_words, name_of

__all__ = ["page"]

_HEAD = """\
# Requests

Every request that the service answers, with what it takes and what comes back. [The API](../api.md)
says what holds for all of them; [objects](objects.md) are described field by field. A running
service shows the same at `/docs`, where it can be tried out.

"""
_METHODS = ("get", "post", "patch", "delete")
_JSON, _FORM = "application/json", "multipart/form-data"
_MEDIA = {
    "application/octet-stream": "a file",
    "text/event-stream": "Server-Sent Events",
}


def page(document: dict[str, Any]) -> str:
    """All operations by their tag, in the order of the document."""
    parts = [GENERATED + _HEAD.rstrip(), _contents(document)]
    for tag in document["tags"]:
        parts.append(f"## {tag['name']}\n\n{tag['description']}")
        parts += [_operation(*each) for each in _operations(document, tag["name"])]
    return "\n\n".join(parts) + "\n"


def _operations(document: dict[str, Any], tag: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with its method and path in one text."""
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if tag in methods.get(method, {}).get("tags", ()):
                yield f"{method.upper()} {path}", methods[method]


def _contents(document: dict[str, Any]) -> str:
    rows = [
        f"| `{request}` | [{operation['summary']}](#{_anchor(operation['summary'])}) |"
        for tag in document["tags"]
        for request, operation in _operations(document, tag["name"])
    ]
    return table("request", "what for", rows=rows).rstrip()


def _anchor(heading: str) -> str:
    """As code hosts and the site make it of a heading."""
    kept = (letter for letter in heading.lower() if letter.isalnum() or letter in " -_")
    return "".join(kept).replace(" ", "-")


def _operation(request: str, operation: dict[str, Any]) -> str:
    parts = [
        f"### {operation['summary']}",
        f"`{request}`",
        as_markdown(operation.get("description", "")),
        _parameters(operation.get("parameters", [])),
        *_bodies(operation.get("requestBody", {}).get("content", {})),
        _answers(operation["responses"]),
    ]
    return "\n\n".join(part for part in parts if part)


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = [_parameter(each) for each in parameters]
    return table("parameter", "where", "type", "what it is", rows=rows).rstrip() if rows else ""


def _parameter(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    words = in_words(schema).removesuffix(" or null")
    if schema.get("default") is not None:
        words += f"; `{json.dumps(schema['default'])}` by default"
    elif parameter["in"] == "query" and parameter["required"]:
        words += "; required"
    about = cell(parameter.get("description", "") or _described(schema))
    return f"| `{parameter['name']}` | {parameter['in']} | {words} | {about} |"


def _described(schema: dict[str, Any]) -> str:
    """What the first alternative that says something says."""
    told = (each["description"] for each in schema.get("anyOf", ()) if "description" in each)
    return next(told, "")


def _bodies(content: dict[str, Any]) -> Iterator[str]:
    if media := content.get(_JSON):
        yield f"The body is {in_words(media['schema'])} as JSON, for example:"
        for example in media.get("examples", {}).values():
            yield f"```json\n{json.dumps(example['value'], indent=2, ensure_ascii=False)}\n```"
    if media := content.get(_FORM):
        yield "Or a form:" if _JSON in content else "The body is a form:"
        yield fields(media["schema"]).rstrip()


def _answers(responses: dict[str, Any]) -> str:
    rows = [
        f"| {status} | {_contents_of(response)} | {cell(response['description'])} |"
        for status, response in responses.items()
        if not name_of(response)
    ]
    refused = [status for status, response in responses.items() if name_of(response)]
    answers = table("status", "answer", "what it is", rows=rows)
    return f"{answers}\nErrors, each a [Problem](objects.md#problem): {', '.join(refused)}."


def _contents_of(response: dict[str, Any]) -> str:
    return " or ".join(
        _MEDIA.get(media) or in_words(described["schema"])
        for media, described in response.get("content", {}).items()
    )
