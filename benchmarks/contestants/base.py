"""What a contestant is: built once for a case, it trains as often as it is asked."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from benchmarks.handed import Handed


class Epoch(NamedTuple):
    """Wall-clock seconds of an epoch, shuffling included, and its mean training loss."""

    seconds: float
    loss: float | None


class Trainer(Protocol):
    """A library at work on one case."""

    def __init__(self, handed: Handed) -> None: ...

    def train(self, *, shuffle: bool) -> Iterator[Epoch]:
        """One epoch after another of a new training from the initial weights, without end.

        Without ``shuffle`` rows are taken in the order in which they are stored.
        """
        ...
