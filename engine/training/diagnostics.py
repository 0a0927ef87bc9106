"""Diagnostics: how gradients, updates, weights and units are doing, layer by layer.

Measured at the end of an epoch, on its last mini-batch and on some of the training rows. It shows
what a loss curve hides: gradients that vanish or explode on their way back, steps that are far too
small or too large for the weights they change, and units that answer every row alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.program.network import Network
from engine.program.program import Program
from engine.recipe import Diagnostics

__all__ = ["diagnose"]

VANISHING, EXPLODING = 1e-4, 1e4
"""Ratios of the first layer's gradient to the last one's, below or above which a warning is due."""
MANY = 0.5
"""A share of dead units that is worth a warning."""


def diagnose(
    spec: Diagnostics, program: Program, network: Network, before: NDArray[Any], x: NDArray[Any]
) -> dict[str, Any]:
    """Numbers for every layer with parameters, and warnings in words.

    ``before`` is the parameter vector before the last update, whose gradient the program still
    holds; ``x`` are rows to watch units on. Norms are Euclidean, over the layer's parameters;
    ``update_ratio`` is the norm of the update over that of the parameters (about 1e-3 is usual).
    A unit is dead that gives the same number for every row.
    """
    dead = _dead_units(program, network, x[: spec.rows])
    layers = []
    for plan in network.layers:
        places = [p for p in network.places.values() if p.name.rpartition(".")[0] == plan.name]
        if not places:
            continue
        part = slice(places[0].start, places[-1].stop)
        layers.append(
            {
                "layer": plan.name,
                "kind": plan.kind,
                **_norms(program, before, part),
                "units": plan.output_shape[0],
                "dead_units": dead[plan.name],
                **_histograms(spec.bins, program, part),
            }
        )
    return {"layers": layers, "warnings": _warnings(layers)}


def _norms(program: Program, before: NDArray[Any], part: slice) -> dict[str, float]:
    weight = _norm(program.theta[part])
    update = _norm(program.theta[part].astype(np.float64) - before[part])
    return {
        "weight_norm": weight,
        "gradient_norm": _norm(program.gradient[part]),
        "update_norm": update,
        "update_ratio": update / weight if weight > 0 else 0.0,
    }


def _norm(values: NDArray[Any]) -> float:
    """The Euclidean norm of a vector; the largest finite number where it is infinite."""
    return float(min(np.linalg.norm(values.astype(np.float64)), np.finfo(np.float64).max))


def _histograms(bins: int, program: Program, part: slice) -> dict[str, Any]:
    if not bins:
        return {}
    return {
        "weights": _histogram(program.theta[part], bins),
        "gradients": _histogram(program.gradient[part], bins),
    }


def _histogram(values: NDArray[Any], bins: int) -> dict[str, list[float]]:
    """Counts between bins + 1 evenly spaced edges from the smallest to the largest finite value."""
    counts, edges = np.histogram(values[np.isfinite(values)].astype(np.float64), bins)
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def _dead_units(program: Program, network: Network, x: NDArray[Any]) -> dict[str, int]:
    """How many of a layer's units do not move over the rows, in evaluation mode.

    The rows go through in portions that the program can hold; the range of every unit is kept.
    """
    lowest: dict[int, NDArray[Any]] = {}
    highest: dict[int, NDArray[Any]] = {}
    for start in range(0, len(x), program.capacity):
        program.load(x[start : start + program.capacity])
        program.forward(np.uint64(0), training=False)
        for k in range(len(network.nodes)):
            outputs = program.outputs_of(k)
            lowest[k] = np.minimum(lowest.get(k, np.inf), outputs.min(axis=0))
            highest[k] = np.maximum(highest.get(k, -np.inf), outputs.max(axis=0))
    return {
        node.layer: int((lowest[k] == highest[k]).sum()) for k, node in enumerate(network.nodes)
    }


def _warnings(layers: list[dict[str, Any]]) -> list[str]:
    found = [
        f"{layer['layer']}: {layer['dead_units']} of {layer['units']} units are dead; they give "
        "the same number for every row."
        for layer in layers
        if layer["dead_units"] >= MANY * layer["units"]
    ]
    first, last = layers[0]["gradient_norm"], layers[-1]["gradient_norm"]
    if last > 0 and first < VANISHING * last:
        found.append(
            f"The gradient vanishes: {first:.1e} in {layers[0]['layer']}, {last:.1e} in the output."
        )
    if first > EXPLODING * last > 0:
        found.append(
            f"The gradient explodes: {first:.1e} in {layers[0]['layer']}, {last:.1e} in the output."
        )
    return found
