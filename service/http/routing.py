"""How a request finds its values: strictly, and for small operations at once.

A route takes the parameters that its function names and no others, and JSON that is JSON. The
framework works out anew for each request what a function wants and where to find it. Where a
function is a coroutine that wants nothing but values of its request, all of that is known when the
route is made, and such a function is called directly: for a small answer, the rest would take
longer than the answer itself.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeAlias

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import (
    get_flat_params,
    request_body_to_args,
    request_params_to_args,
)
from fastapi.exceptions import RequestValidationError
from fastapi.params import ParamTypes
from fastapi.routing import APIRoute
from pydantic_core import PydanticUndefined
from starlette.requests import ClientDisconnect

from engine.errors import json_pointer
from service.http.bodies import is_json, parse_json
from service.http.errors import BadRequest, FieldError, Invalid, UnsupportedMedia
from service.http.pointers import printable

__all__ = ["StrictRoute"]

Handler: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]
_Found: TypeAlias = tuple[dict[str, Any], list[Any]]
"""Values by their names, and what is wrong with others."""


class StrictRoute(APIRoute):
    """A route that takes its own query parameters, and JSON that is parsed strictly; no others."""

    def get_route_handler(self) -> Handler:
        wanted = self.dependant
        handle = _directly(wanted) if _is_plain(wanted) else super().get_route_handler()
        wants_json = self.body_field is not None
        parameters = [
            field.alias
            for field in get_flat_params(wanted)
            if getattr(field.field_info, "in_", None) is ParamTypes.query
        ]

        async def strict(request: Request) -> Response:
            _check_parameters(request, parameters)
            _check_encoding(request)
            if wants_json and not is_json(request.headers.get("content-type", "")):
                raise UnsupportedMedia("Send the body as JSON, with Content-Type application/json.")
            return await handle(_StrictRequest(request.scope, request.receive))

        return strict


class _StrictRequest(Request):
    async def json(self) -> object:
        return parse_json(await self.body(), self.app.state.settings.max_json_depth)


def _check_parameters(request: Request, known: list[str]) -> None:
    """A misspelt parameter would otherwise be a silent nothing."""
    if not request.scope["query_string"]:
        return
    unknown = [name for name in request.query_params if name not in known]
    if not unknown:
        return
    takes = f"takes {', '.join(known)}" if known else "takes no parameters"
    errors = [
        FieldError(
            pointer=json_pointer(printable(name)),
            message=f"Unknown: this path {takes}.",
            at="query",
        )
        for name in unknown[:100]
    ]
    raise Invalid(f"{errors[0].pointer}: {errors[0].message}", errors=errors)


def _check_encoding(request: Request) -> None:
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMedia(
            "Send the body as it is: compressed bodies are not taken.",
            headers={"Accept-Encoding": "identity"},
        )


def _is_plain(wanted: Dependant) -> bool:
    """Whether a function makes the response itself, from values of its request and nothing else."""
    others = (
        wanted.dependencies,
        wanted.cookie_params,
        wanted.body_params[1:],
        wanted.background_tasks_param_name,
        wanted.response_param_name,
    )
    if not inspect.iscoroutinefunction(wanted.call) or any(others):
        return False
    return inspect.get_annotations(wanted.call).get("return") is Response


def _directly(wanted: Dependant) -> Handler:
    """Call a plain function with its values, each validated by the framework as ever."""
    call: Any = wanted.call
    path, query, headers = map(
        _reader, (wanted.path_params, wanted.query_params, wanted.header_params)
    )

    async def handle(request: Request) -> Response:
        found = [path(request.path_params), query(request.query_params), headers(request.headers)]
        body = None
        if wanted.body_params:
            body = await _body(request)
            found.append(
                await request_body_to_args(wanted.body_params, body, embed_body_fields=False)
            )
        if errors := [error for _, errors in found for error in errors]:
            raise RequestValidationError(errors, body=body)
        values = {name: value for values, _ in found for name, value in values.items()}
        if wanted.request_param_name is not None:
            values[wanted.request_param_name] = request
        response: Response = await call(**values)
        return response

    return handle


def _reader(fields: list[Any]) -> Callable[[Mapping[str, Any]], _Found]:
    """What takes parameters of one kind from a request: most requests leave most of them out."""
    names = [field.alias for field in fields]
    without = request_params_to_args(fields, {})

    def read(sent: Mapping[str, Any]) -> _Found:
        if any(name in sent for name in names):
            return request_params_to_args(fields, sent)
        return without

    return read


async def _body(request: Request) -> Any:
    """What was sent as JSON; of an empty body the framework says itself that it is missing."""
    try:
        return await request.json() if await request.body() else PydanticUndefined
    except ClientDisconnect:
        raise BadRequest("The connection ended before the body did.") from None
