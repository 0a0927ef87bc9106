"""Rows as JSON: a list of objects, or an object a line (JSON Lines)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import polars as pl

from engine.data.table import column_array, column_kind
from engine.errors import InvalidData
from service.datasets.frame import Format, Frame, Limits, as_frame, check_size

__all__ = ["read_json", "read_json_lines", "read_rows"]


def read_rows(
    rows: Sequence[Mapping[str, Any]], limits: Limits | None = None, source: Format = "rows"
) -> Frame:
    """A frame from parsed rows; columns are in the order in which they first appear.

    A key that a row does not have is a missing value, as is null. Raises InvalidData, naming row
    and column, at the first value that is neither number, text nor boolean, or does not go with
    those of its column before it.
    """
    limits = limits or Limits()
    check_size(len(rows), 1, limits)
    names: dict[str, None] = {}
    for row, record in enumerate(rows):
        if not isinstance(record, Mapping):
            raise InvalidData(
                f"Row {row} is no object. Each row must look like "
                '{"column": value, "other column": value}.',
                row=row,
            )
        names.update(dict.fromkeys(record))
        check_size(len(rows), len(names) or 1, limits)
    columns = [_column(name, [record.get(name) for record in rows]) for name in names]
    return as_frame(columns, limits, source=source)


def read_json(content: bytes, limits: Limits) -> Frame:
    """A frame from a JSON list of objects."""
    rows = _parse(content, "The file")
    if not isinstance(rows, list):
        raise InvalidData('The JSON is not a list of rows, such as [{"x": 1}, {"x": 2}].')
    return read_rows(rows, limits, "json")


def read_json_lines(content: bytes, limits: Limits) -> Frame:
    """A frame from one JSON object a line; empty lines do not count."""
    lines = [(number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip()]
    check_size(len(lines), 1, limits)
    rows = [_parse(line, f"Line {number}") for number, line in lines]
    return read_rows(rows, limits, "json_lines")


def _parse(content: bytes, place: str) -> Any:
    try:
        return json.loads(content, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = f"{place}, line {error.lineno}" if error.lineno > 1 else place
        raise InvalidData(f"{where}: not JSON at column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise InvalidData(f"{place}: the JSON is nested too deeply.") from None
    except _NotJSONError as error:
        raise InvalidData(f"{place}: {error}.") from None
    except ValueError:
        raise InvalidData(f"{place}: a number has too many digits.") from None


class _NotJSONError(ValueError):
    """A word that Python reads as a number, but JSON does not have."""


def _refuse(name: str) -> NoReturn:
    raise _NotJSONError(f"{name} is not JSON; give null where a value is missing")


def _column(name: str, values: list[Any]) -> pl.Series:
    kind = column_kind(values, name)
    if kind == "string":
        return _text(name, values)
    if kind == "boolean":
        return pl.Series(name, values, pl.Boolean)
    numbers = pl.Series(name, column_array(values, kind, name)).fill_nan(None)
    if kind == "float":
        return numbers
    integers = numbers.cast(pl.Int64, strict=False)
    return integers if integers.null_count() == numbers.null_count() else numbers


def _text(name: str, values: list[str | None]) -> pl.Series:
    try:
        return pl.Series(name, values, pl.String)
    except UnicodeEncodeError:
        row = next(i for i, value in enumerate(values) if value and not _is_unicode(value))
        raise InvalidData(
            f"Row {row}, column {name!r}: the text has half of a surrogate pair.",
            row=row,
            column=name,
        ) from None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
