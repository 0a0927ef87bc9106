"""Job files and files of rows, as commands read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from trainyard.cli.files import parse_rows, read_job, read_rows

KINDS = {"island": "string", "mass": "float", "count": "integer", "adult": "boolean"}


def written(folder: Path, text: str) -> Path:
    file = folder / "file"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "text",
    [
        "name: a\nregularizers: [{kind: l2, strength: 1e-4}]\n",
        '{"name": "a", "regularizers": [{"kind": "l2", "strength": 1e-4}]}',
        "name: a\nregularizers:\n- kind: l2\n  strength: 0.0001\n",
    ],
)
def test_a_job_is_yaml_or_json(tmp_path: Path, text: str) -> None:
    job = read_job(written(tmp_path, text))
    assert job == {"name": "a", "regularizers": [{"kind": "l2", "strength": 1e-4}]}


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-4", 1e-4), ("1E5", 1e5), ("-2.e3", -2e3), ("0.5", 0.5), ("7", 7), ("adam", "adam")],
)
def test_numbers_read_as_people_write_them(tmp_path: Path, text: str, value: Any) -> None:
    assert read_job(written(tmp_path, f"value: {text}")) == {"value": value}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not YAML"),
        ("- a", "mapping"),
        ("", "mapping"),
        ("!!python/object:os.x {}", "YAML"),
    ],
)
def test_what_is_no_job(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(typer.BadParameter, match=said):
        read_job(written(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match="No such file"):
        read_job(tmp_path / "none.yaml")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(typer.BadParameter, match="UTF-8"):
        read_rows(file, KINDS)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('[{"mass": 1}, {"mass": null}]', [{"mass": 1}, {"mass": None}]),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("[1, 2]", [[1, 2]]),
        ('{"mass": 1}', [{"mass": 1}]),
        ('{"mass": 1}\n\n{"mass": 2}\n', [{"mass": 1}, {"mass": 2}]),
        ('{"records": [{"mass": 1}]}', [{"mass": 1}]),
        ('{"rows": [[1]]}', [[1]]),
        ('\ufeff [{"mass": 1}]', [{"mass": 1}]),
    ],
)
def test_rows_as_json(text: str, rows: list[Any]) -> None:
    assert parse_rows(text, KINDS) == rows


def test_cells_of_a_csv_mean_what_the_model_says() -> None:
    text = "island,mass,count,adult,note\n7,4.5,3,True,12\n,NA,nan,,\n x ,heavy,inf,maybe,b\n"
    assert parse_rows(text, KINDS) == [
        {"island": "7", "mass": 4.5, "count": 3.0, "adult": True, "note": "12"},
        {"island": None, "mass": None, "count": None, "adult": None, "note": None},
        {"island": "x", "mass": "heavy", "count": "inf", "adult": "maybe", "note": "b"},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "header"),
        ("a,b\n", "at least one row"),
        ("[]", "no rows"),
        ("a,b\n1,2\n1\n", "row 2"),
        ("a,b\n1,2,3\n", "row 1"),
        ('a,b\n"1,2\n', "CSV"),
        ('[{"a": 1}', "JSON"),
        ('{"a": 1}\n{"a": \n', "JSON"),
    ],
)
def test_what_are_no_rows(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(typer.BadParameter, match=said):
        read_rows(written(tmp_path, text), KINDS)
