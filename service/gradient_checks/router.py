"""Gradient checks of a model."""

from typing import Annotated

import numpy as np
from fastapi import Body, Response

from engine.insight.gradient_check import BlockCheck, check_gradients
from engine.insight.study import InspectedModel
from service.gradient_checks.schemas import CheckedBlock, GradientCheck, GradientCheckRequest
from service.http.dependencies import AtEpoch, ModelId
from service.http.errors import NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond
from service.insight.arrays import finite
from service.insight.budget import affordable_passes, check_memory, check_work
from service.insight.row_reader import few_samples
from service.models.dependencies import ModelCacheDep

router = Resource("/v1/models/{model_id}", "Models")

DOUBLE = np.dtype(np.float64)
PASSES = 3
"""Of all rows through the network, for every parameter that is checked."""
MAX_PER_BLOCK = 200

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
    ready, study = cache.study(model_id, checkpoint)
    per_block = body.per_block or _affordable(study, len(body))
    places = _places(study, per_block)
    check_work(PASSES * places, len(body), study, "", "Send fewer rows, or check fewer per block.")
    check_memory(4 * study.network.parameters, study)
    x, targets = few_samples(body, ready, study, DOUBLE)
    checks = check_gradients(
        study.program(len(x), DOUBLE, bare=True),
        study.network,
        x,
        targets,
        step_key=study.step_key,
        most=per_block,
        seed=body.seed,
    )
    blocks = [_block(check, body.tolerance) for check in checks]
    return respond(
        GradientCheck(
            model_id=model_id,
            checkpoint=ready.used,
            rows=len(x),
            passed=all(block.passed for block in blocks),
            tolerance=body.tolerance,
            largest_relative_error=finite(
                float(np.max([c.largest_relative_error for c in checks]))
            ),
            blocks=blocks,
        )
    )


def _affordable(study: InspectedModel, rows: int) -> int:
    places = affordable_passes(rows, study) // PASSES
    return max(1, min(MAX_PER_BLOCK, places // len(study.network.places)))


def _places(study: InspectedModel, per_block: int) -> int:
    return sum(min(place.block.size, per_block) for place in study.network.places.values())


def _block(check: BlockCheck, tolerance: float) -> CheckedBlock:
    return CheckedBlock(
        name=check.name,
        checked=check.checked,
        of=check.of,
        kinks=check.kinks,
        largest_relative_error=finite(check.largest_relative_error),
        index=None if check.index is None else list(check.index),
        analytic=finite(check.analytic),
        numeric=finite(check.numeric),
        passed=check.largest_relative_error <= tolerance,
    )
