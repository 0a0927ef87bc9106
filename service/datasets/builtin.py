"""Data sets that need no upload: six classics from scikit-learn, six drawn from a seed.

Each is a small spec; the catalogue, the forms and the documentation follow from it. The column to
predict is called ``target``, unless there are several.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl
from annotated_types import Ge, Le
from numpy.typing import NDArray

from engine.augmentation import ImageSize
from engine.spec import Spec
from service.datasets.frame import Frame, Limits, as_frame

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
    "builtin",
]

TARGET = "target"

Samples = Annotated[int, Ge(10), Le(1_000_000)]
Noise = Annotated[float, Ge(0), Le(10)]
Seed = Annotated[int, Ge(0), Le(2**53 - 1)]
Points = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Coordinates, shape (samples, dimensions), and the class of each."""
Columns = Mapping[str, NDArray[Any] | list[str]]
"""Values by the name of their column."""


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


def builtin(spec: BuiltIn) -> Frame:
    """The rows of a built-in data set; equal specs give equal frames."""
    match spec:
        case TwoMoons():
            points = _two_moons(spec)
        case Circles():
            points = _circles(spec)
        case Blobs():
            points = _blobs(spec)
        case Spirals():
            points = _spirals(spec)
        case XOR():
            points = _xor(spec)
        case Venn():
            return _venn(spec)
        case _:
            return _classic(spec.kind_name())
    return _frame(points)


def _two_moons(spec: TwoMoons) -> Points:
    classes, random = _start(spec.samples, 2, spec.seed)
    angle = random.uniform(0, np.pi, spec.samples)
    points = np.column_stack([np.cos(angle), np.sin(angle)])
    points[classes == 1] = [1, 0.5] - points[classes == 1]
    return _shaken(points, spec.noise, random), classes


def _circles(spec: Circles) -> Points:
    classes, random = _start(spec.samples, 2, spec.seed)
    angle = random.uniform(0, 2 * np.pi, spec.samples)
    radius = np.where(classes == 1, spec.factor, 1.0)
    points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return _shaken(points, spec.noise, random), classes


def _blobs(spec: Blobs) -> Points:
    classes, random = _start(spec.samples, spec.classes, spec.seed)
    centres = random.uniform(-10, 10, (spec.classes, spec.dimensions))
    return _shaken(centres[classes], spec.noise, random), classes


def _spirals(spec: Spirals) -> Points:
    classes, random = _start(spec.samples, spec.classes, spec.seed)
    # The root spreads points evenly along the arm, which grows longer with the radius.
    way = np.sqrt(random.uniform(0.01, 1, spec.samples))
    angle = 2 * np.pi * (spec.turns * way + classes / spec.classes)
    radius = 2 * spec.turns * way
    points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return _shaken(points, spec.noise, random), classes


def _xor(spec: XOR) -> Points:
    corners, random = _start(spec.samples, 4, spec.seed)
    points = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])[corners]
    return _shaken(points, spec.noise, random), corners % 2


def _venn(spec: Venn) -> Frame:
    random = np.random.default_rng(spec.seed)
    reach = 1 + spec.radius
    points = random.uniform(-reach, reach, (spec.samples, 2))
    angles = 2 * np.pi * np.arange(spec.circles) / spec.circles
    centres = np.column_stack([np.sin(angles), np.cos(angles)])
    inside = np.linalg.norm(points[:, np.newaxis] - centres, axis=2) <= spec.radius
    coordinates = _shaken(points, spec.noise, random)
    labels = {f"circle{i}": column for i, column in enumerate(inside.T, start=1)}
    return _with_targets(_coordinates(coordinates), labels)


def _start(samples: int, classes: int, seed: int) -> tuple[NDArray[np.int64], np.random.Generator]:
    """Classes of equal size (within one), in random order, and the generator to go on with."""
    random = np.random.default_rng(seed)
    return random.permutation(np.arange(samples) % classes), random


def _shaken(
    points: NDArray[np.float64], noise: float, random: np.random.Generator
) -> NDArray[np.float64]:
    return points + random.normal(0, noise, points.shape)


def _frame(points: Points) -> Frame:
    coordinates, classes = points
    return _with_targets(_coordinates(coordinates), {TARGET: classes})


def _coordinates(points: NDArray[np.float64]) -> Columns:
    return {f"x{i}": column for i, column in enumerate(points.T, start=1)}


def _classic(name: str) -> Frame:
    """A data set from scikit-learn, with its classes by name where they have one."""
    data = _loader(name)()
    columns = {
        column.lower(): _whole(values)
        for column, values in zip(data.feature_names, data.data.T, strict=True)
    }
    if data.target.ndim > 1:
        named = zip(data.target_names, data.target.T, strict=True)
        return _with_targets(columns, {name.lower(): _whole(values) for name, values in named})
    # The digits are their own names.
    has_names = "target_names" in data and name != "digits"
    target = data.target_names[data.target].tolist() if has_names else _whole(data.target)
    frame = _with_targets(columns, {TARGET: target})
    return replace(frame, image=ImageSize(8, 8)) if name == "digits" else frame


def _with_targets(columns: Columns, targets: Columns) -> Frame:
    series = pl.DataFrame({**columns, **targets}).get_columns()
    names = tuple(targets)
    return as_frame(
        series, Limits(), target=names[0] if len(names) == 1 else names, source="builtin"
    )


def _loader(name: str) -> Callable[[], Any]:
    # Imported here, for it takes longer than everything else that the service starts with.
    from sklearn import datasets

    loaders: dict[str, Callable[[], Any]] = {
        "iris": datasets.load_iris,
        "wine": datasets.load_wine,
        "breast_cancer": datasets.load_breast_cancer,
        "digits": datasets.load_digits,
        "diabetes": datasets.load_diabetes,
        "linnerud": datasets.load_linnerud,
    }
    return loaders[name]


def _whole(values: NDArray[Any]) -> NDArray[Any]:
    """Integers, where all values are whole numbers."""
    whole = values.astype(np.int64)
    return whole if (whole == values).all() else np.ascontiguousarray(values)
