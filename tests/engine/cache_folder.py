"""A folder of compiled kernels: filled by separate processes, and what is in it; as a script, both.

::

    python -m tests.engine.cache_folder fill     # processes that compile a few kernels each
    python -m tests.engine.cache_folder check    # no two entries may define one symbol
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from engine.compiler.entries import DIGEST_BYTES
from engine.compiler.folders import cache_folder
from engine.compiler.symbols import definitions

__all__ = ["entries", "filled", "outcomes", "shared_symbols", "symbols"]

PROCESSES = 12
ONE_ORDER_OF_SETS = {"PYTHONHASHSEED": "0"}
"""Numba writes a set of options into names: in one order, names that can be the same are."""


def outcomes(*numbers: int, **environment: str) -> list[dict[str, Any]]:
    """What came of some cases in a process of its own, a dictionary for each round."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.engine.kernel_cases", *map(str, numbers)],
        env=os.environ | ONE_ORDER_OF_SETS | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert finished.returncode == 0, finished.stderr
    rounds: list[dict[str, Any]] = json.loads(finished.stdout)
    return rounds


def filled(**environment: str) -> dict[str, Any]:
    """What came of every case; each process compiles its own few kernels, two at a time."""

    def part(number: int) -> dict[str, Any]:
        return outcomes(number, PROCESSES, number, **environment)[0]

    with ThreadPoolExecutor(2) as pool:
        return {
            name: came for some in pool.map(part, range(PROCESSES)) for name, came in some.items()
        }


def entries(folder: Path) -> set[Path]:
    """The files of kernels; not those of processes that are at work."""
    files = {file for file in folder.rglob("*") if file.is_file()}
    return {file for file in files if file.suffix != ".lock" and file.name[0] != "."}


def symbols(entry: Path) -> list[str]:
    """What the machine code of an entry defines."""
    library, *_ = pickle.loads(entry.read_bytes()[DIGEST_BYTES:])
    return [value.name for value in definitions(llvm.parse_bitcode(library[2][1]))]


def shared_symbols(folder: Path) -> dict[str, set[str]]:
    """Symbols that more than one entry defines, and which entries those are."""
    definers = defaultdict(set)
    for entry in entries(folder):
        for symbol in symbols(entry):
            definers[symbol].add(entry.name)
    return {symbol: names for symbol, names in definers.items() if len(names) > 1}


def _check() -> None:
    folder = cache_folder()
    assert folder is not None
    count, shared = len(entries(folder)), shared_symbols(folder)
    assert count > 0, f"there are no kernels in {folder}"
    sys.stdout.write(f"{count} kernels, {len(shared)} symbols that two of them define\n")
    sys.exit(
        json.dumps({symbol: sorted(names) for symbol, names in shared.items()}) if shared else 0
    )


_COMMANDS: dict[str, Callable[[], Any]] = {"fill": filled, "check": _check}

if __name__ == "__main__":
    _COMMANDS[sys.argv[1]]()
