"""Folds as they are sent."""

from service.database import tables
from service.folds.schemas import Fold


def serialize_fold(row: tables.Fold) -> Fold:
    """What came of a fold."""
    return Fold.model_validate(row)
