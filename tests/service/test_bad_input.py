"""Every kind of bad input gets a clear refusal that points at the place, and leaves nothing behind.

One table, over a real server: what is sent, and what must come back.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.settings import Settings
from tests.plugins.servers import Served, serving

IRIS = "builtin:iris"
"""Stands for the id of a dataset with four numbers and a class."""
HOUSES = "houses"
"""Stands for the id of a dataset with a number to predict, and no target of its own."""

JSON = {"Content-Type": "application/json"}
DEEP = b'{"a":' * 33 + b"1" + b"}" * 33


def job(**members: Any) -> dict[str, Any]:
    return {"dataset": IRIS} | members


def layers(*specs: Any) -> dict[str, Any]:
    return {"layers": list(specs)}


@dataclass(frozen=True)
class Case:
    """What is sent, and the refusal that must come back."""

    name: str
    path: str
    pointer: str | None
    """Where the first error points; None: the problem is about no place in particular."""
    says: str
    """A part of the message."""
    body: Any = None
    content: bytes | None = None
    file: bytes | None = None
    fields: dict[str, str] = field(default_factory=dict)
    status: int = 422


def bad_job(name: str, body: dict[str, Any], pointer: str | None, says: str) -> Case:
    return Case(name, "/v1/jobs", pointer, says, body=body)


def raw_job(name: str, content: bytes, pointer: str | None, says: str, status: int) -> Case:
    return Case(name, "/v1/jobs", pointer, says, content=content, status=status)


def bad_file(name: str, file: bytes, says: str, pointer: str = "/file", **fields: str) -> Case:
    return Case(name, "/v1/datasets", pointer, says, file=file, fields=fields)


def bad_rows(name: str, body: dict[str, Any], pointer: str | None, says: str) -> Case:
    return Case(name, "/v1/datasets", pointer, says, body=body)


CASES = [
    # What JSON is not
    raw_job("no JSON", b"{", None, "not JSON", 400),
    raw_job("empty body", b"", "", "required", 422),
    raw_job("not UTF-8", b'{"name": "\xff"}', None, "UTF-8", 400),
    raw_job("NaN", b'{"dataset": "iris", "name": NaN}', "/name", "finite", 422),
    raw_job(
        "infinity",
        b'{"dataset": "iris", "optimizer": {"kind": "adam", "learning_rate": Infinity}}',
        "/optimizer/learning_rate",
        "finite",
        422,
    ),
    raw_job(
        "1e999",
        b'{"dataset": "iris", "optimizer": {"kind": "adam", "learning_rate": 1e999}}',
        "/optimizer/learning_rate",
        "finite",
        422,
    ),
    raw_job("too deep", DEEP, "", "32 levels", 400),
    raw_job("far too deep", b"[" * 100_000, "", "32 levels", 400),
    raw_job("NUL", b'{"dataset": "iris", "tags": ["a\\u0000"]}', "/tags/0", "NUL", 422),
    bad_job("large metadata", job(metadata={"a": ["x" * 20_000]}), "/metadata", "16,384 bytes"),
    raw_job("NUL in a key", b'{"metadata": {"a\\u0000": 1}}', "/metadata", "NUL", 422),
    raw_job("lone surrogate", b'{"name": "\\ud800"}', "/name", "surrogate", 422),
    # What a job may not be
    bad_job("no dataset", {}, "/dataset", "required"),
    bad_job("a list", [], "", "object"),  # type: ignore[arg-type]  # that is the point
    bad_job(
        "very many layers",
        job(network=layers(*[{"kind": "dense", "units": 1}] * 201)),
        "/network/layers",
        "Must have at most 200 items, not 201.",
    ),
    bad_job("unknown key", job(netwrok={}), "/netwrok", "Unknown key"),
    bad_job(
        "unknown key below",
        job(optimizer={"kind": "adam", "lr": 1}),
        "/optimizer/lr",
        "Unknown key",
    ),
    bad_job("text for a number", job(training={"epochs": "9"}), "/training/epochs", "whole number"),
    bad_job("true for a number", job(training={"epochs": True}), "/training/epochs", "whole"),
    bad_job("number for a text", job(name=5), "/name", "text"),
    bad_job("number for a flag", job(training={"shuffle": 1}), "/training/shuffle", "true or"),
    bad_job(
        "zero units",
        job(network=layers({"kind": "dense", "units": 8}, {"kind": "dense", "units": 0})),
        "/network/layers/1/units",
        "greater than or equal to 1",
    ),
    bad_job(
        "out of range",
        job(optimizer={"kind": "adam", "beta1": 1.0}),
        "/optimizer/beta1",
        "less than 1",
    ),
    bad_job(
        "unknown kind",
        job(network=layers({"kind": "dens", "units": 8})),
        "/network/layers/0/kind",
        "known kinds are: activation, batch_norm, dense",
    ),
    bad_job("unknown short kind", job(optimizer="adma"), "/optimizer", "known kinds are: "),
    bad_job("no kind", job(network=layers({"units": 8})), "/network/layers/0/kind", "'kind'"),
    bad_job("unknown dataset", job(dataset="ds_01"), "/dataset", "no dataset"),
    bad_job("unknown built-in data", job(dataset="irs"), "/dataset", "known kinds are: iris"),
    bad_job("unknown target", job(target="speces"), "/target", "no column 'speces'"),
    bad_job("no target", job(dataset=HOUSES), "/target", "name the column"),
    bad_job("classes against mse", job(loss="mse"), "/loss", "cross_entropy"),
    bad_job(
        "number against cross-entropy",
        job(dataset=HOUSES, target="price", loss="cross_entropy"),
        "/loss",
        "mse",
    ),
    bad_job(
        "softmax on a number",
        job(dataset=HOUSES, target="price", network={"output_activation": "softmax"}),
        "/network/output_activation",
        "softmax",
    ),
    bad_job(
        "text as a number",
        job(dataset=HOUSES, target="street", task="regression"),
        "/target",
        "text",
    ),
    bad_job(
        "constant target", job(dataset=HOUSES, target="country"), "/target", "nothing can be learnt"
    ),
    bad_job("empty target", job(dataset=HOUSES, target="empty"), "/target", "no values"),
    bad_job(
        "empty column",
        job(dataset=HOUSES, target="price"),
        "/preprocessing/drop",
        "'empty'",
    ),
    bad_job(
        "no rows left",
        job(validation={"kind": "holdout", "fraction": 0.999}),
        "/validation/fraction",
        "leaves",
    ),
    bad_job(
        "a class without rows",
        job(validation={"kind": "holdout", "fraction": 0.001}),
        "/validation/fraction",
        "leaves",
    ),
    bad_job(
        "too many parameters",
        job(network=layers(*[{"kind": "dense", "units": 1_000_000}] * 100)),
        "/network",
        "parameters",
    ),
    bad_job("the same tag twice", job(tags=["a", "a"]), "/tags", "once"),
    # What a file may not be
    Case("no file", "/v1/datasets", "/file", "needed", fields={"target": "a"}),
    Case(
        "unknown field",
        "/v1/datasets",
        "/tarqet",
        "Unknown",
        file=b"a\n1\n",
        fields={"tarqet": "a"},
    ),
    bad_file("empty file", b"", "empty"),
    bad_file("ragged CSV", b"a,b\n1,2\n3\n", "line 3"),
    bad_file("duplicate header", b"a,a\n1,2\n", "'a'"),
    bad_file("wrong encoding", "é,b\n1,2\n".encode("utf-16"), "UTF-8"),
    bad_file("NUL in a file", b"a,b\n1,x\x00y\n", "NUL"),
    bad_file("a header without rows", b"a,b\n", "no rows"),
    bad_file("a pickle", b"\x80\x04K\x01.", "pickle"),
    bad_file("target not in the file", b"a,b\n1,2\n2,3\n", "no column 'c'", "/target", target="c"),
    bad_file("constant target in a file", b"a,b\n1,2\n2,2\n", "nothing", "/target", target="b"),
    # What rows may not be
    bad_rows("nothing to make a dataset of", {}, "", "one of"),
    bad_rows("two sources", {"records": [{"a": 1}], "builtin": "iris"}, "", "one of"),
    bad_rows("no records", {"records": []}, "/records", "at least 1"),
    bad_rows("text among numbers", {"records": [{"a": 1}, {"a": "x"}]}, "/records/1/a", "number"),
    bad_rows("an object as a value", {"records": [{"a": {}}]}, "/records/0/a", "number"),
    bad_rows("a short row", {"rows": [[1, 2], [1]], "columns": ["a", "b"]}, "/rows/1", "1 values"),
    bad_rows("a matrix without names", {"rows": [[1, 2]]}, "", "columns"),
    bad_rows("a name twice", {"rows": [[1, 2]], "columns": ["a", "a"]}, "/columns", "must differ"),
    bad_rows(
        "a task without a target", {"records": [{"a": 1}], "task": "regression"}, "/task", "t"
    ),
]


@pytest.fixture(scope="module")
def datasets(served: Served) -> dict[str, str]:
    """Ids of the datasets that the table refers to."""
    houses = b"rooms,street,country,empty,price\n" + b"".join(
        b"%d,street %d,France,,%d.5\n" % (i % 7, i % 3, 100 * i) for i in range(40)
    )
    answers = [
        served.client.post("/v1/datasets", json={"builtin": "iris"}),
        served.client.post("/v1/datasets", files={"file": houses}),
    ]
    return dict(zip((IRIS, HOUSES), (answer.json()["id"] for answer in answers), strict=True))


def contents(client: httpx.Client) -> list[Any]:
    return [client.get(path).json() for path in ("/v1/datasets", "/v1/jobs", "/v1/models")]


def stored_files(served: Served) -> set[str]:
    return {str(path) for path in (served.settings.data_dir / "datasets").rglob("*")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_refused_at_its_place(
    case: Case, served: Served, datasets: dict[str, str]
) -> None:
    before = contents(served.client), stored_files(served)
    answer = send(case, served.client, datasets)
    assert answer.status_code == case.status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == case.status
    assert problem["request_id"] == answer.headers["x-request-id"]
    places = [error["pointer"] for error in problem["errors"]]
    assert not problem["detail"].startswith(":")
    messages = " ".join([problem["detail"], *(error["message"] for error in problem["errors"])])
    assert places[:1] == ([] if case.pointer is None else [case.pointer]), problem
    assert case.says.lower() in messages.lower()
    assert (contents(served.client), stored_files(served)) == before


def send(case: Case, client: httpx.Client, datasets: dict[str, str]) -> httpx.Response:
    if case.content is not None:
        return client.post(case.path, content=case.content, headers=JSON)
    if case.file is not None or case.fields:
        file = {"other": (None, "x")} if case.file is None else {"file": ("data.csv", case.file)}
        return client.post(case.path, data=case.fields, files=file)
    text = json.dumps(case.body)
    for name, identifier in datasets.items():
        text = text.replace(f'"{name}"', f'"{identifier}"')
    return client.post(case.path, content=text, headers=JSON)


def test_every_error_is_reported_at_once(served: Served) -> None:
    body = {"dataset": "iris", "nmae": "x", "training": {"epochs": 0, "batch_size": 0}}
    problem = served.client.post("/v1/jobs", json=body).json()
    places = {error["pointer"] for error in problem["errors"]}
    assert places == {"/nmae", "/training/epochs", "/training/batch_size"}


def test_a_batch_larger_than_the_data_is_explained(served: Served) -> None:
    body = {"dataset": "iris", "training": {"batch_size": 1000}}
    plan = served.client.post("/v1/jobs?validate_only=true", json=body).json()
    assert plan["batch_size"] == 120
    assert any("batch_size 1000" in warning for warning in plan["warnings"])


def test_more_memory_than_there_is_is_refused(tmp_path: Path, migrated_file: Path) -> None:
    settings = Settings(data_dir=tmp_path, max_job_memory_bytes=1 << 20)
    with serving(settings, migrated_file) as served:
        body = {"dataset": "iris", "network": layers({"kind": "dense", "units": 10_000})}
        answer = served.client.post("/v1/jobs", json=body)
        assert answer.status_code == 422
        error = answer.json()["errors"][0]
        assert error["pointer"] == "/network"
        assert "memory" in error["message"]
        assert contents(served.client) == [{"data": [], "next_cursor": None}] * 3
