"""What the service answers with, as frozen values that know no connection.

Members that a newer service adds are kept and can be read as attributes; times are
timezone-aware; a number that is not finite is ``None``, as JSON has no other way to say it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Generic, Self, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from trainyard.frames import flat, frame
from trainyard.protocol.answers import document
from trainyard.protocol.request import Response

__all__ = [
    "Catalog",
    "Checkpoint",
    "CheckpointUsed",
    "Column",
    "DatasetRecord",
    "DatasetReference",
    "Epoch",
    "Epochs",
    "Evaluation",
    "Input",
    "JobError",
    "JobRecord",
    "Label",
    "Layer",
    "ModelRecord",
    "Page",
    "Plan",
    "Predictions",
    "Progress",
    "Readiness",
    "RowPage",
    "Sparsity",
    "Task",
]

T = TypeVar("T")
R = TypeVar("R", bound="Result")

Label: TypeAlias = bool | int | float | str
"""A class, or a number, with the type that it has in the data."""

TERMINAL = frozenset({"succeeded", "failed", "cancelled"})


class Result(BaseModel):
    """Base of all results: frozen, and tolerant of members it does not know."""

    model_config = ConfigDict(frozen=True, extra="allow", protected_namespaces=())

    @classmethod
    def read(cls, reply: Response) -> Self:
        """The result in an answer's JSON."""
        return cls.model_validate(document(reply))


class Page(Result, Generic[T]):
    """One page of a list; iterate over it, and ask on with ``next_cursor``."""

    data: list[T]
    next_cursor: str | int | None = None

    def __iter__(self) -> Iterator[T]:  # type: ignore[override]  # pydantic's would give its fields
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> T:
        return self.data[index]


class JobError(Result):
    """Why a job failed: ``type`` is a word such as ``diverged`` or ``worker_lost``."""

    type: str
    detail: str = ""
    epoch: int | None = None
    step: int | None = None
    layer: str | None = None


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


class Progress(Result):
    """How far a job is; ``fraction`` of all its epochs."""

    epoch: int = 0
    epochs: int = 0
    fraction: float = 0.0
    eta_seconds: float | None = None
    samples_per_second: float | None = None


class Task(Result):
    """What is predicted: ``kind`` is regression, binary, multiclass or multilabel.

    ``target`` is the one column that is predicted, None if ``targets`` are several.
    """

    kind: str
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    classes: list[Label] = Field(default_factory=list)


class Column(Result):
    """A column of a dataset with its kind; its statistics are further attributes."""

    name: str
    kind: str


class DatasetRecord(Result):
    """A table of rows, known by the digest of its content; ``task`` says what it is to teach."""

    id: str
    name: str | None = None
    sha256: str = ""
    rows: int = 0
    columns: list[Column] = Field(default_factory=list)
    task: Task | None = None
    image: dict[str, int] | None = None
    source: Any = None
    size_bytes: int | None = None
    warnings: list[str] = Field(default_factory=list)
    created_at: datetime | None = None


class Portion(Result):
    """Some of many rows, the first of them at ``offset`` of ``total``."""

    data: list[Any]
    offset: int = 0
    total: int = 0

    @property
    def next_cursor(self) -> int | None:
        """Where the next portion begins, if there is one."""
        end = self.offset + len(self.data)
        return end if self.data and end < self.total else None


class RowPage(Portion):
    """Some rows of a dataset, the first of them at ``offset`` of ``total``."""

    data: list[dict[str, Any]]


class Readiness(Result):
    """The service can do its work."""

    status: str
    version: str = ""
    database: str = ""


class DatasetReference(Result):
    """The data that a job trains on, by id (``None`` once it is deleted) and by content."""

    id: str | None = None
    sha256: str


class JobRecord(Result):
    """A training job: what was asked for (``spec``, resolved), and how it is getting on."""

    id: str
    status: str
    name: str | None = None
    tags: list[str] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)
    pending_action: str | None = None
    advance_to: dict[str, int | None] | None = None
    attempt: int = 0
    spec: dict[str, Any] = Field(default_factory=dict)
    initial: dict[str, Any] | None = None
    dataset: DatasetReference | None = None
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    progress: Progress = Field(default_factory=Progress)
    latest: Epoch | None = None
    best: Epoch | None = None
    stop_reason: str | None = None
    error: JobError | None = None
    model_id: str | None = None
    fingerprint: dict[str, Any] | None = None
    inexact_resume: bool = False
    seq: int = 0
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether it will never change again."""
        return self.status in TERMINAL


class Layer(Result):
    """One layer of a plan."""

    name: str
    kind: str
    output_shape: list[int] = Field(default_factory=list)
    parameters: int = 0


class Plan(Result):
    """What a job would be: its resolved specification, its size, and what to mind."""

    spec: dict[str, Any] = Field(default_factory=dict)
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    task: str | None = None
    features: list[str] = Field(default_factory=list)
    layers: list[Layer] = Field(default_factory=list)
    parameters: int = 0
    memory_bytes: int = 0
    train_rows: int | None = None
    validation_rows: int | None = None
    batch_size: int | None = None
    steps_per_epoch: int | None = None
    folds: int = 0
    warnings: list[str] = Field(default_factory=list)


class Checkpoint(Result):
    """A state of a job that was kept; ``available`` while its weights still are."""

    seq: int
    epoch: int
    fold: int = 0
    best: bool = False
    last: bool = False
    available: bool = True
    size_bytes: int = 0
    sha256: str = ""
    weights_sha256: str = ""
    metrics: Epoch | None = None
    created_at: datetime | None = None


class CheckpointUsed(Result):
    """Which state of a model answered."""

    seq: int
    epoch: int


class Input(Result):
    """A column that a model wants; ``kind`` is integer, float, boolean or string."""

    name: str
    kind: str


class Sparsity(Result):
    """The part of all weights that is exactly zero, and what that switches off.

    What is switched off is ``None`` where that cannot be told.
    """

    share: float
    weights: list[dict[str, Any]] = Field(default_factory=list)
    features_off: list[str] | None = None
    inputs_off: list[str] | None = None


class ModelRecord(Result):
    """A network with its preprocessing: it takes raw rows. An imported one has no ``job_id``."""

    id: str
    name: str | None = None
    job_id: str | None = None
    task: Task
    inputs: list[Input] = Field(default_factory=list)
    spec: dict[str, Any] = Field(default_factory=dict)
    checkpoint: CheckpointUsed | None = None
    final: bool = False
    sparsity: Sparsity | None = None
    """What is switched off; ``None`` in lists, for which it is not counted."""
    created_at: datetime | None = None


class Predictions(Result):
    """The answers in the order of the rows; for classes with the probability of each.

    Of several targets an answer is a list, and the probabilities are those of the second class.
    """

    model_id: str
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    predictions: list[Label] | list[list[Label]]
    classes: list[Label] | None = None
    probabilities: list[list[float]] | None = None
    checkpoint: CheckpointUsed | None = None

    def __len__(self) -> int:
        return len(self.predictions)


class Evaluation(Result):
    """Measures of a model on some rows, as the service names them: ``scores["accuracy"]``."""

    model_id: str
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    rows: int
    scores: dict[str, Any]
    checkpoint: CheckpointUsed | None = None


class Catalog(Result):
    """Every family of specs ("optimizer", "layer", ...) with the description of its members."""

    families: dict[str, list[dict[str, Any]]]
