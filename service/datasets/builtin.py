"""Data sets that need no upload: six classics from scikit-learn, six drawn from a seed.

Each is a small spec; the catalogue, the forms and the documentation follow from it. The column to
predict is called ``target``, unless there are several.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from engine.spec import Spec

__all__ = [
    "XOR",
    "Blobs",
    "BreastCancer",
    "BuiltIn",
    "Circles",
    "Diabetes",
    "Digits",
    "Iris",
    "Linnerud",
    "Spirals",
    "TwoMoons",
    "Venn",
    "Wine",
]

Samples = Annotated[int, Ge(10), Le(1_000_000)]
Noise = Annotated[float, Ge(0), Le(10)]
Seed = Annotated[int, Ge(0), Le(2**53 - 1)]


@dataclass(frozen=True, kw_only=True)
class BuiltIn(Spec, family="dataset"):
    """A data set that the service brings along."""


@dataclass(frozen=True, kw_only=True)
class Iris(BuiltIn):
    """Three species of iris by the lengths and widths of their sepals and petals (150 rows).

    R. A. Fisher, The use of multiple measurements in taxonomic problems, 1936.
    """

    kind: Literal["iris"] = "iris"


@dataclass(frozen=True, kw_only=True)
class Wine(BuiltIn):
    """Three cultivars of grapes by thirteen chemical measurements of their wine (178 rows)."""

    kind: Literal["wine"] = "wine"


@dataclass(frozen=True, kw_only=True)
class BreastCancer(BuiltIn):
    """Malignant and benign tumours by thirty measurements of cell nuclei (569 rows).

    W. N. Street, W. H. Wolberg and O. L. Mangasarian, Nuclear feature extraction for breast tumor
    diagnosis, 1993.
    """

    kind: Literal["breast_cancer"] = "breast_cancer"


@dataclass(frozen=True, kw_only=True)
class Digits(BuiltIn):
    """Handwritten digits as images of 8 by 8 pixels (1,797 rows)."""

    kind: Literal["digits"] = "digits"


@dataclass(frozen=True, kw_only=True)
class Diabetes(BuiltIn):
    """Progression of diabetes after a year, by ten measurements: a regression (442 rows).

    B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, Least angle regression, 2004.
    """

    kind: Literal["diabetes"] = "diabetes"


@dataclass(frozen=True, kw_only=True)
class Linnerud(BuiltIn):
    """Weight, waist and pulse of twenty men by three exercises: a regression with three targets.

    A. C. Linnerud; in: M. Tenenhaus, La régression PLS: théorie et pratique, 1998.
    """

    kind: Literal["linnerud"] = "linnerud"


@dataclass(frozen=True, kw_only=True)
class TwoMoons(BuiltIn):
    """Two interleaved half circles in the plane."""

    kind: Literal["two_moons"] = "two_moons"
    samples: Samples = 1000
    """Number of rows."""
    noise: Noise = 0.2
    """Standard deviation of the normal noise added to both coordinates."""
    seed: Seed = 0
    """Where the random numbers start; the same seed gives the same rows."""


@dataclass(frozen=True, kw_only=True)
class Circles(BuiltIn):
    """A circle inside a circle."""

    kind: Literal["circles"] = "circles"
    samples: Samples = 1000
    """Number of rows."""
    noise: Noise = 0.1
    """Standard deviation of the normal noise added to both coordinates."""
    factor: Annotated[float, Ge(0.01), Le(0.99)] = 0.5
    """Radius of the inner circle; that of the outer one is 1."""
    seed: Seed = 0
    """Where the random numbers start; the same seed gives the same rows."""


@dataclass(frozen=True, kw_only=True)
class Blobs(BuiltIn):
    """Round clouds of points, one for each class."""

    kind: Literal["blobs"] = "blobs"
    samples: Samples = 1000
    """Number of rows."""
    classes: Annotated[int, Ge(2), Le(100)] = 3
    """Number of clouds."""
    dimensions: Annotated[int, Ge(1), Le(100)] = 2
    """Number of coordinates."""
    noise: Noise = 1.0
    """Standard deviation of each cloud; their centres lie between -10 and 10."""
    seed: Seed = 0
    """Where the random numbers start; the same seed gives the same rows."""


@dataclass(frozen=True, kw_only=True)
class Spirals(BuiltIn):
    """Spirals that wind around each other, one for each class."""

    kind: Literal["spirals"] = "spirals"
    samples: Samples = 1000
    """Number of rows."""
    classes: Annotated[int, Ge(2), Le(10)] = 2
    """Number of spirals."""
    turns: Annotated[float, Ge(0.25), Le(5)] = 1.5
    """How often each winds around the centre."""
    noise: Noise = 0.1
    """Standard deviation of the normal noise; a spiral ends at a radius of `turns` times 2."""
    seed: Seed = 0
    """Where the random numbers start; the same seed gives the same rows."""


@dataclass(frozen=True, kw_only=True)
class XOR(BuiltIn):
    """Four clouds around the corners of a square; opposite corners are one class."""

    kind: Literal["xor"] = "xor"
    samples: Samples = 1000
    """Number of rows."""
    noise: Noise = 0.2
    """Standard deviation of each cloud; the corners are at -1 and 1."""
    seed: Seed = 0
    """Where the random numbers start; the same seed gives the same rows."""


@dataclass(frozen=True, kw_only=True)
class Venn(BuiltIn):
    """Points in the plane, and which of some overlapping circles each lies in: several labels."""

    kind: Literal["venn"] = "venn"
    samples: Samples = 1000
    """Number of rows."""
    circles: Annotated[int, Ge(2), Le(10)] = 3
    """Number of circles, each a target; their centres are at a distance of 1 from the middle."""
    radius: Annotated[float, Ge(0.25), Le(3)] = 1.25
    """Of every circle."""
    noise: Noise = 0.1
    """Standard deviation of the normal noise added to both coordinates."""
    seed: Seed = 0
    """Where the random numbers start; the same seed gives the same rows."""
