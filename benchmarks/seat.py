"""A contestant's process, seen from the one that measures: it works only when it is asked."""

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[1]

THREAD_VARIABLES = (
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)
FOREIGN = ("MKL_DEBUG_CPU_TYPE", "MKL_ENABLE_INSTRUCTIONS", "OPENBLAS_CORETYPE")
"""What would make a library take other kernels than it takes by itself."""


def compilation_cache(folder: Path) -> dict[str, str]:
    """JAX keeps compiled code on disk only where it is told to; the engine always does."""
    return {
        "JAX_COMPILATION_CACHE_DIR": str(folder),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


class Seat:
    """One process, pinned, with its threads limited before it starts. Leaving ends it."""

    def __init__(self, contestant: str, folder: Path, threads: int, cores: list[int]) -> None:
        environment = {k: v for k, v in os.environ.items() if k not in FOREIGN}
        environment |= dict.fromkeys(THREAD_VARIABLES, str(threads))
        environment |= compilation_cache(folder / "jax")
        command = [sys.executable, "-m", "benchmarks.contestants", contestant, str(folder)]
        self._name, self._started = contestant, perf_counter()
        self._process = subprocess.Popen(
            [*command, *map(str, cores)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        if error is not None:
            self._process.kill()
        self._process.wait(timeout=60)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def first_epoch(self) -> float:
        """Wait for it; seconds since the process was started."""
        self.receive()
        return perf_counter() - self._started

    def send(self, question: str, **arguments: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"ask": question} | arguments) + "\n")
        self._process.stdin.flush()

    def receive(self) -> Any:
        """The next answer. Raises RuntimeError if the process has ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._name} has ended with {self._process.wait()}")
        return json.loads(line)

    def ask(self, question: str, **arguments: Any) -> Any:
        self.send(question, **arguments)
        return self.receive()
