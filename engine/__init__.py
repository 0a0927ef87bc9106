"""The mathematics of Trainyard: networks, their training, and everything they show.

A run in five lines::

    task = infer_task(table, "species")
    plan = outline(resolve(Recipe(...), task), table, task)
    training = Training(plan, table)
    for event in training.events():
        ...
    model = Model.from_state(plan.recipe, task, plan.preprocessor, training.snapshot())
"""

from engine.activations import Activation
from engine.cross_validation import CrossValidated, FoldEnd, FoldResult, Run, start
from engine.data import Split, split
from engine.errors import Diverged, EngineError, InvalidData, InvalidSpec, InvalidState
from engine.events import EpochEnd, Event, Progress, Stopped
from engine.folds import KFold, LeaveOneOut, folds_of
from engine.initializers import Initializer
from engine.layers import Dense, Dropout, Layer
from engine.losses import Loss
from engine.model import Model, Prediction
from engine.network import LayerPlan, Network, NetworkSpec
from engine.optimizers import SGD, Adam, Optimizer
from engine.planning import Outline, Plan, outline
from engine.preprocessing import Preprocessing, Preprocessor
from engine.range_test import RangeTest
from engine.recipe import Checkpoints, Recipe, TrainingSpec, resolve
from engine.regularizers import Regularizer
from engine.schedules import Schedule
from engine.spec import Spec, families
from engine.state import TrainingState
from engine.stopping import EarlyStopping, StoppingRule
from engine.table import Table
from engine.task import Task, infer_task
from engine.training import Training
from engine.validation import Holdout, NoValidation, Validation

__all__ = [
    "SGD",
    "Activation",
    "Adam",
    "Checkpoints",
    "CrossValidated",
    "Dense",
    "Diverged",
    "Dropout",
    "EarlyStopping",
    "EngineError",
    "EpochEnd",
    "Event",
    "FoldEnd",
    "FoldResult",
    "Holdout",
    "Initializer",
    "InvalidData",
    "InvalidSpec",
    "InvalidState",
    "KFold",
    "Layer",
    "LayerPlan",
    "LeaveOneOut",
    "Loss",
    "Model",
    "Network",
    "NetworkSpec",
    "NoValidation",
    "Optimizer",
    "Outline",
    "Plan",
    "Prediction",
    "Preprocessing",
    "Preprocessor",
    "Progress",
    "RangeTest",
    "Recipe",
    "Regularizer",
    "Run",
    "Schedule",
    "Spec",
    "Split",
    "Stopped",
    "StoppingRule",
    "Table",
    "Task",
    "Training",
    "TrainingSpec",
    "TrainingState",
    "Validation",
    "families",
    "folds_of",
    "infer_task",
    "outline",
    "resolve",
    "split",
    "start",
]
