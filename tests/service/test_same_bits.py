"""A service that has seen many jobs computes what a fresh one does, bit for bit."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from trainyard import Client
from trainyard.cli.service.demonstration import local_service

ACTIVATIONS = ("sigmoid", "softsign", "silu", "mish", "elu", "hard_swish")
LOSSES = ("mse", "mae", "huber")
OPTIMIZERS = ("adam", "sgd", "rmsprop", "nadam", "lion", "adamax")
X = np.linspace(-2, 2, 60)
TARGETS = {
    "regression": np.sin(2 * X).tolist(),
    "binary": np.where(X * X > 1, "in", "out").tolist(),
}
ROWS = [{"x": x} for x in (-1.5, -0.2, 0.7, 1.9)]


def data(task: str) -> list[dict[str, Any]]:
    return [{"x": x, "y": y} for x, y in zip(X.tolist(), TARGETS[task], strict=True)]


def spec(number: int) -> tuple[str, dict[str, Any]]:
    """The task and the job number ...: another activation and optimizer each, and three losses."""
    task = ("regression", "binary")[number % 2]
    layers = [
        {"kind": "dense", "units": 6, "activation": ACTIVATIONS[number]},
        {"kind": "dense", "units": 4, "activation": ACTIVATIONS[-number]},
    ]
    return task, {
        "network": {"layers": layers},
        "loss": LOSSES[number // 2] if task == "regression" else "cross_entropy",
        "optimizer": OPTIMIZERS[number],
        "training": {"epochs": 3, "batch_size": 16, "seed": number},
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("same-bits")


@pytest.fixture(scope="module", autouse=True)
def a_cache_of_their_own(folder: Path) -> Iterator[None]:
    """Kernels that these services have compiled, and names in one order (see kernel identity)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("PYTHONHASHSEED", "0")
        yield


def bits(client: Client, number: int) -> tuple[str, list[str]]:
    """The digest of what a job learnt, and what its model answers."""
    task, job_spec = spec(number)
    dataset = client.datasets.create(rows=data(task), target="y", name=task)
    job = client.jobs.create(dataset=dataset.id, **job_spec).wait()
    assert job.status == "succeeded"
    assert job.model_id is not None
    model = client.models.get(job.model_id)
    learnt = safetensors.numpy.load(client.models.weights(model))
    weights = b"".join(learnt[name].tobytes() for name in sorted(learnt))
    answers = client.predictions.create(model, ROWS)
    told = [str(answers.predictions), str(answers.probabilities)]
    return hashlib.sha256(weights).hexdigest(), told


def test_a_service_that_has_seen_many_jobs(folder: Path) -> None:
    numbers = range(len(ACTIVATIONS))
    fresh: dict[int, tuple[str, list[str]]] = {}
    for number in numbers:
        with local_service(folder / f"fresh-{number}") as client:
            fresh[number] = bits(client, number)
    order = [*numbers] * 3
    random.Random(0).shuffle(order)
    with local_service(folder / "used") as client:
        for number in order:
            assert bits(client, number) == fresh[number], spec(number)
