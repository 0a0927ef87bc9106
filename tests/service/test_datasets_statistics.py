"""Statistics of columns: against NumPy, and always fit for JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.datasets.builtin import Digits
from service.datasets.builtin_frames import builtin
from service.datasets.formats.parsing import read_rows
from service.datasets.frame import Limits, as_frame
from service.datasets.statistics import ColumnStatistics, Histogram, ValueCount, column_statistics


def statistics(values: list[Any], dtype: Any = None) -> ColumnStatistics:
    return column_statistics(as_frame([pl.Series("x", values, dtype)], Limits()))[0]


def test_numbers() -> None:
    found = statistics([3, 1, None, 3])
    assert (found.name, found.kind, found.missing, found.distinct) == ("x", "integer", 1, 2)
    assert (found.minimum, found.maximum) == (1, 3)
    assert found.mean == pytest.approx(7 / 3)
    assert found.standard_deviation == pytest.approx(np.std([3, 1, 3]))
    assert found.most_frequent == [ValueCount(3, 2), ValueCount(1, 1)]


def test_text_and_booleans() -> None:
    text = statistics(["b", None, "a", "b", "c"])
    assert (text.kind, text.missing, text.distinct) == ("string", 1, 3)
    assert text.most_frequent == [ValueCount("b", 2), ValueCount("a", 1), ValueCount("c", 1)]
    assert (text.minimum, text.mean, text.histogram) == (None, None, None)
    flag = statistics([True, False, True])
    assert flag.mean == pytest.approx(2 / 3)
    assert flag.most_frequent == [ValueCount(value=True, count=2), ValueCount(value=False, count=1)]


def test_long_text_is_cut_and_many_values_are_not_listed() -> None:
    assert statistics(["x" * 1000]).most_frequent == [ValueCount("x" * 200, 1)]
    many = statistics([f"{i}" for i in range(1000)])
    assert many.distinct == 1000
    assert len(many.most_frequent or []) == 10


def test_a_column_without_values() -> None:
    found = statistics([None, None], pl.Float64)
    assert (found.missing, found.distinct, found.minimum, found.histogram) == (2, 0, None, None)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_all_of_it_is_json_and_histograms_hold_every_value(values: list[float]) -> None:
    found = statistics(values)
    json.dumps(asdict(found), allow_nan=False)
    if found.histogram is not None:
        assert sum(found.histogram.counts) == len(values)
        assert len(found.histogram.edges) == len(found.histogram.counts) + 1
        assert found.histogram.edges[0] == min(values)
        assert found.histogram.edges[-1] == max(values)


def test_a_histogram() -> None:
    found = statistics([0.0, 0.0, 1.0]).histogram
    assert isinstance(found, Histogram)
    assert (found.counts[0], found.counts[-1], sum(found.counts)) == (2, 1, 3)
    assert statistics([2.0, 2.0]).histogram is None


def test_every_column_in_order() -> None:
    frame = builtin(Digits())
    found = column_statistics(frame)
    assert [column.name for column in found] == frame.data.columns
    np.testing.assert_allclose(
        [column.mean or 0 for column in found],
        frame.data.select(pl.all().mean()).to_numpy()[0],
    )


def test_very_wide_tables_are_described_in_short() -> None:
    row = {f"c{i}": i for i in range(1001)}
    found = column_statistics(read_rows([row, row]))
    assert found[999].most_frequent is not None
    assert found[1000].most_frequent is None
    assert found[1000].mean == 1000
