"""What a client offers: a group of methods for each resource of the HTTP API.

Each method is made from a function of :mod:`trainyard.calls`, once for both clients.
"""

from __future__ import annotations

from trainyard.calls.catalog import CatalogCalls
from trainyard.calls.datasets import DatasetCalls
from trainyard.calls.descents import DescentCalls
from trainyard.calls.epochs import EpochCalls
from trainyard.calls.folds import FoldCalls
from trainyard.calls.jobs import JobCalls
from trainyard.calls.models import ModelCalls
from trainyard.calls.predictions import PredictionCalls
from trainyard.calls.readiness import ReadinessCalls
from trainyard.methods import Resource, S, iteration, operation
from trainyard.objects import (
    returns_dataset,
    returns_datasets,
    returns_job,
    returns_jobs,
    returns_model,
    returns_models,
    yields_datasets,
    yields_jobs,
    yields_models,
)


class Catalog(Resource[S]):
    """``client.catalog``, which is called."""

    __call__ = operation(CatalogCalls.get)


class Datasets(Resource[S]):
    """``client.datasets``. A dataset is given as its id or as a :class:`Dataset`."""

    create = returns_dataset(DatasetCalls.create)
    list = returns_datasets(DatasetCalls.list)
    all = yields_datasets(DatasetCalls.all)
    get = returns_dataset(DatasetCalls.get)
    rows = operation(DatasetCalls.rows)
    all_rows = iteration(DatasetCalls.all_rows)
    delete = operation(DatasetCalls.delete)


class Descents(Resource[S]):
    """``client.descents``: optimizers on analytic surfaces."""

    create = operation(DescentCalls.create)


class Jobs(Resource[S]):
    """``client.jobs``. A job is given as its id or as a :class:`Job`."""

    create = returns_job(JobCalls.create)
    plan = operation(JobCalls.plan)
    list = returns_jobs(JobCalls.list)
    all = yields_jobs(JobCalls.all)
    get = returns_job(JobCalls.get)
    cancel = returns_job(JobCalls.cancel)
    pause = returns_job(JobCalls.pause)
    resume = returns_job(JobCalls.resume)
    advance = returns_job(JobCalls.advance)
    change = returns_job(JobCalls.change)
    delete = operation(JobCalls.delete)
    epochs = operation(EpochCalls.epochs)
    export_curves = operation(EpochCalls.export_curves)
    folds = operation(FoldCalls.folds)
    out_of_fold = operation(FoldCalls.out_of_fold)
    all_out_of_fold = iteration(FoldCalls.all_out_of_fold)
    evaluate_out_of_fold = operation(FoldCalls.evaluate_out_of_fold)
    range_test = operation(JobCalls.range_test)
    checkpoints = operation(JobCalls.checkpoints)
    all_checkpoints = iteration(JobCalls.all_checkpoints)
    model = returns_model(JobCalls.model)
    wait = returns_job(JobCalls.wait)
    events = iteration(JobCalls.events)


class Models(Resource[S]):
    """``client.models``. A model is given as its id or as a :class:`Model`."""

    list = returns_models(ModelCalls.list)
    all = yields_models(ModelCalls.all)
    create = returns_model(ModelCalls.create)
    delete = operation(ModelCalls.delete)
    get = returns_model(ModelCalls.get)
    weights = operation(ModelCalls.weights)
    evaluate = operation(ModelCalls.evaluate)
    trace = operation(ModelCalls.trace)
    check_gradients = operation(ModelCalls.check_gradients)
    landscape = operation(ModelCalls.landscape)
    importances = operation(ModelCalls.importances)


class Predictions(Resource[S]):
    """``client.predictions``."""

    create = operation(PredictionCalls.create)


class Root(Resource[S]):
    """The groups of methods, and what belongs to none of them."""

    def __init__(self, sender: S) -> None:
        super().__init__(sender)
        self.catalog: Catalog[S] = Catalog(sender)
        self.datasets: Datasets[S] = Datasets(sender)
        self.descents: Descents[S] = Descents(sender)
        self.jobs: Jobs[S] = Jobs(sender)
        self.models: Models[S] = Models(sender)
        self.predictions: Predictions[S] = Predictions(sender)

    ready = operation(ReadinessCalls.get)
