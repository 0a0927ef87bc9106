"""Descents of optimizers over analytic surfaces."""

from typing import Annotated, Any

import orjson
from fastapi import Body, Response

from service.descents.schemas import Descent, DescentRequest
from service.descents.service import race
from service.http.resource import Resource

router = Resource("/v1/descents", "Descents")

_RUNS = [
    {"optimizer": "adam"},
    {"optimizer": {"kind": "sgd", "learning_rate": 0.001, "momentum": 0.9}, "name": "momentum"},
]
_EXAMPLES: dict[str, Any] = {
    "race": {"value": {"surface": "rosenbrock", "runs": _RUNS}},
    "one, with a drawing": {
        "value": {
            "surface": {"kind": "bowl", "condition": 100},
            "runs": [{"optimizer": {"kind": "sgd", "learning_rate": 0.019}}],
            "start": [-1.5, 1.5],
            "steps": 100,
            "grid": {"resolution": 41},
        }
    },
}


@router.post("", summary="Race optimizers over a surface", response_model=Descent)
def create_descent(
    body: Annotated[DescentRequest, Body(openapi_examples=_EXAMPLES)],
) -> Response:
    """The paths that optimizers take over a function of two variables, from the same point.

    They follow the exact gradient, in double precision, with the code that trains networks.
    Nothing is kept. The surfaces are listed in the catalogue.
    """
    content = race(body)
    return Response(
        orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json"
    )
