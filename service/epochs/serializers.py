"""Epochs as they are sent."""

from service.database import tables
from service.database.tables.epochs import METRICS
from service.epochs.schemas import Epoch


def serialize_epoch(row: tables.Epoch) -> Epoch:
    """The measurements of an epoch."""
    return Epoch(
        seq=row.seq,
        fold=row.fold,
        epoch=row.epoch,
        train=_metrics(row, "train") or {},
        validation=_metrics(row, "validation"),
        gap=None
        if row.validation_loss is None or row.train_loss is None
        else row.validation_loss - row.train_loss,
        learning_rate=row.learning_rate,
        seconds=row.seconds,
        samples=row.samples,
        non_finite=row.non_finite,
        diagnostics=row.diagnostics,
    )


def _metrics(row: tables.Epoch, part: str) -> dict[str, float | None] | None:
    """What was measured on a part of the data; None if nothing was."""
    measured = {name: getattr(row, f"{part}_{name}") for name in METRICS}
    lost = row.non_finite or {}
    return {
        name: value
        for name, value in measured.items()
        if value is not None or f"{part}_{name}" in lost
    } or None
