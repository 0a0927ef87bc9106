"""What may be asked of preprocessing: the specs that ``Preprocessor`` carries out."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge

from engine.data.columns import Imputation, Scaling
from engine.spec import Spec

__all__ = ["ColumnPreprocessing", "Numeric", "OneHot", "Preprocessing"]


@dataclass(frozen=True, kw_only=True)
class ColumnPreprocessing(Spec, family="column"):
    """How one column becomes features."""


@dataclass(frozen=True, kw_only=True)
class Numeric(ColumnPreprocessing):
    """One feature, imputed and scaled; true counts as 1, false as 0."""

    kind: Literal["numeric"] = "numeric"
    impute: Imputation = "median"
    """What replaces a missing value."""
    fill_value: float = 0.0
    """The replacement if it is a constant."""
    scale: Scaling = "standardize"
    """To mean 0 and standard deviation 1, to the range from 0 to 1, or not at all."""


@dataclass(frozen=True, kw_only=True)
class OneHot(ColumnPreprocessing):
    """One feature for each category; all that were not kept or never seen share a bucket."""

    kind: Literal["one_hot"] = "one_hot"
    max_categories: Annotated[int, Ge(1)] = 100
    """How many categories are kept: the most frequent ones."""


@dataclass(frozen=True, kw_only=True)
class Preprocessing(Spec):
    """How the columns of a table become the inputs of a network, and its target a number."""

    numeric: Numeric = Numeric()
    """For integers, floats and booleans."""
    categorical: OneHot = OneHot()
    """For text."""
    columns: dict[str, ColumnPreprocessing] = field(default_factory=dict)
    """For single columns, by name, instead of the two above."""
    drop: list[str] = field(default_factory=list)
    """Columns that are not used."""
    target_scale: Scaling = "standardize"
    """How the target of a regression is scaled for training; answers are scaled back."""
