"""A recipe: everything that determines a run besides the data."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from annotated_types import Ge, Gt, Le, Lt, MaxLen
from numpy.typing import NDArray

from engine.activations import Activation
from engine.augmentation import Augmentation
from engine.clipping import Clipping
from engine.data.preprocessing import Preprocessing
from engine.data.validation import Holdout, NoValidation, Validation
from engine.data.weighting import Weighting
from engine.errors import InvalidSpec
from engine.losses import Loss
from engine.optimizers import Adam, Optimizer
from engine.program.network import NetworkSpec
from engine.regularizers import Regularizer
from engine.schedules import Constant, Schedule
from engine.spec import Spec
from engine.stopping import Monitor, StoppingRule

__all__ = ["Checkpoints", "Diagnostics", "RangeTest", "Recipe", "TrainingSpec"]

MAX_SEED = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""


@dataclass(frozen=True, kw_only=True)
class TrainingSpec(Spec):
    """How long, in what portions, and from which seed."""

    epochs: Annotated[int, Ge(1), Le(1_000_000)] = 100
    """How often every row is used, at the most."""
    batch_size: Annotated[int, Ge(1), Le(1_000_000)] = 32
    """The rows of a mini-batch; more than there are means full batches."""
    seed: Annotated[int, Ge(0), Le(MAX_SEED)] | None = None
    """Where every random number of the run comes from; drawn and reported if it is not given."""
    precision: Literal["float32", "float64"] = "float32"
    """The number format of parameters and data."""
    shuffle: bool = True
    """Whether the rows come in a new random order every epoch."""


@dataclass(frozen=True, kw_only=True)
class Checkpoints(Spec):
    """Which states of the run are kept. The best one and the last one always are."""

    every: Annotated[int, Ge(1)] | None = None
    """Also keep the state after every so many epochs."""
    keep: Annotated[int, Ge(1), Le(1000)] = 3
    """How many of those to keep, the newest ones."""


@dataclass(frozen=True, kw_only=True)
class RangeTest(Spec):
    """Instead of a training: mini-batches at learning rates that grow from one to the next.

    The rate grows by the same factor with every mini-batch, and the test ends where the smoothed
    loss is far above its lowest value.

    Source: Smith, "Cyclical learning rates for training neural networks", 2017, section 3.3.
    """

    lowest: Annotated[float, Gt(0), Le(1e6)] = 1e-6
    """The learning rate of the first mini-batch."""
    highest: Annotated[float, Gt(0), Le(1e6)] = 10.0
    """That of the last one."""
    steps: Annotated[int, Ge(10), Le(1000)] = 100
    """How many mini-batches are tried."""
    smoothing: Annotated[float, Ge(0), Lt(1)] = 0.9
    """The decay of the running mean that smooths the loss; 0 leaves it as it is."""
    stop_factor: Annotated[float, Gt(1), Le(1e6)] = 4.0
    """How many times its smallest value so far the smoothed loss may be."""

    def __post_init__(self) -> None:
        Spec.__post_init__(self)
        if self.highest <= self.lowest:
            raise InvalidSpec(
                f"highest must be more than lowest ({self.lowest:g}), not {self.highest:g}",
                "/highest",
            )

    def rates(self, steps: NDArray[Any]) -> NDArray[np.float64]:
        """The learning rate of each step, counted from 0."""
        growth = np.log(self.highest / self.lowest) / (self.steps - 1)
        return np.asarray(self.lowest * np.exp(growth * steps), np.float64)


@dataclass(frozen=True, kw_only=True)
class Diagnostics(Spec):
    """What is measured, and how often."""

    every: Annotated[int, Ge(1)] = 1
    """Measure at the end of every so many epochs."""
    bins: Annotated[int, Ge(0), Le(100)] = 20
    """Bins of each histogram of weights and gradients; 0 leaves the histograms out."""
    rows: Annotated[int, Ge(2), Le(10_000)] = 256
    """The training rows, the first ones, that units are watched on."""


class Choices(NamedTuple):
    """What a recipe may leave open, once it is settled."""

    loss: Loss
    seed: int
    output_activation: Activation


@dataclass(frozen=True, kw_only=True)
class Recipe(Spec):
    """A network, how it is trained, and how its inputs are prepared."""

    network: NetworkSpec = field(default_factory=NetworkSpec)
    """The hidden layers; the output layer follows from the task."""
    loss: Loss | None = None
    """What is minimised; by default cross_entropy for classes and mse for numbers."""
    optimizer: Optimizer = field(default_factory=Adam)
    """How a gradient becomes a step."""
    schedule: Schedule = field(default_factory=Constant)
    """How the learning rate changes over time."""
    regularizers: Annotated[list[Regularizer], MaxLen(10)] = field(default_factory=list)
    """Preferences among weights."""
    clipping: Clipping | None = None
    """A limit for the gradient."""
    augmentation: Annotated[list[Augmentation], MaxLen(10)] = field(default_factory=list)
    """What is done to the rows of each mini-batch, in this order."""
    weighting: Weighting = field(default_factory=Weighting)
    """How much rows and classes count in training."""
    training: TrainingSpec = field(default_factory=TrainingSpec)
    """Epochs, batch size, seed, precision."""
    validation: Validation = field(default_factory=Holdout)
    """How rows are kept aside to judge the network."""
    stopping: Annotated[list[StoppingRule], MaxLen(10)] = field(default_factory=list)
    """Reasons to stop early."""
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    """Which states are kept."""
    range_test: RangeTest | None = None
    """Instead of a training, a test of which learning rates would do."""
    diagnostics: Diagnostics | None = None
    """What else is measured at the end of epochs; nothing by default."""
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    """How raw columns become numbers."""

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The precision as NumPy knows it."""
        return np.dtype(self.training.precision)

    @property
    def chosen(self) -> "Choices":
        """The open choices of a resolved recipe."""
        loss, seed, output = self.loss, self.training.seed, self.network.output_activation
        if loss is None or seed is None or output is None:
            raise InvalidSpec("The recipe still has open choices: resolve() it first.")
        return Choices(loss, seed, output)

    def with_seed(self, seed: int) -> "Recipe":
        """The recipe with another seed."""
        return replace(self, training=replace(self.training, seed=seed))

    def monitor(self) -> Monitor:
        """What decides which epoch is the best: the first stopping rule's metric, or the loss."""
        watched = [m for rule in self.stopping if rule.judges() and (m := rule.monitor())]
        validated = not isinstance(self.validation, NoValidation)
        return watched[0] if watched else Monitor("validation" if validated else "train", "loss")
