"""Reading uploads: every format, every bad input, and limits before memory is spent."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import pickle
import zipfile
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import InvalidData
from service.datasets.formats.delimited import MISSING
from service.datasets.formats.parsing import read_rows, read_upload
from service.datasets.frame import DatasetTooLarge, Frame, Limits

ROWS: dict[str, list[Any]] = {
    "count": [1, None, 3],
    "size": [1.5, 2.5, None],
    "fresh": [True, None, False],
    "colour": ["red", None, "dark, blue"],
}


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def written(method: str, frame: pl.DataFrame | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    getattr(frame if frame is not None else pl.DataFrame(ROWS), method)(file, **options)
    return file.getvalue()


def values(frame: Frame) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = frame.data.to_dict(as_series=False)
    return found


class TestFormats:
    @pytest.mark.parametrize(
        ("content", "source"),
        [
            (written("write_csv"), "csv"),
            (written("write_csv", line_terminator="\r\n"), "csv"),
            (written("write_csv", separator=";"), "csv"),
            (written("write_csv", separator="|"), "csv"),
            (b"\xef\xbb\xbf" + written("write_csv"), "csv"),
            (written("write_csv", separator="\t"), "tsv"),
            (written("write_json"), "json"),
            (written("write_ndjson"), "json_lines"),
            (written("write_parquet"), "parquet"),
            (written("write_ipc"), "arrow"),
            (written("write_ipc", compression="zstd"), "arrow"),
            (written("write_ipc_stream"), "arrow"),
        ],
    )
    def test_the_content_says_the_format(self, content: bytes, source: str) -> None:
        frame = read_upload(content)
        assert frame.format == source
        assert values(frame) == ROWS
        assert list(frame.kinds.values()) == ["integer", "float", "boolean", "string"]

    def test_open_files_and_parsed_rows(self) -> None:
        assert values(read_upload(io.BytesIO(b"a\n1\n"))) == {"a": [1]}
        rows: list[dict[str, Any]] = [{"a": 1}, {"b": "x", "a": None}]
        assert values(read_rows(rows)) == {"a": [1, None], "b": [None, "x"]}

    def test_npz_names_columns_by_array_and_place(self) -> None:
        frame = read_upload(
            npz(
                image=np.arange(8, dtype=">u2").reshape(2, 2, 2),
                half=np.array([0.5, np.nan], np.float16),
                label=np.array(["a", ""]),
                column=np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]),
            )
        )
        assert frame.format == "npz"
        assert values(frame) == {
            "image_0_0": [0, 4],
            "image_0_1": [1, 5],
            "image_1_0": [2, 6],
            "image_1_1": [3, 7],
            "half": [0.5, None],
            "label": ["a", ""],
            "column_0": [1.0, 3.0],
            "column_1": [2.0, 4.0],
        }

    def test_engine_tables_have_the_same_kinds_and_values(self) -> None:
        table = read_upload(written("write_parquet")).to_table()
        np.testing.assert_array_equal(table.columns["count"], [1, np.nan, 3])
        np.testing.assert_array_equal(table.columns["fresh"], [1, np.nan, 0])
        assert table.columns["colour"].tolist() == ["red", None, "dark, blue"]
        assert list(table.kinds.values()) == ["integer", "float", "boolean", "string"]


class TestKinds:
    @pytest.mark.parametrize(
        ("texts", "kind", "expected"),
        [
            (["1", "-2", "+3"], "integer", [1, -2, 3]),
            (["1", "2.5", "1e3"], "float", [1.0, 2.5, 1000.0]),
            (["true", "FALSE", "True"], "boolean", [True, False, True]),
            (["yes", "no", "1"], "string", ["yes", "no", "1"]),
            ([" 1", "2 ", "\t"], "integer", [1, 2, None]),
            (["9007199254740993", "1", "2"], "float", [9007199254740992.0, 1.0, 2.0]),
            (["NA", "", "nan"], "float", [None, None, None]),
        ],
    )
    def test_a_column_takes_the_narrowest_kind_of_all_its_values(
        self, texts: list[str], kind: str, expected: list[Any]
    ) -> None:
        frame = read_upload(("x,y\n" + "".join(f"{text},0\n" for text in texts)).encode())
        assert frame.kinds["x"] == kind
        assert values(frame)["x"] == expected

    @pytest.mark.parametrize("word", MISSING)
    def test_words_for_missing_values(self, word: str) -> None:
        assert values(read_upload(f"x,y\n{word},0\n1,0\n".encode()))["x"] == [None, 1]

    def test_a_kind_follows_from_the_last_row_too(self) -> None:
        frame = read_upload(b"x\n" + b"1\n" * 5000 + b"0.5\n")
        assert frame.kinds == {"x": "float"}

    def test_nearly_numbers_are_text_with_a_warning(self) -> None:
        frame = read_upload(b"x\n" + b"1\n" * 50 + b"12a\n")
        assert frame.kinds == {"x": "string"}
        assert "'12a' in row 50" in frame.warnings[0]

    def test_a_header_of_numbers_draws_a_warning(self) -> None:
        assert "names" in read_upload(b"5.1,3.5\n4.9,3.0\n").warnings[0]

    def test_other_types_of_numbers_and_text(self) -> None:
        frame = pl.DataFrame(
            {
                "small": pl.Series([1, 2], dtype=pl.UInt8),
                "huge": pl.Series([2**63, 1], dtype=pl.UInt64),
                "money": pl.Series(["1.25", "2.50"]).cast(pl.Decimal(10, 2)),
                "word": pl.Series(["a", "b"], dtype=pl.Categorical),
                "single": pl.Series([1.5, float("nan")], dtype=pl.Float32),
                "nothing": pl.Series([None, None]),
            }
        )
        read = read_upload(written("write_parquet", frame))
        assert list(read.kinds.values()) == [
            "integer",
            "float",
            "float",
            "string",
            "float",
            "float",
        ]
        assert values(read)["single"] == [1.5, None]
        assert read.data["single"].dtype == pl.Float32


class TestDelimitedText:
    def test_empty_lines_do_not_count(self) -> None:
        for content in (b"\n\na,b\n\n1,2\n\r\n3,4\n\n", b'\na,b\n1,2\n\n"3",4\n\n'):
            assert values(read_upload(content)) == {"a": [1, 3], "b": [2, 4]}

    def test_quotes_hold_separators_quotes_and_lines(self) -> None:
        frame = read_upload(b'"a","b;c"\r\n"x, ""y""\nz",1\r\n')
        assert values(frame) == {"a": ['x, "y"\nz'], "b;c": [1]}

    def test_many_quoted_rows(self) -> None:
        frame = read_upload(b"a,b\n" + b'"1,5",2\n' * 100_001)
        assert frame.rows == 100_001
        assert frame.data.row(-1) == ("1,5", 2)

    def test_a_quote_inside_a_value(self) -> None:
        assert values(read_upload(b'a,b\n6" pipe,1\n'))["a"] == ['6" pipe']

    def test_lines_that_end_as_on_old_machines(self) -> None:
        assert values(read_upload(b"a,b\r1,2\r")) == {"a": [1], "b": [2]}

    @given(
        st.lists(
            st.tuples(
                st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
                st.integers(-(2**53), 2**53),
            ),
            min_size=1,
        )
    )
    def test_what_python_writes_is_read_back(self, rows: list[tuple[str, int]]) -> None:
        import csv

        file = io.StringIO(newline="")
        writer = csv.writer(file)
        writer.writerow(["text", "number"])
        # A letter in front keeps every text a text.
        writer.writerows((f"t{text}", number) for text, number in rows)
        found = values(read_upload(file.getvalue().encode()))
        assert found["number"] == [number for _, number in rows]
        stripped = pl.Series([f"t{text}" for text, _ in rows]).str.strip_chars().to_list()
        assert found["text"] == stripped


BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "The file is empty"),
    "only spaces": (b" \r\n ", "The file is empty"),
    "only a byte order mark": (b"\xef\xbb\xbf", "The file is empty"),
    "only a header": (b"a,b\n", "have no rows"),
    "too few values": (b"a,b\n1,2\n\n3\n", r"Line 4 \(row 1\) has 1 value, the header has 2"),
    "too many values": (b"a,b\n1,2,3\n", r"Line 2 \(row 0\) has 3 values, the header has 2"),
    "ragged in quotes": (b'a,b\n"1\n",2\n"3"\n', r"Line 4 \(row 1\) has 1 value"),
    "open quote": (b'a,b\n"1,2\n', "Line 2: .*quotation mark"),
    "text after a quote": (b'a,b\n"1"x,2\n', "Line 2: .*quotation mark"),
    "duplicate header": (b"a,b, a\n1,2,3\n", "name 'a' appears 2 times"),
    "nameless column": (b"a,,c\n1,2,3\n", "Column 2 has no name"),
    "very long name": (b"a" * 201 + b"\n1\n", "name of column 1 has 201 characters"),
    "unprintable name": (b"a\x01\n1\n", r"cannot be shown: 'a\\x01'"),
    "infinity": (b"a,b\n1,2\n3,-inf\n", "Row 1, column 'b': the number is infinite"),
    "too large": (b"a\n1e999\n", "Row 0, column 'a': the number is infinite"),
    "latin-1": ("größe\n1\n".encode("latin-1"), r"Line 1: byte 2 \(0xf6\) is not UTF-8"),
    "latin-1 below": (b"a\nx\n\xe9\n", r"Line 3: byte 4 \(0xe9\) is not UTF-8"),
    "utf-16": ("a\n1\n".encode("utf-16"), "encoded in UTF-16"),
    "utf-32": ("a\n1\n".encode("utf-32"), "encoded in UTF-32"),
    "nul": (b"a\nx\0y\n", "Line 2: byte 3 is NUL"),
    "json nul": (rb'{"a": "\u0000"}', "Row 0, column 'a': the text contains the character NUL"),
    "json surrogate": (rb'{"a": "\ud800"}', "Row 0, column 'a': .*surrogate"),
    "json nan": (b'[{"a": NaN}]', "NaN is not JSON"),
    "json infinity": (b'[{"a": -Infinity}]', "-Infinity is not JSON"),
    "json too large": (b'[{"a": 1e999}]', "Row 0, column 'a': the number is infinite"),
    "json huge integer": (b'[{"a": 1' + b"0" * 400 + b"}]", "Row 0, column 'a': .*below 1e308"),
    "json many digits": (b'[{"a": ' + b"1" * 5000 + b"}]", "too many digits"),
    "json mixed": (b'{"a": 1}\n{"a": "x"}', "Row 1, column 'a': expected a number"),
    "json nested": (b'[{"a": [1]}]', "Row 0, column 'a': expected a number, a text"),
    "json lists": (b"[[1, 2]]", "Row 0 is no object"),
    "json no rows": (b"[]", "have no rows"),
    "json no columns": (b"[{}]", "have no columns"),
    "json empty name": (b'[{"": 1}]', "Column 1 has no name"),
    "json broken": (b'[{"a": 1},', "not JSON at column"),
    "json line broken": (b'{"a": 1}\n{"a": }', "Line 2: not JSON"),
    "json deep": (b'[{"a": ' + b"[" * 100_000, "nested too deeply"),
    "parquet broken": (b"PAR1" + b"x" * 20 + b"PAR1", "The Parquet file cannot be read"),
    "arrow broken": (b"ARROW1\0\0" + b"x" * 20, "The Arrow file cannot be read"),
    "arrow stream broken": (b"\xff\xff\xff\xff\x10\0\0\0", "The Arrow file cannot be read"),
    "dates": (
        written("write_parquet", pl.DataFrame({"d": [date(2026, 1, 1)]})),
        "Column 'd' is of type Date",
    ),
    "lists": (
        written("write_parquet", pl.DataFrame({"d": [[1, 2]]})),
        "Column 'd' is of type List",
    ),
    "no parquet rows": (
        written("write_parquet", pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)})),
        "have no rows",
    ),
    "zip broken": (b"PK\x03\x04" + b"x" * 50, "archive cannot be read"),
    "spreadsheet": (zipped("xl/workbook.xml", b"<x/>"), "not an NPZ archive"),
    "npz objects": (npz(a=np.array([{}], object)), "type object"),
    "npz complex": (npz(a=np.array([1j])), "type complex128"),
    "npz dates": (npz(a=np.array(["2026-01-01"], "datetime64[D]")), "datetime64"),
    "npz single value": (npz(a=np.array(1.0)), "single value"),
    "npz lengths": (npz(a=np.zeros(2), b=np.zeros(3)), "a has 2, b has 3"),
    "npz nothing": (npz(), "have no columns"),
    "npz no rows": (npz(a=np.zeros((0, 2))), "have no rows"),
    "npz no header": (zipped("a.npy", b"abc"), "no valid header"),
    "npz infinity": (npz(a=np.array([[1.0, np.inf]])), "Row 0, column 'a_1'"),
    "npz same name": (npz(a=np.zeros((2, 1)), a_0=np.zeros(2)), "name 'a_0' appears 2 times"),
    "npy": (b"\x93NUMPY\x01\x00", "single NumPy array"),
    "pickle": (pickle.dumps([1, 2]), "pickle"),
    "gzip": (gzip.compress(b"a\n1\n"), "compressed with gzip"),
    "pdf": (b"%PDF-1.7", "PDF"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name: str) -> None:
    content, message = BAD[name]
    with pytest.raises(InvalidData, match=message):
        read_upload(content)


@pytest.mark.parametrize(
    ("content", "row", "column"),
    [
        (b"a,b\n1,2\n3\n", 1, None),
        (b"a,b\n1,2\n3,inf\n", 1, "b"),
        (b'[{"a": 1}, {"a": "x"}]', 1, "a"),
        (b"a,a\n1,2\n", None, "a"),
    ],
)
def test_errors_carry_row_and_column(content: bytes, row: int | None, column: str | None) -> None:
    with pytest.raises(InvalidData) as error:
        read_upload(content)
    assert (error.value.row, error.value.column) == (row, column)


class TestLimits:
    @pytest.mark.parametrize(
        "content",
        [
            b"a,b,c\n1,2,3\n1,2,3\n1,2,3\n",
            b'a,b,c\n"1",2,3\n1,2,3\n1,2,3\n',
            json.dumps([{"a": 1, "b": 2, "c": 3}] * 3).encode(),
            b'{"a": 1, "b": 2, "c": 3}\n' * 3,
            npz(a=np.zeros((3, 3))),
            written("write_parquet", pl.DataFrame({"a": [1] * 3, "b": [1] * 3, "c": [1] * 3})),
            written("write_ipc", pl.DataFrame({"a": [1] * 3, "b": [1] * 3, "c": [1] * 3})),
        ],
    )
    def test_rows_columns_and_bytes(self, content: bytes) -> None:
        read_upload(content, Limits(rows=3, columns=3, bytes=len(content)))
        with pytest.raises(DatasetTooLarge, match="rows"):
            read_upload(content, Limits(rows=2))
        with pytest.raises(DatasetTooLarge, match="columns"):
            read_upload(content, Limits(columns=2))
        with pytest.raises(DatasetTooLarge, match="bytes"):
            read_upload(content, Limits(bytes=len(content) - 1))
        with pytest.raises(DatasetTooLarge, match="bytes"):
            read_upload(io.BytesIO(content), Limits(bytes=len(content) - 1))

    def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(self) -> None:
        bomb = npz(a=np.zeros(1_000_000))
        assert len(bomb) < 20_000
        with pytest.raises(DatasetTooLarge, match="unpacks to"):
            read_upload(bomb, Limits(decoded_bytes=100_000))

    def test_an_array_that_promises_more_than_it_has(self) -> None:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
        )
        with pytest.raises(InvalidData, match="does not have"):
            read_upload(zipped("a.npy", header.getvalue() + bytes(80)))

    def test_many_rows_in_a_small_parquet_file(self) -> None:
        bomb = written("write_parquet", pl.DataFrame({"a": pl.repeat(0, 2_000_000, eager=True)}))
        assert len(bomb) < 100_000
        with pytest.raises(DatasetTooLarge, match="2,000,000 rows"):
            read_upload(bomb, Limits(rows=1_000_000))

    def test_long_text_repeated_in_a_small_parquet_file(self) -> None:
        bomb = written("write_parquet", pl.DataFrame({"a": ["x" * 10_000] * 2000}))
        assert len(bomb) < 100_000
        with pytest.raises(DatasetTooLarge, match="bytes when they are read"):
            read_upload(bomb, Limits(decoded_bytes=10_000_000))


SEEDS = [
    b'a,b,c\n1,"x",true\n2,y,\n',
    json.dumps([{"a": 1, "b": "x"}, {"a": 2.5, "b": None}]).encode(),
    b'{"a": 1}\n{"a": 2}\n',
    npz(a=np.arange(6.0).reshape(3, 2), b=np.array(["x", "y", "z"])),
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    content=st.sampled_from(SEEDS),
    edits=st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=4)), max_size=5),
    cut=st.integers(0, 4000),
)
def test_damaged_files_are_read_or_refused(
    content: bytes, edits: list[tuple[int, bytes]], cut: int
) -> None:
    damaged = bytearray(content)
    for anywhere, piece in edits:
        place = anywhere % len(damaged)
        damaged[place : place + len(piece)] = piece
    if cut < len(damaged) // 8:
        del damaged[len(damaged) - cut :]
    with contextlib.suppress(InvalidData):
        assert read_upload(bytes(damaged), Limits(decoded_bytes=10**7, rows=10**5)).rows > 0
