"""Data sets: read from whatever was sent, kept by content, mapped by those who train.

::

    frame = read_upload(file, limits)          # CSV, TSV, JSON, JSON Lines, Parquet, Arrow, NPZ
    frame = read_rows(records, limits)         # rows from a JSON body
    frame = builtin(TwoMoons(samples=500))
    stored = store(frame, Storage(url))        # key, rows, columns, statistics, warnings
    table = load_table(storage, stored.key)    # engine.Table
    rows = preview(storage, stored.key, offset=0, limit=20)
    storage.delete(stored.key)

What is wrong with the data is said by the engine's ``InvalidData`` (``TooLarge`` beyond a limit),
with the row and the column where there is one.
"""

from service.datasets.builtin import BuiltIn, builtin
from service.datasets.frame import Frame, Limits, TooLarge
from service.datasets.parsing import read_rows, read_upload
from service.datasets.statistics import ColumnStatistics
from service.datasets.storage import (
    DatasetNotStoredError,
    Storage,
    StorageFailedError,
    load_table,
)
from service.datasets.stored import StoredDataset, preview, store

__all__ = [
    "BuiltIn",
    "ColumnStatistics",
    "DatasetNotStoredError",
    "Frame",
    "Limits",
    "Storage",
    "StorageFailedError",
    "StoredDataset",
    "TooLarge",
    "builtin",
    "load_table",
    "preview",
    "read_rows",
    "read_upload",
    "store",
]
