"""Definitions of models: what is to be known of a network, besides its weights, to use it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from engine import Recipe
from service.datasets.schemas import ColumnName
from service.http.schemas import Label, Name, RequestBody

__all__ = ["GivenInput", "GivenScale", "ModelCreate", "ModelDefinition"]

_KINDS: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "float": (int, float),
    "boolean": (bool,),
    "string": (str,),
}


class GivenInput(RequestBody):
    """A raw column, and how it becomes one feature or several."""

    name: ColumnName
    kind: Literal["integer", "float", "boolean", "string"] = "float"
    fill: float | None = None
    """Of a number: what a missing value counts as; by default the offset."""
    offset: float = 0.0
    scale: float = 1.0
    """Of a number: the feature is (value - offset) / scale."""
    categories: Annotated[list[Label | None], Field(min_length=1, max_length=10_000)] | None = None
    """Of a category: the values, in the order of their features, each of which is 1 where the
    column has it; null is a missing value. Others become zeros."""
    others: bool = Field(False, strict=True)
    """Of a category: whether there is one more feature, for values that are none of them."""

    @model_validator(mode="after")
    def check_kind(self) -> Self:
        """Text has categories, and categories are of the column's kind."""
        if self.categories is None:
            if self.kind == "string":
                raise ValueError("A column of text needs its 'categories'.")
            if self.scale == 0:
                raise ValueError("The 'scale' may not be 0: values are divided by it.")
            return self
        if any(each is not None and not self._fits(each) for each in self.categories):
            raise ValueError(f"The 'categories' of this column must be of its kind, {self.kind}.")
        if len(set(self.categories)) < len(self.categories):
            raise ValueError("The 'categories' must differ.")
        return self

    def _fits(self, label: Label) -> bool:
        return isinstance(label, _KINDS[self.kind]) and (
            isinstance(label, bool) == (self.kind == "boolean")
        )


class GivenScale(RequestBody):
    """A target value t was learnt as (t - offset) / scale."""

    offset: float = 0.0
    scale: float = Field(1.0, gt=0)


class ModelDefinition(RequestBody):
    """A network and what its inputs and outputs mean, without the weights."""

    name: Name | None = None
    spec: Recipe = Field(default_factory=Recipe)
    """The recipe, of which the network, the loss and the precision matter most: the rest is what
    traces of an update and jobs that begin with the model go by."""
    inputs: list[GivenInput] = Field(
        min_length=1, max_length=10_000, examples=[[{"name": "x1"}, {"name": "x2"}]]
    )
    """The raw columns. The network's features are those of the numbers, in this order, and then
    those of the categories."""
    target: ColumnName | None = Field(None, examples=["y"])
    """The column that is predicted."""
    targets: Annotated[list[ColumnName], Field(min_length=1, max_length=100)] | None = None
    """Or several, in the order of the outputs."""
    classes: Annotated[list[Label], Field(min_length=2, max_length=100_000)] | None = None
    """The classes in the order of the outputs, which must be ascending; of two, the output is the
    probability of the second. None for numbers. Of several targets, the two values of labels."""
    target_scales: list[GivenScale] | None = None
    """Of numbers: how they were scaled, one for each target; by default not at all."""

    @model_validator(mode="after")
    def check_columns(self) -> Self:
        """Every column has one name and one meaning."""
        if (self.target is None) == (self.targets is None):
            raise ValueError("Give either 'target' or 'targets'.")
        names = [*self.all_targets, *(each.name for each in self.inputs)]
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            raise ValueError(f"The column {repeated!r} is named twice.")
        self._check_classes()
        return self

    def _check_classes(self) -> None:
        if self.target_scales is not None:
            if self.classes is not None:
                raise ValueError("'target_scales' are for numbers, not for classes.")
            if len(self.target_scales) != len(self.all_targets):
                raise ValueError("There must be one of 'target_scales' for each target.")
        if self.classes is None:
            return
        if len({type(label) for label in self.classes}) > 1:
            raise ValueError("The 'classes' must all be texts, numbers, or booleans.")
        if sorted(set(self.classes)) != self.classes:
            raise ValueError("The 'classes' must ascend: sort them, and the outputs too.")
        if len(self.all_targets) > 1 and len(self.classes) > 2:
            raise ValueError("Several targets have two 'classes', which they share.")

    @property
    def all_targets(self) -> Sequence[str]:
        """The columns that are predicted."""
        return self.targets or [self.target or ""]


class ModelCreate(ModelDefinition):
    """A network with its weights."""

    model_config = ConfigDict(
        json_schema_extra={"required": ["inputs", "weights"]},
    )

    weights: dict[str, Any] = Field(
        examples=[{"output.weight": [[1.0, 1.0]], "output.bias": [-1.5]}],
        json_schema_extra={
            "additionalProperties": {
                "type": "array",
                "items": {"anyOf": [{"type": "number"}, {"type": "array"}]},
            }
        },
    )
    """Every array by its name: `layers.0.weight` (one row a unit, one column an input),
    `layers.0.bias`, ..., `output.weight`, `output.bias`; with batch normalization also
    `running_mean` and `running_var`."""
