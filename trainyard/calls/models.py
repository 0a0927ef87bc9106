"""Calls about models: what jobs make."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from trainyard.calls.identifiers import identifier
from trainyard.calls.rows import Table, as_rows
from trainyard.insights import GradientCheck, Importances, Landscape, Trace
from trainyard.protocol import request as http
from trainyard.protocol.answers import nothing
from trainyard.protocol.paging import MOST, Paging
from trainyard.protocol.request import Call, Request, Response, Upload, path
from trainyard.records import DatasetRecord, Evaluation, ModelRecord, Page


class ModelCalls:
    """What ``client.models`` asks for. A model is given as its id or as a :class:`Model`."""

    @staticmethod
    def list(*, limit: int | None = None, cursor: str | None = None) -> Call[Page[ModelRecord]]:
        """Models, newest first; give a page's ``next_cursor`` as ``cursor`` for the next page."""
        return Call(http.get(path("models"), limit=limit, cursor=cursor), Page[ModelRecord].read)

    @staticmethod
    def all() -> Paging[ModelRecord]:
        """All models, newest first, page after page as they are asked for."""
        return Paging(partial(ModelCalls.list, limit=MOST))

    @staticmethod
    def create(
        *,
        file: str | Path | None = None,
        content: bytes | None = None,
        weights: Mapping[str, Any] | None = None,
        definition: Mapping[str, Any] | None = None,
        name: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[ModelRecord]:
        """Import a model: a safetensors file, the content of one, or given weights.

        A file that ``weights()`` has given says all that is to be known itself. Others, and
        ``weights`` (lists or arrays by name), need a ``definition``: what columns the network
        takes, what it predicts, and its ``spec``. Raises OSError if the file cannot be read.
        """
        if sum(source is not None for source in (file, content, weights)) != 1:
            raise TypeError("give one of file, content and weights")
        named = _given(name=name)
        if weights is not None:
            body = {**(definition or {}), **named, "weights": dict(weights)}
            return Call(
                http.post(path("models"), body, idempotency_key=idempotency_key), ModelRecord.read
            )
        if content is None:
            content = Path(file or "").read_bytes()
        fields = named if definition is None else named | {"definition": json.dumps(definition)}
        request = Request(
            "POST",
            path("models"),
            headers=http.idempotency_header(idempotency_key),
            fields=fields,
            file=Upload(Path(file or "model.safetensors").name, content),
        )
        return Call(request, ModelRecord.read)

    @staticmethod
    def delete(model: str | ModelRecord) -> Call[None]:
        """Remove an imported model; one that a job made goes with its job."""
        return Call(Request("DELETE", path("models", identifier(model))), nothing)

    @staticmethod
    def get(model: str | ModelRecord) -> Call[ModelRecord]:
        """What the model predicts, from which columns, and which of its weights are zero."""
        return Call(http.get(path("models", identifier(model))), ModelRecord.read)

    @staticmethod
    def weights(model: str | ModelRecord, *, checkpoint: int | str | None = None) -> Call[bytes]:
        """The model as a safetensors file: at its best, or as it was at a checkpoint's epoch.

        Parameters and running statistics by name; its metadata say all that ``create`` needs.
        """
        request = http.get(path("models", identifier(model), "weights"), checkpoint=checkpoint)
        return Call(request, _body)

    @staticmethod
    def evaluate(
        model: str | ModelRecord,
        data: Table = None,
        *,
        dataset: str | DatasetRecord | None = None,
        part: str | None = None,
        columns: Iterable[str] | None = None,
        checkpoint: int | str | None = None,
    ) -> Call[Evaluation]:
        """How well the model does on rows with answers: ``data`` itself, a ``dataset``, or a part.

        ``part`` of the job's own data is "train" or "validation" (also where nothing is given).
        ``data`` takes what ``client.predictions.create`` takes.
        """
        body = _source(data, dataset, part, columns)
        return Call(_look(model, "evaluations", body, checkpoint), Evaluation.read)

    @staticmethod
    def trace(
        model: str | ModelRecord,
        data: Table,
        *,
        columns: Iterable[str] | None = None,
        layers: Iterable[str] | None = None,
        training: bool = False,
        update: bool = True,
        corner: int | None = None,
        first_unit: Mapping[str, int] | None = None,
        unit_order: str | None = None,
        checkpoint: int | str | None = None,
    ) -> Call[Trace]:
        """Every number of one update by the job's optimizer, over a mini-batch of rows.

        The rows, at most 100, need the target too. ``layers`` are names such as "layers.0" and
        "output"; with ``training`` dropout and the like are at work; without ``update`` nothing is
        told of what the optimizer remembers; of large arrays ``corner`` rows and columns are sent,
        of the units from ``first_unit`` on ({"layers.0": 24}, also of the "features"), in the
        ``unit_order`` "number" or "weight_norm".
        """
        body = as_rows(data, columns) | _given(
            layers=None if layers is None else [*layers],
            training=training or None,
            update=None if update else False,
            corner=corner,
            first_unit=None if first_unit is None else dict(first_unit),
            unit_order=unit_order,
        )
        return Call(_look(model, "trace", body, checkpoint), Trace.read)

    @staticmethod
    def check_gradients(
        model: str | ModelRecord,
        data: Table,
        *,
        columns: Iterable[str] | None = None,
        tolerance: float | None = None,
        per_block: int | None = None,
        seed: int | None = None,
        checkpoint: int | str | None = None,
    ) -> Call[GradientCheck]:
        """Check gradients against central differences, over at most 100 rows with targets."""
        settings = _given(tolerance=tolerance, per_block=per_block, seed=seed)
        body = as_rows(data, columns) | settings
        return Call(_look(model, "gradient_check", body, checkpoint), GradientCheck.read)

    @staticmethod
    def landscape(
        model: str | ModelRecord,
        data: Table = None,
        *,
        dataset: str | DatasetRecord | None = None,
        part: str | None = None,
        columns: Iterable[str] | None = None,
        directions: Mapping[str, Any] | None = None,
        resolution: int | None = None,
        max_rows: int | None = None,
        checkpoint: int | str | None = None,
    ) -> Call[Landscape]:
        """The loss around the model, along directions, over rows as ``evaluate`` takes them.

        ``directions`` is {"kind": "random", "dimensions": 2, "seed": 0, "span": 1.0} or
        {"kind": "checkpoint", "epoch": 10, "margin": 0.5}.
        """
        body = _source(data, dataset, part, columns) | _given(
            directions=directions, resolution=resolution, max_rows=max_rows
        )
        return Call(_look(model, "landscape", body, checkpoint), Landscape.read)

    @staticmethod
    def importances(
        model: str | ModelRecord,
        data: Table = None,
        *,
        dataset: str | DatasetRecord | None = None,
        part: str | None = None,
        columns: Iterable[str] | None = None,
        inputs: Iterable[str] | None = None,
        score: str | None = None,
        repeats: int | None = None,
        seed: int | None = None,
        max_rows: int | None = None,
        checkpoint: int | str | None = None,
    ) -> Call[Importances]:
        """What the model listens to, over rows as ``evaluate`` takes them.

        ``inputs`` are the columns to measure, by default all; ``columns`` names those of a matrix.
        """
        body = _source(data, dataset, part, columns) | _given(
            columns=None if inputs is None else [*inputs],
            score=score,
            repeats=repeats,
            seed=seed,
            max_rows=max_rows,
        )
        return Call(_look(model, "importances", body, checkpoint), Importances.read)


def _source(
    data: Table,
    dataset: str | DatasetRecord | None,
    part: str | None,
    columns: Iterable[str] | None,
) -> dict[str, Any]:
    """Where rows with answers come from, as far as it is said."""
    return _given(
        data=None if data is None else as_rows(data, columns),
        dataset=None if dataset is None else identifier(dataset),
        part=part,
    )


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _look(
    model: str | ModelRecord, word: str, body: Mapping[str, Any], checkpoint: int | str | None
) -> Request:
    """A question about a model, which changes nothing."""
    where = path("models", identifier(model), word)
    return http.post(where, body, parameters={"checkpoint": checkpoint}, idempotent=True)


def _body(reply: Response) -> bytes:
    return reply.body
