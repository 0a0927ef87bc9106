"""The bare engine loop in a process of its own: `python -m benchmarks.bare SHAPE EPOCHS`."""

import sys
from time import perf_counter

from benchmarks.contestants.trainyard_engine import prepare
from benchmarks.shapes import SHAPES


def main(shape: str, epochs: int) -> None:
    for _ in prepare(SHAPES[shape], 1).events():  # the compiler's cache is loaded untimed
        pass
    training = prepare(SHAPES[shape], epochs, threads=1)
    start = perf_counter()
    for _ in training.events():
        pass
    print(perf_counter() - start)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
