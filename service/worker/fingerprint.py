"""What decides the bits of a training besides its spec and its data."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info  # type: ignore[import-untyped]  # has no marker

from engine.compiler.folders import source_digest


@cache
def fingerprint() -> Mapping[str, Any]:
    """Versions and processor of this process, which has loaded its libraries.

    Two attempts under the same fingerprint compute the same bits, with however many threads. To
    find it out takes milliseconds, and it cannot change.
    """
    libraries = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "numba": version("numba"),
        "engine": source_digest(),
        "scipy": version("scipy"),
        "blas": sorted(_blas(pool) for pool in libraries),
        "cpu": _processor(),
    }


def _blas(pool: dict[str, Any]) -> str:
    parts = (pool["internal_api"], pool.get("version"), pool.get("architecture"))
    return " ".join(str(part) for part in parts if part)


def _processor() -> str:
    """The name of the processor: another one may run other kernels."""
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
