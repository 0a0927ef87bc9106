"""SQLAlchemy tables: one file per resource. Import `Base` from here to have them all."""

from service.tables.base import Base
from service.tables.checkpoints import Checkpoint, CheckpointChunk
from service.tables.datasets import Dataset
from service.tables.epochs import Epoch
from service.tables.folds import Fold
from service.tables.idempotency import IdempotencyKey
from service.tables.jobs import Job
from service.tables.models import ImportedState, Model
from service.tables.transitions import Transition

__all__ = [
    "Base",
    "Checkpoint",
    "CheckpointChunk",
    "Dataset",
    "Epoch",
    "Fold",
    "IdempotencyKey",
    "ImportedState",
    "Job",
    "Model",
    "Transition",
]
