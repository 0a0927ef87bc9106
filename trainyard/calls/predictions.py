"""Calls for predictions: raw rows in, answers out."""

from __future__ import annotations

from collections.abc import Iterable

from trainyard.calls.identifiers import identifier
from trainyard.calls.rows import Table, as_rows
from trainyard.protocol import request as http
from trainyard.protocol.request import Call, path
from trainyard.records import ModelRecord
from trainyard.records import Predictions as Answers


class PredictionCalls:
    """What ``client.predictions`` asks for."""

    @staticmethod
    def create(
        model: str | ModelRecord,
        data: Table,
        *,
        columns: Iterable[str] | None = None,
        checkpoint: int | str | None = None,
    ) -> Call[Answers]:
        """Predict rows: records (mappings by column), a matrix (lists, an array), or a data frame.

        A matrix has the model's columns in their order, unless ``columns`` names them. ``None`` and
        NaN mean that a value is missing. ``checkpoint`` takes the model after another epoch.
        """
        where = path("models", identifier(model), "predictions")
        parameters = {"checkpoint": checkpoint}
        body = as_rows(data, columns)
        return Call(http.post(where, body, parameters=parameters, idempotent=True), Answers.read)
