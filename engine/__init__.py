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
from engine.data.folds import KFold, LeaveOneOut, folds_of
from engine.data.preprocessing import Preprocessing, Preprocessor
from engine.data.split import Split, split
from engine.data.table import Table
from engine.data.task import Task, infer_task
from engine.data.validation import Holdout, NoValidation, Validation
from engine.errors import Diverged, EngineError, InvalidData, InvalidSpec, InvalidState
from engine.initializers import Initializer
from engine.layers import Dense, Dropout, Layer
from engine.losses import Loss
from engine.model import Model, Prediction
from engine.optimizers import SGD, Adam, Optimizer
from engine.program.network import LayerPlan, Network, NetworkSpec
from engine.recipe import Checkpoints, RangeTest, Recipe, TrainingSpec
from engine.regularizers import Regularizer
from engine.resolution import resolve
from engine.schedules import Schedule
from engine.spec import Spec, families
from engine.state import TrainingState
from engine.stopping import EarlyStopping, StoppingRule
from engine.training.cross_validation import CrossValidated, FoldEnd, FoldResult
from engine.training.events import EpochEnd, Event, Progress, Stopped
from engine.training.fresh_state import fresh_state
from engine.training.planning import Outline, Plan, outline
from engine.training.run import Training
from engine.training.runs import Run, start

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
    "fresh_state",
    "infer_task",
    "outline",
    "resolve",
    "split",
    "start",
]
