"""Data sets in storage: one address for equal content, mapped columns, nothing half written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.table import Table, portions
from service.datasets.arrow import frame_to_ipc, table_from_ipc
from service.datasets.formats.parsing import read_rows, read_upload
from service.datasets.frame import Frame, Limits, as_frame
from service.datasets.storage import DatasetNotStoredError, Storage, StorageFailedError, load_table
from service.datasets.stored import preview, store

CELLS: dict[pl.DataType, st.SearchStrategy[Any]] = {
    pl.Int64(): st.integers(-(2**53), 2**53),
    pl.Float64(): st.floats(allow_nan=False, allow_infinity=False),
    pl.Float32(): st.floats(allow_nan=False, allow_infinity=False, width=32),
    pl.Boolean(): st.booleans(),
    pl.String(): st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
}


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    rows = draw(st.integers(1, 70))
    kinds = draw(st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=5))
    columns = [
        pl.Series(
            f"column {place}",
            draw(st.lists(draw(nullable(CELLS[kind])), min_size=rows, max_size=rows)),
            kind,
        )
        for place, kind in enumerate(kinds)
    ]
    return as_frame(columns, Limits())


def _file_bytes_resident() -> int:
    """Of the files that this process has mapped."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("RssFile:"))
    return int(line.split()[1]) * 1024


def nullable(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[st.SearchStrategy[Any]]:
    return st.sampled_from([cells, st.none() | cells])


def assert_equal(found: Table, expected: Table) -> None:
    assert found.kinds == expected.kinds
    for name, values in expected.columns.items():
        assert found.columns[name].dtype == values.dtype
        np.testing.assert_array_equal(found.columns[name], values)


@pytest.fixture(params=["folder", "file://", "memory://"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "memory://":
        root = f"memory://{uuid4().hex}"
        yield Storage(root)
        memory = fsspec.filesystem("memory")
        memory.rm(root.removeprefix("memory:/"), recursive=True)
    else:
        yield Storage(f"file://{tmp_path}" if request.param == "file://" else tmp_path / "new")


@pytest.fixture
def frame() -> Frame:
    return read_upload(b"n,x,b,s\n1,0.5,true,red\n,,,\n3,1.5,false,blue\n")


class TestArrow:
    @given(frames(), st.integers(0, 80), st.integers(0, 80))
    def test_mapped_tables_are_as_those_in_memory(
        self, frame: Frame, start: int, length: int
    ) -> None:
        content = memoryview(frame_to_ipc(frame))
        table = frame.to_table()
        assert_equal(table_from_ipc(content), table)
        rows = np.arange(frame.rows)[start : start + length]
        assert_equal(table_from_ipc(content, slice(start, start + length)), table.take(rows))

    @given(frames(), st.integers(0, 40), st.data())
    def test_parts_are_those_of_the_whole(
        self, frame: Frame, start: int, data: st.DataObject
    ) -> None:
        table = table_from_ipc(memoryview(frame_to_ipc(frame)), slice(start, None))
        rows = np.arange(table.rows, dtype=np.uint32)
        first = data.draw(st.integers(0, table.rows))
        stop = data.draw(st.integers(first, table.rows))
        some = np.array(data.draw(st.lists(st.sampled_from(rows.tolist()))) if len(rows) else [])
        for part in (slice(first, stop), some.astype(np.uint32)):
            for name, values in table.columns.items():
                found = table.part(name, part)
                assert found.dtype == values.dtype
                np.testing.assert_array_equal(found, values[part])

    @given(frames())
    def test_equal_content_has_equal_bytes_wherever_it_comes_from(self, frame: Frame) -> None:
        twice = pl.concat([frame.data, frame.data], rechunk=False)
        pieces = frame.data[:1].vstack(frame.data[1:])
        for same in (pieces, twice[frame.rows :], twice.head(frame.rows)):
            again = as_frame(same.get_columns(), Limits())
            assert frame_to_ipc(again) == frame_to_ipc(frame)

    def test_polars_reads_the_same(self, frame: Frame) -> None:
        assert pl.read_ipc(frame_to_ipc(frame)).equals(frame.data)

    def test_floats_without_gaps_are_not_copied(self) -> None:
        frame = as_frame([pl.Series("x", [1.0, 2.0]), pl.Series("n", [1, 2])], Limits())
        content = frame_to_ipc(frame)
        table = table_from_ipc(memoryview(content))
        assert np.shares_memory(table.columns["x"], np.frombuffer(content, np.uint8))
        assert not table.columns["x"].flags.writeable


class TestStorage:
    def test_what_is_put_is_found(self, storage: Storage, frame: Frame) -> None:
        key = storage.put(frame)
        assert_equal(storage.table(key), frame.to_table())
        assert_equal(load_table(storage, key), frame.to_table())
        assert_equal(load_table(storage.url, key), frame.to_table())
        assert storage.contains(key)
        assert storage.size(key) == len(frame_to_ipc(frame))

    def test_equal_data_are_kept_once(self, storage: Storage, frame: Frame) -> None:
        rows: list[dict[str, Any]] = [
            {"n": 1, "x": 0.5, "b": True, "s": "red"},
            {"n": None, "x": None, "b": None, "s": None},
            {"n": 3, "x": 1.5, "b": False, "s": "blue"},
        ]
        assert storage.put(read_rows(rows)) == storage.put(frame)
        assert storage.put(read_rows(rows[::-1])) != storage.put(frame)

    @pytest.mark.skipif(sys.platform != "linux", reason="resident memory is told by Linux")
    def test_what_was_read_of_a_file_is_let_go_of(self, tmp_path: Path) -> None:
        values = np.random.default_rng(0).standard_normal(4_000_000)
        names = [f"x{place}" for place in range(3)]
        frame = as_frame([pl.Series(name, values) for name in names], Limits())
        storage = Storage(tmp_path)
        table = storage.table(storage.put(frame))
        before = _file_bytes_resident()
        for name in names:
            for place, part in portions(table.rows):
                np.testing.assert_array_equal(table.part(name, part), values[place])
        assert _file_bytes_resident() - before < values.nbytes

    def test_deleted_data_are_gone_and_deleting_twice_does_no_harm(
        self, storage: Storage, frame: Frame
    ) -> None:
        key = storage.put(frame)
        mapped = storage.table(key)
        storage.delete(key)
        storage.delete(key)
        assert not storage.contains(key)
        with pytest.raises(DatasetNotStoredError):
            storage.table(key)
        assert_equal(mapped, frame.to_table())
        assert storage.put(frame) == key
        assert storage.contains(key)

    @pytest.mark.parametrize("key", ["", "../secret", "A" * 64, "0" * 63])
    def test_only_keys_are_addresses(self, storage: Storage, frame: Frame, key: str) -> None:
        storage.put(frame)
        with pytest.raises(ValueError, match="not the key"):
            storage.table(key)

    def test_a_damaged_copy_is_noticed(self, frame: Frame) -> None:
        storage = Storage(f"memory://{uuid4().hex}")
        key = storage.put(frame)
        memory = fsspec.filesystem("memory")
        path = f"{storage.url.removeprefix('memory:/')}/{key[:2]}/{key}.arrow"
        memory.pipe_file(path, b"x" + memory.cat_file(path)[1:])
        with pytest.raises(OSError, match="damaged"):
            storage.table(key)

    def test_an_interrupted_write_leaves_no_data_set(
        self, tmp_path: Path, frame: Frame, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        storage = Storage(tmp_path)

        def fail(_: int) -> None:
            raise OSError("No space left on device")

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(StorageFailedError, match="No space"):
            storage.put(frame)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        monkeypatch.undo()
        assert storage.contains(storage.put(frame))


class TestStore:
    def test_all_that_a_record_needs(self, storage: Storage, frame: Frame) -> None:
        stored = store(frame, storage)
        assert stored.columns == {"n": "integer", "x": "float", "b": "boolean", "s": "string"}
        assert (stored.rows, stored.format, stored.target) == (3, "csv", None)
        assert stored.sha256 == stored.key
        assert len(stored.key) == 64
        assert stored.size_bytes == storage.size(stored.key)

    def test_a_preview_has_the_values_that_were_sent(self, storage: Storage, frame: Frame) -> None:
        key = store(frame, storage).key
        rows: list[dict[str, Any]] = [
            {"n": 1, "x": 0.5, "b": True, "s": "red"},
            {"n": None, "x": None, "b": None, "s": None},
            {"n": 3, "x": 1.5, "b": False, "s": "blue"},
        ]
        assert preview(storage, key) == rows
        assert [type(value) for value in preview(storage, key)[0].values()] == [
            int,
            float,
            bool,
            str,
        ]
        assert preview(storage, key, offset=1, limit=1) == rows[1:2]
        assert preview(storage, key, offset=3) == []


def test_single_precision_is_kept(tmp_path: Path) -> None:
    values: NDArray[np.float32] = np.array([0.1, 0.2], np.float32)
    storage = Storage(tmp_path)
    key = storage.put(as_frame([pl.Series("x", values)], Limits()))
    np.testing.assert_array_equal(storage.table(key).columns["x"], values, strict=True)
    assert preview(storage, key)[0] == {"x": float(values[0])}
