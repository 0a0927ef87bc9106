"""The demonstration: a service of its own, two real trainings over HTTP, and predictions.

Everything here goes over HTTP as any caller's requests would. The service is another process, on a
free port of the loopback, with its database in a temporary folder; it is stopped at the end,
whichever way that comes.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from rich.console import Console
from rich.markup import escape

from trainyard.cli.files import first_training, parse_rows
from trainyard.cli.models.predict import as_table
from trainyard.cli.output import print_json
from trainyard.cli.progress import LiveView
from trainyard.client import Client
from trainyard.errors import ConnectionFailed, TrainyardError, Unavailable
from trainyard.protocol.retry import RetryPolicy
from trainyard.results import Job

START_SECONDS = 60.0
STOP_SECONDS = 15.0

DIGITS: dict[str, Any] = {
    "name": "digits",
    "network": {
        "layers": [
            {"kind": "dense", "units": 128, "activation": "relu"},
            {"kind": "dropout", "rate": 0.2},
            {"kind": "dense", "units": 64, "activation": "relu"},
        ]
    },
    "optimizer": {"kind": "adam", "learning_rate": 0.002},
    "schedule": {"kind": "cosine"},
    "regularizers": [{"kind": "l2", "strength": 1e-4}],
    "training": {"epochs": 500, "batch_size": 32, "seed": 7},
}
PENGUINS: dict[str, Any] = {
    "name": "penguins",
    "network": {
        "layers": [
            {"kind": "dense", "units": 64, "activation": "tanh"},
            {"kind": "dense", "units": 32, "activation": "tanh"},
        ]
    },
    "optimizer": {"kind": "adam", "learning_rate": 0.0003},
    "schedule": {"kind": "cosine"},
    "regularizers": [{"kind": "l2", "strength": 0.01}],
    "training": {"epochs": 1200, "batch_size": 8, "seed": 7},
}
NEW_ROWS = """\
island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year
Biscoe,50.0,15.2,220,5550,male,2009
Dream,49.8,17.3,198,3675,female,2009
Torgersen,38.5,17.9,NA,NA,NA,2008
Heard Island,47.0,14.6,215,5100,NA,2009
"""
"""Rows that were made up, with missing values and an island that no training row has."""


def run(data_dir: Path | None = None, *, as_json: bool = False) -> int:
    """Show everything once; 0 if all of it worked.

    With ``as_json`` what people read goes to stderr, and what came out to stdout.
    """
    console = Console(highlight=False, stderr=as_json)
    try:
        with ExitStack() as stack:
            stack.enter_context(_terminated_like_interrupted())
            folder = data_dir or Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="trainyard-demo-"))
            )
            console.print(f"Starting a service (its data is in {folder}) ...")
            client = stack.enter_context(local_service(folder))
            console.print(f"It listens on [bold]{client.base_url}[/bold].")
            console.print("(On its very first run it compiles the engine: half a minute's wait.)\n")
            came_out = [_show_digits(console, client), _show_penguins(console, client)]
    except TrainyardError as error:
        Console(stderr=True, highlight=False).print(
            f"[red]The demo failed:[/red] {escape(str(error))}"
        )
        return 1
    except KeyboardInterrupt:
        Console(stderr=True).print("\nStopped.")
        return 130
    _show_what_next(console)
    if as_json:
        print_json(came_out)
    return 0


@contextmanager
def local_service(data_dir: Path) -> Iterator[Client]:
    """A service in a process of its own, with its data in a folder; stopped at the end."""
    port = _free_port()
    log_file = data_dir / "demo-service.log"
    data_dir.mkdir(parents=True, exist_ok=True)
    with log_file.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - this very package, by this very Python
            [sys.executable, "-P", "-m", "trainyard", "serve", "--port", str(port)],
            env=_environment(os.environ, data_dir),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the demo, which then stops the service itself
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _await_readiness(url, process, log_file)
        with Client(url) as client:
            yield client
    finally:
        _stop(process)


def _environment(inherited: Mapping[str, str], data_dir: Path) -> dict[str, str]:
    """The environment of the demo's service: nobody's database, nobody's keys."""
    own = {name: value for name, value in inherited.items() if not name.startswith("TRAINYARD_")}
    return own | {"TRAINYARD_DATA_DIR": str(data_dir)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_readiness(url: str, process: subprocess.Popen[bytes], log_file: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    with Client(url, retries=RetryPolicy(attempts=1)) as client:
        while not _is_ready(client):
            if process.poll() is not None or time.monotonic() > deadline:
                tail = log_file.read_text(errors="replace")[-2000:]
                raise TrainyardError(f"the service did not start. It said:\n{tail}")
            time.sleep(0.05)


def _is_ready(client: Client) -> bool:
    try:
        client.ready()
    except (ConnectionFailed, Unavailable):
        return False
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM unwinds like Ctrl-C does, so that the service is stopped then too."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _show_digits(console: Console, client: Client) -> dict[str, Any]:
    console.print("[bold]1. Handwritten digits[/bold]: 1,797 images of 8 x 8 pixels, ten classes")
    dataset = client.datasets.create(builtin="digits")
    job = _train(client, DIGITS | {"dataset": dataset.id})
    accuracy = _show_accuracy(console, client, job)
    images = client.datasets.rows(dataset, limit=4).data
    answers = client.predictions.create(_model_of(job), images)
    console.print("Four of the images, and what the network sees in them:")
    for line in zip(*(_drawn(image) for image in images), strict=True):
        console.print("   ".join(line), markup=False)
    chances = [max(row) for row in answers.probabilities or ()]
    seen = zip(answers.predictions, chances, strict=True)
    console.print("   ".join(f"{f'{label} ({chance:.1%})':<16}" for label, chance in seen) + "\n")
    return _document(job, accuracy)


def _drawn(image: Mapping[str, Any]) -> list[str]:
    """The 64 pixels of a row (0 to 16, row by row) as eight lines of text."""
    shades = " .:-=+*#%@"
    pixels = [value for name, value in image.items() if name.startswith("pixel")]
    marks = [2 * shades[int(value * (len(shades) - 1) / 16)] for value in pixels]
    return ["".join(marks[start : start + 8]) for start in range(0, 64, 8)]


def _show_penguins(console: Console, client: Client) -> dict[str, Any]:
    console.print(
        "[bold]2. Penguins[/bold]: a CSV with categories and missing values, uploaded as it is"
    )
    with as_file(files("trainyard") / "demo_data" / "penguins.csv") as csv:
        dataset = client.datasets.create(file=csv, target="species", name="penguins")
    job = _train(client, PENGUINS | {"dataset": dataset.id})
    accuracy = _show_accuracy(console, client, job)
    model = client.models.get(_model_of(job))
    rows = parse_rows(NEW_ROWS, {column.name: column.kind for column in model.inputs})
    console.print(
        "Predictions for four new rows; some measurements are missing, and one island is unknown:"
    )
    console.print(as_table(client.predictions.create(model, rows)))
    console.print()
    return _document(job, accuracy)


def _document(job: Job, accuracy: float) -> dict[str, Any]:
    return {"job": job.model_dump(mode="json"), "accuracy": accuracy}


def _train(client: Client, spec: Mapping[str, Any]) -> Job:
    job = client.jobs.create(spec)
    with LiveView(job) as view:
        view.show_all(client.jobs.events(job))
    return client.jobs.wait(job)


def _model_of(job: Job) -> str:
    if job.model_id is None:
        raise TrainyardError(f"{job.id} ended as {job.status} without a model")
    return job.model_id


def _show_accuracy(console: Console, client: Client, job: Job) -> float:
    evaluation = client.models.evaluate(_model_of(job))
    accuracy = float(evaluation.scores["accuracy"])
    console.print(
        f"Accuracy on {evaluation.rows} rows that it was not trained on:"
        f" [bold green]{accuracy:.1%}[/bold green]"
    )
    return accuracy


def _show_what_next(console: Console) -> None:
    console.print(
        "The demo's service is stopped. To keep one running:\n"
        f"  [bold]{escape(_command())} serve[/bold]\n"
        "then open the dashboard at [bold]http://127.0.0.1:8000/[/bold], try the API at\n"
        "[bold]http://127.0.0.1:8000/docs[/bold], and train with\n"
        f"  [bold]{escape(first_training(_command()))}[/bold]"
    )


def _command() -> str:
    """What to type for ``trainyard`` here: its path, where it is not on the shell's."""
    beside = Path(sys.executable).with_name("trainyard")
    if shutil.which("trainyard") or not beside.exists():
        return "trainyard"
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)
