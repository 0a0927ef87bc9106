"""Tables, the task a target asks for, and the split into training and validation rows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.split import split
from engine.data.table import ColumnKind, Table
from engine.data.task import Task, infer_task
from engine.data.validation import Holdout, NoValidation
from engine.errors import InvalidData, InvalidSpec

KINDS: dict[str, ColumnKind] = {"age": "integer", "height": "float", "smoker": "boolean"}


def table(**columns: Any) -> Table:
    return Table.from_columns(columns)


class TestTable:
    @pytest.mark.parametrize(
        ("values", "kind"),
        [
            ([1, 2, None], "integer"),
            ([1, 2.5], "float"),
            ([None, None], "float"),
            ([True, None], "boolean"),
            (["a", None], "string"),
            (np.array([1, 2]), "integer"),
            (np.array([1.0, 2.0], np.float32), "float"),
            (np.array([True]), "boolean"),
            (np.array(["a", "b"]), "string"),
        ],
    )
    def test_kind_follows_from_the_values(self, values: Any, kind: str) -> None:
        assert table(x=values).kinds == {"x": kind}

    def test_missing_values_are_nan_in_numbers_and_none_in_text(self) -> None:
        rows = table(x=[1, None], s=["a", None])
        assert np.isnan(rows.columns["x"][1])
        assert rows.columns["s"][1] is None
        assert rows.missing("x").tolist() == rows.missing("s").tolist() == [False, True]

    @pytest.mark.parametrize(
        ("values", "row"),
        [([1, "a"], 1), ([None, "a", 2], 2), ([True, 1], 1), ([{}], 0), ([1, 2, [3]], 2)],
    )
    def test_mixed_values_are_refused_with_their_row(self, values: Any, row: int) -> None:
        with pytest.raises(InvalidData, match=f"Row {row}, column 'x'") as error:
            table(x=values)
        assert (error.value.row, error.value.column) == (row, "x")

    def test_columns_must_be_equally_long(self) -> None:
        with pytest.raises(InvalidData, match="length"):
            table(x=[1], y=[1, 2])

    def test_take_and_select(self) -> None:
        rows = table(x=[1, 2, 3], s=["a", "b", "c"])
        assert rows.take(np.array([2, 0])).columns["s"].tolist() == ["c", "a"]
        assert list(rows.select(["s"]).columns) == ["s"]
        assert rows.rows == 3


class TestRecords:
    def test_records_become_columns_in_the_order_of_the_kinds(self) -> None:
        records: list[dict[str, Any]] = [
            {"height": 1.8, "age": None, "smoker": True, "unknown": "left out"},
            {"height": 2, "age": 40, "smoker": 0},
        ]
        rows = Table.from_records(records, KINDS)
        assert list(rows.columns) == list(KINDS)
        np.testing.assert_array_equal(rows.columns["age"], [np.nan, 40])
        np.testing.assert_array_equal(rows.columns["smoker"], [1, 0])

    @pytest.mark.parametrize(
        ("change", "row", "column"),
        [
            ({"age": "old"}, 1, "age"),
            ({"age": True}, 1, "age"),
            ({"smoker": 2}, 1, "smoker"),
            ({"smoker": "yes"}, 1, "smoker"),
            ({"height": [1]}, 1, "height"),
            ({"height": 10**400}, 1, "height"),
        ],
    )
    def test_a_value_of_another_kind_is_refused(
        self, change: dict[str, Any], row: int, column: str
    ) -> None:
        good = {"age": 30, "height": 1.7, "smoker": False}
        with pytest.raises(InvalidData, match=f"Row {row}, column '{column}'") as error:
            Table.from_records([good, {**good, **change}], KINDS)
        assert (error.value.row, error.value.column) == (row, column)

    def test_only_numbers_are_checked_for_booleans_too(self) -> None:
        with pytest.raises(InvalidData, match="Row 0, column 'smoker'"):
            Table.from_records([{"age": 1, "height": 1, "smoker": 7}], KINDS)

    def test_numbers_where_text_is_wanted(self) -> None:
        with pytest.raises(InvalidData, match="Row 0, column 's': expected a text, found 3"):
            Table.from_records([{"s": 3}], {"s": "string"})

    def test_an_absent_key_is_no_missing_value(self) -> None:
        with pytest.raises(InvalidData, match="Row 1 lacks the column 'height'") as error:
            Table.from_records([{"age": 1, "height": 1, "smoker": 1}, {"age": 1}], KINDS)
        assert (error.value.row, error.value.column) == (1, "height")

    def test_rows_as_lists(self) -> None:
        rows = Table.from_rows([[30, 1.7, True], [None, 1.8, None]], KINDS)
        np.testing.assert_array_equal(rows.columns["smoker"], [1, np.nan])
        with pytest.raises(InvalidData, match="Row 1 has 2 values instead of 3"):
            Table.from_rows([[30, 1.7, True], [1, 2]], KINDS)

    def test_no_records(self) -> None:
        assert Table.from_records([], KINDS).rows == 0


class TestInferTask:
    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            (["b", "a", None], Task("binary", ("y",), ("a", "b"))),
            ([3, 1, 2], Task("multiclass", ("y",), (1, 2, 3))),
            ([True, False], Task("binary", ("y",), (False, True))),
            ([1.5, 2.5], Task("regression", ("y",))),
            (list(range(20)), Task("multiclass", ("y",), tuple(range(20)))),
            (list(range(21)), Task("regression", ("y",))),
        ],
    )
    def test_the_target_says_what_it_asks_for(self, values: Any, expected: Task) -> None:
        task = infer_task(table(y=values), "y")
        assert task == expected
        assert [type(label) for label in task.classes] == [type(c) for c in expected.classes]
        assert Task.from_json(json.loads(json.dumps(task.to_json()))) == task

    def test_the_kind_may_be_given(self) -> None:
        rows = table(y=[0.5, 1.5, 0.5], n=[1, 2, 3])
        assert infer_task(rows, "y", "classification").classes == (0.5, 1.5)
        assert infer_task(rows, "n", "regression") == Task("regression", ("n",))

    @pytest.mark.parametrize(("kind", "outputs"), [("regression", 1), ("binary", 1)])
    def test_one_output_but_for_several_classes(self, kind: Any, outputs: int) -> None:
        assert Task(kind, ("y",), (0, 1)).outputs == outputs
        assert Task("multiclass", ("y",), ("a", "b", "c")).outputs == 3

    @pytest.mark.parametrize(
        ("values", "target", "message"),
        [
            ([1, 2], "z", r"There is no column 'z'"),
            ([1, 2], "Y", r"Did you mean 'y'\?"),
            ([None, None], "y", "has no values"),
            ([7, 7, None], "y", "is 7 in every row"),
            (["a", "a"], "y", "is 'a' in every row"),
            ([1.0, np.inf], "y", "infinite"),
        ],
    )
    def test_a_target_that_cannot_be_learnt(self, values: Any, target: str, message: str) -> None:
        with pytest.raises(InvalidData, match=message) as error:
            infer_task(table(y=values), target)
        assert error.value.pointer == "/target"

    def test_text_cannot_be_regressed_on(self) -> None:
        with pytest.raises(InvalidData, match="text"):
            infer_task(table(y=["a", "b"]), "y", "regression")


class TestCodes:
    def test_places_among_the_sorted_classes(self) -> None:
        for values in (["b", "a", "b"], [2, 1, 2], [True, False, True], [0.5, 0.25, 0.5]):
            rows = table(y=values)
            codes = infer_task(rows, "y", "classification").codes(rows)
            assert codes.tolist() == [1, 0, 1]

    @pytest.mark.parametrize(
        ("known", "values", "row"),
        [
            ([1, 2], [1, 3], 1),
            ([1, 2], [1, None], 1),
            ([1, 2], ["1"], 0),
            (["a", "b"], ["a", None], 1),
            (["a", "b"], [1], 0),
        ],
    )
    def test_unknown_classes_are_refused_with_their_row(
        self, known: Any, values: Any, row: int
    ) -> None:
        task = infer_task(table(y=known), "y")
        with pytest.raises(InvalidData, match=f"Row {row}, column 'y'"):
            task.codes(table(y=values))

    def test_rows_are_named_as_in_the_table(self) -> None:
        task = infer_task(table(y=["a", "b"]), "y")
        with pytest.raises(InvalidData, match="Row 2") as error:
            task.codes(table(y=["a", "b", "c"]), np.array([0, 2]))
        assert error.value.row == 2


class TestSplit:
    @given(
        counts=st.lists(st.integers(5, 60), min_size=2, max_size=5),
        fraction=st.floats(0.1, 0.9),
        seed=st.integers(0, 2**53 - 1),
    )
    def test_every_class_gives_its_rounded_fraction(
        self, counts: list[int], fraction: float, seed: int
    ) -> None:
        labels = np.repeat(np.arange(len(counts)), counts)
        rows = table(y=np.random.default_rng(seed).permutation(labels))
        task = infer_task(rows, "y")
        parts = [int(np.floor(fraction * count + 0.5)) for count in counts]
        if any(part in {0, count} for part, count in zip(parts, counts, strict=True)):
            with pytest.raises(InvalidSpec):
                split(Holdout(fraction=fraction), rows, task, seed)
            return
        result = split(Holdout(fraction=fraction), rows, task, seed)
        assert np.bincount(task.codes(rows, result.validation_indices)).tolist() == parts
        both = np.concatenate([result.train_indices, result.validation_indices])
        assert np.array_equal(np.sort(both), np.arange(rows.rows))

    def test_the_seed_decides(self) -> None:
        rows = table(y=np.arange(100.0))
        task = infer_task(rows, "y")
        first, again, other = (split(Holdout(), rows, task, seed) for seed in (1, 1, 2))
        assert np.array_equal(first.validation_indices, again.validation_indices)
        assert not np.array_equal(first.validation_indices, other.validation_indices)
        assert len(first.validation_indices) == 20
        assert (np.diff(first.train_indices) > 0).all()

    def test_rows_without_a_target_are_left_out(self) -> None:
        rows = table(y=[1.0, None, 3.0, 4.0, None, 6.0])
        task = infer_task(rows, "y")
        for validation in (Holdout(fraction=0.5), NoValidation()):
            result = split(validation, rows, task, 0)
            used = sorted([*result.train_indices.tolist(), *result.validation_indices.tolist()])
            assert used == [0, 2, 3, 5]
            assert result.warnings == (
                "2 rows have no value in the target 'y' and will not be used.",
            )

    def test_no_validation(self) -> None:
        rows = table(y=[1.0, 2.0])
        result = split(NoValidation(), rows, infer_task(rows, "y"), 0)
        assert result.train_indices.tolist() == [0, 1]
        assert result.validation_indices.tolist() == []
        assert result.warnings == ()

    @pytest.mark.parametrize(
        ("values", "validation", "message"),
        [
            ([1.0, 2.0, 3.0], Holdout(fraction=0.1), "leaves none for validation"),
            ([1.0, 2.0, 3.0], Holdout(fraction=0.9), "leaves none for training"),
            (["a"] * 9 + ["b"], Holdout(), "no row of class 'b' for validation"),
            (["a"] * 9 + ["b"], Holdout(fraction=0.6), "no row of class 'b' for training"),
            (
                ["a", "b", "c"],
                Holdout(fraction=0.5, stratify=False),
                "no row of class '.' for training",
            ),
        ],
    )
    def test_a_part_without_rows_or_classes_is_refused(
        self, values: Any, validation: Holdout, message: str
    ) -> None:
        rows = table(y=values)
        with pytest.raises(InvalidSpec, match=message) as error:
            split(validation, rows, infer_task(rows, "y"), 0)
        assert error.value.pointer == "/validation/fraction"

    @pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, float("nan")])
    def test_the_fraction_is_bounded(self, fraction: float) -> None:
        with pytest.raises(InvalidSpec):
            Holdout(fraction=fraction)
