"""Models ready to answer: loaded from their checkpoint once, kept while they are used."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from engine import Model, Preprocessor, Task, TrainingState
from engine.data.table import ColumnKind, column_kind
from engine.insight.study import InspectedModel
from engine.randomness import seed_of_fold
from service.checkpoints import repository as checkpoints
from service.checkpoints.schemas import CheckpointUsed
from service.database.errors import RowNotFound
from service.database.lru_cache import LRUCache
from service.database.sessions import Database
from service.database.tables import Model as Row
from service.models import repository as models
from service.recipes import recipe_from_json

__all__ = ["LoadedModel", "ModelCache"]

AtEpoch = int | Literal["last"] | None
Key = tuple[str, int]
"""A model's id and the ``seq`` of one of its job's checkpoints: what lies there never changes."""
IMPORTED = CheckpointUsed(seq=0, epoch=0)


@dataclass(frozen=True)
class LoadedModel:
    """A model that can be asked, with the records it was made from."""

    model: Model
    row: Row
    used: CheckpointUsed
    """Which state this is, as answers tell it: of an imported model, epoch 0."""
    fold: int = 0
    """Of a cross-validation, whose rows it knows; else 0."""

    @property
    def columns(self) -> dict[str, ColumnKind]:
        """The columns that an evaluation needs: the model's inputs and its targets."""
        task = self.model.task
        # A target that is missing everywhere counts as float, as does a number to predict.
        kinds = {each: column_kind(list(task.classes), each) for each in task.targets}
        return {**self.model.preprocessor.inputs, **kinds}


class ModelCache:
    """Finds models, and keeps the most recently used ones; safe to share between threads."""

    def __init__(self, database: Database, capacity_bytes: int = 512 << 20) -> None:
        self._database = database
        self._kept: LRUCache[Key, Model] = LRUCache(capacity_bytes)

    def find(self, model_id: str, epoch: AtEpoch = None) -> LoadedModel:
        """A model at its best, after some epoch, or at its last checkpoint. Raises RowNotFound."""
        with self._database.read() as session:
            return self._ready(session, models.get(session, model_id), epoch)

    def of_job(self, job_id: str, epoch: int) -> LoadedModel:
        """What a job had made after some epoch. Raises RowNotFound."""
        with self._database.read() as session:
            row = models.of_job(session, job_id)
            if row is None:
                raise RowNotFound(f"there is no checkpoint of epoch {epoch} of {job_id}")
            return self._ready(session, row, epoch)

    def source(self, model_id: str, epoch: AtEpoch = None) -> tuple[LoadedModel, TrainingState]:
        """A model as ``find`` gives it, with the whole state that it is a part of."""
        with self._database.read() as session:
            ready = self._ready(session, models.get(session, model_id), epoch)
            state = _read_state(session, ready.row, ready.used)
        return ready, TrainingState.from_bytes(state)

    def study(self, model_id: str, epoch: AtEpoch = None) -> tuple[LoadedModel, InspectedModel]:
        """A model as ``find`` gives it, with the training it comes from as it was then.

        The state, with the optimizer's memory, is read anew: it may be many times the model.
        """
        ready, state = self.source(model_id, epoch)
        model = ready.model
        seed = seed_of_fold(model.recipe.chosen.seed, ready.fold)
        return ready, InspectedModel(
            model.recipe.with_seed(seed), model.task, model.preprocessor, state
        )

    def _ready(self, session: Session, row: Row, epoch: AtEpoch) -> LoadedModel:
        used, fold = _which(session, row, epoch)
        key = (row.id, used.seq)
        model = self._kept.get(key)
        if model is None:
            state = _read_state(session, row, used)
            model = _load(row, state)
            self._kept.put(key, model, len(state))
        return LoadedModel(model, row, used, fold)


def _which(session: Session, row: Row, epoch: AtEpoch) -> tuple[CheckpointUsed, int]:
    """The state that is asked for, and its fold. Raises RowNotFound."""
    if row.job_id is None:
        if epoch in {None, "last", 0}:
            return IMPORTED, 0
        raise RowNotFound(f"{row.id} was imported: it has no checkpoint of epoch {epoch}")
    checkpoint = checkpoints.get_by_seq(session, row.job_id, row.checkpoint_seq)
    # Of the same fold: what the model knows of its inputs comes from the rows of that fold.
    if epoch == "last":
        checkpoint = checkpoints.last(session, row.job_id, checkpoint.fold) or checkpoint
    elif epoch is not None:
        checkpoint = checkpoints.get(session, row.job_id, epoch, checkpoint.fold)
    return CheckpointUsed(seq=checkpoint.seq, epoch=checkpoint.epoch), checkpoint.fold


def _read_state(session: Session, row: Row, used: CheckpointUsed) -> bytes:
    if row.job_id is None:
        return models.imported_state(session, row)
    checkpoint = checkpoints.get_by_seq(session, row.job_id, used.seq)
    return checkpoints.read_state(session, checkpoint)


def _load(row: Row, state: bytes) -> Model:
    return Model.from_state(
        recipe_from_json(row.spec),
        Task.from_json(row.task),
        Preprocessor.from_json(row.preprocessor),
        TrainingState.from_bytes(state),
    )
