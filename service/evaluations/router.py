"""Evaluations of a model."""

from typing import Annotated, Any

from fastapi import Body, Response

from service.evaluations.schemas import Evaluation, EvaluationRequest
from service.http.dependencies import AtEpoch, ModelId
from service.http.errors import Conflict, NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond
from service.insight.dependencies import RowReaderDep
from service.insight.row_reader import find_rows
from service.models.dependencies import ModelCacheDep

router = Resource("/v1/models/{model_id}", "Models")

_EXAMPLES: dict[str, Any] = {
    "held out": {"value": {"part": "validation"}},
    "dataset": {"value": {"dataset": "ds_01JD3W8YQ4N9T5V7Z2X6C1B0MA"}},
    "one by one": {"value": {"part": "validation", "answers": 1000}},
    "rows": {"value": {"data": {"records": [{"hours": 1.5, "passed": False}]}}},
}


@router.post(
    "/evaluations",
    summary="Evaluate a model",
    response_model=Evaluation,
    responses=problem_responses(NotFound, Conflict),
)
def evaluate_model(
    model_id: ModelId,
    body: Annotated[EvaluationRequest, Body(openapi_examples=_EXAMPLES)],
    cache: ModelCacheDep,
    row_reader: RowReaderDep,
    checkpoint: AtEpoch = None,
) -> Response:
    """How well it does on rows whose answers are known; by default on those its job held out.

    Measures are those of scikit-learn, by its definitions.
    """
    # Imported with scikit-learn behind it when it is first needed: it would double the start.
    from service.evaluations.answers import tell
    from service.evaluations.service import evaluate

    ready = cache.find(model_id, checkpoint)
    task = ready.model.task
    rows = find_rows(body, ready, row_reader)
    with rows.placed():
        scores = evaluate(ready.model.predict(rows.table), rows.table, task)
        answers = tell(rows.sample(body.answers)) if body.answers else None
    return respond(
        Evaluation(
            model_id=model_id,
            checkpoint=ready.used,
            target=task.target,
            targets=list(task.targets),
            rows=rows.table.rows,
            scores=scores,
            answers=answers,
        )
    )
