"""Models that come from elsewhere: from a definition and named arrays to a model, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import InvalidSpec, Model, Preprocessor, Task, TrainingState, resolve
from engine.data.columns import CategoricalColumn, NumericColumn
from engine.errors import json_pointer
from engine.training.planning import trained_network
from engine.training.warm_start import given_state
from service.http.errors import Invalid
from service.models.cache import LoadedModel
from service.models.definitions import GivenInput, ModelDefinition
from service.models.repository import Imported
from service.recipes import recipe_to_json

__all__ = ["Import", "as_arrays", "as_file", "definition_of", "parse_model"]

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Import:
    """A model that was understood, and is not kept yet."""

    name: str | None
    model: Model
    state: TrainingState

    @property
    def record(self) -> Imported:
        """What is kept of it."""
        model = self.model
        return Imported(
            name=self.name,
            spec=recipe_to_json(model.recipe),
            task=model.task.to_json(),
            preprocessor=model.preprocessor.to_json(),
            state=self.state.to_bytes(),
        )


def parse_model(
    definition: ModelDefinition, arrays: Arrays, *, at: str, weights_at: str, most: int
) -> Import:
    """The model that a definition and its weights make, with at most so many parameters.

    Raises Invalid with a pointer: below ``at`` into the definition, or to ``weights_at``.
    """
    task = _task(definition)
    try:
        recipe = resolve(definition.spec, task)
    except InvalidSpec as error:
        raise Invalid.at(f"{at}/spec{error.pointer}", error.message) from None
    preprocessor = _preprocessor(definition, task)
    parameters = trained_network(recipe, preprocessor.width, task).parameters
    if parameters > most:
        raise Invalid.at(
            f"{at}/spec/network",
            f"The network has {parameters:,} parameters; this service takes {most:,} at most.",
        )
    try:
        state = given_state(recipe, task, preprocessor.width, arrays)
    except InvalidSpec as error:
        pointer = weights_at + (error.pointer if weights_at == "/weights" else "")
        raise Invalid.at(pointer, error.message) from None
    return Import(definition.name, Model.from_state(recipe, task, preprocessor, state), state)


def as_arrays(weights: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Lists of numbers as arrays. Raises Invalid with a pointer to one that is none."""
    return {name: _array(name, values) for name, values in weights.items()}


def _array(name: str, values: Any) -> NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError:
        raise Invalid.at(
            json_pointer("weights", name), "Its rows must be of equal length."
        ) from None
    if array.dtype.kind not in "iuf":
        raise Invalid.at(
            json_pointer("weights", name), "Must be a list of numbers, or of lists of them."
        )
    return array


def as_file(ready: LoadedModel) -> bytes:
    """A model as a safetensors file that says itself all that is needed to use it."""
    return ready.model.to_bytes(definition_of(ready.model, ready.row.name))


def definition_of(model: Model, name: str | None) -> dict[str, Any]:
    """What ``understand`` needs, besides the weights, to make this model again."""
    preprocessor, task = model.preprocessor, model.task
    made: dict[str, Any] = {
        "name": name,
        "spec": recipe_to_json(model.recipe),
        "inputs": _inputs(preprocessor),
    }
    made |= {"target": task.target} if task.target else {"targets": list(task.targets)}
    if task.classes:
        return made | {"classes": list(task.classes)}
    scales = [{"offset": offset, "scale": scale} for offset, scale in preprocessor.target_scales]
    return made | {"target_scales": scales}


def _inputs(preprocessor: Preprocessor) -> list[dict[str, Any]]:
    """In the order of the columns; those of the features follow from it."""
    told: dict[str, dict[str, Any]] = {
        column.name: {"fill": column.fill, "offset": column.offset, "scale": column.scale}
        for column in preprocessor.numeric
    }
    told |= {
        column.name: {"categories": list(column.categories), "others": column.others}
        for column in preprocessor.categorical
    }
    return [{"name": name, "kind": kind} | told[name] for name, kind in preprocessor.inputs.items()]


def _task(definition: ModelDefinition) -> Task:
    targets, classes = tuple(definition.all_targets), tuple(definition.classes or ())
    if not classes:
        return Task("regression", targets)
    if len(targets) > 1:
        return Task("multilabel", targets, classes)
    return Task("binary" if len(classes) == 2 else "multiclass", targets, classes)


def _preprocessor(definition: ModelDefinition, task: Task) -> Preprocessor:
    columns = [_column(given) for given in definition.inputs]
    scales = definition.target_scales
    return Preprocessor(
        task,
        {given.name: given.kind for given in definition.inputs},
        tuple(column for column in columns if isinstance(column, NumericColumn)),
        tuple(column for column in columns if isinstance(column, CategoricalColumn)),
        tuple((each.offset, each.scale) for each in scales)
        if scales
        else ()
        if task.classes
        else ((0.0, 1.0),) * len(task.targets),
    )


def _column(given: GivenInput) -> NumericColumn | CategoricalColumn:
    if given.categories is not None:
        return CategoricalColumn(given.name, given.kind, tuple(given.categories), given.others)
    fill = given.offset if given.fill is None else given.fill
    return NumericColumn(given.name, given.kind, fill, given.offset, given.scale)
