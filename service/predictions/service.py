"""Predictions: by small models at once, by large ones, or for many rows, in a thread."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import orjson
from starlette.concurrency import run_in_threadpool

from engine import Model, Table
from engine.model import ROWS_AT_A_TIME
from service.checkpoints.schemas import CheckpointUsed
from service.database.batched_lookup import BatchedLookup
from service.database.errors import RowNotFound
from service.database.lru_cache import LRUCache
from service.database.sessions import Database
from service.models import repository as models
from service.models.cache import AtEpoch, ModelCache
from service.rows.schemas import Rows
from service.rows.tables import read_rows

__all__ = ["Predictor"]

QUICK = 1_000_000
"""Multiply-adds of an answer that the event loop gives itself: about a millisecond."""
PER_VALUE = 500
"""What it takes to read a value and to prepare it, in multiply-adds."""
BYTES_PER_NUMBER = 8


@dataclass(frozen=True)
class _Current:
    """A model as it is at one revision: without its copy, if it is too large to be quick."""

    revision: int
    used: CheckpointUsed
    model: Model | None
    work_per_row: int
    """In multiply-adds."""

    def quick_about(self, rows: Rows) -> Model | None:
        """The model, if it answers for so many rows at once."""
        return self.model if len(rows) * self.work_per_row <= QUICK else None


class Predictor:
    """Answers with models as they are at the moment of the request.

    To hand a small question to a thread takes longer than to answer it, and only one thread at a
    time runs Python anyway. For that the event loop has small models of its own, which no thread
    makes it wait for. They are kept by the revision of the model, which is looked up for every
    request.
    """

    def __init__(
        self, database: Database, known: ModelCache, most_rows: int, capacity_bytes: int = 64 << 20
    ) -> None:
        self._models = known
        self._most_rows = most_rows
        self._revisions = BatchedLookup(database, models.REVISION)
        self._kept: LRUCache[str, _Current] = LRUCache(capacity_bytes)
        self._preparing: dict[str, asyncio.Task[_Current]] = {}

    async def answer(self, model_id: str, rows: Rows, epoch: AtEpoch = None) -> bytes:
        """Predictions as JSON. Raises RowNotFound, and Invalid where a row does not fit."""
        if epoch is None:
            current = await self._current(model_id)
            if (model := current.quick_about(rows)) is not None:
                return self._written(model_id, model, current.used, rows)
        return await run_in_threadpool(self._answer, model_id, rows, epoch)

    def close(self) -> None:
        """Nobody will ask any more."""
        self._revisions.close()

    def _answer(self, model_id: str, rows: Rows, epoch: AtEpoch) -> bytes:
        ready = self._models.find(model_id, epoch)
        return self._written(model_id, ready.model, ready.used, rows)

    def _written(self, model_id: str, model: Model, used: CheckpointUsed, rows: Rows) -> bytes:
        answers = model.predict(read_rows(rows, model.preprocessor.inputs, most=self._most_rows))
        # As bytes at once: for many rows, building and checking the reply would take longer than
        # the predictions.
        content = {
            "model_id": model_id,
            "checkpoint": {"seq": used.seq, "epoch": used.epoch},
            "target": model.task.target,
            "targets": model.task.targets,
            "predictions": answers.values,
            "classes": None if answers.probabilities is None else answers.classes,
            "probabilities": answers.probabilities,
        }
        return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)

    async def _current(self, model_id: str) -> _Current:
        """The model at its revision now, or a later one."""
        revision = await self._revisions.at(model_id)
        if revision is None:
            raise RowNotFound(f"there is no model {model_id}")
        current = self._kept.get(model_id)
        while current is None or current.revision < revision:
            current = await self._prepared(model_id)
        return current

    async def _prepared(self, model_id: str) -> _Current:
        """Read the model; those who ask for it meanwhile share the result."""
        task = self._preparing.get(model_id)
        if task is None:
            task = asyncio.create_task(run_in_threadpool(self._prepare, model_id))
            self._preparing[model_id] = task
            task.add_done_callback(lambda done: self._has_prepared(model_id, done))
        # One who leaves must not take it away from the others.
        return await asyncio.shield(task)

    def _has_prepared(self, model_id: str, task: asyncio.Task[_Current]) -> None:
        del self._preparing[model_id]
        if not task.cancelled():
            task.exception()  # retrieved, even if nobody waits for it any more

    def _prepare(self, model_id: str) -> _Current:
        ready = self._models.find(model_id)
        work, own, size = _work_per_row(ready.model), None, 1
        if work <= QUICK:
            ready, state = self._models.source(model_id)
            like = ready.model
            own = Model.from_state(like.recipe, like.task, like.preprocessor, state)
            _rehearse(own)
            size = _bytes(own)
        current = _Current(ready.row.revision, ready.used, own, work)
        self._kept.put(model_id, current, size)
        return current


def _work_per_row(model: Model) -> int:
    return model.network.parameters + PER_VALUE * len(model.preprocessor.inputs)


def _bytes(model: Model) -> int:
    """Of its parameters, and of the memory in which rows go through it."""
    network = model.network
    return BYTES_PER_NUMBER * (network.parameters + ROWS_AT_A_TIME * network.row_buffers())


def _rehearse(model: Model) -> None:
    """Answer once, about a row of which nothing is known: kernels are loaded by that."""
    inputs = model.preprocessor.inputs
    model.predict(Table.from_rows([[None] * len(inputs)], inputs))
