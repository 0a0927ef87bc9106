"""One update of a model's training, with every number of it, as it is sent."""

from collections.abc import Mapping
from dataclasses import asdict
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import json_pointer
from engine.insight.study import InspectedModel
from engine.insight.trace import LayerTrace, Trace, trace
from service.http.errors import Invalid
from service.insight.arrays import finite, shown, shown_size
from service.insight.budget import check_memory, check_work
from service.insight.row_reader import RowReader, few_samples, part_of_job
from service.models.cache import LoadedModel
from service.recipes import spec_to_json
from service.traces.schemas import TraceRequest
from service.traces.units import Told, told_units

__all__ = ["trace_model"]

MAX_NUMBERS = 200_000
SYMBOLS = {"weight": "W", "bias": "b"}
"""The lecture's words for blocks of parameters; the others are called by their own."""


def trace_model(
    body: TraceRequest, ready: LoadedModel, study: InspectedModel, reader: RowReader
) -> dict[str, Any]:
    """Carry the update out. Raises Invalid where a row does not fit, or it would be too much."""
    names = _chosen(body, study)
    check_work(3, len(body), study, "", "Send fewer rows.")
    _check_memory(body, study)
    x, targets = few_samples(body, ready, study)
    told = trace(
        study.program(len(x)),
        study.network,
        x,
        targets,
        learning_rate=study.learning_rate(_steps_per_epoch(ready, study, reader)),
        step=study.step,
        step_key=study.step_key,
        training=body.training,
        memory=body.update,
    )
    layers = [layer for layer in told.layers if layer.name in names]
    _check_size(layers, body)
    return _answer(body, study, told, layers, targets)


def _chosen(body: TraceRequest, study: InspectedModel) -> set[str]:
    known = [layer.name for layer in study.network.layers]
    for place, name in enumerate(body.layers or ()):
        if name not in known:
            raise Invalid.at(
                json_pointer("layers", place),
                f"There is no layer {name[:60]!r}. The layers are {', '.join(known[:20])}"
                f"{', ...' if len(known) > 20 else ''}.",
            )
    return set(body.layers or known)


def _steps_per_epoch(ready: LoadedModel, study: InspectedModel, reader: RowReader) -> int:
    """As the run has shown it; before the end of its first epoch, from the rows it trains on.

    An imported model has no run: the rows that are sent are then its epoch.
    """
    if study.steps_per_epoch is not None:
        return study.steps_per_epoch
    if ready.row.job_id is None:
        return 1
    _, rows = part_of_job("train", ready, reader)
    return ceil(len(rows) / min(study.recipe.training.batch_size, len(rows)))


def _check_memory(body: TraceRequest, study: InspectedModel) -> None:
    """What is kept to be told are vectors as long as theta: four, and each slot twice."""
    numbers = study.numbers + 4 * study.network.parameters
    check_memory(numbers, study)
    if body.update:
        numbers += 2 * len(study.recipe.optimizer.slots()) * study.network.parameters
        check_memory(numbers, study, "/update", ' With "update": false it is not.')


def _check_size(layers: list[LayerTrace], body: TraceRequest) -> None:
    arrays = [array for layer in layers for array in _arrays(layer, update=body.update)]
    numbers = sum(shown_size(array, body.corner) for array in arrays)
    if numbers > MAX_NUMBERS:
        raise Invalid.at(
            "/corner",
            f"The answer would have {numbers:,} numbers, more than {MAX_NUMBERS:,}: choose a "
            "smaller corner, some of the layers, or no update.",
        )


def _arrays(layer: LayerTrace, *, update: bool) -> list[NDArray[Any]]:
    single = [layer.x, layer.h, layer.z, layer.delta]
    blocks = [layer.parameters, layer.gradients, layer.updated]
    if update:
        blocks += [layer.given, layer.change]
        blocks += [each for slot in layer.memory.values() for each in (slot.before, slot.after)]
    told = [array for block in blocks for array in block.values()]
    return [array for array in single if array is not None] + told


def _answer(
    body: TraceRequest,
    study: InspectedModel,
    told: Trace,
    layers: list[LayerTrace],
    targets: NDArray[Any],
) -> dict[str, Any]:
    task = study.task
    corner = slice(body.corner)
    units = told_units(told.layers, body)
    names = study.preprocessor.feature_names
    return {
        "target": task.target,
        "targets": list(task.targets),
        "classes": list(task.classes) or None,
        "target_scales": None
        if task.classes
        else [
            {"offset": offset, "scale": scale} for offset, scale in study.preprocessor.target_scales
        ],
        "features": [names[place] for place in units[told.layers[0].name].inputs],
        "training": body.training,
        "optimizer": spec_to_json(study.recipe.optimizer),
        "learning_rate": told.learning_rate,
        "step": told.step,
        "update": _update(study, told) if body.update else None,
        "layers": [_layer(layer, study, told, body, units[layer.name]) for layer in layers],
        "y": shown(targets, corner, corner),
        "y_hat": shown(told.prediction, corner, corner),
        "losses": told.losses,
        "loss": finite(told.loss),
    }


def _update(study: InspectedModel, told: Trace) -> dict[str, Any]:
    """How the optimizer makes a step."""
    optimizer = study.recipe.optimizer
    before, after = told.scalars
    return {
        "equation": optimizer.__equation__,
        "fresh": study.state.step == 0,
        "memory": [asdict(slot) for slot in optimizer.slots()],
        "scalars_before": [finite(float(each)) for each in before],
        "scalars_after": [finite(float(each)) for each in after],
    }


def _layer(
    layer: LayerTrace, study: InspectedModel, told: Trace, body: TraceRequest, chosen: Told
) -> dict[str, Any]:
    rows = slice(body.corner)
    activation = _activation(layer, study)
    # Where the loss contains the last activation, the network ends with scores.
    h = told.prediction if layer.name == "output" else layer.h
    inputs, units = chosen.inputs, chosen.units
    return {
        "name": layer.name,
        "kind": layer.kind,
        "activation": activation,
        "units": units.tolist(),
        "x": shown(layer.x, rows, inputs),
        "parameters": _blocks(layer.parameters, chosen),
        "z": None if layer.z is None else shown(layer.z, rows, units),
        "h": shown(h, rows, units),
        "delta": None if layer.delta is None else shown(layer.delta, rows, units),
        "gradients": _blocks(layer.gradients, chosen, "d"),
        "theta": _blocks(layer.updated, chosen),
        "update": _layer_update(layer, chosen) if body.update and layer.parameters else None,
    }


def _layer_update(layer: LayerTrace, chosen: Told) -> dict[str, Any]:
    """How the optimizer made its step for the parameters of a layer."""
    return {
        "gradients": _blocks(layer.given, chosen, "d"),
        "memory": {
            name: {"before": _blocks(slot.before, chosen), "after": _blocks(slot.after, chosen)}
            for name, slot in layer.memory.items()
        },
        "change": _blocks(layer.change, chosen),
    }


def _activation(layer: LayerTrace, study: InspectedModel) -> str | None:
    """The kind of a layer's phi."""
    if layer.name == "output":
        return study.recipe.chosen.output_activation.kind_name()
    spec = study.recipe.network.layers[int(layer.name.rpartition(".")[2])]
    activation = getattr(spec, "activation", None)
    return None if activation is None else str(activation.kind_name())


def _blocks(
    blocks: Mapping[str, NDArray[np.floating[Any]]], chosen: Told, before: str = ""
) -> dict[str, Any]:
    """Matrices lead from the inputs to the units; of vectors each number is a unit's."""
    return {
        before + SYMBOLS.get(name, name): shown(block, *(chosen.units, chosen.inputs)[: block.ndim])
        for name, block in blocks.items()
    }
