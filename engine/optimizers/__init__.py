"""The optimizers; each is a file of its own, with its paper's equations and defaults."""

from engine.optimizers.adam import Adam
from engine.optimizers.base import Optimizer
from engine.optimizers.sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
