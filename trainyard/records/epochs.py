"""The measurements of epochs."""

from typing import Any

from trainyard.frames import flat, frame
from trainyard.records.base import Page, Result

__all__ = ["Epoch", "Epochs"]


class Epoch(Result):
    """The measurements of one epoch; ``validation`` is ``None`` where nothing is held out.

    ``gap`` is the validation's loss minus the training's. ``non_finite`` says what a measurement is
    that is ``None`` because it is not finite: ``{"train_loss": "nan"}``.
    """

    seq: int
    epoch: int
    fold: int = 0
    train: dict[str, float | None]
    validation: dict[str, float | None] | None = None
    gap: float | None = None
    learning_rate: float | None = None
    seconds: float | None = None
    samples: int | None = None
    non_finite: dict[str, str] | None = None
    diagnostics: dict[str, Any] | None = None


class Epochs(Page[Epoch]):
    """Epochs of a job, in the order in which they were measured."""

    @property
    def last_seq(self) -> int:
        """The number of the last one; events ``after`` it are news. 0 if there are none."""
        return self.data[-1].seq if self.data else 0

    def to_dataframe(self, library: str | None = None) -> Any:
        """A data frame with one row an epoch, of pandas where it is installed, else of Polars.

        ``library`` asks for "pandas" or "polars". Measurements become columns such as
        ``train_loss`` and ``validation_accuracy``. Raises ImportError where there is neither.
        """
        return frame([flat(epoch) for epoch in self], library)
