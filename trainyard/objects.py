"""Jobs, models and datasets that can be asked and told: records with the client they came from.

Each is a frozen record of a moment. Its methods are the operations of its resource on itself, and
give a new one; those of a client that is awaited are awaited.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic

from trainyard.errors import NotConnected
from trainyard.records import DatasetRecord, JobRecord, ModelRecord, Page
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
    checkpoints = own(Jobs.checkpoints)
    folds = own(Jobs.folds)
    out_of_fold = own(Jobs.out_of_fold)
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
    delete = own(Datasets.delete)


class Job(JobRecord, JobMethods[Sender]):
    """A training job: what was asked for (``spec``, resolved), and how it is getting on."""

    __slots__ = ("_sender",)


class AsyncJob(JobRecord, JobMethods[AsyncSender]):
    """A :class:`Job` of a client that is awaited."""

    __slots__ = ("_sender",)


class Model(ModelRecord, ModelMethods[Sender]):
    """A network with its preprocessing: it takes raw rows. An imported one has no ``job_id``."""

    __slots__ = ("_sender",)


class AsyncModel(ModelRecord, ModelMethods[AsyncSender]):
    """A :class:`Model` of a client that is awaited."""

    __slots__ = ("_sender",)


class Dataset(DatasetRecord, DatasetMethods[Sender]):
    """A table of rows, known by the digest of its content; ``task`` says what it is to teach."""

    __slots__ = ("_sender",)


class AsyncDataset(DatasetRecord, DatasetMethods[AsyncSender]):
    """A :class:`Dataset` of a client that is awaited."""

    __slots__ = ("_sender",)


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
