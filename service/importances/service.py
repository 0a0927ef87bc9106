"""What a model listens to, column by column."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Table
from engine.errors import json_pointer
from engine.insight.importance import (
    Importance,
    Sensitivity,
    permutation_importance,
    sensitivity,
)
from engine.insight.study import InspectedModel
from engine.program.program import Program
from service.http.errors import Invalid
from service.importances.schemas import ImportanceRequest, Importances, InputImportance, Score
from service.insight.arrays import finite
from service.insight.budget import check_memory, check_work, usual_rows
from service.insight.row_reader import RowReader, find_rows
from service.models.cache import LoadedModel

__all__ = ["measure"]

AT_A_TIME = 256
DOUBLE = np.dtype(np.float64)


def measure(
    body: ImportanceRequest, ready: LoadedModel, study: InspectedModel, reader: RowReader
) -> Importances:
    """Shuffle and differentiate. Raises Invalid where something does not fit, or is too much."""
    score = _score(body, study)
    columns = _columns(body, study)
    numeric = {column.name: column.scale for column in study.preprocessor.numeric}
    passes = 1 + len(columns) * body.repeats + 2 * len(numeric.keys() & set(columns))
    found = find_rows(body, ready, reader)
    most = body.max_rows or usual_rows(passes, study)
    rows = found.sample(most)
    advice = "Measure fewer columns, or with fewer repeats."
    check_work(passes, rows.table.rows, study, "/columns", advice)
    check_memory(2 * study.network.parameters, study)
    with rows.placed():
        x, targets = study.samples(rows.table)
    scored = _Scored(study, study.program(min(AT_A_TIME, len(x)), bare=True), targets, score)
    baseline = scored(x)
    if np.isnan(baseline) and score == "r2":
        raise Invalid.at("/score", "r2 means nothing here: the target is the same in all rows.")
    importances = permutation_importance(
        scored,
        x,
        study.preprocessor.features_of,
        columns,
        repeats=body.repeats,
        seed=body.seed,
    )
    slopes = _slopes(study, rows.table, [name for name in columns if name in numeric])
    return Importances(
        model_id=ready.row.id,
        checkpoint=ready.used,
        target=study.task.target,
        targets=list(study.task.targets),
        rows=len(x),
        score=score,
        baseline=finite(-baseline if score == "loss" else baseline),
        repeats=body.repeats,
        inputs=[_input(each, slopes.get(each.column), numeric) for each in importances],
    )


@dataclass(frozen=True)
class _Scored:
    """How well prepared rows are answered; larger is better."""

    study: InspectedModel
    program: Program
    targets: NDArray[np.floating]
    score: Score

    def __call__(self, x: NDArray[np.floating]) -> float:
        value = self.study.metrics(self.program, x, self.targets)[self.score]
        return -value if self.score == "loss" else value


def _score(body: ImportanceRequest, study: InspectedModel) -> Score:
    natural: Score = "r2" if study.task.kind == "regression" else "accuracy"
    if body.score not in {None, "loss", natural}:
        raise Invalid.at(
            "/score",
            f"A {study.task.kind} task has no {body.score}: use 'loss' or {natural!r}.",
        )
    return body.score or natural


def _columns(body: ImportanceRequest, study: InspectedModel) -> list[str]:
    known = study.preprocessor.inputs
    for place, name in enumerate(body.columns or ()):
        if name not in known:
            message = f"The model has no input {name[:60]!r}."
            raise Invalid.at(json_pointer("columns", place), message, column=name[:200])
    return list(dict.fromkeys(body.columns or known))


def _slopes(study: InspectedModel, table: Table, columns: list[str]) -> dict[str, Sensitivity]:
    """In double precision, so that differences are not rounding errors."""
    if not columns:
        return {}
    program = study.program(min(AT_A_TIME, table.rows), DOUBLE, bare=True)
    regression = study.task.kind == "regression"
    scale = study.preprocessor.target_units if regression else np.ones(1)

    def answer(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return study.answers(program, x) * scale

    x = study.preprocessor.transform(table, DOUBLE)
    found = sensitivity(answer, x, study.preprocessor.features_of, columns)
    return {each.column: each for each in found}


def _input(
    importance: Importance, slopes: Sensitivity | None, units: dict[str, float]
) -> InputImportance:
    return InputImportance(
        column=importance.column,
        importance=finite(importance.mean),
        deviation=finite(importance.deviation),
        sensitivity=None if slopes is None else [finite(value) for value in slopes.magnitude],
        slope=None if slopes is None else [finite(value) for value in slopes.slope],
        unit=units.get(importance.column),
    )
