"""Augmentation over HTTP: asked for in the spec, refused where it does not fit."""

from typing import Any

import pytest

from tests.plugins.servers import Served
from tests.service.ended import train

JOB: dict[str, Any] = {
    "dataset": {"kind": "digits"},
    "preprocessing": {"numeric": {"kind": "numeric", "scale": "min_max"}},
    "network": {"layers": [{"kind": "dense", "units": 16}]},
    "training": {"epochs": 8, "batch_size": 64, "seed": 3},
    "optimizer": {"kind": "adam", "learning_rate": 0.01},
}


def test_digits_are_learnt_though_they_move(training: Served) -> None:
    augmentation = [
        {"kind": "shift", "pixels": 1},
        {"kind": "rotate", "degrees": 10},
        {"kind": "noise", "deviation": 0.05},
        "mixup",
    ]
    job = train(training, **JOB, augmentation=augmentation)
    plain = train(training, **JOB)
    assert job["best"]["validation"]["accuracy"] > 0.8
    assert job["latest"]["train"]["loss"] > plain["latest"]["train"]["loss"]
    assert job["spec"]["augmentation"][3] == {"kind": "mixup", "alpha": 0.2}
    assert job["spec"]["augmentation"][0] == {
        "kind": "shift",
        "pixels": 1,
        "width": 8,
        "height": 8,
        "channels": 1,
    }
    assert (
        train(training, **JOB, augmentation=augmentation)["latest"]["train"]
        == (job["latest"]["train"])
    )


@pytest.mark.parametrize(
    ("augmentation", "pointer"),
    [
        ([{"kind": "flip", "width": 8, "height": 9}], "/augmentation/0/width"),
        (["noise", {"kind": "rotate", "degrees": 0}], "/augmentation/1/degrees"),
        (["blur"], "/augmentation/0"),
    ],
)
def test_what_does_not_fit(training: Served, augmentation: list[Any], pointer: str) -> None:
    answer = training.client.post("/v1/jobs", json=JOB | {"augmentation": augmentation})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_the_catalogue_knows_them(training: Served) -> None:
    families = training.client.get("/v1/catalog").json()["families"]
    kinds = {entry["kind"] for entry in families["augmentation"]}
    assert kinds == {"noise", "masking", "mixup", "shift", "flip", "rotate"}
    assert all(entry["equation"] for entry in families["augmentation"])
