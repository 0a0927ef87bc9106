"""Traces: one update of a network, with every number of it."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictStr

from service.checkpoints.schemas import CheckpointUsed
from service.http.schemas import Label, ResponseBody
from service.insight.schemas import FewRows, Numbers, Whole


class TraceRequest(FewRows):
    """A mini-batch: at most 100 rows that have the model's columns and its target."""

    layers: list[StrictStr] | None = Field(
        None, min_length=1, max_length=201, examples=[["layers.0", "output"]]
    )
    """The layers to tell about, by name; by default all."""
    training: bool = Field(False, strict=True)
    """Whether noise is at work as in training: that of dropout and the like, and for batch
    normalization the statistics of these rows. Otherwise the network is as it is when it
    predicts."""
    update: bool = Field(True, strict=True)
    """Whether to tell how the optimizer made its step: what it was given, what it remembers before
    and after, and by how much every parameter moved. `false` makes the answer smaller."""
    corner: Annotated[Whole, Field(ge=1, le=128)] = 16
    """How many rows and columns of every array are sent at most. An answer has at most 200,000
    numbers: for many layers, choose a smaller corner, some of them, or no `update`."""
    first_unit: dict[StrictStr, Annotated[Whole, Field(ge=0)]] | None = Field(
        None, max_length=202, examples=[{"features": 12, "layers.0": 24}]
    )
    """Where the corner begins among the units of a layer, or among the `features`, counted from 0;
    by default at the first. Layers without weights pass on the units of the layer before them."""
    unit_order: Literal["number", "weight_norm"] = "number"
    """Which units are told first: by their numbers, or those with the largest weights, by the
    Euclidean norm of what leads to a unit (of the features: of what leads away from it)."""


class Remembered(ResponseBody):
    """A vector of the optimizer's memory, as far as it belongs to a layer."""

    before: dict[str, Numbers]
    """`W`, `b`, ...: as it was at the checkpoint."""
    after: dict[str, Numbers]
    """The same after the update."""


class LayerUpdate(ResponseBody):
    """How the optimizer made its step, for the parameters of a layer."""

    gradients: dict[str, Numbers]
    """`dW`, `db`, ...: what the optimizer was given, with penalties and after clipping."""
    memory: dict[str, Remembered]
    """What it remembers, by the names in `update.memory` of the trace."""
    change: dict[str, Numbers]
    """`W`, `b`, ...: by how much they moved."""


class TracedLayer(ResponseBody):
    """What one layer did, in the lecture's symbols."""

    name: str
    kind: str
    activation: str | None
    """The function phi; null for layers that have none."""
    units: list[int]
    """The numbers, from 0, of the units that are told: the columns of z, h and delta, and the rows
    of `W`. The columns of x and `W` are the units told of the layer before."""
    x: Numbers
    """What it was given: h of the layer before, or the features."""
    parameters: dict[str, Numbers]
    """`W` (units, inputs) and `b`; other layers have others, such as `gamma`."""
    z: Numbers | None
    """The weighted sums W x + b, before phi."""
    h: Numbers
    """What it gave: phi(z)."""
    delta: Numbers | None
    """dL/dz, or dL/dh where there is no phi; null below the first layer with parameters, where
    nobody needs it."""
    gradients: dict[str, Numbers]
    """`dW`, `db`, ...: the derivatives of the mean loss, without penalties and clipping."""
    theta: dict[str, Numbers]
    """`W`, `b`, ... after the update, for which penalties and clipping count."""
    update: LayerUpdate | None
    """Null where `update` is false, and for a layer without parameters."""


class TargetScale(ResponseBody):
    """A target value t is learnt as y = (t - offset) / scale."""

    offset: float
    scale: float


class Slot(ResponseBody):
    """A vector that the optimizer remembers, with a number for every parameter."""

    name: str
    symbol: str
    """What the equation calls it, in LaTeX."""
    rule: str
    """How a step renews it, in LaTeX: g is the gradient that was given."""


class Update(ResponseBody):
    """How the optimizer makes a step."""

    equation: str
    """In LaTeX, as in the catalogue."""
    fresh: bool
    """Whether it remembers nothing yet, so that its memory begins at zero: before the first step
    of a training, and for a model that was imported."""
    memory: list[Slot]
    """What it remembers; empty for plain gradient descent."""
    scalars_before: list[float | None]
    """Single numbers that it remembers besides, as they were at the checkpoint."""
    scalars_after: list[float | None]


class Trace(ResponseBody):
    """One update, forward and back."""

    model_id: str
    checkpoint: CheckpointUsed
    target: str | None
    """The column that is predicted; null if there are several."""
    targets: list[str]
    classes: list[Label] | None
    """The classes in the order of `y_hat`; null for numbers."""
    target_scales: list[TargetScale] | None
    """What `y` and `y_hat` are measured in, target by target; null for classes."""
    features: list[str]
    """The names of the columns of the first layer's x."""
    training: bool
    optimizer: dict[str, Any]
    learning_rate: float
    """The rate eta of this update, by the job's schedule."""
    step: int
    """The number that the update would have had in the training."""
    update: Update | None
    """Null where `update` is false."""
    layers: list[TracedLayer]
    y: Numbers
    """What is right: the scaled target, or the place of its class among `classes`."""
    y_hat: Numbers
    """What was answered: numbers in the scale of y, or probabilities; of two classes, that of the
    second."""
    losses: list[float | None]
    """The loss L of each row; null where it is not finite."""
    loss: float | None
    """Their mean, which the gradients are of."""
