"""Every command there is, with its examples, under the headings of the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from trainyard.cli.data import catalog, datasets
from trainyard.cli.insight import descend, gradient_check, importances, landscape, trace
from trainyard.cli.jobs import (
    compare,
    delete,
    diagnostics,
    folds,
    pause_resume,
    range_test,
    runs,
    train,
    watch,
)
from trainyard.cli.models import evaluate, export_import, models, predict
from trainyard.cli.service import config, demo, keys, serve, warmup

JOB = "job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"
MODEL = "mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA"
DATASET = "ds_01JD3W8YQ4N9T5V7Z2X6C1B0MA"


class Command:
    """A function that is a command; it is called as the function is unless ``name`` says else."""

    def __init__(self, run: Callable[..., None], *examples: str, name: str | None = None) -> None:
        self.run = run
        self.examples = examples
        self.name = name


class Group(NamedTuple):
    """Commands behind a common word."""

    name: str
    about: str
    commands: list[Command]


_JOBS = [
    Command(
        train.train,
        "trainyard train -f job.yaml",
        """echo '{"dataset": "digits"}' | trainyard train -f -""",
        "trainyard train -f job.yaml --data penguins.csv --target species",
        f"trainyard train -f job.yaml --from {MODEL}",
    ),
    Command(
        runs.runs,
        "trainyard runs",
        "trainyard runs --status running --status queued",
        "trainyard runs --tag digits --sort best --limit 50",
    ),
    Command(watch.watch, "trainyard watch last", f"trainyard watch {JOB} --json"),
    Command(
        compare.compare,
        f"trainyard compare last {JOB}",
        "trainyard compare X6C1B0MA Y7D2C1NB Z8E3D2PC --metric accuracy --part train",
    ),
    Command(pause_resume.pause, "trainyard pause last", f"trainyard pause {JOB}"),
    Command(pause_resume.resume, "trainyard resume last", f"trainyard resume {JOB}"),
    Command(pause_resume.advance, f"trainyard advance {JOB}", "trainyard advance last --steps 10"),
    Command(pause_resume.cancel, "trainyard cancel last", f"trainyard cancel {JOB}"),
    Command(delete.delete, "trainyard delete last", f"trainyard delete {JOB} --yes"),
    Command(folds.folds, f"trainyard folds {JOB}", "trainyard folds last --json"),
    Command(
        diagnostics.diagnostics,
        "trainyard diagnostics last",
        f"trainyard diagnostics {JOB} --epoch 10",
    ),
    Command(
        range_test.range_test,
        "trainyard range-test -f job.yaml",
        "trainyard range-test -f job.yaml --highest 1 --steps 200",
    ),
]
_MODELS = [
    Command(
        predict.predict,
        f"trainyard predict {MODEL} -f rows.csv",
        "trainyard predict last -f rows.csv --json",
        """echo '[{"island": "Biscoe", "sex": null}]' | trainyard predict last -f -""",
    ),
    Command(
        evaluate.evaluate,
        "trainyard evaluate last",
        f"trainyard evaluate {MODEL} -f rows.csv --checkpoint last",
        "trainyard evaluate last --out-of-fold",
    ),
    Command(models.models, "trainyard models", "trainyard models --limit 5 --json"),
    Command(models.model, "trainyard model last", f"trainyard model {MODEL} --json"),
    Command(
        export_import.export,
        "trainyard export last",
        f"trainyard export {MODEL} -o net.safetensors --checkpoint 20",
        "trainyard export last --curves curves.csv",
    ),
    Command(
        export_import.import_model,
        "trainyard import digits.safetensors --name digits",
        "trainyard import torch.safetensors --definition network.yaml",
        name="import",
    ),
]
_INSIGHT = [
    Command(
        trace.trace,
        f"trainyard trace {MODEL} -f rows.csv --layer output",
        """echo '[{"hours": 1.5, "passed": true}]' | trainyard trace last -f - --training""",
    ),
    Command(
        gradient_check.check_gradients,
        "trainyard check-gradients last -f rows.csv",
        f"trainyard check-gradients {MODEL} -f rows.csv --per-block 100",
    ),
    Command(
        landscape.landscape,
        "trainyard landscape last --dimensions 2",
        f"trainyard landscape {MODEL} --toward 10",
    ),
    Command(
        importances.importances,
        "trainyard importances last",
        f"trainyard importances {MODEL} --repeats 20 --column island",
    ),
    Command(
        descend.descend,
        "trainyard descend",
        "trainyard descend --surface bowl:condition=100 --optimizer sgd:learning_rate=0.019",
        "trainyard descend --optimizer lion --schedule constant --optimizer lion --schedule cosine",
    ),
]
_PARTS = [
    Command(catalog.catalog, "trainyard catalog", "trainyard catalog optimizer adam"),
]
_SERVICE = [
    Command(demo.demo, "trainyard demo", "trainyard demo --data-dir demo-data"),
    Command(
        serve.serve,
        "trainyard serve",
        "TRAINYARD_API_KEYS=ty_... trainyard serve --host 0.0.0.0 --no-worker",
    ),
    Command(
        serve.worker,
        "trainyard worker",
        "TRAINYARD_DATABASE_URL=postgresql://... trainyard worker",
    ),
    Command(warmup.warmup, "trainyard warmup", "XDG_CACHE_HOME=/var/cache trainyard warmup --json"),
    Command(serve.openapi, "trainyard openapi", "trainyard openapi -o openapi.json"),
]
_DATASETS = [
    Command(
        datasets.add,
        "trainyard datasets add penguins.csv --target species",
        "trainyard datasets add --builtin two_moons:samples=500,noise=0.2",
    ),
    Command(
        datasets.list_,
        "trainyard datasets list",
        "trainyard datasets list --limit 5 --json",
        name="list",
    ),
    Command(
        datasets.show,
        f"trainyard datasets show {DATASET}",
        f"trainyard datasets show {DATASET} --json",
    ),
    Command(
        datasets.rows,
        f"trainyard datasets rows {DATASET} --limit 5",
        f"trainyard datasets rows {DATASET} --offset 100 --json",
    ),
    Command(
        datasets.delete,
        f"trainyard datasets delete {DATASET}",
        f"trainyard datasets delete {DATASET} --yes",
    ),
]
_KEYS = [
    Command(keys.new, "trainyard keys new", "trainyard keys new --json"),
    Command(
        keys.check,
        "trainyard keys check",
        "trainyard keys check --url https://trainyard.example.com",
    ),
]
_CONFIG = [
    Command(config.show, "trainyard config show", "TRAINYARD_SLOTS=2 trainyard config show --json"),
]
_DB = [
    Command(
        serve.upgrade,
        "trainyard db upgrade",
        "TRAINYARD_DATABASE_URL=postgresql://... trainyard db upgrade",
    ),
]

SECTIONS: dict[str, list[Command | Group]] = {
    "Jobs": [*_JOBS],
    "Models": [*_MODELS],
    "How it learns": [*_INSIGHT],
    "Data and parts": [
        Group("datasets", "Add datasets, look at them, delete them.", _DATASETS),
        *_PARTS,
    ],
    "Service": [
        *_SERVICE,
        Group("keys", "Make and check the keys of a service.", _KEYS),
        Group("config", "Show the settings.", _CONFIG),
        Group("db", "Look after the database.", _DB),
    ],
}
