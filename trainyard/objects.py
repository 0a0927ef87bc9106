"""Jobs, models and datasets that can be asked and told: records with the client they came from.

Each is a frozen record of a moment. Its methods are the operations of its resource on itself, and
give a new one; those of a client that is awaited are awaited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Generic

from trainyard.errors import NotConnected, TrainyardError
from trainyard.notebook import live
from trainyard.notebook.cards import job_card, model_card
from trainyard.records import DatasetRecord, Epoch, Epochs, JobRecord, ModelRecord, Page
from trainyard.resources.base import AsyncSender, S, Sender, own
from trainyard.resources.datasets import Datasets
from trainyard.resources.jobs import Jobs
from trainyard.resources.models import Models
from trainyard.resources.predictions import Predictions

__all__ = ["AsyncDataset", "AsyncJob", "AsyncModel", "Dataset", "Job", "Model"]


class Connected(Generic[S]):
    """What has a client. It is no part of the value: not compared, not copied, not pickled."""

    _sender: S

    @property
    def sender(self) -> S:
        """The client that it came from."""
        try:
            return self._sender
        except AttributeError:
            raise NotConnected(type(self).__name__) from None


class JobMethods(Connected[S]):
    """What a job can be asked and told."""

    refresh = own(Jobs.get)
    wait = own(Jobs.wait)
    events = own(Jobs.events)
    epochs = own(Jobs.epochs)
    export_curves = own(Jobs.export_curves)
    checkpoints = own(Jobs.checkpoints)
    all_checkpoints = own(Jobs.all_checkpoints)
    folds = own(Jobs.folds)
    out_of_fold = own(Jobs.out_of_fold)
    all_out_of_fold = own(Jobs.all_out_of_fold)
    evaluate_out_of_fold = own(Jobs.evaluate_out_of_fold)
    range_test = own(Jobs.range_test)
    model = own(Jobs.model)
    pause = own(Jobs.pause)
    resume = own(Jobs.resume)
    advance = own(Jobs.advance)
    cancel = own(Jobs.cancel)
    change = own(Jobs.change)
    delete = own(Jobs.delete)


class ModelMethods(Connected[S]):
    """What a model can be asked and told."""

    refresh = own(Models.get)
    predict = own(Predictions.create)
    evaluate = own(Models.evaluate)
    weights = own(Models.weights)
    trace = own(Models.trace)
    check_gradients = own(Models.check_gradients)
    landscape = own(Models.landscape)
    importances = own(Models.importances)
    delete = own(Models.delete)


class DatasetMethods(Connected[S]):
    """What a dataset can be asked and told."""

    refresh = own(Datasets.get)
    preview = own(Datasets.rows)
    all_rows = own(Datasets.all_rows)
    delete = own(Datasets.delete)


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
        epochs: Epochs = thing.sender.send(Jobs.epochs.build(job, max_points=live.POINTS))
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
        epochs = await thing.sender.send(Jobs.epochs.build(job, max_points=live.POINTS))
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
