"""Backpropagation's derivatives beside central differences."""

import numpy as np

from engine.insight.gradient_check import BlockCheck, check_gradients
from engine.insight.study import InspectedModel
from service.gradient_checks.schemas import CheckedBlock, GradientCheck, GradientCheckRequest
from service.insight.arrays import finite
from service.insight.budget import affordable_passes, check_memory, check_work
from service.insight.row_reader import few_samples
from service.models.cache import AtEpoch, ModelCache

__all__ = ["check"]

DOUBLE = np.dtype(np.float64)
PASSES = 3
"""Of all rows through the network, for every parameter that is checked."""
MAX_PER_BLOCK = 200


def check(
    model_id: str, body: GradientCheckRequest, cache: ModelCache, checkpoint: AtEpoch
) -> GradientCheck:
    """The check of a model's gradient over the rows of a request.

    Raises RowNotFound for the model or its checkpoint, Invalid where rows do not fit or where it
    would take too long.
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
    return GradientCheck(
        model_id=model_id,
        checkpoint=ready.used,
        rows=len(x),
        passed=all(block.passed for block in blocks),
        tolerance=body.tolerance,
        largest_relative_error=finite(float(np.max([c.largest_relative_error for c in checks]))),
        blocks=blocks,
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
