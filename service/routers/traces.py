"""Traces of a model."""

from typing import Annotated

import orjson
from fastapi import Body, Response

from service.dependencies import AtEpoch, ModelId, Parts
from service.errors import Conflict, NotFound, problem_responses
from service.routers.resource import Resource
from service.schemas.traces import Trace, TraceRequest
from service.serving.tracing import trace_model as carry_out

router = Resource("/v1/models/{model_id}", "Models")

_EXAMPLES = {
    "records": {"value": {"records": [{"hours": 1.5, "passed": False}]}},
    "the strongest units from the 13th on": {
        "value": {
            "records": [{"hours": 1.5, "passed": False}],
            "corner": 12,
            "first_unit": {"layers.0": 12},
            "unit_order": "weight_norm",
        }
    },
    "one layer of a matrix": {
        "value": {"rows": [[1.5, False], [4.0, True]], "layers": ["output"], "training": True}
    },
}


@router.post(
    "/trace",
    summary="Trace one update",
    response_model=Trace,
    responses=problem_responses(NotFound, Conflict),
)
def trace_model(
    model_id: ModelId,
    body: Annotated[TraceRequest, Body(openapi_examples=_EXAMPLES)],
    services: Parts,
    checkpoint: AtEpoch = None,
) -> Response:
    """Every number of one step of gradient descent: forward, back, and theta after it.

    The rows are one mini-batch, in which all count alike. It is as if the training had gone on
    with it from this checkpoint: by the job's own optimizer with what that remembers, its
    schedule, regularizers and clipping. Nothing is kept; the model stays as it is.
    """
    ready, study = services.models.study(model_id, checkpoint)
    content = {
        "model_id": model_id,
        "checkpoint": ready.used.model_dump(),
        **carry_out(body, ready, study, services.row_reader),
    }
    return Response(
        orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json"
    )
