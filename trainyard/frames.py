"""Measurements as data frames, of whichever library is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol

LIBRARIES = ("pandas", "polars")
"""In the order in which they are preferred."""

PARTS = ("train", "validation")
_NUMBERS = ("gap", "learning_rate", "seconds", "samples")


class Measured(Protocol):
    """What an epoch has that tells it from others; its measurements are found by their names."""

    @property
    def seq(self) -> int: ...
    @property
    def fold(self) -> int: ...
    @property
    def epoch(self) -> int: ...


def frame(rows: Sequence[Mapping[str, Any]], library: str | None = None) -> Any:
    """A data frame of rows, whose columns are those of all of them."""
    if library not in {None, *LIBRARIES}:
        raise ValueError(f"a data frame is of {' or '.join(LIBRARIES)}, not of {library!r}")
    columns = dict.fromkeys(name for row in rows for name in row)
    data = {name: [row.get(name) for row in rows] for name in columns}
    return _module(library).DataFrame(data)


def flat(epoch: Measured) -> dict[str, Any]:
    """An epoch as one row: ``seq``, ``fold``, ``epoch``, every measurement, then the rest."""
    row: dict[str, Any] = {"seq": epoch.seq, "fold": epoch.fold, "epoch": epoch.epoch}
    for part in PARTS:
        measured = getattr(epoch, part) or {}
        row |= {f"{part}_{name}": value for name, value in measured.items()}
    return row | {name: getattr(epoch, name) for name in _NUMBERS}


def _module(library: str | None) -> Any:
    for name in LIBRARIES if library is None else (library,):
        try:
            return import_module(name)
        except ImportError:
            continue
    wanted = library or " or ".join(LIBRARIES)
    raise ImportError(f"a data frame needs {wanted}: install it, or walk over the epochs")
