"""Gradient checks of a model."""

from typing import Annotated

from fastapi import Body, Response

from service.gradient_checks.schemas import GradientCheck, GradientCheckRequest
from service.gradient_checks.service import check
from service.http.dependencies import AtEpoch, ModelId
from service.http.errors import NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond
from service.models.dependencies import ModelCacheDep

router = Resource("/v1/models/{model_id}", "Models")

_EXAMPLES = {
    "records": {"value": {"records": [{"hours": 1.5, "passed": False}]}},
    "matrix": {"value": {"rows": [[1.5, False], [4.0, True]], "per_block": 20}},
}


@router.post(
    "/gradient_check",
    summary="Check the gradient",
    response_model=GradientCheck,
    responses=problem_responses(NotFound),
)
def check_model_gradients(
    model_id: ModelId,
    body: Annotated[GradientCheckRequest, Body(openapi_examples=_EXAMPLES)],
    cache: ModelCacheDep,
    checkpoint: AtEpoch = None,
) -> Response:
    """Whether backpropagation gives the derivatives of the loss, parameter by parameter.

    In double precision, and as in training: the noise of dropout is at work, the same for every
    difference, and batch normalization uses the statistics of these rows.
    """
    return respond(check(model_id, body, cache, checkpoint))
