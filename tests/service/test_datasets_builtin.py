"""Built-in data sets: their shapes, classes and seeds."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn import datasets as oracle

from engine.data.task import infer_task
from engine.errors import InvalidSpec
from service.datasets.builtin import (
    XOR,
    Blobs,
    BuiltIn,
    Circles,
    Digits,
    Iris,
    Linnerud,
    Spirals,
    TwoMoons,
    Venn,
)
from service.datasets.builtin_frames import builtin

GENERATED: list[Any] = [TwoMoons, Circles, Blobs, Spirals, XOR]
SEVERAL: dict[Any, Any] = {
    Linnerud: ("weight", "waist", "pulse"),
    Venn: ("circle1", "circle2", "circle3"),
}
"""The targets of those that have several."""


@pytest.mark.parametrize("spec", BuiltIn.members(), ids=lambda spec: spec.kind_name())
def test_every_data_set_can_be_trained_on(spec: Any) -> None:
    frame = builtin(spec())
    assert frame.target == SEVERAL.get(spec, "target")
    assert frame.format == "builtin"
    assert frame.warnings == ()
    assert frame.data.null_count().sum_horizontal().item() == 0
    assert frame.target is not None
    infer_task(frame.to_table(), frame.target)
    assert spec.has_short_form()
    assert spec.summary()


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("iris", ("setosa", "versicolor", "virginica")),
        ("wine", ("class_0", "class_1", "class_2")),
        ("breast_cancer", ("benign", "malignant")),
        ("digits", tuple(range(10))),
        ("diabetes", ()),
    ],
)
def test_classics_are_those_of_scikit_learn(name: str, classes: tuple[Any, ...]) -> None:
    spec: Any = next(member for member in BuiltIn.members() if member.kind_name() == name)
    table = builtin(spec()).to_table()
    task = infer_task(table, "target")
    assert task.classes == classes
    expected = getattr(oracle, f"load_{name}")()
    matrix = np.column_stack([table.columns[column] for column in expected.feature_names])
    np.testing.assert_array_equal(matrix, expected.data)
    if classes and name != "digits":
        found = expected.target_names[expected.target]
        assert table.columns["target"].tolist() == found.tolist()
    else:
        np.testing.assert_array_equal(table.columns["target"], expected.target)


@pytest.mark.parametrize("spec", GENERATED)
class TestGenerated:
    def test_the_seed_decides(self, spec: Any) -> None:
        first, again, other = (builtin(spec(seed=seed)).data for seed in (1, 1, 2))
        assert first.equals(again)
        assert not first.equals(other)

    def test_classes_are_of_equal_size(self, spec: Any) -> None:
        counts = builtin(spec(samples=101)).data["target"].value_counts()["count"]
        assert counts.sum() == 101
        assert max(counts) - min(counts) <= 1

    @pytest.mark.parametrize(
        "values", [{"samples": 9}, {"samples": 10**6 + 1}, {"noise": -0.1}, {"seed": -1}]
    )
    def test_bounds(self, spec: Any, values: dict[str, Any]) -> None:
        with pytest.raises(InvalidSpec):
            spec(**values)


def points(spec: BuiltIn) -> tuple[Any, Any]:
    data = builtin(spec).data
    return data.drop("target").to_numpy(), data["target"].to_numpy()


def test_circles_have_their_radii() -> None:
    where, labels = points(Circles(noise=0, factor=0.3))
    np.testing.assert_allclose(np.hypot(*where.T), np.where(labels == 1, 0.3, 1.0))


def test_moons_lie_on_two_arcs() -> None:
    where, labels = points(TwoMoons(noise=0))
    centre = np.where(labels[:, None] == 1, [1, 0.5], [0, 0])
    np.testing.assert_allclose(np.hypot(*(where - centre).T), 1)
    assert (where[labels == 0, 1] >= 0).all()
    assert (where[labels == 1, 1] <= 0.5).all()


def test_the_sign_of_the_product_is_the_class_of_xor() -> None:
    where, labels = points(XOR(noise=0))
    assert ((where.prod(axis=1) < 0) == (labels == 1)).all()


def test_blobs_have_their_shape() -> None:
    where, labels = points(Blobs(classes=5, dimensions=7))
    assert where.shape == (1000, 7)
    assert set(labels) == set(range(5))


def test_arms_of_spirals_are_turned_copies() -> None:
    where, labels = points(Spirals(noise=0, classes=3, turns=1))
    radius = np.hypot(*where.T)
    angle = np.arctan2(where[:, 1], where[:, 0]) - 2 * np.pi * (radius / 2 + labels / 3)
    np.testing.assert_allclose(np.cos(angle), 1)


def test_digits_are_whole_numbers_and_keep_their_names() -> None:
    kinds = builtin(Digits()).kinds
    assert kinds["pixel_0_0"] == kinds["target"] == "integer"
    assert "sepal length (cm)" in builtin(Iris()).kinds


def test_scikit_learn_is_imported_only_when_it_is_needed() -> None:
    program = (
        "import sys; from service.datasets.builtin import XOR; "
        "from service.datasets.builtin_frames import builtin; builtin(XOR()); "
        "sys.exit('sklearn' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, check=False
    )
    assert result.returncode == 0


def test_linnerud_is_that_of_scikit_learn() -> None:
    table, data = builtin(Linnerud()).to_table(), oracle.load_linnerud()
    columns = [*data.feature_names, *data.target_names]
    values = np.column_stack([data.data, data.target])
    for name, wanted in zip(columns, values.T, strict=True):
        np.testing.assert_array_equal(table.columns[name.lower()], wanted)


def test_the_labels_of_venn_are_circles() -> None:
    spec = Venn(samples=500, circles=4, radius=1.0, noise=0.0, seed=7)
    table = builtin(spec).to_table()
    assert builtin(spec).data.equals(builtin(spec).data)
    points = np.column_stack([table.columns["x1"], table.columns["x2"]])
    for place, centre in enumerate([(0, 1), (1, 0), (0, -1), (-1, 0)], start=1):
        inside = np.linalg.norm(points - centre, axis=1) <= 1.0
        np.testing.assert_array_equal(table.columns[f"circle{place}"], inside)
    both = table.columns["circle1"] * table.columns["circle2"]
    assert 0 < both.sum() < table.columns["circle1"].sum()
