"""Training on a table about as large as memory should be: `python -m benchmarks.big_data`.

Ten million rows of 28 features are uploaded once, and trained on through the service and by the
bare engine. What counts is the most memory that each process had (VmHWM), beside the size of the
data: 4 bytes a number. Linux only.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from benchmarks import processes, report
from benchmarks.engine import THREAD_VARIABLES
from benchmarks.memory import TRAINING, below, peak_bytes
from trainyard import Client
from trainyard.results import Job

FEATURES, HIDDEN, BATCH_SIZE = 28, 32, 4096
MEGABYTE = 1e6
SAMPLING_SECONDS = 0.02


def write(path: Path, rows: int) -> int:
    """An Arrow file of float32 columns with two classes, and the bytes of its numbers."""
    random = np.random.default_rng(0)
    columns = {
        f"x{place:02d}": random.standard_normal(rows, dtype=np.float32) for place in range(FEATURES)
    }
    noise = random.standard_normal(rows, dtype=np.float32)
    score = columns["x00"] + 0.5 * columns["x01"] * columns["x02"] + 0.5 * noise
    columns["label"] = (score > 0).astype(np.float32)
    pl.DataFrame(columns).write_ipc(path, compression="uncompressed")
    return sum(values.nbytes for values in columns.values())


def specification(epochs: int, validation: str) -> dict[str, Any]:
    return {
        "network": {"layers": [{"kind": "dense", "units": HIDDEN}]},
        "training": {"epochs": epochs, "batch_size": BATCH_SIZE, "seed": 0},
        "validation": {"kind": validation},
    }


class Peaks(threading.Thread):
    """The most memory that each process below this one has had, by what it is."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.bytes: dict[str, int] = {}
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(SAMPLING_SECONDS):
            for name, process in below(os.getpid()):
                self.bytes[name] = max(peak_bytes(process), self.bytes.get(name, 0))

    def end(self) -> dict[str, int]:
        self._ended.set()
        self.join()
        return self.bytes


def _forget_peak(process: int) -> None:
    """Have the system measure VmHWM from now on."""
    with suppress(OSError):
        Path(f"/proc/{process}/clear_refs").write_text("5")


@contextmanager
def watched(what: str, size: int, results: dict[str, Any]) -> Iterator[None]:
    """Time a block, and see how much memory the processes below this one had at most."""
    for _, process in below(os.getpid()):
        _forget_peak(process)
    peaks, start = Peaks(), perf_counter()
    peaks.start()
    yield
    seconds = perf_counter() - start
    results[what] = {
        "seconds": seconds,
        "peak_bytes": peaks.end(),
        "ratios": {name: peak / size for name, peak in peaks.bytes.items()},
    }


def through_the_service(
    file: Path, data: Path, arguments: argparse.Namespace, size: int
) -> dict[str, Any]:
    """Upload once, train a job; memory and speed."""
    results: dict[str, Any] = {}
    with (
        processes.trainyard(
            data,
            TRAINYARD_MAX_BODY_BYTES=str(2 * size),
            TRAINYARD_MAX_ROWS=str(2 * arguments.rows),
        ) as address,
        Client(f"http://{address}", timeout=600) as client,
    ):
        with watched("upload", size, results):
            dataset = client.datasets.create(file=file, target="label", task="classification")
        with watched("submission", size, results):
            job = client.jobs.create(
                specification(arguments.epochs, arguments.validation) | {"dataset": dataset.id}
            )
        with watched("training", size, results):
            job = client.jobs.wait(job)
        results["rows_per_second"] = _speed(client, job)
        results["key"] = dataset.sha256
    return results


def _speed(client: Client, job: Job) -> float:
    epochs = client.jobs.epochs(job)
    return max((epoch.samples or 0) / (epoch.seconds or inf) for epoch in epochs)


def by_the_engine(data: Path, key: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """The same training without a service, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.big_data", "--engine", str(data / "datasets"), key]
    command += ["--epochs", str(arguments.epochs), "--validation", arguments.validation]
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, "1")
    answer = subprocess.run(
        command, cwd=processes.ROOT, env=environment, check=True, stdout=subprocess.PIPE
    )
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def engine_alone(url: str, key: str, arguments: argparse.Namespace) -> None:
    """What `by_the_engine` starts: train, and print what it took as JSON."""
    from engine import EpochEnd, infer_task, resolve, start
    from service.datasets.storage import load_table
    from service.recipes import recipe_from_json

    begun = perf_counter()
    table = load_table(url, key)
    task = infer_task(table, "label", "classification")
    recipe = resolve(recipe_from_json(specification(arguments.epochs, arguments.validation)), task)
    training = start(recipe, table, task)
    del table
    prepared = perf_counter() - begun
    speeds = [e.samples / e.seconds for e in training.events() if isinstance(e, EpochEnd)]
    results = {
        "preparation_seconds": prepared,
        "rows_per_second": max(speeds),
        "peak_bytes": peak_bytes("self"),
    }
    print(json.dumps(results))


def show(size: int, service: dict[str, Any], engine: dict[str, Any]) -> None:
    rows = [
        [what, name, f"{peak / MEGABYTE:,.0f}", f"{peak / size:.2f}"]
        for what in ("upload", "submission", "training")
        for name, peak in sorted(service[what]["peak_bytes"].items())
    ]
    rows.append(
        [
            "engine alone",
            TRAINING,
            f"{engine['peak_bytes'] / MEGABYTE:,.0f}",
            f"{engine['peak_bytes'] / size:.2f}",
        ]
    )
    report.show(
        f"Most memory so far, {size / MEGABYTE:,.0f} MB of data",
        ["step", "process", "VmHWM, MB", "of the data"],
        rows,
    )
    report.show(
        "Time",
        ["what", "value"],
        [
            *(
                [f"{what}, s", f"{service[what]['seconds']:.1f}"]
                for what in ("upload", "submission", "training")
            ),
            ["engine: preparation, s", f"{engine['preparation_seconds']:.1f}"],
            ["service: rows/s", f"{service['rows_per_second']:,.0f}"],
            ["engine: rows/s", f"{engine['rows_per_second']:,.0f}"],
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--validation", choices=["none", "holdout"], default="none")
    parser.add_argument("--engine", nargs=2, metavar=("STORAGE", "KEY"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.engine:
        url, key = arguments.engine
        engine_alone(url, key, arguments)
        return
    with TemporaryDirectory() as folder:
        file, data = Path(folder) / "big.arrow", Path(folder) / "data"
        size = write(file, arguments.rows)
        service = through_the_service(file, data, arguments, size)
        engine = by_the_engine(data, service.pop("key"), arguments)
    show(size, service, engine)
    results = {"bytes": size, "rows": arguments.rows, "service": service, "engine": engine}
    print(f"Written to {report.save('big_data', results).relative_to(processes.ROOT)}")


if __name__ == "__main__":
    main()
