"""What the service answers with, as frozen values that know no connection."""

from trainyard.records.base import Label, Page, Portion, Result
from trainyard.records.datasets import Column, DatasetRecord, RowPage, Task
from trainyard.records.epochs import Epoch, Epochs
from trainyard.records.jobs import (
    Checkpoint,
    DatasetReference,
    JobError,
    JobRecord,
    Layer,
    Plan,
    Progress,
)
from trainyard.records.models import (
    CheckpointUsed,
    Evaluation,
    Input,
    ModelRecord,
    Predictions,
    Sparsity,
)
from trainyard.records.service import Catalog, Readiness

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
    "Portion",
    "Predictions",
    "Progress",
    "Readiness",
    "Result",
    "RowPage",
    "Sparsity",
    "Task",
]
