"""Models: what jobs make."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trainyard.protocol import request as http
from trainyard.protocol.request import Call, Reply, path
from trainyard.resources.base import Resource, identifier, operation
from trainyard.resources.rows import Table, as_rows
from trainyard.results import Dataset, Evaluation, Model, Page


class Models(Resource):
    """``client.models``. A model is given as its id or as a :class:`Model`."""

    @operation
    @staticmethod
    def list(*, limit: int | None = None, cursor: str | None = None) -> Call[Page[Model]]:
        """Models, newest first; give a page's ``next_cursor`` as ``cursor`` for the next page."""
        return Call(http.get(path("models"), limit=limit, cursor=cursor), Page[Model].read)

    @operation
    @staticmethod
    def get(model: str | Model) -> Call[Model]:
        """What the model predicts, and from which columns."""
        return Call(http.get(path("models", identifier(model))), Model.read)

    @operation
    @staticmethod
    def weights(model: str | Model, *, checkpoint: int | None = None) -> Call[bytes]:
        """The parameters in safetensors format: of the best state, or of a checkpoint's epoch."""
        request = http.get(path("models", identifier(model), "weights"), checkpoint=checkpoint)
        return Call(request, _body)

    @operation
    @staticmethod
    def evaluate(
        model: str | Model,
        data: Table = None,
        *,
        dataset: str | Dataset | None = None,
        part: str | None = None,
        columns: Iterable[str] | None = None,
        checkpoint: int | None = None,
    ) -> Call[Evaluation]:
        """How well the model does on rows with answers: ``data`` itself, a ``dataset``, or a part.

        ``part`` of the job's own data is "train" or "validation" (also where nothing is given).
        ``data`` takes what ``client.predictions.create`` takes.
        """
        body: dict[str, Any] = {}
        if data is not None:
            body["data"] = as_rows(data, columns)
        if dataset is not None:
            body["dataset"] = identifier(dataset)
        if part is not None:
            body["part"] = part
        where = path("models", identifier(model), "evaluations")
        parameters = {"checkpoint": checkpoint}
        return Call(http.post(where, body, parameters=parameters, harmless=True), Evaluation.read)


def _body(reply: Reply) -> bytes:
    return reply.body
