"""Comma-, tab-, semicolon- or bar-separated text with a header line.

Every line is counted before Polars reads it, because an error should say where it is. Columns are
read as text first and take the narrowest kind that holds *all* their values.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from engine.errors import InvalidData
from service.datasets.frame import DatasetTooLarge, Frame, Limits, as_frame, check_names, check_size

__all__ = ["MISSING", "read_delimited"]

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "?")
"""What stands for a missing value, besides nothing at all."""

_SEPARATORS = ",\t;|"
_CHUNK = 50_000
_MOSTLY = 0.9
"""Above this part of numbers, text in a column is worth a warning."""


def read_delimited(content: bytes, limits: Limits) -> Frame:
    """A frame from UTF-8 text; spaces around values and empty lines do not count.

    Raises InvalidData for a header without names or with one twice, and at the first line that
    has more or fewer values than the header.
    """
    separator = _separator(content)
    # Without quotes a line is a row, and both readers agree on everything.
    is_plain = b'"' not in content and content.count(b"\r") == content.count(b"\r\n")
    read = _read_plain if is_plain else _read_quoted
    texts = read(content, separator, limits)
    columns = [_parse(texts[name]) for name in texts.columns]
    warnings = [_header_warning(texts.columns), *(column.warning for column in columns)]
    return as_frame(
        [column.values for column in columns],
        limits,
        warnings=tuple(filter(None, warnings)),
        source="tsv" if separator == "\t" else "csv",
    )


def _separator(content: bytes) -> str:
    """The separator that the header line has most of, outside quotes."""
    header = content.lstrip()[:65536].splitlines()[0].decode(errors="ignore")
    unquoted = "".join(header.split('"')[::2])
    return max(_SEPARATORS, key=unquoted.count)


def _read_plain(content: bytes, separator: str, limits: Limits) -> pl.DataFrame:
    lines = content.split(b"\n")
    kept = [(number, line) for number, line in enumerate(lines, start=1) if line.strip(b" \r")]
    header = [name.strip() for name in kept[0][1].decode().split(separator)]
    _check_shape(header, len(kept) - 1, limits)
    mark = separator.encode()
    for row, (number, line) in enumerate(kept[1:]):
        if line.count(mark) != len(header) - 1:
            raise _ragged(row, number, line.count(mark) + 1, len(header))
    return pl.read_csv(
        b"\n".join(line for _, line in kept[1:]),
        separator=separator,
        has_header=False,
        new_columns=header,
        infer_schema=False,
        quote_char=None,
    )


def _read_quoted(content: bytes, separator: str, limits: Limits) -> pl.DataFrame:
    lines = io.TextIOWrapper(io.BytesIO(content), "utf-8", newline="")
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        header = [name.strip() for name in next(filter(None, reader))]
        _check_shape(header, 1, limits)
        numbered = ((reader.line_num, values) for values in reader if values)
        chunks = list(_chunks(numbered, header, limits))
    except csv.Error as error:
        raise InvalidData(
            f"Line {reader.line_num}: {error}. Is a quotation mark not closed, or not doubled "
            "inside a quoted value?"
        ) from None
    check_size(len(chunks), len(header), limits)
    return pl.concat(chunks)


def _chunks(
    numbered: Iterator[tuple[int, list[str]]], header: list[str], limits: Limits
) -> Iterator[pl.DataFrame]:
    schema = dict.fromkeys(header, pl.String)
    pending: list[list[str]] = []
    for row, (line, values) in enumerate(numbered):
        if len(values) != len(header):
            raise _ragged(row, line, len(values), len(header))
        if row == limits.rows:
            raise DatasetTooLarge(
                f"The data have more than {limits.rows:,} rows, which is the most."
            )
        pending.append(values)
        if len(pending) == _CHUNK:
            yield pl.DataFrame(pending, schema, orient="row")
            pending = []
    if pending:
        yield pl.DataFrame(pending, schema, orient="row")


def _check_shape(header: list[str], rows: int, limits: Limits) -> None:
    check_names(header)
    check_size(rows, len(header), limits)


def _ragged(row: int, line: int, found: int, wanted: int) -> InvalidData:
    values = "1 value" if found == 1 else f"{found} values"
    return InvalidData(
        f"Line {line} (row {row}) has {values}, the header has {wanted}. Quote values that "
        "contain the separator.",
        row=row,
    )


@dataclass(frozen=True)
class _Column:
    values: pl.Series
    warning: str = ""


def _parse(texts: pl.Series) -> _Column:
    """The narrowest kind: integer, float, boolean, text."""
    texts = texts.str.strip_chars()
    texts = texts.set(texts.is_in(MISSING).fill_null(value=True), None)
    missing = texts.null_count()
    if missing == len(texts):
        return _Column(texts.cast(pl.Float64))
    for dtype in (pl.Int64, pl.Float64):
        numbers = texts.cast(dtype, strict=False)
        if numbers.null_count() == missing:
            return _Column(numbers)
    lower = texts.str.to_lowercase()
    if lower.is_in(["true", "false"]).fill_null(value=True).all():
        return _Column(lower == "true")
    return _Column(texts, _text_warning(texts, texts.cast(pl.Float64, strict=False)))


def _text_warning(texts: pl.Series, numbers: pl.Series) -> str:
    """A hint, where a column of numbers became text because of a few values."""
    strays = texts.is_not_null() & numbers.is_null()
    count = int(strays.sum())
    if count > (1 - _MOSTLY) * (len(texts) - texts.null_count()):
        return ""
    row = int(strays.arg_true()[0])
    value = str(texts[row])[:40]
    return (
        f"Column {texts.name!r} is taken as text because {count} of its values "
        f"{'is' if count == 1 else 'are'} no number; the first is {value!r} in row {row}."
    )


def _header_warning(names: list[str]) -> str:
    numbers = pl.Series(names).cast(pl.Float64, strict=False)
    if numbers.null_count():
        return ""
    return "All column names are numbers. If the first line holds data, add a line of names."
