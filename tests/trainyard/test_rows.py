"""Rows in the forms that people have them in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainyard.calls.rows import as_rows
from trainyard.protocol.request import dump

NAN = float("nan")


class PandasLike:
    def to_dict(self, orient: str) -> list[dict[str, Any]]:
        assert orient == "records"
        return [{"a": 1.0, "b": NAN}]


class PolarsLike:
    def to_dicts(self) -> list[dict[str, Any]]:
        return [{"a": 1.0, "b": None}]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([{"a": 1, "b": None}], {"records": [{"a": 1, "b": None}]}),
        ([{"a": 1, "b": NAN}], {"records": [{"a": 1, "b": None}]}),
        (iter([{"a": "x"}]), {"records": [{"a": "x"}]}),
        ([[1, 2], (3, NAN)], {"rows": [[1, 2], [3, None]]}),
        (np.array([[1.5, np.nan]]), {"rows": [[1.5, None]]}),
        ([np.array([1, 2])], {"rows": [[1, 2]]}),
        ([{"a": np.float64(1.5), "b": np.int64(2)}], {"records": [{"a": 1.5, "b": 2}]}),
        (PandasLike(), {"records": [{"a": 1.0, "b": None}]}),
        (PolarsLike(), {"records": [{"a": 1.0, "b": None}]}),
    ],
)
def test_forms(data: Any, expected: dict[str, Any]) -> None:
    assert as_rows(data) == expected


def test_the_columns_of_a_matrix_can_be_named() -> None:
    assert as_rows([[1, 2]], ("b", "a")) == {"rows": [[1, 2]], "columns": ["b", "a"]}


@pytest.mark.parametrize("data", [[], "text", b"bytes", {"a": [1, 2]}, [1, 2], [{"a": 1}, [2]]])
def test_what_is_no_table(data: Any) -> None:
    with pytest.raises(TypeError, match="list of mappings"):
        as_rows(data)


def test_numpy_values_can_be_sent_anywhere() -> None:
    body = {"rate": np.float32(0.5), "shape": np.array([2, 3])}
    assert dump(body) == b'{"rate":0.5,"shape":[2,3]}'


@pytest.mark.parametrize("value", [NAN, float("inf"), np.array([np.inf])])
def test_what_json_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON"):
        dump({"value": value})


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="object cannot be sent"):
        dump({"value": object()})
