"""Evaluations of a model."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from engine import InvalidData, Table, Task, split
from service.bodies import StrictRoute
from service.dependencies import AtEpoch, ModelId, Parts, Services
from service.errors import Conflict, Invalid, NotFound, problem_responses
from service.repositories import datasets, jobs
from service.repositories.errors import NotFound as NoSuchRow
from service.schemas.base import respond
from service.schemas.evaluations import Evaluation, EvaluationRequest, Part
from service.schemas.predictions import CheckpointUsed
from service.serving.models import Ready
from service.serving.tables import misplaced, read_rows

router = APIRouter(prefix="/v1/models/{model_id}", tags=["Models"], route_class=StrictRoute)

_EXAMPLES: dict[str, Any] = {
    "held out": {"value": {"part": "validation"}},
    "dataset": {"value": {"dataset": "ds_01JD3W8YQ4N9T5V7Z2X6C1B0MA"}},
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
    services: Parts,
    checkpoint: AtEpoch = None,
) -> Response:
    """How well it does on rows whose answers are known; by default on those its job held out.

    Measures are those of scikit-learn, by its definitions.
    """
    # Imported with scikit-learn behind it when it is first needed: it would double the start.
    from service.serving.evaluation import answered_rows, evaluate

    ready = services.models.find(model_id, checkpoint)
    task = ready.model.task
    table = _table(body, ready, services)
    rows = answered_rows(table, task)
    if len(rows) == 0:
        raise Invalid.at(_source(body), f"No row has a value in the target {task.target!r}.")
    table = table.take(rows)
    try:
        scores = evaluate(ready.model.predict(table), table, task)
    except InvalidData as error:
        if error.row is not None:
            error.row = int(rows[error.row])
        raise _placed(error, body, ready) from None
    used = CheckpointUsed(seq=ready.checkpoint.seq, epoch=ready.checkpoint.epoch)
    return respond(
        Evaluation(
            model_id=model_id, checkpoint=used, target=task.target, rows=len(rows), scores=scores
        )
    )


def _source(body: EvaluationRequest) -> str:
    """A pointer to where the rows come from."""
    given = [name for name in ("dataset", "data", "part") if getattr(body, name) is not None]
    return f"/{given[0]}" if given else ""


def _placed(error: InvalidData, body: EvaluationRequest, ready: Ready) -> Invalid:
    if body.data is not None:
        return misplaced(body.data, ready.columns, error, at=("data",))
    return Invalid.at(_source(body), error.message, row=error.row, column=error.column)


def _table(body: EvaluationRequest, ready: Ready, services: Services) -> Table:
    if body.data is not None:
        most = services.settings.max_prediction_rows
        return read_rows(body.data, ready.columns, most=most, at=("data",))
    if body.dataset is not None:
        return _dataset(body.dataset, ready.model.task, services)
    return _part(body.part or "validation", ready, services)


def _dataset(dataset_id: str, task: Task, services: Services) -> Table:
    try:
        with services.database.read() as session:
            row = datasets.get(session, dataset_id)
    except NoSuchRow:
        raise Invalid.at("/dataset", f"There is no dataset {dataset_id[:60]!r}.") from None
    table = services.storage.table(row.storage_key)
    if task.target not in table.columns:
        raise Invalid.at("/dataset", f"The dataset has no column {task.target!r}.")
    return table


def _part(part: Part, ready: Ready, services: Services) -> Table:
    """The rows that the job held out, or those it trained on: split again from the same seed."""
    with services.database.read() as session:
        job = jobs.get(session, ready.row.job_id).job
    if job.dataset_id is None:
        raise Conflict("The dataset of the job was deleted: name another one.")
    table = services.storage.table(job.dataset_storage_key)
    recipe = ready.model.recipe
    parts = split(recipe.validation, table, ready.model.task, recipe.chosen.seed)
    rows = parts.validation if part == "validation" else parts.train
    if len(rows) == 0:
        raise Invalid.at("/part", "The job held no rows out: name a dataset, or send rows.")
    return table.take(rows)
