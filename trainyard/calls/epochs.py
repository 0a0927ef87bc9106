"""Calls for the epochs of jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from trainyard.calls.identifiers import identifier
from trainyard.curve_table import CurveTable
from trainyard.protocol import request as http
from trainyard.protocol.paging import Cursor
from trainyard.protocol.request import Call, Steps, path
from trainyard.records import Epoch, Epochs, JobRecord

MAX_EPOCHS = 10_000
"""The most epochs that the service gives at a time."""


class EpochCalls:
    """What ``client.jobs`` asks for about epochs."""

    @staticmethod
    def epochs(
        job: str | JobRecord,
        *,
        after: int | str | None = None,
        before: int | None = None,
        limit: int | None = None,
        max_points: int | None = None,
        fold: int | None = None,
        diagnosed: bool | None = None,
    ) -> Steps[Epochs]:
        """All epochs there are, or those ``after`` one ``seq`` and ``before`` another.

        ``limit`` asks for one page of so many; ``max_points`` thins them out but keeps shape,
        first and last. Those of all folds of a cross-validation come, or of one (0: of the last
        training, on all rows); with ``diagnosed`` only those that have diagnostics.
        """
        return _epochs(
            identifier(job),
            after=after,
            before=before,
            limit=limit,
            max_points=max_points,
            fold=fold,
            diagnosed=diagnosed,
        )

    @staticmethod
    def export_curves(job: str | JobRecord, file: str | Path) -> Steps[int]:
        """Write a CSV file with a row for every epoch of every fold; gives how many there are.

        Its columns are fold, epoch, measurements (``train_loss``, ``validation_accuracy``, ...),
        learning_rate, seconds and samples. Only a page of epochs is in memory at a time. Raises
        OSError where the file cannot be written.
        """
        return _export_curves(identifier(job), Path(file))


def _epochs(job: str, *, after: Cursor, limit: int | None, **asked: object) -> Steps[Epochs]:
    """One page, or where nothing limits them all of them, page after page."""
    if limit is None and asked["max_points"] is None:
        told: list[Epoch] = []
        last = yield from _all_epochs(job, told.extend, after=after, **asked)
        return Epochs(data=told, next_cursor=last)
    request = http.get(path("jobs", job, "epochs"), after=after, limit=limit, **asked)
    page: Epochs = yield Call(request, Epochs.read)
    return page


def _all_epochs(
    job: str, take: Callable[[list[Epoch]], object], *, after: Cursor = None, **asked: object
) -> Steps[Cursor]:
    """Hand over every epoch, page after page; gives the cursor of what comes next."""
    while True:
        request = http.get(path("jobs", job, "epochs"), after=after, limit=MAX_EPOCHS, **asked)
        page: Epochs = yield Call(request, Epochs.read)
        take(page.data)
        after = page.next_cursor
        if len(page) < MAX_EPOCHS or after is None:
            return after


def _export_curves(job: str, file: Path) -> Steps[int]:
    with CurveTable() as table:
        yield from _all_epochs(job, table.add)
        table.write(file)
        return table.epochs
