"""From what a caller asks for to a job that can run: everything is checked before it is queued."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine import (
    InvalidSpec,
    Outline,
    Recipe,
    Table,
    Task,
    TrainingState,
    folds_of,
    infer_task,
    outline,
    resolve,
)
from engine.augmentation import ImageSize
from engine.data.folds import trainings_of
from engine.data.validation import OtherDataset
from engine.training.warm_start import check_preprocessor, initial_state
from service.checkpoints import repository as checkpoints
from service.checkpoints.repository import NewCheckpoint
from service.database.errors import RowNotFound
from service.database.sessions import Database
from service.datasets import repository as datasets
from service.datasets import service as datasets_service
from service.datasets.storage import Storage
from service.http.errors import Invalid
from service.jobs import actions
from service.jobs import repository as jobs
from service.jobs.schemas import Initial, JobCreate, LayerPlan, Plan
from service.models.cache import ModelCache
from service.recipes import recipe_to_json
from service.settings import Settings

__all__ = ["ValidatedJob", "validate_job"]


@dataclass(frozen=True)
class Data:
    """The data of a job: a dataset that is there, or built-in data that may have to be kept."""

    table: Table
    task: Task | None
    image: ImageSize | None = None
    dataset_id: str | None = None
    built_in: datasets_service.ParsedDataset | None = None


@dataclass(frozen=True)
class ValidatedJob:
    """A job that fits its data and the limits of the service; nothing is stored yet."""

    request: JobCreate
    data: Data
    recipe: Recipe
    outline: Outline
    folds: int
    """How many are trained; 0 without cross-validation, whose first one ``outline`` is of."""
    state: TrainingState | None = None
    """What it begins with, if not with random weights."""

    def plan(self) -> Plan:
        """What the job would do."""
        plan, task = self.outline.plan, self.outline.task
        return Plan(
            spec=recipe_to_json(self.recipe),
            target=task.target,
            targets=list(task.targets),
            task=task.kind,
            features=self.outline.preprocessor.feature_names,
            layers=[
                LayerPlan(
                    name=layer.name,
                    kind=layer.kind,
                    output_shape=list(layer.output_shape),
                    parameters=layer.parameters,
                )
                for layer in plan.layers
            ],
            parameters=plan.parameters,
            memory_bytes=plan.memory_bytes,
            train_rows=plan.train_rows,
            validation_rows=plan.validation_rows,
            batch_size=plan.batch_size,
            steps_per_epoch=plan.steps_per_epoch,
            folds=self.folds,
            warnings=list(plan.warnings),
        )

    def keep(self, storage: Storage) -> Callable[[Session], str]:
        """Store built-in data; what is given back queues the job and tells its id."""
        kept = (
            None
            if self.data.built_in is None
            else datasets_service.keep(self.data.built_in, storage)
        )

        def submit(session: Session) -> str:
            dataset_id = self.data.dataset_id if kept is None else kept(session)[0].id
            assert dataset_id is not None
            try:
                return self._create(session, dataset_id)
            except RowNotFound:
                raise _no_dataset(dataset_id) from None

        return submit

    def _create(self, session: Session, dataset_id: str) -> str:
        recipe, initial = self.recipe, self.request.initial
        other = recipe.validation
        as_source = initial is not None and initial.preprocessing == "source"
        job = jobs.create(
            session,
            dataset_id=dataset_id,
            spec=recipe_to_json(recipe),
            task=self.outline.task.to_json(),
            epochs=_epochs(recipe, self.folds),
            folds=self.folds,
            validation_dataset_id=other.id if isinstance(other, OtherDataset) else None,
            initial=None if initial is None else initial.model_dump(),
            preprocessor=self.outline.preprocessor.to_json() if as_source else None,
            name=self.request.name,
            tags=self.request.tags,
            user_metadata=self.request.metadata,
        )
        if self.state is not None:
            checkpoints.begin_with(session, job, _first_checkpoint(self.state))
        if self.request.paused:
            actions.request_pause(session, job.id)
        return job.id


def _epochs(recipe: Recipe, folds: int) -> int:
    """Of all trainings; each rate of a range test counts as one."""
    if recipe.range_test is not None:
        return recipe.range_test.steps
    return recipe.training.epochs * trainings_of(recipe.validation, folds)


def _first_checkpoint(state: TrainingState) -> NewCheckpoint:
    return NewCheckpoint(
        epoch=0, step=state.step, state=state.to_bytes(), weights_sha256=state.weights_sha256
    )


def validate_job(
    request: JobCreate, database: Database, storage: Storage, models: ModelCache, settings: Settings
) -> ValidatedJob:
    """Fit a request to its data.

    Raises InvalidSpec, InvalidData or Invalid, each with a pointer into the request.
    """
    data = _data(request, database, storage)
    task = _task(request, data)
    recipe = resolve(request.recipe, task, data.image)
    known = len(task.known(data.table))
    folds = folds_of(recipe.validation, known)
    unseen = _unseen(recipe, database, storage)
    made = outline(recipe, data.table, task, fold=min(folds, 1), validation_table=unseen)
    _check_limits(made, settings)
    if request.initial is None:
        return ValidatedJob(request, data, recipe, made, folds)
    if folds:
        raise Invalid.at(
            "/initial",
            "Every fold of a cross-validation begins with new weights, as a model has seen the "
            "rows that they hold out: leave initial out, or set validation to holdout.",
        )
    made, state = _begin_with(request.initial, made, data.table, models, unseen)
    return ValidatedJob(request, data, recipe, made, folds, state)


def _begin_with(
    initial: Initial, made: Outline, table: Table, models: ModelCache, unseen: Table | None
) -> tuple[Outline, TrainingState]:
    """The outline, prepared as the model knows its inputs, and the state to begin with."""
    try:
        ready, state = models.source(initial.model, initial.checkpoint)
    except RowNotFound as error:
        raise Invalid.at("/initial", f"{str(error).capitalize()}.") from None
    source = ready.model
    if initial.preprocessing == "source":
        check_preprocessor(source, table, made)
        known = source.preprocessor
        made = outline(made.recipe, table, made.task, preprocessor=known, validation_table=unseen)
    begun = initial_state(made, source, state, optimizer_state=initial.optimizer_state)
    return made, begun


def _data(request: JobCreate, database: Database, storage: Storage) -> Data:
    if not isinstance(request.dataset, str):
        built_in = datasets_service.from_builtin(request.dataset)
        return Data(built_in.frame.to_table(), built_in.task, built_in.image, built_in=built_in)
    try:
        with database.read() as session:
            row = datasets.get(session, request.dataset)
    except RowNotFound:
        raise _no_dataset(request.dataset) from None
    task = None if row.task is None else Task.from_json(row.task)
    image = None if row.image is None else ImageSize(**row.image)
    return Data(storage.table(row.storage_key), task, image, dataset_id=row.id)


def _unseen(recipe: Recipe, database: Database, storage: Storage) -> Table | None:
    """The table of another dataset to validate on, if one is named."""
    if not isinstance(recipe.validation, OtherDataset):
        return None
    try:
        with database.read() as session:
            return storage.table(datasets.get(session, recipe.validation.id).storage_key)
    except RowNotFound:
        name = recipe.validation.id[:60]
        raise Invalid.at("/validation/id", f"There is no dataset {name!r}.") from None


def _no_dataset(dataset_id: str) -> Invalid:
    return Invalid.at("/dataset", f"There is no dataset {dataset_id[:60]!r}.")


def _task(request: JobCreate, data: Data) -> Task:
    """What the caller wants to learn, else what the dataset says."""
    wanted = datasets_service.targets(request.target, request.targets)
    if wanted is None and request.task is None and data.task is not None:
        return data.task
    if wanted is None and data.task is not None:
        wanted = data.task.target or data.task.targets
    if wanted is None:
        message = "The dataset has no target of its own: name the column to predict."
        raise Invalid.at("/target", message)
    return infer_task(data.table, wanted, request.task)


def _check_limits(made: Outline, settings: Settings) -> None:
    plan = made.plan
    if plan.parameters > settings.max_parameters:
        raise InvalidSpec(
            f"The network would have {plan.parameters:,} parameters; this service takes "
            f"{settings.max_parameters:,} at most.",
            "/network",
        )
    if plan.memory_bytes > settings.max_job_memory_bytes:
        raise InvalidSpec(
            f"Training would take {plan.memory_bytes:,} bytes of memory; this service gives "
            f"{settings.max_job_memory_bytes:,} at most.",
            "/network",
        )
