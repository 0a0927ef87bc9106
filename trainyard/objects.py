"""Jobs, models and datasets that can be asked and told: records with the client they came from.

Each is a frozen record of a moment. Its methods are the operations of its resource on itself, and
give a new one; those of a client that is awaited are awaited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, ParamSpec

from trainyard.calls.datasets import DatasetCalls
from trainyard.calls.epochs import EpochCalls
from trainyard.calls.folds import FoldCalls
from trainyard.calls.jobs import JobCalls
from trainyard.calls.models import ModelCalls
from trainyard.calls.predictions import PredictionCalls
from trainyard.errors import TrainyardError
from trainyard.methods import (
    AsyncSender,
    Connected,
    Iteration,
    Operation,
    S,
    Sender,
    iteration,
    operation,
    own,
)
from trainyard.notebook import live
from trainyard.notebook.cards import job_card, model_card
from trainyard.protocol.paging import Paging
from trainyard.protocol.request import Call, Steps
from trainyard.records import DatasetRecord, Epoch, Epochs, JobRecord, ModelRecord, Page

__all__ = ["AsyncDataset", "AsyncJob", "AsyncModel", "Dataset", "Job", "Model"]

P = ParamSpec("P")

# Methods that give records give them as objects of the client that asked: the types say so here,
# and `connected` does it. One overloaded decorator would not do, because a function with an Any
# among its arguments, which JSON is, matches several overloads at once.


def returns_job(
    build: Callable[P, Call[JobRecord] | Steps[JobRecord]],
) -> Operation[P, Job, AsyncJob]:
    """Make a method that gives a job."""
    return Operation(build)


def returns_jobs(
    build: Callable[P, Call[Page[JobRecord]]],
) -> Operation[P, Page[Job], Page[AsyncJob]]:
    """Make a method that gives a page of jobs."""
    return Operation(build)


def yields_jobs(build: Callable[P, Paging[JobRecord]]) -> Iteration[P, Job, AsyncJob]:
    """Make a method that gives jobs one by one."""
    return Iteration(build)


def returns_model(
    build: Callable[P, Call[ModelRecord] | Steps[ModelRecord]],
) -> Operation[P, Model, AsyncModel]:
    """Make a method that gives a model."""
    return Operation(build)


def returns_models(
    build: Callable[P, Call[Page[ModelRecord]]],
) -> Operation[P, Page[Model], Page[AsyncModel]]:
    """Make a method that gives a page of models."""
    return Operation(build)


def yields_models(build: Callable[P, Paging[ModelRecord]]) -> Iteration[P, Model, AsyncModel]:
    """Make a method that gives models one by one."""
    return Iteration(build)


def returns_dataset(
    build: Callable[P, Call[DatasetRecord]],
) -> Operation[P, Dataset, AsyncDataset]:
    """Make a method that gives a dataset."""
    return Operation(build)


def returns_datasets(
    build: Callable[P, Call[Page[DatasetRecord]]],
) -> Operation[P, Page[Dataset], Page[AsyncDataset]]:
    """Make a method that gives a page of datasets."""
    return Operation(build)


def yields_datasets(
    build: Callable[P, Paging[DatasetRecord]],
) -> Iteration[P, Dataset, AsyncDataset]:
    """Make a method that gives datasets one by one."""
    return Iteration(build)


class JobMethods(Connected[S]):
    """What a job can be asked and told."""

    refresh = own(returns_job(JobCalls.get))
    wait = own(returns_job(JobCalls.wait))
    events = own(iteration(JobCalls.events))
    epochs = own(operation(EpochCalls.epochs))
    export_curves = own(operation(EpochCalls.export_curves))
    checkpoints = own(operation(JobCalls.checkpoints))
    all_checkpoints = own(iteration(JobCalls.all_checkpoints))
    folds = own(operation(FoldCalls.folds))
    out_of_fold = own(operation(FoldCalls.out_of_fold))
    all_out_of_fold = own(iteration(FoldCalls.all_out_of_fold))
    evaluate_out_of_fold = own(operation(FoldCalls.evaluate_out_of_fold))
    range_test = own(operation(JobCalls.range_test))
    model = own(returns_model(JobCalls.model))
    pause = own(returns_job(JobCalls.pause))
    resume = own(returns_job(JobCalls.resume))
    advance = own(returns_job(JobCalls.advance))
    cancel = own(returns_job(JobCalls.cancel))
    _change = returns_job(JobCalls.change)  # named, because types are not inferred through both
    change = own(_change)
    delete = own(operation(JobCalls.delete))


class ModelMethods(Connected[S]):
    """What a model can be asked and told."""

    refresh = own(returns_model(ModelCalls.get))
    predict = own(operation(PredictionCalls.create))
    evaluate = own(operation(ModelCalls.evaluate))
    weights = own(operation(ModelCalls.weights))
    trace = own(operation(ModelCalls.trace))
    check_gradients = own(operation(ModelCalls.check_gradients))
    landscape = own(operation(ModelCalls.landscape))
    importances = own(operation(ModelCalls.importances))
    delete = own(operation(ModelCalls.delete))


class DatasetMethods(Connected[S]):
    """What a dataset can be asked and told."""

    refresh = own(returns_dataset(DatasetCalls.get))
    preview = own(operation(DatasetCalls.rows))
    all_rows = own(iteration(DatasetCalls.all_rows))
    delete = own(operation(DatasetCalls.delete))


class Job(JobRecord, JobMethods[Sender]):
    """A training job: what was asked for (``spec``, resolved), and how it is getting on."""

    __slots__ = ("_sender",)

    def watch(self, show: live.Show | None = None) -> Job:
        """Show how it trains until it ends, and give its last state.

        In a notebook that is a card with curves, drawn anew as epochs end; elsewhere lines are
        written. ``show`` is given the HTML of every card instead. Goes on after a lost connection.
        """
        view = live.view(show)
        epochs = self.epochs(max_points=live.POINTS)
        view.show(self, epochs.data)
        for event in self.events(after=epochs.last_seq):
            view.take(event)
        ended = self.refresh()
        view.show(ended, ended.epochs(max_points=live.POINTS).data)
        return ended

    def _repr_html_(self) -> str:
        return job_card(self, _epochs(self, self.id))


class AsyncShown:
    """What a notebook shows without waiting for an answer: its curves were fetched with it.

    They are, like its client, no part of the value.
    """

    _curves: Sequence[Epoch]

    @property
    def curves(self) -> Sequence[Epoch]:
        """The epochs that its card draws; none outside of notebooks."""
        try:
            return self._curves
        except AttributeError:
            return ()


class AsyncJob(JobRecord, JobMethods[AsyncSender], AsyncShown):
    """A :class:`Job` of a client that is awaited."""

    __slots__ = ("_curves", "_sender")

    async def watch(self, show: live.Show | None = None) -> AsyncJob:
        """Show how it trains until it ends, as :meth:`Job.watch` does."""
        view = live.view(show)
        epochs = await self.epochs(max_points=live.POINTS)
        view.show(self, epochs.data)
        async for event in self.events(after=epochs.last_seq):
            view.take(event)
        ended = await self.refresh()
        view.show(ended, (await ended.epochs(max_points=live.POINTS)).data)
        return ended

    def _repr_html_(self) -> str:
        return job_card(self, self.curves)


class Model(ModelRecord, ModelMethods[Sender]):
    """A network with its preprocessing: it takes raw rows. An imported one has no ``job_id``."""

    __slots__ = ("_sender",)

    def _repr_html_(self) -> str:
        return model_card(self, _epochs(self, self.job_id))


class AsyncModel(ModelRecord, ModelMethods[AsyncSender], AsyncShown):
    """A :class:`Model` of a client that is awaited."""

    __slots__ = ("_curves", "_sender")

    def _repr_html_(self) -> str:
        return model_card(self, self.curves)


class Dataset(DatasetRecord, DatasetMethods[Sender]):
    """A table of rows, known by the digest of its content; ``task`` says what it is to teach."""

    __slots__ = ("_sender",)


class AsyncDataset(DatasetRecord, DatasetMethods[AsyncSender]):
    """A :class:`Dataset` of a client that is awaited."""

    __slots__ = ("_sender",)


def _epochs(thing: Job | Model, job: str | None) -> Sequence[Epoch]:
    """The epochs to draw beside it; none where they cannot be had: it is shown all the same."""
    if job is None:
        return ()
    try:
        epochs: Epochs = thing.sender.send(EpochCalls.epochs(job, max_points=live.POINTS))
    except TrainyardError:
        return ()
    return epochs.data


async def bring_curves(thing: object) -> None:
    """Fetch what the card of a job or model will draw, if this runs in a notebook.

    A card is drawn without waiting; what came without an answer has none: it is shown all the same.
    """
    if not isinstance(thing, AsyncJob | AsyncModel) or not live.in_notebook():
        return
    job = thing.job_id if isinstance(thing, AsyncModel) else thing.id if thing.latest else None
    if job is None:
        return
    with suppress(TrainyardError):
        epochs = await thing.sender.send(EpochCalls.epochs(job, max_points=live.POINTS))
        object.__setattr__(thing, "_curves", epochs.data)


OBJECTS: Mapping[type, type[Any]] = {JobRecord: Job, ModelRecord: Model, DatasetRecord: Dataset}
ASYNC_OBJECTS: Mapping[type, type[Any]] = {
    JobRecord: AsyncJob,
    ModelRecord: AsyncModel,
    DatasetRecord: AsyncDataset,
}


def connected(value: Any, sender: Sender | AsyncSender, objects: Mapping[type, type[Any]]) -> Any:
    """A record, or a page of them, as objects with their client; anything else as it is."""
    if isinstance(value, Page):
        items = [connected(item, sender, objects) for item in value]
        return value.model_copy(update={"data": items})
    kind = objects.get(type(value))
    if kind is None:
        return value
    made = kind.model_construct(value.model_fields_set, **dict(value))
    object.__setattr__(made, "_sender", sender)
    return made
