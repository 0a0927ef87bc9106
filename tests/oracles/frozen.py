"""Reads the frozen vectors of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["cases", "load"]


def load(name: str) -> dict[str, NDArray[Any]]:
    """All arrays of one file by key, "<case>/<array>"."""
    with np.load(Path(__file__).parent / f"{name}.npz", allow_pickle=False) as arrays:
        return dict(arrays)


def cases(name: str) -> list[str]:
    """The cases of one file."""
    return sorted({key.partition("/")[0] for key in load(name) if "/" in key})
