"""The weights of a checkpoint, in the form in which a model's weights are exported."""

from fastapi import Response

from service.http.dependencies import EpochNumber, JobId
from service.http.errors import NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import SAFETENSORS_RESPONSE, respond_weights
from service.models.dependencies import ModelCacheDep
from service.models.import_export import as_file

router = Resource("/v1/jobs/{job_id}", "Jobs")


@router.get(
    "/checkpoints/{epoch}/weights",
    summary="Download the weights of a checkpoint",
    response_class=Response,
    responses=SAFETENSORS_RESPONSE | problem_responses(NotFound),
)
def download_checkpoint_weights(
    job_id: JobId, epoch: EpochNumber, cache: ModelCacheDep
) -> Response:
    """As those of a model, after this epoch."""
    ready = cache.of_job(job_id, epoch)
    return respond_weights(as_file(ready), f"{job_id}-{epoch}")
