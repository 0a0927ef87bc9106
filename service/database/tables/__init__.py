"""SQLAlchemy tables: one file per resource. Import `Base` from here to have them all."""

from service.database.tables.base import Base
from service.database.tables.checkpoints import Checkpoint, CheckpointChunk
from service.database.tables.datasets import Dataset
from service.database.tables.epochs import Epoch
from service.database.tables.folds import Fold
from service.database.tables.idempotency import IdempotencyKey
from service.database.tables.jobs import Job
from service.database.tables.models import ImportedState, Model
from service.database.tables.transitions import Transition

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
