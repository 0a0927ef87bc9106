"""Sparsity: which weights are exactly zero, and which inputs nothing listens to any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.preprocessing import Preprocessor
from engine.program.network import Network, ParameterSlice

__all__ = ["BlockSparsity", "Sparsity", "sparsity"]


@dataclass(frozen=True)
class BlockSparsity:
    """A weight matrix: how many of its numbers are exactly zero."""

    name: str
    zeros: int
    of: int

    @property
    def share(self) -> float:
        """The fraction of the matrix's numbers that are exactly zero."""
        return self.zeros / self.of


@dataclass(frozen=True)
class Sparsity:
    """The zeros of every weight matrix, and what they switch off.

    A feature is switched off if every weight that leads from it into the first weight matrix is
    zero, an input (a raw column) if all its features are. Both are None where that does not
    follow, because features are mixed before they meet a weight.
    """

    weights: tuple[BlockSparsity, ...]
    features_off: tuple[str, ...] | None
    inputs_off: tuple[str, ...] | None

    @property
    def share(self) -> float:
        """The fraction of all weights that are exactly zero."""
        return sum(block.zeros for block in self.weights) / sum(block.of for block in self.weights)


def sparsity(
    network: Network, preprocessor: Preprocessor, blocks: Mapping[str, NDArray[Any]]
) -> Sparsity:
    """Count the weights of a network that are exactly zero; biases do not count.

    ``blocks`` has its parameters by name, as ``Network.named`` gives them.
    """
    weights = tuple(
        BlockSparsity(
            place.name,
            place.block.size - int(np.count_nonzero(blocks[place.name])),
            place.block.size,
        )
        for place in network.weights
    )
    first = _first_weights(network)
    if first is None:
        return Sparsity(weights, None, None)
    listens = np.count_nonzero(blocks[first.name], axis=0) > 0
    features = preprocessor.features_of
    return Sparsity(
        weights,
        tuple(
            name
            for name, heard in zip(preprocessor.feature_names, listens.tolist(), strict=True)
            if not heard
        ),
        tuple(name for name, where in features.items() if not listens[where].any()),
    )


def _first_weights(network: Network) -> ParameterSlice | None:
    """The first weight matrix, whose columns are the features; None if they are mixed before it."""
    weights = {place.start: place for place in network.weights}
    for node in network.nodes:
        if node.operation.mixes_features:
            return None
        if node.stop > node.start and node.start in weights:
            return weights[node.start]
    return None
