"""Preprocessing: against scikit-learn, without leaks, through JSON, and on bad input."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from engine.data.columns import Scaling
from engine.data.preprocessing import Numeric, OneHot, Preprocessing, Preprocessor
from engine.data.table import Table
from engine.data.task import Task, infer_task
from engine.errors import InvalidData, InvalidSpec

SCALERS = {"standardize": StandardScaler, "min_max": MinMaxScaler}
REGRESSION = Task("regression", ("y",))


def fitted(spec: Preprocessing | None = None, **columns: Any) -> tuple[Preprocessor, Table]:
    """A preprocessor fitted on all rows; the target is "y", ascending if it is not given."""
    length = len(next(iter(columns.values())))
    table = Table.from_columns({"y": np.arange(float(length)), **columns})
    task = infer_task(table, "y")
    return Preprocessor.fit(spec or Preprocessing(), table, task, np.arange(length)), table


def numbers(rows: int, columns: int, *, missing: float, seed: int = 0) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    values = random.normal(
        random.normal(0, 100, columns), random.uniform(0.1, 50, columns), (rows, columns)
    )
    values = np.round(values, 1)
    values[random.uniform(size=values.shape) < missing] = np.nan
    return values


class TestAgainstScikitLearn:
    @pytest.mark.parametrize("impute", ["median", "mean", "most_frequent", "constant"])
    @pytest.mark.parametrize("scale", ["standardize", "min_max", "none"])
    def test_numeric_columns(self, impute: Any, scale: Any) -> None:
        values = numbers(301, 5, missing=0.2)
        train = np.arange(0, 301, 2)
        table = Table.from_columns(
            {"y": np.arange(301.0), **dict(zip("abcde", values.T, strict=True))}
        )
        spec = Preprocessing(numeric=Numeric(impute=impute, fill_value=3.5, scale=scale))
        found = Preprocessor.fit(spec, table, REGRESSION, train).transform(table, np.float64)
        steps = [SimpleImputer(strategy=impute, fill_value=3.5)]
        oracle = make_pipeline(*steps, *([SCALERS[scale]()] if scale in SCALERS else []))
        expected = oracle.fit(values[train]).transform(values)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)

    def test_categories(self) -> None:
        random = np.random.default_rng(0)
        colours = random.choice(["red", "green", "blue"], 100).tolist()
        preprocessor, table = fitted(colour=colours, y=random.normal(size=100))
        oracle = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        expected = oracle.fit_transform(np.array(colours, object)[:, None])
        np.testing.assert_array_equal(preprocessor.transform(table), expected)
        assert preprocessor.feature_names == ["colour=blue", "colour=green", "colour=red"]
        unknown = Table.from_columns({"colour": ["mauve"]})
        np.testing.assert_array_equal(preprocessor.transform(unknown), [[0, 0, 0]])

    @pytest.mark.parametrize("scale", ["standardize", "min_max"])
    def test_target(self, scale: Any) -> None:
        values = numbers(50, 1, missing=0)
        preprocessor, table = fitted(
            Preprocessing(target_scale=scale), y=values[:, 0], x=np.arange(50)
        )
        scaled = preprocessor.encode_target(table, np.float64)
        np.testing.assert_allclose(
            scaled, SCALERS[scale]().fit_transform(values), rtol=1e-12, atol=1e-12
        )
        np.testing.assert_allclose(preprocessor.decode(scaled), values, rtol=1e-12)


class TestNoLeak:
    @given(seed=st.integers(0, 1000))
    def test_other_rows_change_nothing(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        values = numbers(40, 2, missing=0.1, seed=seed)
        words = random.choice(np.array(["a", "b", None], object), 40)
        target = random.normal(size=40)
        train = np.sort(random.permutation(40)[:25])
        others = np.setdiff1d(np.arange(40), train)

        def fit(first: NDArray[Any], text: NDArray[Any], y: NDArray[Any]) -> dict[str, Any]:
            table = Table.from_columns({"p": first, "q": values[:, 1], "s": text.tolist(), "y": y})
            return Preprocessor.fit(Preprocessing(), table, REGRESSION, train).to_json()

        before = fit(values[:, 0], words, target)
        changed, text, y = values[:, 0].copy(), words.copy(), target.copy()
        changed[others] = 1e6
        text[others] = "never seen in training"
        y[others] = -1e6
        assert fit(changed, text, y) == before
        changed[train[0]] = 1e6
        assert fit(changed, text, y) != before


class TestShape:
    def test_features_are_numbers_then_categories(self) -> None:
        preprocessor, table = fitted(
            s=["b", "a", "b"], n=[1, 2, 3], b=[True, False, None], t=["x", None, "x"]
        )
        assert preprocessor.feature_names == ["n", "b", "s=a", "s=b", "t=x", "t=(missing)"]
        assert preprocessor.width == 6
        assert preprocessor.inputs == {
            "s": "string",
            "n": "integer",
            "b": "boolean",
            "t": "string",
        }
        matrix = preprocessor.transform(table)
        assert matrix.flags.c_contiguous
        assert matrix.dtype == np.float32
        np.testing.assert_array_equal(matrix[:, 2:], [[0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0]])

    def test_many_rows_at_once_are_as_each_alone(self) -> None:
        values = numbers(70_000, 2, missing=0.1)
        preprocessor, table = fitted(p=values[:, 0], q=values[:, 1], s=["a", "b"] * 35_000)
        whole = preprocessor.transform(table, np.float64)
        rows = np.array([69_999, 0, 40_000, 40_000])
        np.testing.assert_array_equal(preprocessor.transform(table, np.float64, rows), whole[rows])
        for row in rows:
            alone = preprocessor.transform(table.take(np.array([row])), np.float64)
            np.testing.assert_array_equal(alone[0], whole[row])

    def test_no_rows(self) -> None:
        preprocessor, table = fitted(p=[1.0, 2.0], s=["a", "b"])
        assert preprocessor.transform(table, np.float32, np.array([], np.int64)).shape == (0, 3)

    def test_large_offsets_keep_their_digits_in_single_precision(self) -> None:
        seconds = 1.7e9 + np.arange(100.0)
        preprocessor, table = fitted(seconds=seconds)
        expected = StandardScaler().fit_transform(seconds[:, None])
        np.testing.assert_allclose(preprocessor.transform(table), expected, rtol=1e-6)

    def test_classes_are_encoded_by_their_place(self) -> None:
        preprocessor, table = fitted(x=[1, 2, 3, 4], y=["b", "c", "a", "b"])
        assert preprocessor.encode_target(table).tolist() == [[1], [2], [0], [1]]
        assert preprocessor.target_scales == ()


class TestCategories:
    def test_missing_is_a_category_only_if_training_had_it(self) -> None:
        seen, _ = fitted(s=["a", "b", None])
        unseen, _ = fitted(s=["a", "b", "a"])
        missing = Table.from_columns({"s": np.array([None], object)})
        assert seen.transform(missing).tolist() == [[0, 0, 1]]
        assert unseen.transform(missing).tolist() == [[0, 0]]

    def test_rare_categories_share_a_bucket_with_unknown_ones(self) -> None:
        spec = Preprocessing(categorical=OneHot(max_categories=2))
        preprocessor, table = fitted(spec, s=["c", "c", "b", "b", "a", "d"])
        assert preprocessor.feature_names == ["s=b", "s=c", "s=(other)"]
        assert preprocessor.transform(table)[:, 2].tolist() == [0, 0, 0, 0, 1, 1]
        unknown = Table.from_columns({"s": ["z"]})
        assert preprocessor.transform(unknown).tolist() == [[0, 0, 1]]
        assert "more than 2 categories" in preprocessor.warnings[0]

    @pytest.mark.parametrize(
        ("values", "names"),
        [
            ([10, 20, None], ["x=10", "x=20", "x=(missing)"]),
            ([True, False, True], ["x=false", "x=true"]),
            ([0.5, 1.5, 0.5], ["x=0.5", "x=1.5"]),
        ],
    )
    def test_numbers_can_be_categories(self, values: Any, names: list[str]) -> None:
        preprocessor, table = fitted(Preprocessing(columns={"x": OneHot()}), x=values)
        assert preprocessor.feature_names == names
        assert preprocessor.transform(table).sum(axis=1).tolist() == [1, 1, 1]

    def test_a_column_without_values_counts_as_missing_whatever_its_kind(self) -> None:
        preprocessor, _ = fitted(s=["a", None, "a"], n=[1, 2, 3])
        empty = Table.from_columns({"s": [None], "n": [None]})
        assert preprocessor.transform(empty).tolist() == [[0, 0, 1]]
        as_text = Table(
            {"s": empty.columns["s"], "n": np.array([None], object)}, {"s": "float", "n": "string"}
        )
        assert preprocessor.transform(as_text).tolist() == [[0, 0, 1]]


class TestConstantColumns:
    @pytest.mark.parametrize("scale", ["standardize", "min_max"])
    def test_they_become_zero_with_a_warning(self, scale: Any) -> None:
        spec = Preprocessing(numeric=Numeric(scale=scale))
        preprocessor, table = fitted(spec, x=[5, 5, None], n=[1, 2, 3], s=["a", "a", "a"])
        assert preprocessor.transform(table)[:, 0].tolist() == [0, 0, 0]
        assert len(preprocessor.warnings) == 1
        assert "'x', 's'" in preprocessor.warnings[0]

    def test_a_range_below_the_smallest_number_counts_as_constant(self) -> None:
        preprocessor, table = fitted(x=[0.0, 1e-200, 0.0])
        assert np.isfinite(preprocessor.transform(table)).all()
        assert preprocessor.warnings

    def test_a_column_without_values_is_refused(self) -> None:
        for values in ([None, None], np.array([None, None], object)):
            with pytest.raises(InvalidData, match="'x' has no value in any training row") as error:
                fitted(x=values, n=[1, 2])
            assert error.value.column == "x"

    def test_it_may_be_dropped_or_filled(self) -> None:
        preprocessor, _ = fitted(Preprocessing(drop=["x"]), x=[None, None], n=[1, 2])
        assert preprocessor.feature_names == ["n"]
        constant = Preprocessing(columns={"x": Numeric(impute="constant")})
        assert fitted(constant, x=[None, None], n=[1, 2])[0].feature_names == ["x", "n"]


class TestJson:
    @given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=2))
    def test_the_same_numbers_come_back_to_the_last_bit(self, values: list[float]) -> None:
        words = [None, *"abc"] * len(values)
        preprocessor, table = fitted(x=values, s=words[: len(values)] if len(values) > 1 else words)
        text = json.dumps(preprocessor.to_json(), allow_nan=False)
        again = Preprocessor.from_json(json.loads(text))
        assert again.to_json() == preprocessor.to_json()
        np.testing.assert_array_equal(
            again.transform(table, np.float64), preprocessor.transform(table, np.float64)
        )
        assert again.feature_names == preprocessor.feature_names
        assert again.task == preprocessor.task


class TestBadSpec:
    @pytest.mark.parametrize(
        ("spec", "message", "pointer"),
        [
            (Preprocessing(drop=["n", "z"]), "no column 'z'", "/preprocessing/drop/1"),
            (Preprocessing(drop=["y"]), "is the target", "/preprocessing/drop/0"),
            (
                Preprocessing(columns={"a/b~": OneHot()}),
                "no column",
                "/preprocessing/columns/a~1b~0",
            ),
            (Preprocessing(columns={"s": Numeric()}), "text", "/preprocessing/columns/s"),
            (Preprocessing(columns={"y": Numeric()}), "target", "/preprocessing/columns/y"),
        ],
    )
    def test_columns_it_cannot_have(self, spec: Preprocessing, message: str, pointer: str) -> None:
        with pytest.raises(InvalidSpec, match=message) as error:
            fitted(spec, n=[1, 2], s=["a", "b"])
        assert error.value.pointer == pointer

    def test_no_column_is_left(self) -> None:
        with pytest.raises(InvalidData, match="No column is left"):
            fitted(Preprocessing(drop=["n"]), n=[1, 2])

    @pytest.mark.parametrize(
        ("spec", "values"),
        [
            (Numeric, {"impute": "zero"}),
            (Numeric, {"fill_value": float("inf")}),
            (OneHot, {"max_categories": 0}),
            (Preprocessing, {"target_scale": "log"}),
            (Preprocessing, {"columns": {"x": "numeric"}}),
            (Preprocessing, {"drop": [3]}),
        ],
    )
    def test_values_out_of_bounds(self, spec: Any, values: dict[str, Any]) -> None:
        with pytest.raises(InvalidSpec):
            spec(**values)


class TestBadData:
    @pytest.mark.parametrize(
        ("columns", "row", "column"),
        [
            ({"n": [1, 2]}, None, "s"),
            ({"s": ["a", "b"]}, None, "n"),
            ({"n": [None, 2], "s": [None, 7]}, 1, "s"),
            ({"n": np.array([None, "many"], object), "s": ["a", "b"]}, 1, "n"),
            ({"n": [1.0, np.inf], "s": ["a", "b"]}, 1, "n"),
            ({"n": [1.0, -1e300], "s": ["a", "b"]}, 1, "n"),
        ],
    )
    def test_prediction_rows(self, columns: Any, row: int | None, column: str) -> None:
        preprocessor, _ = fitted(n=[1, 2], s=["a", "b"])
        table = Table.from_columns(columns)
        with pytest.raises(InvalidData, match=f"'{column}'") as error:
            preprocessor.transform(table)
        assert (error.value.row, error.value.column) == (row, column)

    def test_rows_are_named_as_in_the_table(self) -> None:
        preprocessor, _ = fitted(n=[1, 2])
        table = Table.from_columns({"n": [1.0, 2.0, np.inf]})
        with pytest.raises(InvalidData, match="Row 2"):
            preprocessor.transform(table, np.float32, np.array([0, 2]))

    def test_infinite_training_values(self) -> None:
        with pytest.raises(InvalidData, match="Row 1, column 'x'"):
            fitted(x=[1.0, np.inf])

    def test_values_too_far_apart_to_be_scaled(self) -> None:
        scales: tuple[Scaling, ...] = ("standardize", "min_max")
        for scale in scales:
            with pytest.raises(InvalidData, match="too large to be scaled"):
                fitted(Preprocessing(numeric=Numeric(scale=scale)), x=[-1e308, 1e308])

    @pytest.mark.parametrize("values", [[1.0, None], [1.0, np.inf]])
    def test_targets_that_are_no_numbers(self, values: Any) -> None:
        preprocessor, _ = fitted(n=[1, 2])
        table = Table.from_columns({"n": [1, 2], "y": values})
        with pytest.raises(InvalidData, match="Row 1, column 'y'"):
            preprocessor.encode_target(table)

    def test_an_absent_target(self) -> None:
        preprocessor, _ = fitted(n=[1, 2])
        with pytest.raises(InvalidData, match="'y' is missing"):
            preprocessor.encode_target(Table.from_columns({"n": [1]}))

    def test_a_target_that_is_constant_in_training(self) -> None:
        table = Table.from_columns({"x": [1, 2, 3], "y": [0.5, 0.5, 1.5]})
        with pytest.raises(InvalidData, match="in every training row") as error:
            Preprocessor.fit(Preprocessing(), table, REGRESSION, np.array([0, 1]))
        assert error.value.pointer == "/target"
