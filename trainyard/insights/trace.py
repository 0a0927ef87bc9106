"""A trace: every number of one update of a network."""

from typing import Any

from pydantic import Field

from trainyard.records import CheckpointUsed, Label, Result

__all__ = ["LayerUpdate", "Numbers", "Remembered", "Slot", "Trace", "TracedLayer", "Update"]


class Numbers(Result):
    """An array of the full ``shape``, or (``cut``) the corner of it; not finite is ``None``."""

    shape: list[int]
    values: list[Any]
    cut: bool = False
    finite: bool = True


class Remembered(Result):
    """A vector of the optimizer's memory for a layer: ``before["W"]`` and ``after["W"]``."""

    before: dict[str, Numbers]
    after: dict[str, Numbers]


class LayerUpdate(Result):
    """What the optimizer was given for a layer, what it remembers, and what it made of them.

    ``gradients["dW"]`` have the penalties and are clipped; ``memory["first_moment"]``;
    ``change["W"]`` is by how much the weights moved.
    """

    gradients: dict[str, Numbers]
    memory: dict[str, Remembered] = Field(default_factory=dict)
    change: dict[str, Numbers]


class TracedLayer(Result):
    """What a layer did, in the lecture's symbols: ``parameters["W"]``, ``gradients["dW"]``.

    ``theta["W"]`` is after the update. What a layer does not have is ``None``. ``units`` are the
    numbers, from 0, of those that are told.
    """

    name: str
    kind: str
    activation: str | None = None
    units: list[int] = Field(default_factory=list)
    x: Numbers
    parameters: dict[str, Numbers] = Field(default_factory=dict)
    z: Numbers | None = None
    h: Numbers
    delta: Numbers | None = None
    gradients: dict[str, Numbers] = Field(default_factory=dict)
    theta: dict[str, Numbers] = Field(default_factory=dict)
    update: LayerUpdate | None = None


class Slot(Result):
    """A vector that an optimizer remembers: its symbol and how it is renewed are in LaTeX."""

    name: str
    symbol: str
    rule: str


class Update(Result):
    """How the optimizer makes a step; ``fresh`` if its memory begins at zero with this one."""

    equation: str = ""
    fresh: bool = False
    memory: list[Slot] = Field(default_factory=list)
    scalars_before: list[float | None] = Field(default_factory=list)
    scalars_after: list[float | None] = Field(default_factory=list)


class Trace(Result):
    """One update of a network, forward and back: ``y`` is right, ``y_hat`` was answered."""

    model_id: str
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    classes: list[Label] | None = None
    target_scales: list[dict[str, float]] | None = None
    features: list[str] = Field(default_factory=list)
    training: bool = False
    optimizer: dict[str, Any] = Field(default_factory=dict)
    learning_rate: float
    step: int
    update: Update | None = None
    layers: list[TracedLayer]
    y: Numbers
    y_hat: Numbers
    losses: list[float | None]
    loss: float | None
    checkpoint: CheckpointUsed | None = None
