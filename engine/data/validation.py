"""Ways to keep rows aside to judge a network on what it was not trained on."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Lt

from engine.spec import Spec

__all__ = ["Holdout", "NoValidation", "OtherDataset", "Validation"]


@dataclass(frozen=True, kw_only=True)
class Validation(Spec, family="validation"):
    """How rows are kept aside to judge a network on what it was not trained on."""


@dataclass(frozen=True, kw_only=True)
class Holdout(Validation):
    """A random part of the rows is kept aside.

    Stratified, each class gives the rounded fraction of its own rows, so that both parts have
    the same proportions.
    """

    kind: Literal["holdout"] = "holdout"
    fraction: Annotated[float, Gt(0), Lt(1)] = 0.2
    """The part of all rows that is kept aside."""
    stratify: bool = True
    """Whether every class gives its own part; without effect on regression."""


@dataclass(frozen=True, kw_only=True)
class NoValidation(Validation):
    """Every row is trained on; nothing is measured on unseen rows."""

    kind: Literal["none"] = "none"


@dataclass(frozen=True, kw_only=True)
class OtherDataset(Validation):
    """Every row is trained on; those of another dataset, with the same columns, judge."""

    kind: Literal["dataset"] = "dataset"
    id: str
    """The id of that dataset."""
