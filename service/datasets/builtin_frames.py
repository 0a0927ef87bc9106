"""The rows of built-in data sets: loaded from scikit-learn, or drawn from a seed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.augmentation import ImageSize
from service.datasets.builtin import XOR, Blobs, BuiltIn, Circles, Spirals, TwoMoons, Venn
from service.datasets.frame import Frame, Limits, as_frame

__all__ = ["builtin"]

TARGET = "target"
Points = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Coordinates, shape (samples, dimensions), and the class of each."""
Columns = Mapping[str, NDArray[Any] | list[str]]
"""Values by the name of their column."""


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
