"""The folds of a job's cross-validation."""

from typing import Annotated

from fastapi import Query, Response

from engine import Task
from service.evaluations.schemas import MAX_ANSWERS
from service.folds import repository as folds
from service.folds.schemas import Folds, OutOfFold, OutOfFoldEvaluation
from service.folds.serializers import serialize_fold
from service.folds.service import out_of_fold, spreads
from service.http.dependencies import DatabaseDep, JobId
from service.http.errors import Conflict, NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond
from service.lifecycle.transitions import get_job

router = Resource("/v1/jobs/{job_id}", "Jobs")


@router.get(
    "/folds",
    summary="Read how a cross-validation did",
    response_model=Folds,
    responses=problem_responses(NotFound),
)
def list_folds(job_id: JobId, database: DatabaseDep) -> Response:
    """Every fold that has ended at its best epoch, and the mean and deviation over them."""
    with database.read() as session:
        job = get_job(session, job_id)
        ended = folds.of_job(session, job_id)
    return respond(
        Folds(
            folds=job.folds,
            data=[serialize_fold(row) for row in ended],
            train=spreads([row.train for row in ended]),
            validation=spreads([row.validation for row in ended]),
        )
    )


@router.get(
    "/out_of_fold",
    summary="Read the predictions for rows held out",
    response_model=OutOfFold,
    responses=problem_responses(NotFound),
)
def list_out_of_fold(
    job_id: JobId,
    database: DatabaseDep,
    offset: Annotated[int, Query(ge=0, le=2**53 - 1, description="How many to leave out.")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000, description="How many at most.")] = 1000,
) -> Response:
    """What the best network of each ended fold says of the rows that it was not trained on."""
    with database.read() as session:
        task = Task.from_json(get_job(session, job_id).task)
        ended = folds.of_job(session, job_id)
        rows = out_of_fold(session, ended, task, offset=offset, limit=limit)
    return respond(
        OutOfFold(
            target=task.target,
            targets=list(task.targets),
            classes=list(task.classes) or None,
            data=rows,
            offset=offset,
            total=sum(fold.validation_rows for fold in ended),
        )
    )


@router.get(
    "/out_of_fold/evaluation",
    summary="Evaluate a cross-validation",
    response_model=OutOfFoldEvaluation,
    responses=problem_responses(NotFound, Conflict),
)
def evaluate_out_of_fold(
    job_id: JobId,
    database: DatabaseDep,
    answers: Annotated[
        int,
        Query(
            ge=0,
            le=MAX_ANSWERS,
            description="How many rows to tell one by one, for curves and residuals: of more rows "
            "so many, drawn at random, always the same ones.",
        ),
    ] = 0,
) -> Response:
    """How well the folds do on the rows that they held out, all of these taken together.

    Each row is judged by the best network of a fold that was not trained on it. Measures are those
    of scikit-learn, by its definitions.
    """
    # Imported with scikit-learn behind it when it is first needed: it would double the start.
    from service.folds.out_of_fold import HeldOut

    with database.read() as session:
        job = get_job(session, job_id)
        ended = folds.of_job(session, job_id)
        if not ended:
            raise Conflict(
                "No fold has ended yet."
                if job.folds
                else 'The job does not cross-validate: give it "validation": {"kind": "k_fold"}.'
            )
        task = Task.from_json(job.task)
        held_out = HeldOut.read(session, ended, task)
    return respond(
        OutOfFoldEvaluation(
            job_id=job_id,
            target=task.target,
            targets=list(task.targets),
            folds=len(ended),
            rows=len(held_out.truth),
            scores=held_out.scores(),
            answers=held_out.answers(answers) if answers else None,
        )
    )
