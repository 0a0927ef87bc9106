"""Jobs: what to train, and how it is getting on."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import AfterValidator, ConfigDict, Field, JsonValue, StrictBool, model_validator

from engine import Recipe
from service.datasets.schemas import DatasetChoice, TaskKind
from service.epochs.schemas import Epoch
from service.http.schemas import Name, Page, RequestBody, ResponseBody, Tags
from service.vocabulary import FailureReason, JobStatus, PendingAction

_EXAMPLE_MODEL = "mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA"
_EXAMPLE_METADATA: dict[str, JsonValue] = {"course": "lecture 7"}


MAX_METADATA_KEYS = 50
MAX_METADATA_BYTES = 16 << 10
"""Every look at a job, and every page of jobs, carries its metadata."""


def _little(metadata: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if len(metadata) > MAX_METADATA_KEYS:
        raise ValueError(f"There may be at most {MAX_METADATA_KEYS} keys.")
    if len(orjson.dumps(metadata)) > MAX_METADATA_BYTES:
        raise ValueError(f"It may take at most {MAX_METADATA_BYTES:,} bytes as JSON.")
    return metadata


Metadata = Annotated[dict[str, JsonValue], AfterValidator(_little)]


class Initial(RequestBody):
    """What to begin with, instead of random weights."""

    model: Annotated[
        str, Field(strict=True, max_length=40, examples=["mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA"])
    ]
    """The id of a model with the same layers."""
    checkpoint: Annotated[int, Field(strict=True, ge=0, le=10**9)] | Literal["last"] | None = None
    """Take it after this epoch, or as it was last; by default at its best."""
    optimizer_state: StrictBool = False
    """Whether what its optimizer remembers is taken over too: moments, and how many updates they
    are means of."""
    preprocessing: Literal["source", "fit"] = "source"
    """Whether inputs are prepared as the model knows them, or fitted anew to the job's own data."""


@dataclass(frozen=True, kw_only=True)
class JobCreate(Recipe):
    """What to train: a recipe, the data, and what the caller wants to remember with it."""

    dataset: DatasetChoice
    """The id of a dataset, or built-in data such as `{"kind": "two_moons", "noise": 0.2}`."""
    target: str | None = None
    """The column to predict; by default the dataset's own target."""
    targets: Annotated[list[str], Field(min_length=1, max_length=100)] | None = None
    """Several columns to predict together, instead of `target`: all numbers, or all with the same
    two values, such as true and false."""
    task: TaskKind | None = None
    """Whether the target is a class or a number; by default what its values suggest."""
    initial: Initial | None = None
    """A model whose weights to begin with; by default they are drawn at random."""
    paused: bool = False
    """Whether it waits, untrained, until it is resumed or advanced."""
    name: Name | None = None
    """What to call it."""
    tags: Tags = field(default_factory=list)
    """Words to find it by."""
    metadata: Metadata = field(default_factory=dict)
    """Anything of the caller's own: at most 50 keys, 16,384 bytes as JSON."""

    @property
    def recipe(self) -> Recipe:
        """What determines the run besides the data."""
        return Recipe(**{part.name: getattr(self, part.name) for part in fields(Recipe)})


class JobChange(RequestBody):
    """What a caller may change of a job at any time; what is left out stays."""

    name: Name | None = None
    tags: Tags = Field([], examples=[["two moons", "baseline"]])
    metadata: Metadata = Field({}, examples=[_EXAMPLE_METADATA])
    """Anything of the caller's own; replaces what was there."""


class JobAdvance(RequestBody):
    """How far to go on before pausing again: by epochs, or by single updates."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["epochs"]}, {"required": ["steps"]}]}
    )

    epochs: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = None
    """To the end of so many epochs; one that has been begun counts as the first."""
    steps: Annotated[int, Field(strict=True, ge=1, le=10**12)] | None = None
    """By so many mini-batches."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.epochs is None) == (self.steps is None):
            raise ValueError("Give either epochs or steps.")
        return self


class Goal(ResponseBody):
    """Where a job that is advanced will pause."""

    epoch: int | None
    """After so many epochs in all; null if steps are counted."""
    step: int | None
    """After so many updates in all; null if epochs are counted."""


class DatasetReference(ResponseBody):
    """The data of a job."""

    id: str | None
    """Null if the dataset was deleted since."""
    sha256: str
    """The digest of its content."""


class Progress(ResponseBody):
    """How far a job is."""

    epoch: int
    """Whole epochs done."""
    epochs: int
    """Epochs asked for; it may stop earlier."""
    fraction: float
    """From 0 to 1."""
    eta_seconds: float | None
    """How long it will still take; null if nobody knows."""
    samples_per_second: float | None


class JobError(ResponseBody):
    """Why a job failed."""

    type: FailureReason
    detail: str
    epoch: int | None = None
    """`diverged`: in which epoch."""
    step: int | None = None
    """`diverged`: at which update of the parameters."""
    layer: str | None = None
    """`diverged`: the first layer whose parameters are not finite any more."""
    pointer: str | None = None
    """`invalid_data`: which member of the recipe does not go with the data."""
    row: int | None = None
    """`invalid_data`: in which row, counted from 0."""
    column: str | None = None
    """`invalid_data`: in which column."""


class Job(ResponseBody):
    """A training job."""

    id: str
    name: str | None
    tags: list[str]
    metadata: dict[str, Any]
    status: JobStatus
    pending_action: PendingAction | None
    """What was asked for and the worker has not done yet."""
    advance_to: Goal | None
    """Where it pauses again, while it is being advanced; else null."""
    attempt: int
    """How many times a worker has taken it up."""
    spec: dict[str, Any]
    """The recipe with everything filled in, also the seed that was drawn."""
    initial: Initial | None
    """The model whose weights it began with, if it did."""
    dataset: DatasetReference
    target: str | None
    """The column that is learnt to predict; null if there are several."""
    targets: list[str]
    """All of them."""
    progress: Progress
    latest: Epoch | None
    """The last epoch so far."""
    best: Epoch | None
    """The best epoch so far, by which the model's state is chosen."""
    stop_reason: str | None
    """Why it stopped: `completed`, `early_stopping`, ..."""
    error: JobError | None
    """Why it failed; null unless it did."""
    model_id: str | None
    """What it made; null before the first checkpoint."""
    fingerprint: dict[str, Any] | None
    """Libraries, processor and threads that the bits of the result depend on."""
    inexact_resume: bool
    """Whether it went on under another fingerprint than it began with."""
    seq: int
    """The number of its last event."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobPage(Page[Job]):
    """Jobs, newest first."""


class LayerPlan(ResponseBody):
    """One layer of the network as it would be built."""

    name: str
    kind: str
    output_shape: list[int]
    parameters: int


class Plan(ResponseBody):
    """What a job would do, worked out without training."""

    spec: dict[str, Any]
    """The recipe with everything filled in."""
    target: str | None
    """The column to predict; null if there are several."""
    targets: list[str]
    task: str
    """`regression`, `binary`, `multiclass` or `multilabel`."""
    features: list[str]
    """The inputs of the network, after preprocessing."""
    layers: list[LayerPlan]
    parameters: int
    memory_bytes: int
    """The most memory that training takes, estimated."""
    train_rows: int
    validation_rows: int
    batch_size: int
    steps_per_epoch: int
    folds: int
    """How many folds are trained, each on `train_rows` or one fewer; 0 without cross-validation."""
    warnings: list[str]
