"""Importances of a model's inputs."""

from typing import Annotated, Any

from fastapi import Body, Response

from service.http.dependencies import AtEpoch, ModelId
from service.http.errors import Conflict, NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond
from service.importances.schemas import ImportanceRequest, Importances
from service.importances.service import measure
from service.insight.dependencies import RowReaderDep
from service.models.dependencies import ModelCacheDep

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
    cache: ModelCacheDep,
    row_reader: RowReaderDep,
    checkpoint: AtEpoch = None,
) -> Response:
    """How much worse it gets without an input, and how its answers lean on each.

    Without an input means: its values change places among the rows (permutation importance). Of
    columns that say the same, each looks less important than it is.
    """
    ready, study = cache.study(model_id, checkpoint)
    return respond(measure(body, ready, study, row_reader))
