"""Calls about the folds of cross-validations."""

from __future__ import annotations

from functools import partial

from trainyard.calls.identifiers import identifier
from trainyard.insights import Folds, OutOfFold, OutOfFoldEvaluation, OutOfFoldRow
from trainyard.protocol import request as http
from trainyard.protocol.paging import Paging
from trainyard.protocol.request import Call, path
from trainyard.records import JobRecord

MAX_ROWS = 10_000
"""The most rows out of fold that the service gives at a time."""


class FoldCalls:
    """What ``client.jobs`` asks for about folds."""

    @staticmethod
    def folds(job: str | JobRecord) -> Call[Folds]:
        """The folds of a cross-validation that have ended, and the spread of their metrics."""
        return Call(http.get(path("jobs", identifier(job), "folds")), Folds.read)

    @staticmethod
    def out_of_fold(
        job: str | JobRecord, *, offset: int | None = None, limit: int | None = None
    ) -> Call[OutOfFold]:
        """What each fold's best network says of the rows that it was not trained on."""
        where = path("jobs", identifier(job), "out_of_fold")
        return Call(http.get(where, offset=offset, limit=limit), OutOfFold.read)

    @staticmethod
    def all_out_of_fold(job: str | JobRecord) -> Paging[OutOfFoldRow]:
        """The same of every row, page after page as they are asked for."""
        return Paging(partial(FoldCalls.out_of_fold, job, limit=MAX_ROWS), by="offset")

    @staticmethod
    def evaluate_out_of_fold(
        job: str | JobRecord, *, answers: int | None = None
    ) -> Call[OutOfFoldEvaluation]:
        """How well the folds of a cross-validation do on the rows that they held out.

        All of these taken together; of so many ``answers`` each row is told.
        """
        where = path("jobs", identifier(job), "out_of_fold", "evaluation")
        return Call(http.get(where, answers=answers), OutOfFoldEvaluation.read)
