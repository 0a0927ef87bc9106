"""The layers a network can be built of; each is a file of its own."""

from engine.layers.base import Block, Layer, Operation
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout

__all__ = ["Block", "Dense", "Dropout", "Layer", "Operation"]
