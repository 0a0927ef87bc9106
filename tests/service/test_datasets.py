"""Datasets over HTTP: made, looked at, deleted."""

import io
from typing import Any

import httpx
import numpy as np
import polars as pl
import pytest

from tests.plugins.servers import Served

FRAME = pl.DataFrame(
    {
        "age": [21, 34, None, 52],
        "weight": [60.5, None, 81.25, 70.0],
        "city": ["Rome", "Oslo", "Rome", None],
        "ill": [True, False, True, False],
    }
)


def in_format(name: str) -> bytes:
    file = io.BytesIO()
    match name:
        case "csv":
            FRAME.write_csv(file)
        case "tsv":
            FRAME.write_csv(file, separator="\t")
        case "json_lines":
            FRAME.write_ndjson(file)
        case "json":
            FRAME.write_json(file)
        case "parquet":
            FRAME.write_parquet(file)
        case "arrow":
            FRAME.write_ipc(file)
    return file.getvalue()


def upload(client: httpx.Client, content: bytes, **fields: str) -> httpx.Response:
    return client.post("/v1/datasets", files={"file": ("a.bin", content)}, data=fields)


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "json_lines", "parquet", "arrow"])
def test_the_same_table_in_any_format(served: Served, name: str) -> None:
    answer = upload(served.client, in_format(name), target="ill", name=name)
    assert answer.status_code in {200, 201}
    dataset = served.client.get(f"/v1/datasets/{answer.json()['id']}").json()
    assert dataset["task"] == {
        "kind": "binary",
        "target": "ill",
        "targets": ["ill"],
        "classes": [False, True],
    }
    kinds = {column["name"]: column["kind"] for column in dataset["columns"]}
    assert kinds == {"age": "integer", "weight": "float", "city": "string", "ill": "boolean"}
    assert [column["missing"] for column in dataset["columns"]] == [1, 1, 1, 0]
    rows = served.client.get(f"/v1/datasets/{dataset['id']}/rows").json()
    assert rows == {"data": FRAME.to_dicts(), "offset": 0, "total": 4}


def test_an_npz_archive(served: Served) -> None:
    file = io.BytesIO()
    np.savez(file, X=np.arange(12.0).reshape(6, 2), y=np.array([0, 1, 0, 1, 0, 1]))
    answer = upload(served.client, file.getvalue())
    assert answer.status_code == 201
    assert answer.json()["rows"] == 6


@pytest.mark.parametrize(
    "body",
    [
        {"records": FRAME.to_dicts(), "target": "city"},
        {"rows": [list(row) for row in FRAME.rows()], "columns": FRAME.columns, "target": "city"},
    ],
    ids=["records", "matrix"],
)
def test_rows_as_json(served: Served, body: dict[str, Any]) -> None:
    answer = served.client.post("/v1/datasets", json=body)
    assert answer.status_code in {200, 201}
    location = answer.json()["id"]
    rows = served.client.get(f"/v1/datasets/{location}/rows?offset=1&limit=2").json()
    assert rows == {"data": FRAME.to_dicts()[1:3], "offset": 1, "total": 4}


BUILT_IN = {
    "iris": 150,
    "wine": 178,
    "breast_cancer": 569,
    "digits": 1797,
    "diabetes": 442,
    "two_moons": 1000,
    "circles": 1000,
    "blobs": 1000,
    "spirals": 1000,
    "xor": 1000,
}


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_data_by_name(served: Served, name: str) -> None:
    dataset = served.client.post("/v1/datasets", json={"builtin": name}).json()
    assert (dataset["name"], dataset["rows"]) == (name, BUILT_IN[name])
    assert dataset["source"]["kind"] == name
    assert dataset["task"]["target"] == "target"


def test_equal_content_with_an_equal_target_is_one_dataset(served: Served) -> None:
    body = {"builtin": {"kind": "blobs", "samples": 50}}
    first = served.client.post("/v1/datasets", json=body)
    again = served.client.post("/v1/datasets", json=body)
    other = served.client.post("/v1/datasets", json=body | {"target": "x1"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert first.headers["location"] == f"/v1/datasets/{first.json()['id']}"
    assert first.json() == again.json()
    assert other.json()["sha256"] == first.json()["sha256"]
    assert other.json()["id"] != first.json()["id"]


def test_lists_come_newest_first_in_pages(served: Served) -> None:
    made = [
        served.client.post("/v1/datasets", json={"records": [{"a": i}, {"a": i + 1}]}).json()["id"]
        for i in range(100, 105)
    ]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while len(seen) < 5:
        page = served.client.get("/v1/datasets", params={"limit": "2"} | cursor).json()
        seen += [dataset["id"] for dataset in page["data"]]
        cursor = {"cursor": page["next_cursor"]}
    assert seen[:5] == made[::-1]


def test_a_dataset_that_a_live_job_uses_stays(served: Served) -> None:
    body = {"builtin": {"kind": "xor", "samples": 64}}
    dataset = served.client.post("/v1/datasets", json=body).json()["id"]
    job = served.client.post("/v1/jobs", json={"dataset": dataset}).json()["id"]
    refused = served.client.delete(f"/v1/datasets/{dataset}")
    assert refused.status_code == 409
    assert job in refused.json()["detail"]
    served.client.post(f"/v1/jobs/{job}/cancel")
    assert served.client.delete(f"/v1/datasets/{dataset}").status_code == 204
    assert served.client.get(f"/v1/datasets/{dataset}").status_code == 404
    kept = served.client.get(f"/v1/jobs/{job}").json()["dataset"]
    assert (kept["id"], len(kept["sha256"])) == (None, 64)


def test_a_preview_keeps_nothing(served: Served) -> None:
    before = served.client.get("/v1/datasets").json()
    answer = served.client.post("/v1/datasets/preview?limit=10", json={"builtin": "iris"})
    assert answer.status_code == 200
    preview = answer.json()
    assert (preview["name"], preview["rows"], len(preview["data"])) == ("iris", 150, 10)
    assert preview["columns"][-1] == {"name": "target", "kind": "string"}
    assert preview["task"]["kind"] == "multiclass"
    # Of all of it: the classes come one after the other there.
    assert {row["target"] for row in preview["data"]} == set(preview["task"]["classes"])
    assert served.client.get("/v1/datasets").json() == before


def test_a_preview_says_what_is_wrong(served: Served) -> None:
    wanted = {"builtin": {"kind": "two_moons", "noise": -1}}
    answer = served.client.post("/v1/datasets/preview", json=wanted)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/builtin/noise"
