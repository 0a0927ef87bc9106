"""The curves of a job as a file of comma-separated values: a row for every epoch of every fold."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from trainyard.frames import PARTS, flat
from trainyard.records import Epoch

__all__ = ["CurveTable"]

_BEFORE = ("fold", "epoch")
_AFTER = ("learning_rate", "seconds", "samples")


class CurveTable:
    """Takes epochs as they come and writes them as one table, however many there are.

    Which measurements there are is known once the last epoch has come; until then they lie on the
    disk. A measurement that is not finite is written by its name (nan, inf), a missing one not.
    """

    def __init__(self) -> None:
        self._rows = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by __exit__
        self._measurements: dict[str, dict[str, None]] = {part: {} for part in PARTS}
        self.epochs = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._rows.close()

    def add(self, epochs: Iterable[Epoch]) -> None:
        """Take in what comes next."""
        for epoch in epochs:
            row = flat(epoch) | (epoch.non_finite or {})
            for part, known in self._measurements.items():
                known.update(dict.fromkeys(name for name in row if name.startswith(f"{part}_")))
            self._rows.write(json.dumps(row) + "\n")
            self.epochs += 1

    def write(self, file: Path) -> None:
        """Write everything that has come. Raises OSError where the file cannot be written."""
        measurements = [name for names in self._measurements.values() for name in names]
        columns = [*_BEFORE, *measurements, *_AFTER]
        self._rows.seek(0)
        with file.open("w", encoding="utf-8", newline="") as opened:
            table = csv.DictWriter(opened, columns, extrasaction="ignore", lineterminator="\n")
            table.writeheader()
            table.writerows(map(json.loads, self._rows))
