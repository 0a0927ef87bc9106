"""Models: what jobs made."""

from fastapi import APIRouter, Response

from engine.insight.sparsity import sparsity
from service import views
from service.bodies import StrictRoute
from service.dependencies import AtEpoch, Cursor, Limit, ModelId, Parts
from service.errors import NotFound, problem_responses
from service.repositories import models
from service.schemas.base import SAFETENSORS_RESPONSE, respond, respond_weights
from service.schemas.models import ModelDetail, ModelPage, Sparsity

router = APIRouter(prefix="/v1/models", tags=["Models"], route_class=StrictRoute)


@router.get("", summary="List models", response_model=ModelPage)
def list_models(services: Parts, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Newest first; also those of jobs that still train."""
    with services.database.read() as session:
        page = models.page(session, limit=limit, cursor=cursor)
        data = [views.model_in_full(session, row) for row in page.items]
    return respond(ModelPage(data=data, next_cursor=page.next_cursor))


@router.get(
    "/{model_id}",
    summary="Look at a model",
    response_model=ModelDetail,
    responses=problem_responses(NotFound),
)
def get_model(model_id: ModelId, services: Parts) -> Response:
    """What it predicts, from which columns, by which recipe it was made, and what it ignores."""
    ready = services.models.find(model_id)
    model = ready.model
    found = sparsity(model.network, model.preprocessor, model.weights())
    return respond(
        ModelDetail(
            **dict(views.model(ready.row, ready.checkpoint)),
            sparsity=Sparsity.model_validate(found),
        )
    )


@router.get(
    "/{model_id}/weights",
    summary="Download the weights of a model",
    response_class=Response,
    responses=SAFETENSORS_RESPONSE | problem_responses(NotFound),
)
def download_model_weights(
    model_id: ModelId, services: Parts, checkpoint: AtEpoch = None
) -> Response:
    """All parameters by name in safetensors format; a dense layer's weight is [outputs, inputs]."""
    ready = services.models.find(model_id, checkpoint)
    return respond_weights(ready.model.weights_bytes(), model_id)
