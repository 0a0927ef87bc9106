"""The OpenAPI document: the framework's, with what it leaves out or gets wrong put right."""

import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

from service.datasets.schemas import DatasetCreate
from service.events.schemas import EndEvent
from service.http import errors
from service.http.problems import FieldProblem, Problem
from service.models.definitions import ModelCreate, ModelDefinition

__all__ = ["DESCRIPTION", "install", "service_version"]


def service_version() -> str:
    """The version of the installed package."""
    try:
        return version("trainyard")
    except PackageNotFoundError:
        return "0"


_TEXT = """\
Send a network and data, watch it train epoch by epoch, and predict.

1. `POST /v1/datasets` with a file, rows, or the name of built-in data.
2. `POST /v1/jobs` with the dataset's id and a network.
3. `GET /v1/jobs/{job_id}/events` while it trains.
4. `POST /v1/models/{model_id}/predictions` with raw rows.

Every error is a problem document (RFC 9457). Lists come newest first, in pages. Numbers that are
not finite are `null`. `GET /v1/catalog` describes every layer, optimizer, loss and so on.
"""

TAGS = [
    ("Datasets", "Tables to learn from. They never change, and are known by their content."),
    ("Jobs", "Trainings: made, watched, paused, cancelled."),
    ("Models", "What trainings make: predictions, evaluations, weights, and a look inside."),
    ("Descents", "Optimizers on surfaces that can be drawn."),
    ("Catalogue", "Every spec there is, with bounds, defaults and equations."),
    ("Health", "For load balancers and monitoring; no key needed."),
]

DESCRIPTION: dict[str, Any] = {
    "title": "Trainyard",
    "summary": "Neural network training as a service",
    "description": _TEXT,
    "version": service_version(),
    "license_info": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
    "openapi_tags": [{"name": name, "description": text} for name, text in TAGS],
}

_METHODS = ("get", "post", "patch", "delete")
_HEALTH = "Health"


def install(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Make ``app.openapi()`` give this document, with the routes in this order."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, routes)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # how FastAPI documents its extension


def _document(app: FastAPI, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        license_info=app.license_info,
        tags=app.openapi_tags,
        routes=routes,
    )
    components = document["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["schemas"] |= _own_schemas()
    components["responses"] = _responses()
    components["securitySchemes"] = {
        "api_key": {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of `TRAINYARD_API_KEYS`; none is needed where none are set.",
        }
    }
    document["security"] = [{"api_key": []}, {}]
    for path in document["paths"].values():
        for method in _METHODS:
            if method in path:
                _complete(path[method])
                _illustrate(path[method], components["schemas"])
    return document


def _own_schemas() -> dict[str, Any]:
    """Schemas that no operation's JSON refers to, but that clients meet."""
    _, found = models_json_schema(
        [
            *((sent, "validation") for sent in (DatasetCreate, ModelCreate, ModelDefinition)),
            *((reply, "serialization") for reply in (FieldProblem, Problem, EndEvent)),
        ],
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _responses() -> dict[str, Any]:
    return {
        member.__name__: {
            "description": member.__doc__,
            "content": {
                errors.MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": member().document("6f0c1d5b0d6c4a7e9a5f3c2b1a0e9d8c"),
                }
            },
        }
        for member in errors.all_problems().values()
    }


def _complete(operation: dict[str, Any]) -> None:
    """Declare the problems that every operation of its kind may answer with."""
    responses = operation["responses"]
    always: list[type[errors.Problem]] = [errors.Internal]
    if _HEALTH in operation["tags"]:
        operation["security"] = []
    else:
        always += [errors.Unauthorized, errors.Forbidden, errors.Unavailable]
    if "requestBody" in operation:
        always += [errors.BadRequest, errors.TooLarge, errors.UnsupportedMedia, errors.Invalid]
    responses.pop("422", None) if not _can_be_invalid(operation) else always.append(errors.Invalid)
    statuses = {str(member.status): member for member in always}
    declared = {
        status: member
        for number, member in errors.all_problems().items()
        if (status := str(number)) in statuses or status in responses
    }
    for status in [status for status in responses if status >= "400"]:
        del responses[status]
    for status, member in sorted(declared.items()):
        responses[status] = {"$ref": f"#/components/responses/{member.__name__}"}


def _can_be_invalid(operation: dict[str, Any]) -> bool:
    """Ids in the path are found or not; everything else may be malformed."""
    return "requestBody" in operation or any(
        parameter["in"] != "path" for parameter in operation.get("parameters", ())
    )


def _illustrate(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Say what comes back instead of "Successful Response", and show it."""
    for status, response in operation["responses"].items():
        media = response.get("content", {}).get("application/json")
        if response.get("description") == "Successful Response":
            name = media["schema"]["$ref"].rpartition("/")[2] if media else ""
            response["description"] = schemas[name]["description"] if media else "Deleted."
        example = _examples().get(operation["operationId"], {}).get(status)
        if media is not None and example is not None:
            media["example"] = example


@cache
def _examples() -> dict[str, Any]:
    """Answers as they were once given, by operation and status; long lists are cut."""
    text = (files("service") / "documentation" / "examples.json").read_text("utf-8")
    examples: dict[str, Any] = json.loads(text)
    return examples
