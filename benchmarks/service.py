"""The service beside the bare engine and an empty application: `python -m benchmarks.service`.

Everything runs on this machine over loopback: the API with its worker in one process group, keys
checked, SQLite, one slot with one BLAS thread.
"""

import argparse
import io
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

import polars as pl

from benchmarks import endpoints, processes, report
from benchmarks.engine import THREAD_VARIABLES
from benchmarks.shapes import SHAPES, Shape
from trainyard import Client
from trainyard.events import EpochEvent
from trainyard.results import Job

# Some seconds of training each, in epochs of about 0.5, 3 and 250 ms.
EPOCHS = {"tiny": 5_000, "digits": 1_000, "images": 20}
MOONS = {"kind": "two_moons", "samples": 500, "noise": 0.2}
SETTLE_SECONDS = 0.3
"""A pause between two jobs, so that the warm spare of the next one is ready."""


def specification(shape: Shape, dataset: str) -> dict[str, Any]:
    """The job that `contestants/trainyard_engine.py` runs without a service."""
    layers = [
        {"kind": "dense", "units": units, "activation": shape.activation} for units in shape.hidden
    ]
    return {
        "dataset": dataset,
        "target": "label",
        "network": {"layers": layers},
        "optimizer": {"kind": "adam", "learning_rate": 0.001},
        "training": {"batch_size": shape.batch_size, "seed": 0},
        "validation": {"kind": "none"},
    }


def upload(client: Client, shape: Shape) -> str:
    inputs, labels = shape.data()
    columns = {f"x{index}": column for index, column in enumerate(inputs.T)}
    frame = pl.DataFrame(columns | {"label": [f"class {label}" for label in labels]})
    file = io.BytesIO()
    frame.write_parquet(file)
    return client.datasets.create(content=file.getvalue(), target="label").id


def first_epoch(client: Client) -> float:
    """Seconds from the call that makes a job until its first epoch has arrived as an event."""
    start = perf_counter()
    job = client.jobs.create(dataset=MOONS, training={"epochs": 5, "seed": 1})
    events = client.jobs.events(job)
    next(event for event in events if isinstance(event, EpochEvent))
    seconds = perf_counter() - start
    client.jobs.wait(job)
    sleep(SETTLE_SECONDS)
    return seconds


def measure_first_epochs(client: Client, jobs: int) -> dict[str, Any]:
    for _ in range(3):
        first_epoch(client)
    seconds = sorted(first_epoch(client) for _ in range(jobs))
    milliseconds = [1e3 * second for second in seconds]
    results = {
        "median": median(milliseconds),
        "worst": milliseconds[-1],
        "milliseconds": milliseconds,
    }
    report.show(
        f"Submit to first epoch seen, {jobs} warm jobs, milliseconds",
        ["median", "worst"],
        [[f"{results['median']:.1f}", f"{results['worst']:.1f}"]],
    )
    return results


def bare(shape: str, epochs: int) -> float:
    """Seconds of the engine's loop without a service."""
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, "1")
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare", shape, str(epochs)],
        cwd=processes.ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
    )
    return float(answer.stdout)


def served(client: Client, specification: dict[str, Any], epochs: int) -> float:
    """Seconds that a job trained: how much longer it ran than one of a single epoch."""
    return _ran(client, specification, 1 + epochs) - _ran(client, specification, 1)


def _ran(client: Client, specification: dict[str, Any], epochs: int) -> float:
    """Seconds from a job's start to its end."""
    training = specification["training"] | {"epochs": epochs}
    job: Job = client.jobs.wait(client.jobs.create(specification | {"training": training}))
    assert job.started_at is not None
    assert job.finished_at is not None
    return (job.finished_at - job.started_at).total_seconds()


def measure_overhead(client: Client, runs: int) -> dict[str, Any]:
    """Training through the service against the bare loop, taking turns; medians."""
    results: dict[str, Any] = {}
    rows = []
    for name, epochs in EPOCHS.items():
        spec = specification(SHAPES[name], upload(client, SHAPES[name]))
        pairs = [(bare(name, epochs), served(client, spec, epochs)) for _ in range(runs)]
        alone, through = (median(times) * 1e3 / epochs for times in zip(*pairs, strict=True))
        ratio = median(served / bare for bare, served in pairs)
        results[name] = {"epochs": epochs, "seconds": pairs, "ratio": ratio}
        rows.append([name, str(epochs), f"{alone:.3f}", f"{through:.3f}", f"{ratio:.3f}"])
    report.show(
        "Training, milliseconds per epoch",
        ["shape", "epochs", "bare engine", "through the service", "ratio"],
        rows,
    )
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=30, help="jobs for the time to first epoch")
    parser.add_argument("--runs", type=int, default=3, help="runs of each training")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of requests")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of each load")
    parser.add_argument("--mlserver", help="host:port of an MLServer with a model named digits")
    arguments = parser.parse_args()
    with (
        TemporaryDirectory() as data,
        processes.trainyard(Path(data), TRAINYARD_API_KEYS=endpoints.KEY) as address,
        Client(f"http://{address}", endpoints.KEY) as client,
    ):
        results = {
            "first_epoch": measure_first_epochs(client, arguments.jobs),
            "overhead": measure_overhead(client, arguments.runs),
            "http": endpoints.measure(
                client, address, arguments.rounds, arguments.seconds, arguments.mlserver
            ),
        }
    print(f"Written to {report.save('service', results).relative_to(processes.ROOT)}")


if __name__ == "__main__":
    main()
