"""Models: what jobs make, or what was imported."""

from datetime import datetime
from typing import Any, Literal

from service.checkpoints.schemas import CheckpointUsed
from service.datasets.schemas import Task
from service.http.schemas import Page, ResponseBody


class ModelInput(ResponseBody):
    """A column that a model wants to be given."""

    name: str
    kind: Literal["integer", "float", "boolean", "string"]


class Model(ResponseBody):
    """A network with its preprocessing: it takes raw rows."""

    id: str
    name: str | None
    job_id: str | None
    """The job that made it; null if it was imported."""
    task: Task
    inputs: list[ModelInput]
    """The columns it wants, in the order of matrix predictions."""
    spec: dict[str, Any]
    """The recipe by which it was made."""
    checkpoint: CheckpointUsed
    """The state it stands for: the best so far; of an imported model, epoch 0."""
    final: bool
    """Whether the job has ended, so that nothing changes any more."""
    created_at: datetime
    updated_at: datetime


class WeightSparsity(ResponseBody):
    """A weight matrix."""

    name: str
    zeros: int
    """How many of its numbers are exactly zero."""
    of: int
    share: float


class Sparsity(ResponseBody):
    """What regularization has switched off. Biases do not count."""

    share: float
    """The part of all weights that is exactly zero."""
    weights: list[WeightSparsity]
    features_off: list[str] | None
    """The features from which every weight of the first layer is zero; null where layers before it
    mix features."""
    inputs_off: list[str] | None
    """The raw columns all of whose features are switched off."""


class ModelDetail(Model):
    """A network with its preprocessing, and which of its weights are zero."""

    sparsity: Sparsity


class ModelPage(Page[Model]):
    """Models, newest first."""
