"""Predictions of a model."""

from typing import Annotated

from fastapi import Body, Request, Response

from service.http.dependencies import AtEpoch, ModelId
from service.http.errors import NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond_json
from service.predictions.schemas import PredictionRequest, Predictions
from service.predictions.service import Predictor

router = Resource("/v1/models/{model_id}", "Models")

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
async def predict(
    model_id: ModelId,
    body: Annotated[PredictionRequest, Body(openapi_examples=_EXAMPLES)],
    request: Request,
    checkpoint: AtEpoch = None,
) -> Response:
    """Raw rows in, answers out: whatever was done to the training data is done to these too.

    A missing value is null, an unknown category is treated as such. Up to 10,000 rows a call.
    """
    predictor: Predictor = request.app.state.predictor
    return respond_json(await predictor.answer(model_id, body, checkpoint))
