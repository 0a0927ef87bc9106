"""Predictions of a model."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Body, Response

from service.bodies import StrictRoute
from service.dependencies import AtEpoch, ModelId, Parts
from service.errors import NotFound, problem_responses
from service.schemas.predictions import PredictionRequest, Predictions
from service.serving.tables import read_rows

router = APIRouter(prefix="/v1/models/{model_id}", tags=["Models"], route_class=StrictRoute)

_EXAMPLES = {
    "records": {"value": {"records": [{"island": "Biscoe", "bill_length_mm": 46.1}]}},
    "matrix": {"value": {"rows": [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]}},
}


@router.post(
    "/predictions",
    summary="Predict rows",
    response_model=Predictions,
    responses=problem_responses(NotFound),
)
def predict(
    model_id: ModelId,
    body: Annotated[PredictionRequest, Body(openapi_examples=_EXAMPLES)],
    services: Parts,
    checkpoint: AtEpoch = None,
) -> Response:
    """Raw rows in, answers out: whatever was done to the training data is done to these too.

    A missing value is null, an unknown category is treated as such. Up to 10,000 rows a call.
    """
    ready = services.models.find(model_id, checkpoint)
    model = ready.model
    most = services.settings.max_prediction_rows
    table = read_rows(body, model.preprocessor.inputs, most=most)
    answers = model.predict(table)
    # As bytes at once: for many rows, building and checking the reply would take longer than
    # the predictions.
    content = {
        "model_id": model_id,
        "checkpoint": {"seq": ready.used.seq, "epoch": ready.used.epoch},
        "target": model.task.target,
        "targets": model.task.targets,
        "predictions": answers.values,
        "classes": None if answers.probabilities is None else answers.classes,
        "probabilities": answers.probabilities,
    }
    return Response(
        orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json"
    )
