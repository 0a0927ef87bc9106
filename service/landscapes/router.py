"""The loss landscape around a model."""

from typing import Annotated, Any

import orjson
from fastapi import Body, Response

from service.http.dependencies import AtEpoch, ModelId
from service.http.errors import Conflict, NotFound, problem_responses
from service.http.resource import Resource
from service.insight.dependencies import RowReaderDep
from service.landscapes.schemas import Landscape, LandscapeRequest
from service.landscapes.service import slice_around
from service.models.dependencies import ModelCacheDep

router = Resource("/v1/models/{model_id}", "Models")

_EXAMPLES: dict[str, Any] = {
    "surface": {"value": {"resolution": 15}},
    "line": {"value": {"directions": {"kind": "random", "dimensions": 1}, "resolution": 41}},
    "to another checkpoint": {"value": {"directions": {"kind": "checkpoint", "epoch": 10}}},
}


@router.post(
    "/landscape",
    summary="Slice the loss landscape",
    response_model=Landscape,
    responses=problem_responses(NotFound, Conflict),
)
def slice_landscape(
    model_id: ModelId,
    body: Annotated[LandscapeRequest, Body(openapi_examples=_EXAMPLES)],
    cache: ModelCacheDep,
    row_reader: RowReaderDep,
    checkpoint: AtEpoch = None,
) -> Response:
    """The loss L(theta + a d + b e) along one or two directions through the model's parameters.

    Along random directions, biases and normalizations stay as they are. Running statistics of
    batch normalization stay everywhere.
    """
    content = slice_around(model_id, body, cache, row_reader, checkpoint)
    return Response(
        orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json"
    )
