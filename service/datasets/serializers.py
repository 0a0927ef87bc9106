"""Datasets as they are sent."""

from service.database import tables
from service.datasets.schemas import Dataset


def serialize_dataset(row: tables.Dataset) -> Dataset:
    """A dataset."""
    return Dataset.model_validate(row)
