"""Importances of a model's inputs."""

from typing import Annotated, Any

from fastapi import Body, Response

from service.dependencies import AtEpoch, ModelId, Parts
from service.errors import Conflict, NotFound, problem_responses
from service.routers.resource import Resource
from service.schemas.base import respond
from service.schemas.importances import ImportanceRequest, Importances
from service.serving.listening import measure

router = Resource("/v1/models/{model_id}", "Models")

_EXAMPLES: dict[str, Any] = {
    "held out": {"value": {}},
    "two columns": {"value": {"columns": ["hours", "island"], "score": "loss", "repeats": 10}},
}


@router.post(
    "/importances",
    summary="Compute feature importance",
    response_model=Importances,
    responses=problem_responses(NotFound, Conflict),
)
def measure_importances(
    model_id: ModelId,
    body: Annotated[ImportanceRequest, Body(openapi_examples=_EXAMPLES)],
    services: Parts,
    checkpoint: AtEpoch = None,
) -> Response:
    """How much worse it gets without an input, and how its answers lean on each.

    Without an input means: its values change places among the rows (permutation importance). Of
    columns that say the same, each looks less important than it is.
    """
    ready, study = services.models.study(model_id, checkpoint)
    return respond(measure(body, ready, study, services.row_reader))
