"""Traces of a model."""

from typing import Annotated

import orjson
from fastapi import Body, Response

from service.http.dependencies import AtEpoch, ModelId
from service.http.errors import Conflict, NotFound, problem_responses
from service.http.resource import Resource
from service.insight.dependencies import RowReaderDep
from service.models.dependencies import ModelCacheDep
from service.traces.schemas import Trace, TraceRequest
from service.traces.service import trace_model as carry_out

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
    cache: ModelCacheDep,
    row_reader: RowReaderDep,
    checkpoint: AtEpoch = None,
) -> Response:
    """Every number of one step of gradient descent: forward, back, and theta after it.

    The rows are one mini-batch, in which all count alike. It is as if the training had gone on
    with it from this checkpoint: by the job's own optimizer with what that remembers, its
    schedule, regularizers and clipping. Nothing is kept; the model stays as it is.
    """
    ready, study = cache.study(model_id, checkpoint)
    content = {
        "model_id": model_id,
        "checkpoint": ready.used.model_dump(),
        **carry_out(body, ready, study, row_reader),
    }
    return Response(
        orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json"
    )
