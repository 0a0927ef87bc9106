"""Times one contestant on one shape in this process.

Usage: `python -m benchmarks.contestants NAME SHAPE THREADS`.
The caller has set the number of BLAS threads in the environment. Prints a JSON list of seconds.
"""

import itertools
import json
import os
import sys
from importlib import import_module

from benchmarks.shapes import SHAPES

UNTIMED = 1
TIMED = 5


def pin(threads: int) -> None:
    """Hold the process on as many cores as it may use threads, whatever its libraries start."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def main(name: str, shape: str, threads: int) -> None:
    pin(threads)
    contestant = import_module(f"benchmarks.contestants.{name}")
    seconds = contestant.epochs(SHAPES[shape])
    json.dump(list(itertools.islice(seconds, UNTIMED, UNTIMED + TIMED)), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
