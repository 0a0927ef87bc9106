"""The layers a network can be built of; each is a file of its own."""

from engine.layers.activate import Activate
from engine.layers.base import Layer, Operation, ParameterBlock
from engine.layers.batch_norm import BatchNorm
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.gaussian_noise import GaussianNoise
from engine.layers.layer_norm import LayerNorm

__all__ = [
    "Activate",
    "BatchNorm",
    "Dense",
    "Dropout",
    "GaussianNoise",
    "Layer",
    "LayerNorm",
    "Operation",
    "ParameterBlock",
]
